"""scripts/requirements and refuse-cuda.py of a generated project: what passes, and what they say of the rest."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.parts import program

PIP = program("languages/python/requirements/manifest.py.jinja", dependencies={"require_hashes": False})
HASHED = program("languages/python/requirements/manifest.py.jinja", dependencies={"require_hashes": True})
LOCK = program("languages/python/requirements/lock.py.jinja")
CUDA = program("languages/python/refuse-cuda.py.jinja")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HASH = f"--hash=sha256:{'0' * 64}"
URL = "https://example.com/rules-1.0-py3-none-any.whl"
UMLAUT = "\N{LATIN SMALL LETTER U WITH DIAERESIS}"


def check(
    where: Path, *words: str | Path, script: Path = PIP, tools: Sequence[str] = ("git", "ssh")
) -> tuple[int, str]:
    """Run a script where these programs, and no others, can be found."""
    found = where / "bin"
    found.mkdir(exist_ok=True)
    for tool in tools:
        (found / tool).write_text("#!/bin/sh\n")
        (found / tool).chmod(0o755)
    environment = os.environ | {"PATH": str(found), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, script, *words]
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def pip(
    where: Path, line: str, *words: str, script: Path = PIP, tools: Sequence[str] = ("git", "ssh")
) -> tuple[int, str, str]:
    """Check requirements of one line as a build does: status, what is said, what pip would be given."""
    (where / "manifests").mkdir(exist_ok=True)
    (where / "manifests/requirements.txt").write_text(line + "\n", encoding="utf-8")
    code, said = check(where, "--to=given.txt", *words, "manifests", "requirements.txt", script=script, tools=tools)
    return code, said, (where / "given.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        f"tool @ git+https://git.example.com/tool.git@{COMMIT}",
        f"tool @ git+https://git.example.com/tool.git@{COMMIT}#subdirectory=a ; python_version > '3'",
        f"git+ssh://git@git.example.com/tool.git@{COMMIT}#egg=tool",
        "six==1.17.0",
        f"six==1.17.0 {HASH}",
        "six===1.17.0 ; python_version > '3'",
        "uvicorn[standard]==0.35.0",
        f"rules @ {URL}#sha256={'0' * 64}",
        f"{URL} {HASH}",
        "--only-binary=:all:",
        "--pre",
    ],
)
def test_what_cannot_change_passes(line: str, tmp_path: Path) -> None:
    assert pip(tmp_path, line) == (0, "", line + "\n")


@pytest.mark.parametrize(
    ("line", "given"),
    [
        (f"-e git+https://git.example.com/t.git@{COMMIT}#egg=t", f"git+https://git.example.com/t.git@{COMMIT}#egg=t\n"),
        (f"six==1.17.0 \\\n    {HASH}  # why", f"six==1.17.0 {HASH}\n"),
        ("six==1.17.0  # not git+https://git.example.com/tool.git@main", "six==1.17.0\n"),
        ("--index-url https://pypi.org/simple\nsix==1.17.0", "six==1.17.0\n"),
    ],
)
def test_what_pip_is_given_is_the_same_without_ornaments(line: str, given: str, tmp_path: Path) -> None:
    assert pip(tmp_path, line)[0::2] == (0, given)


@pytest.mark.parametrize("revision", ["", "@main", "@v1.0", f"@{COMMIT[:12]}", f"@{COMMIT}0", f"@main#{COMMIT}"])
def test_a_commit_that_can_move_is_said_with_file_and_line(revision: str, tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/base.txt").write_text(
        f"six==1.17.0\n\ntool @ \\\n git+https://git.example.com/t.git{revision}\n"
    )
    code, said, _ = pip(tmp_path, "-r base.txt\n-r requirements.txt")
    assert code == 1
    assert said.startswith("base.txt:3: tool @ git+https://git.example.com/t.git")
    assert "write @ and the whole commit" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("./vendor/rules-1.0.tar.gz", "list it in dependencies.wheels"),
        ("vendor/rules-1.0-py3-none-any.whl", "list it in dependencies.wheels"),
        ("rules @ file:///srv/rules-1.0.zip", "list it in dependencies.wheels"),
        ("./packages/shared", "list it in dependencies.projects"),
        ("-e ../shared[extra] ; python_version > '3'", "list it in dependencies.projects"),
        ("-e .", "list it in dependencies.projects"),
        ("shared @ file:packages/shared", "list it in dependencies.projects"),
        (URL, "append #sha256= and the SHA-256"),
        (f"rules @ {URL}#egg=rules", "append #sha256= and the SHA-256"),
        ("--extra-index-url https://packages.example.com/simple", "dependencies.indexes"),
        ("--index-url=https://packages.example.com/simple", "dependencies.indexes"),
        ("-i https://packages.example.com/simple", "dependencies.indexes"),
        ("--find-links ./wheels", "dependencies.wheels"),
        ("-f wheels", "dependencies.wheels"),
        ("--trusted-host packages.example.com", "CA_BUNDLE"),
        ("-r common.txt", "the build has no common.txt: list it in dependencies.includes"),
        ("--constraint=../constraints.txt", "the build has no ../constraints.txt: list it in dependencies.includes"),
    ],
)
@pytest.mark.parametrize("script", [PIP, HASHED])
def test_what_a_build_cannot_follow_is_one_line_with_place_and_key(
    script: Path, line: str, said: str, tmp_path: Path
) -> None:
    code, message, _ = pip(tmp_path, f"six==1.17.0 {HASH}\n{line}", script=script)
    assert code == 1
    assert message.startswith(f"requirements.txt:2: {line}: ")
    assert said in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("script", [PIP, HASHED])
def test_local_packages_are_left_to_a_step_of_their_own(script: Path, tmp_path: Path) -> None:
    local = ["--project=functions/search", "--local=functions/search", "--local=libs/shared", "--local=libs/x-1.tar.gz"]
    lines = f"-e .\n../../libs/shared[a]\nx @ file:../../libs/x-1.tar.gz {HASH}\nsix==1.17.0 {HASH}"
    assert pip(tmp_path, lines, *local, script=script) == (0, "", f"six==1.17.0 {HASH}\n")


@pytest.mark.parametrize("script", [PIP, HASHED])
def test_constraints_stay_constraints(script: Path, tmp_path: Path) -> None:
    folder = tmp_path / "manifests/requirements"
    folder.mkdir(parents=True)
    (folder / "prod.txt").write_text("-r common.txt\n-c limits.txt\nidna\n")
    (folder / "common.txt").write_text("six==1.17.0\n")
    (folder / "limits.txt").write_text("idna==3.10\nflask==3.1.1\n-r more.txt\n")
    (folder / "more.txt").write_text("click==8.1.8\n")
    words = ["--to=given.txt", "manifests", "requirements/prod.txt"]
    assert check(tmp_path, *words, script=script) == (0, "")
    given = (tmp_path / "given.txt").read_text()
    assert given == "--constraint=manifests/requirements/limits.txt\nidna\nsix==1.17.0\n"
    code, said = check(tmp_path, *words, "requirements/limits.txt", script=script)
    assert code == 1
    assert "requirements/limits.txt: requirements/prod.txt:2 makes it constraints: list it in dependencies.in" in said


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
def test_a_file_is_read_as_pip_reads_it(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "manifests/requirements.txt").write_bytes(f"{mark}idna==3.10  # B{UMLAUT}cher\r\n".encode(encoding))
    assert check(tmp_path, "--to=given.txt", "manifests", "requirements.txt") == (0, "")
    assert (tmp_path / "given.txt").read_text(encoding="utf-8") == "idna==3.10\n"
    assert (tmp_path / "manifests/requirements.txt").read_bytes() == f"idna==3.10  # B{UMLAUT}cher\r\n".encode()


@pytest.mark.parametrize("script", [PIP, HASHED, LOCK])
def test_another_encoding_is_one_line(script: Path, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(f"idna==3.10  # B{UMLAUT}cher\n".encode("latin-1"))
    said = "requirements.txt: the text is not utf-8: save the file as UTF-8\n"
    assert check(tmp_path, ".", "requirements.txt", script=script) == (1, said)


@pytest.mark.parametrize("tools", [(), ("git",)])
def test_a_missing_program_is_named_with_its_key(tools: Sequence[str], tmp_path: Path) -> None:
    code, said, _ = pip(tmp_path, f"tool @ git+ssh://git@git.example.com/tool.git@{COMMIT}", tools=tools)
    assert code == 1
    missing = "the build has no ssh: add build_packages: [openssh-clients]" if tools else "build_packages: [git]"
    assert missing in said


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    _, said, _ = pip(tmp_path, "tool @ git+https://me:canary-3f1c@git.example.com/tool.git@main")
    assert "https://***@git.example.com" in said
    assert "canary-3f1c" not in said


def test_git_beside_hashes_is_refused_where_pip_would_refuse_it(tmp_path: Path) -> None:
    git = f"tool @ git+https://git.example.com/tool.git@{COMMIT}"
    code, said, _ = pip(tmp_path, f"{git}\nsix==1.17.0 {HASH}")
    assert (code, said.partition(": pip has no hash")[0]) == (1, f"requirements.txt:1: {git}")
    assert check(tmp_path, "manifests", "requirements.txt")[0] == 1, "a lock has hashes"
    (tmp_path / "manifests/requirements.txt").write_text(f"-e {git[7:]}\n")
    code, said = check(tmp_path, "manifests", "requirements.txt", script=HASHED, tools=())
    assert (code, said.partition("pip has no hash")[0]) == (1, f"requirements.txt:1: -e {git[7:]}: ")


@pytest.mark.parametrize(
    ("lines", "loose"),
    [
        ("six==1.17.0\nidna>=3", "idna>=3"),
        ("requests\nuvicorn[standard] ; python_version > '3'", "requests, uvicorn[standard] ; python_version > '3'"),
        ("six==1.17.0", ""),
        ("-c limits.txt\nIDNA_x", ""),
    ],
)
def test_a_requirement_without_a_version_is_noted(lines: str, loose: str, tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/limits.txt").write_text("idna-X==3.10\n")
    code, said, _ = pip(tmp_path, lines)
    assert code == 0
    assert said == (f"Without a version, so the next build may differ: {loose}. See `make lock`.\n" if loose else "")


def test_an_exported_lock_is_divided(tmp_path: Path) -> None:
    git = f"tool @ git+https://git.example.com/tool.git@{COMMIT}"
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "exported.txt").write_text(
        f"-i https://pypi.org/simple\n--extra-index-url https://pypi.example.com/simple\nsix==1.17.0 \\\n    {HASH}\n"
        f"{git}\n-e ./packages/shared\n./vendor/rules.whl {HASH}\nown @ file://{tmp_path}/own ; python_version > '3'\n"
        f"other/folder\nx @ {URL} {HASH}\n"
    )
    known = [f"--local={path}" for path in ("packages/shared", "vendor/rules.whl", "own", "other/folder")]
    words = ["--lock=uv.lock", "--exported=exported.txt", *known, ".", "pyproject.toml"]
    assert check(tmp_path, *words, script=LOCK) == (0, "")
    hashed = f"--extra-index-url https://pypi.example.com/simple\nsix==1.17.0 {HASH}\nx @ {URL} {HASH}\n"
    assert (tmp_path / "hashed.txt").read_text() == hashed
    assert (tmp_path / "git.txt").read_text() == f"{git}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("six==1.17.0", "the lock has no hash"),
        ("six==1.17.0 --hash=", "the lock has no hash"),
        ("-e ./packages/shared", "list it in dependencies.projects"),
        ("packages/shared", "list it in dependencies.projects"),
        ("shared @ file:///packages/shared", "list it in dependencies.projects"),
        ("./vendor/x.whl", "list it in dependencies.wheels"),
        ("tool @ git+https://git.example.com/tool.git@main", "write @ and the whole commit"),
    ],
)
def test_a_lock_that_says_less_is_refused(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "exported.txt").write_text(f"{line}\n")
    (tmp_path / "pyproject.toml").write_text("")
    code, stderr = check(tmp_path, "--lock=a/uv.lock", "--exported=exported.txt", ".", "pyproject.toml", script=LOCK)
    assert code == 1
    assert stderr.startswith("a/uv.lock: ")
    assert said in stderr


@pytest.mark.parametrize(
    ("manifest", "place", "said"),
    [
        ('[tool.uv.sources]\nx = {path = "../x", editable = true}\n', ":2: ../x", "dependencies.projects"),
        ('[tool.uv.sources.x]\npath = "vendor/x.whl"\n', ":2: vendor/x.whl", "dependencies.wheels"),
        ('[tool.poetry.dependencies]\nx = {path = "x", develop = true}\n', ":2: x", "dependencies.projects"),
        ('[tool.poetry.group.web.dependencies]\nx = {file = "x.tar.gz"}\n', ":2: x.tar.gz", "dependencies.wheels"),
        ('[packages]\nx = {path = "./x", editable = true}\n', ":2: ./x", "dependencies.projects"),
        ('[web]\nx = {path = "./x"}\n', ":2: ./x", "dependencies.projects"),
        ('[project]\ndependencies = [\n  "x @ file:///x",\n]\n', ":3: file:///x", "dependencies.projects"),
        ('[tool.uv.sources]\nx = {git = "https://example.com/x"}\n', ":2: https://example.com/x", "[git]"),
        (f'[project]\ndependencies = ["x @ git+https://example.com/x@{COMMIT}"]\n', ":2: git+https", "[git]"),
    ],
)
def test_what_a_manifest_names_and_the_build_lacks_is_one_line(
    manifest: str, place: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f/pyproject.toml").write_text(manifest)
    code, stderr = check(tmp_path, ".", "f/pyproject.toml", script=LOCK, tools=())
    assert code == 1
    assert stderr.startswith(f"f/pyproject.toml{place}")
    assert said in stderr
    assert stderr.count("\n") == 1


def test_other_paths_in_a_manifest_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nreadme = {file = "README.md"}\n[tool.hatch.version]\npath = "src/x.py"\n[tool.uv.sources]\n'
        'x = {path = "libs/x"}\ny = {url = "https://example.com/y.whl"}\n'
    )
    assert check(tmp_path, "--local=libs/x", ".", "pyproject.toml", script=LOCK, tools=()) == (0, "")


def test_a_local_package_s_own_manifest_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "libs/x").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "libs/x/pyproject.toml").write_text('[tool.uv.sources]\ny = {path = "../y"}\n')
    code, said = check(tmp_path, "--local=libs/x", ".", "pyproject.toml", script=LOCK)
    assert (code, said.partition(": the build")[0]) == (1, "libs/x/pyproject.toml:2: ../y")


def test_a_lock_that_could_not_be_exported_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    code, said = check(tmp_path, "--lock=uv.lock", "--exported=exported.txt", ".", "pyproject.toml", script=LOCK)
    assert (code, said) == (1, "uv.lock does not fit pyproject.toml (see above): make lock updates it.\n")
    (tmp_path / "said.txt").write_text(f"error: no {tmp_path}/vendor/x.whl\n")
    code, said = check(tmp_path, "--lock=uv.lock", "--exported=exported.txt", ".", "pyproject.toml", script=LOCK)
    assert said.startswith("error: no vendor/x.whl\nuv.lock does not fit")
    (tmp_path / "pyproject.toml").write_text('[tool.uv.sources]\nx = {path = "vendor/x.whl"}\n')
    code, said = check(tmp_path, "--lock=uv.lock", "--exported=exported.txt", ".", "pyproject.toml", script=LOCK)
    assert said.startswith("pyproject.toml:2: vendor/x.whl: the build does not have it")
    assert len(said.splitlines()) == 1, "what the manager says of it is left out"


@pytest.mark.parametrize(("cuda", "code"), [("None", 0), ("'12.8'", 1), ('"13.0"', 1)])
def test_torch_with_cuda_is_refused(cuda: str, code: int, tmp_path: Path) -> None:
    assert check(tmp_path, ".", script=CUDA) == (0, "")
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/version.py").write_text(f"from typing import Optional\ncuda: Optional[str] = {cuda}\n")
    assert check(tmp_path, ".", script=CUDA)[0] == code
