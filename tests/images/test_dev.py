"""The development loop: `make dev` responds to edits, `make debug` waits for a debugger, `make shell` has limits."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import daemon
import projects
import pytest
from machine import until

from scaffold.rendering.engine import Engine

pytestmark = pytest.mark.images

BASES = ["python3.13", "python3.13-debian"]
HANDLER = """\
import packaged
import words.first


def handler(event, context):
    try:
        open(__file__, "a").close()
    except OSError:
        return [packaged.WHERE, words.first.WORD, __file__, "read-only", event["name"]]
"""


@pytest.fixture
def project(request: pytest.FixtureRequest, engine: Engine, bases: Sequence[str], tmp_path: Path) -> projects.Project:
    """A function with a module beside the handler, and one that only the image has, on the base that is asked for."""
    packaged = {"name": "a package", "run": "echo 'WHERE = \"in the image\"' >/var/task/packaged.py"}
    spec = projects.spec_of("minimal") | {
        "name": f"dev-{os.getpid()}",
        "base": getattr(request, "param", BASES[0]),
        "hooks": {"after_code": [packaged]},
    }
    made = projects.make(engine, tmp_path / "my project's", spec)
    (made.root / "src/app.py").write_text(HANDLER, encoding="utf-8")
    (made.root / "src/words").mkdir()
    (made.root / "src/words/first.py").write_text("WORD = 0\n", encoding="utf-8")
    return made.build(*bases)


def replace(file: Path, text: str) -> None:
    """Save a file as most editors do: a new one takes its name."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.rename(file)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def started(project: projects.Project, target: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A target of make that goes on until Ctrl-C, which must leave no container behind."""
    name = f"test-{project.name}"
    environment = os.environ | project.environment | {"CONTAINER": name, "PORT": free_port()} | variables
    # A shell that runs the tests in the background has them ignore Ctrl-C.
    words = ["env", "--default-signal=INT", "make", "--silent", target]
    with subprocess.Popen(
        words, cwd=project.root, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=30)
    assert until(lambda: name not in [row.name for row in daemon.client().containers.list(all=True)], 10)


def answer(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    return json.loads(process.stdout.readline())


@pytest.mark.parametrize("project", BASES, indirect=True)
def test_each_edit_is_answered_by_the_new_code(project: projects.Project) -> None:
    source = project.root / "src"
    with started(project, "dev") as process:
        assert answer(process) == ["in the image", 0, "/var/task/app.py", "read-only", "Ada"]
        mounts = daemon.client().containers.get(f"test-{project.name}").attrs["Mounts"]
        assert {"/var/task/app.py", "/var/task/words"} <= {mount["Destination"] for mount in mounts}
        assert not [mount for mount in mounts if mount["RW"]]
        took = []
        for word in range(1, 6):
            begun = time.monotonic()
            replace(source / "words/first.py", f"WORD = {word}\n")
            assert answer(process)[1] == word
            took.append(time.monotonic() - begun)
        print("edit to answer, seconds:", " ".join(f"{seconds:.2f}" for seconds in took))
        # A file beside others is mounted by itself, and an editor replaces it.
        replace(source / "app.py", HANDLER.replace("words.first.WORD", "'edited'"))
        assert answer(process)[1] == "edited"
        replace(source / "app.py", "def handler(:\n")
        assert answer(process)["errorType"] == "Runtime.UserCodeSyntaxError"
        replace(source / "app.py", HANDLER)
        assert answer(process)[1] == 5
        # An edit ends an event that is under way, and the next one reaches the new code at once.
        replace(source / "app.py", "import time\n\n\ndef handler(event, context):\n    time.sleep(25)\n")
        time.sleep(1)
        begun = time.monotonic()
        replace(source / "app.py", HANDLER)
        assert answer(process)["errorType"] == "Runtime.ExitError"
        assert answer(process)[1] == 5
        assert time.monotonic() - begun < 10
        # Another file: the container is another, too.
        (source / "second.py").write_text("WORD = 'second'\n", encoding="utf-8")
        assert answer(process)[1] == 5
        replace(source / "app.py", "import second\n" + HANDLER.replace("words.first.WORD", "second.WORD"))
        assert answer(process)[1] == "second"


def test_one_of_several_functions_with_an_event_of_its_own(
    engine: Engine, bases: Sequence[str], tmp_path: Path
) -> None:
    project = projects.case(engine, tmp_path / "project", "functions", bases)
    event = tmp_path / "event.json"
    event.write_text('{"time": "then"}', encoding="utf-8")
    with started(project, "dev", FUNCTION="refresh", EVENT=str(event)) as process:
        assert answer(process) == {"done": "then"}
        code = project.root / "src/jobs/refresh.py"
        replace(code, code.read_text(encoding="utf-8").replace('"done"', '"finished"'))
        assert answer(process) == {"finished": "then"}


@pytest.mark.full
def test_an_edit_restarts_a_server(engine: Engine, bases: Sequence[str], tmp_path: Path) -> None:
    spec = projects.spec_of("minimal") | {"name": f"serve-{os.getpid()}", "server": {"framework": "fastapi"}}
    del spec["handler"]
    project = projects.make(engine, tmp_path / "project", spec | {"event": "api-gateway-http"}).build(*bases)
    with started(project, "dev") as process:
        assert "Hello, Ada!" in answer(process)["body"]
        code = project.root / "src/app.py"
        replace(code, code.read_text(encoding="utf-8").replace("Hello, {name}", "Hallo, {name}"))
        assert "Hallo, Ada!" in answer(process)["body"]


@pytest.mark.parametrize(("shell", "status"), [("id -u; pwd; echo x >/tmp/x; cat /tmp/x", 0), ("echo x >x", 1)])
def test_a_shell_is_lambdas_user_within_its_limits(project: projects.Project, shell: str, status: int) -> None:
    done = subprocess.run(
        [project.root / "scripts/shell"],
        env=os.environ | project.environment,
        input=shell,
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == bool(status), done.stderr
    assert done.stdout == ("" if status else "993\n/var/task\nx\n")
    assert ("Read-only file system" in done.stderr) == bool(status)


class Debugger:
    """As much of a client of the Debug Adapter Protocol as a test needs."""

    def __init__(self, port: str, code: Path) -> None:
        self.number = 0
        self.socket: socket.socket | None = None
        assert until(lambda: self.attached(int(port), code), 90)

    def attached(self, port: int, code: Path) -> bool:
        """Whether the function is there; Docker accepts connections, and debugpy clients, some time before."""
        self.close()
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
            self.file: BinaryIO = self.socket.makefile("rb")
            self.send("initialize", adapterID="test", pathFormat="path")
            self.wait("initialize")
            self.send("attach", pathMappings=[{"localRoot": str(code), "remoteRoot": "/var/task"}])
            self.wait("initialized")
        except OSError:
            return False
        return True

    def close(self) -> None:
        if self.socket:
            self.file.close()
            self.socket.close()
        self.socket = None

    def send(self, command: str, **arguments: Any) -> None:
        self.number += 1
        message = {"seq": self.number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        assert self.socket
        self.socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def wait(self, name: str) -> dict[str, Any]:
        """The body of the next event or response of this name."""
        while True:
            header = self.file.readline()
            if not header:
                raise OSError("the connection was closed")
            self.file.readline()
            message = json.loads(self.file.read(int(header.split(b":")[1])))
            if name in {message.get("event"), message.get("command")}:
                return message.get("body") or {}


@pytest.mark.parametrize("project", BASES, indirect=True)
def test_a_debugger_stops_at_a_breakpoint_of_the_code_on_disk(project: projects.Project) -> None:
    port = free_port()
    code = project.root / "src/app.py"
    with started(project, "debug", DEBUG_PORT=port) as process, closing(Debugger(port, code.parent)) as debugger:
        line = HANDLER.splitlines().index("    try:") + 2
        debugger.send("setBreakpoints", source={"path": str(code)}, breakpoints=[{"line": line}])
        debugger.send("configurationDone")
        thread = debugger.wait("stopped")["threadId"]
        debugger.send("stackTrace", threadId=thread)
        [frame, *_] = debugger.wait("stackTrace")["stackFrames"]
        assert (frame["source"]["path"], frame["line"]) == (str(code), line)
        debugger.send("continue", threadId=thread)
        assert answer(process)[0] == "in the image"
    assert "debugpy" not in daemon.output(f"{project.name}:latest", "-c", "ls /var/task", entrypoint="/bin/sh")
