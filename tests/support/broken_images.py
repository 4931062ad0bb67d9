"""Good images, and faults: what one adds to a good image, and the code of its finding."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from scaffold.findings.finding import Finding
from support.archives import Member, elf, file, folder, link, program

Checked = Callable[..., list[Finding]]
"""Returns the findings about an image: the fixture `checked`."""

LOADER = "/lib64/ld-linux-x86-64.so.2"
MUSL = "/lib/ld-musl-x86_64.so.1"
TASK = "/var/task"
HOME = "/root"
TOOL = f"{TASK}/__pycache__/tool.cpython-313.pyc"
SITE = "/usr/local/lib/python3.13/site-packages"
PATH = "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin"

AWS: Mapping[str, Any] = {
    "Entrypoint": ["/lambda-entrypoint.sh"],
    "Cmd": ["app.handler"],
    "WorkingDir": TASK,
    "Env": [f"PATH={PATH}", "LAMBDA_TASK_ROOT=/var/task", "LAMBDA_RUNTIME_DIR=/var/runtime", "LANG=en_US.UTF-8"],
}
ADDED: Mapping[str, Any] = {
    "Entrypoint": ["/usr/local/bin/python3", "-m", "awslambdaric"],
    "Cmd": ["app.handler"],
    "WorkingDir": TASK,
    "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHON_VERSION=3.13.2"],
}


def bytecode(time: int, size: int, flags: int = 0) -> bytes:
    return b"\xf3\r\r\n" + struct.pack("<III", flags, time, size)


LIBRARY = elf(defined=["libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34"], interpreter=LOADER)
BASE = (
    program("/lambda-entrypoint.sh", "#!/bin/sh\nexec bootstrap\n"),
    *(program(path, elf(interpreter=LOADER, needed=["libc.so.6"], kind=2)) for path in ("/bin/sh", "/usr/bin/env")),
    *(file("/lib64/libc.so.6", LIBRARY), file(LOADER, elf(defined=["GLIBC_2.34"]))),
    program("/var/runtime/bootstrap", "#!/bin/sh\n"),
    *(folder("/tmp", 0o1777), folder(HOME, 0o700), file(f"{HOME}/.bashrc"), file("/etc/shadow", mode=0o640)),
    *(folder("/var/cache/ldconfig", 0o700), folder("/opt"), folder(TASK), program("/usr/bin/make", elf(kind=2))),
)
PYTHON = (program("/var/lang/bin/python3", elf(kind=2)), folder("/var/lang/lib/python3.13/site-packages"))
OFFICIAL = (
    program("/usr/local/bin/python3", elf(kind=2)),
    file(f"{SITE}/awslambdaric/__main__.py"),
    file(f"{SITE}/awslambdaric-4.2.2.dist-info/METADATA", "Name: awslambdaric\nRequires-Python: >=3.10\n"),
)
NODE = (program("/var/lang/bin/node", elf(kind=2)),)
JAVA = (program("/var/lang/bin/java", elf(kind=2)),)
LOCK = {"packages": {"node_modules/jest": {"dev": True}, "node_modules/left": {}, "node_modules/gone": {"dev": True}}}

SOURCE = "def handler(event, context):\n    return 'hello'\n"
APP = (
    file(f"{TASK}/app.py", SOURCE, time=5),
    file(f"{TASK}/__pycache__/app.cpython-313.pyc", bytecode(0, 0, 1)),
    file(f"{TASK}/tool.py", "x = 1\n", time=7),
    file(f"{TASK}/tool.cpython-312-x86_64-linux-gnu.so", elf()),
    file(f"{TASK}/tool.cpython-313-x86_64-linux-gnu.so", elf(versions=["GLIBC_2.17"], weak=["GLIBC_2.99"])),
    file(TOOL, bytecode(7, 6)),
    file(f"{TASK}/__pycache__/tool.cpython-39.pyc", bytecode(1, 1)),
    file(f"{TASK}/.env.example", "TOKEN=\n"),
    file(f"{TASK}/boto/examples.json", '{"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}'),
    file(f"{TASK}/twisted/test/key.pem", "-----BEGIN PRIVATE KEY-----\n" + "A" * 120),
    file(f"{TASK}/docs.py", 'HEADER = "-----BEGIN PRIVATE KEY-----"\nURL = "postgres://user:password@localhost/db"\n'),
    file(f"{TASK}/node_modules/x/prebuilds/linux-arm64/x.node", elf("aarch64")),
    file(f"{TASK}/node_modules/x/prebuilds/linux-x64/x.node", elf()),
    file(f"{TASK}/node_modules/x/prebuilds/linux-x64/x.musl.node", elf(needed=["libc.musl-x86_64.so.1"])),
    file(f"{TASK}/debug/attach_x86.so", elf("i386")),
    file(f"{TASK}/debug/attach_amd64.so", elf()),
    *(program("/opt/extensions/agent", elf(kind=2)), link("/opt/extensions/other", "../tool/run")),
    *(program("/opt/tool/run", elf(kind=2)), file("/opt/extensions/agent.d/settings.json")),
    *(folder("/var/lib/private", 0o700), file("/etc/secret.conf", mode=0o600)),
)


class Good(NamedTuple):
    """A good image: the files of its base, its own, and its configuration."""

    base: tuple[Member, ...]
    own: tuple[Member, ...]
    config: Mapping[str, Any]


GOOD = {
    "python": Good((*BASE, *PYTHON), APP, AWS),
    "official": Good((*BASE, *OFFICIAL), APP, ADDED),
    "node": Good((*BASE, *NODE), (file(f"{TASK}/app.mjs", "export const handler = async () => 1;\n"),), AWS),
    "java": Good((*BASE, *JAVA), (file(f"{TASK}/lib/app.jar"),), {**AWS, "Cmd": ["com.example.App::handle"]}),
    "program": Good(
        BASE, (program("/main", elf(kind=2)),), {"Entrypoint": ["/main"], "Env": ["API_KEY_NAME=key-of-the-service-1"]}
    ),
}


class Fault(NamedTuple):
    """One fault: the code of its finding, what it adds, in which image, and what it changes of the configuration."""

    code: str
    add: tuple[Member, ...] = ()
    config: Mapping[str, Any] = {}
    image: str = "python"
    severity: str = "error"
    history: str = ""
    without: str = ""


def warning(code: str, *add: Member, image: str = "python", **more: Any) -> Fault:
    return Fault(code, add, severity="warning", image=image, **more)


def env(*variables: str) -> dict[str, Any]:
    return {"Env": [*AWS["Env"], *variables]}


A, TOKEN = "A1b2C3d4E5f6G7h8J9k0", "Zx9Qw3Er5Ty7Ui1Op4As6Df8Gh2Jk0Lz"
KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEAx" * 10
SECRETS = {
    "aws": "AKIAQ3EGRXYZABCD2345",
    "aws-temporary": "ASIAQ3EGRXYZABCD2345",
    "github": f"ghp_{A}{A[:16]}",
    "github-fine": f"github_pat_{A}ab_{A}{A}{A[:19]}",
    "gitlab": f"glpat-{A}",
    "npm": f"npm_{A}{A[:16]}",
    "pypi": f"pypi-AgEIcHlwaS5vcmcC{A * 3}",
    "hugging-face": f"hf_{'abcdefghijklmnopq' * 2}",
    "slack": f"xoxb-123456789012-123456789012-{A}abcd",
    "slack-hook": f"https://hooks.slack.com/services/T0123ABCD/B0123ABCD/{A}abcd",
    "stripe": f"sk_live_{A}abcd",
    "google": f"AIza{A}{A[:15]}",
    "openai": f"sk-proj-{A}T3BlbkFJ{A}",
    "anthropic": f"sk-ant-api03-{A * 4}{A}",
    "sendgrid": f"SG.{A}ab.{A}{A}abc",
    "digitalocean": f"dop_v1_{'0123456789abcdef' * 4}",
    "databricks": f"dapi{'0123456789abcdef' * 2}",
    "azure": f"AccountKey={A * 4}abcdef==",
    "private-key": KEY,
    "npm-password": f"//registry.example/:_authToken={A}",
}

FAULTS: dict[str, Fault] = {
    # What Lambda starts
    "no command": Fault("wrong-command", config={"Cmd": []}),
    "shell form": Fault("wrong-command", config={"Cmd": ["/bin/sh", "-c", "app.handler"]}),
    "nothing to start": Fault("missing-entrypoint", config={"Entrypoint": [], "Cmd": []}),
    "entry point not there": Fault("missing-entrypoint", config={"Entrypoint": ["/start.sh"]}),
    "entry point is a directory": Fault("missing-entrypoint", config={"Entrypoint": ["/opt"]}),
    "entry point links to nothing": Fault("missing-entrypoint", (link("/main", "/gone"),), image="program"),
    "entry point not on PATH": Fault("missing-entrypoint", config={"Entrypoint": ["start"]}, image="program"),
    "entry point not executable": Fault("not-executable", (file("/main", elf()),), image="program"),
    "script not readable": Fault("unreadable-file", (file("/main", "#!/bin/sh\n", 0o711),), image="program"),
    "shell not there": Fault("missing-interpreter", (program("/main", "#!/bin/bash\n"),), image="program"),
    "carriage returns": Fault("missing-interpreter", (program("/main", "#!/bin/sh\r\n"),), image="program"),
    "env finds nothing": Fault("missing-interpreter", (program("/main", "#!/usr/bin/env perl\n"),), image="program"),
    "emulator": Fault(
        "emulator-entrypoint",
        (program("/usr/local/bin/aws-lambda-rie", elf(kind=2)),),
        {"Entrypoint": ["/usr/local/bin/aws-lambda-rie"], "Cmd": ["/main"]},
        "program",
    ),
    "directory not there": Fault("missing-directory", config={"WorkingDir": "/app"}, image="program"),
    "directory is a file": Fault("missing-directory", config={"WorkingDir": "/main"}, image="program"),
    "no bootstrap": Fault("missing-client", without="/var/runtime/bootstrap"),
    "bootstrap not executable": Fault("not-executable", (file("/var/runtime/bootstrap", "#!/bin/sh\n"),)),
    "no client": Fault("missing-client", without=f"{SITE}/awslambdaric/__main__.py", image="official"),
    "no Node client": Fault(
        "missing-client", config={"Entrypoint": ["/usr/bin/env", "aws-lambda-ric"]}, image="node"
    ),
    "client too new": Fault(
        "unfit-client",
        (file(f"{SITE}/awslambdaric-4.2.2.dist-info/METADATA", "Requires-Python: >=3.14\n"),),
        image="official",
    ),
    "Node client too new": Fault(
        "unfit-client",
        (file("/function/node_modules/aws-lambda-ric/package.json", '{"engines": {"node": ">=22"}}'),),
        {"Entrypoint": ["/usr/bin/env", "aws-lambda-ric"], "Env": ["PATH=/usr/bin", "NODE_VERSION=20.1.0"]},
        "node",
    ),
    "no module": Fault("missing-handler", config={"Cmd": ["main.handler"]}),
    "no module for the client": Fault("missing-handler", config={"Cmd": ["jobs/nightly.handler"]}, image="official"),
    "no function": Fault("missing-handler", (file(f"{TASK}/app.py", "def handle(event, context):\n    return 1\n"),)),
    "no function of Node": Fault("missing-handler", (file(f"{TASK}/app.mjs", "export const go = 1;\n"),), image="node"),
    "no file of Node": Fault("missing-handler", config={"Cmd": ["src/index.handler"]}, image="node"),
    "stray extension": Fault("stray-extension", (file("/opt/extensions/README.md"),)),
    "extension leads nowhere": Fault("stray-extension", (link("/opt/extensions/agent", "/opt/gone"),)),
    "many extensions": Fault(
        "too-many-extensions", tuple(program(f"/opt/extensions/{n}", elf(kind=2)) for n in range(10))
    ),
    "SnapStart": Fault("snapstart-label", config={"Labels": {"com.amazonaws.lambda.feature.snapstart": "allow"}}),
    "large settings": Fault("large-settings", config=env(f"RULES={'many words ' * 1600}")),
    "variable of Lambda": Fault("reserved-variable", config=env("AWS_REGION=eu-west-1"), severity="warning"),
    # What is loaded
    "library for arm64": Fault("wrong-machine", (file(f"{TASK}/fast.so", elf("aarch64")),)),
    "library for 32 bits": Fault("wrong-machine", (file(f"{TASK}/fast.so", elf("i386")),)),
    "module for arm64": Fault(
        "wrong-machine", (file(f"{TASK}/fast.cpython-313-aarch64-linux-gnu.so", elf("aarch64")),)
    ),
    "program for arm64": Fault("wrong-machine", (program("/main", elf("aarch64", kind=2)),), image="program"),
    "extension for arm64": Fault("wrong-machine", (program("/opt/extensions/agent", elf("aarch64", kind=2)),)),
    "newer glibc": Fault("newer-c-library", (file(f"{TASK}/fast.so", elf(versions=["GLIBC_2.2.5", "GLIBC_2.38"])),)),
    "newer glibc than stated": Fault(
        "newer-c-library", (file(f"{TASK}/fast.so", elf(versions=["GLIBC_2.35"])),), without="/lib64/libc.so.6"
    ),
    "module for musl": Fault("missing-interpreter", (file(f"{TASK}/fast.so", elf(needed=["libc.musl-x86_64.so.1"])),)),
    "program for musl": Fault("missing-interpreter", (program("/main", elf(interpreter=MUSL)),), image="program"),
    "module for Python 3.12": Fault("wrong-python", (file(f"{TASK}/fast.cpython-312-x86_64-linux-gnu.so", elf()),)),
    "module in the wrong site": Fault(
        "wrong-python", (file(f"{SITE}/fast.cpython-311-x86_64-linux-gnu.so", elf()),), image="official"
    ),
    "jar beside the class path": Fault("unused-jar", (file(f"{TASK}/app.jar"),), image="java"),
    # What Lambda's user reads
    "file for its owner": Fault("unreadable-file", (file(f"{TASK}/settings.json", "{}", 0o600),)),
    "model for its owner": Fault("unreadable-file", (file("/opt/ml/model/model.onnx", "x", 0o640),)),
    "directory for its owner": Fault("closed-directory", (folder(f"{TASK}/data", 0o700), file(f"{TASK}/data/x"))),
    "directory not listed": Fault("closed-directory", (folder("/opt/ml", 0o711),)),
    # Secrets
    "name in a variable": Fault("secret-variable", config=env(f"DB_PASSWORD={TOKEN}")),
    "name in the history": Fault("secret-variable", history=f"ARG API_TOKEN={TOKEN}"),
    "argument of a step": Fault("secret-variable", history=f"|1 API_TOKEN={TOKEN} /bin/sh -c make # buildkit"),
    "password in a URL": Fault("credential", config=env("DATABASE=postgres://app:h0rse-battery@db.example.com/app")),
    "token in a variable": Fault("credential", config=env(f"JWT=eyJhbGciOiJI{A}.eyJzdWIiOiIx{A}.{A}{A}")),
    "key in a label": Fault("credential", config={"Labels": {"deploy": SECRETS["aws"]}}),
    "key in the history": Fault("credential", history=f"RUN git clone https://{SECRETS['github']}@github.com/x/y"),
    ".env": Fault("secret-file", (file(f"{TASK}/.env", "A=b\n"),)),
    "keys of AWS": Fault("secret-file", (file("/opt/.aws/credentials", "[default]\n"),)),
    "state of Terraform": Fault("secret-file", (file(f"{TASK}/terraform.tfstate", "{}"),)),
    **{f"{name} in a file": Fault("credential", (file("/opt/x.cfg", text),)) for name, text in SECRETS.items()},
    # What costs without breaking
    "file in /tmp": warning("hidden-file", file("/tmp/model.bin")),
    "file in a home": warning("home-content", file(f"{HOME}/nltk_data/words")),
    ".git": warning("left-behind", file(f"{TASK}/.git/HEAD")),
    "cache of a tool": warning("left-behind", file(f"{TASK}/.pytest_cache/x")),
    "compiler": warning("build-tools", program("/usr/libexec/gcc/x86_64-linux-gnu/14/cc1", elf(kind=2))),
    "toolchain": warning("build-tools", program("/usr/local/go/bin/go", elf(kind=2))),
    "cache of pip": warning("package-cache", file(f"{HOME}/.cache/pip/x", b"x" * 1100000)),
    "lists of APT": warning("package-cache", file("/var/lib/apt/lists/x", b"x" * 1100000)),
    "libraries for GPUs": warning("gpu-libraries", file(f"{TASK}/nvidia/cublas/lib/libcublas.so.12", elf())),
    "cache of Hugging Face": warning("unwritable-cache", file(f"{TASK}/huggingface_hub/__init__.py")),
    "cache of npm": warning("unwritable-cache", config={"Cmd": ["npm", "start"]}, image="program"),
    "models of a hub": warning(
        "not-offline",
        file(f"{TASK}/huggingface_hub/__init__.py"),
        file("/opt/ml/model/model.safetensors"),
        config=env("HF_HOME=/tmp/huggingface"),
    ),
    "settings of matplotlib": warning("unwritable-cache", file(f"{TASK}/matplotlib/__init__.py")),
    "stale bytecode": warning("stale-bytecode", file(f"{TASK}/tool.py", "x = 2\n", time=9)),
    "bytecode of another size": warning("stale-bytecode", file(TOOL, bytecode(7, 7))),
    "packages for development": warning(
        "development-dependencies",
        file(f"{TASK}/node_modules/.package-lock.json", json.dumps(LOCK)),
        file(f"{TASK}/node_modules/jest/package.json", "{}"),
        image="node",
    ),
}  # fmt: skip
