"""`scripts/models` of a generated project, against servers that do what they should not."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest
from support import hostile
from support.hostile import Answer, Server
from support.template import tree_of, write_tree

from scaffold.rendering.engine import Engine

MODEL = random.Random(1).randbytes(300_000)
DIGEST = hashlib.sha256(MODEL).hexdigest()
FLIPPED = MODEL[:200_000] + b"\0" + MODEL[200_001:]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPEC = {"version": 1, "name": "models", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}

Models = Callable[..., Path]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificates: Path) -> Iterator[Server]:
    with hostile.serve(certificates) as server:
        yield server


@pytest.fixture
def models(engine: Engine, tmp_path: Path) -> Models:
    """Write a project with one model file, or with these rows."""

    def write(url: str = "", *rows: Mapping[str, Any], **more: Any) -> Path:
        one = {"from": url, "sha256": DIGEST, "to": "nested/encoder.onnx"} | more
        spec = SPEC | {"model_files": list(rows) or [one]}
        assert engine.problems(spec) == []
        root = tmp_path / "my project's"
        write_tree(root, tree_of(engine.render(spec, engine.plan(spec), {})))
        return root

    return write


@pytest.fixture
def hasty(tmp_path: Path) -> dict[str, str]:
    """A `sleep` that does not."""
    folder = tmp_path / "hasty"
    folder.mkdir()
    (folder / "sleep").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (folder / "sleep").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def fetch(root: Path, *environments: Mapping[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ} | variables
    for more in environments:
        environment |= more
    return subprocess.run(
        [root / "scripts/models"], env=environment, text=True, capture_output=True, check=False, timeout=60
    )


def file_of(root: Path) -> Path:
    return root / ".models/nested/encoder.onnx"


def parts(root: Path) -> list[str]:
    return sorted(path.name for path in (root / ".models/.partial").iterdir())


def assert_nothing_wrong(root: Path) -> None:
    """Whatever stands under the name of a model is the model."""
    file = file_of(root)
    assert not file.exists() or file.read_bytes() == MODEL
    assert [path.name for path in file.parent.iterdir()] in ([], [file.name])


def test_a_file_is_downloaded_once(models: Models, server: Server) -> None:
    root = models(f"{server.url}/moved?a=1&b=2")
    server.answers = [hostile.redirect("/there"), hostile.whole(MODEL)]
    done = fetch(root, server.trusted)
    assert done.returncode == 0, done.stderr
    file = file_of(root)
    assert file.read_bytes() == MODEL
    assert (file.stat().st_mode & 0o777, file.stat().st_mtime) == (0o644, 0)
    assert file.parent.stat().st_mode & 0o777 == 0o755
    assert (root / ".models/.gitignore").read_text(encoding="utf-8") == "*\n"
    assert server.paths == ["/moved?a=1&b=2", "/there"]
    assert parts(root) == []
    assert fetch(root, server.trusted).stderr == ""
    assert len(server.requests) == 2
    file.write_bytes(FLIPPED)
    assert fetch(root, server.trusted).returncode == 0
    assert file.read_bytes() == MODEL


def test_it_is_readable_whatever_the_umask(models: Models, server: Server) -> None:
    root = models(server.url + "/x")
    server.answers = [hostile.whole(MODEL)]
    subprocess.run(
        ["sh", "-c", 'umask 077; exec "$0"', root / "scripts/models"], env=os.environ | server.trusted, check=True
    )
    assert file_of(root).stat().st_mode & 0o777 == 0o644
    assert file_of(root).parent.stat().st_mode & 0o777 == 0o755


# Each has the wrong bytes, or too many of them, or sends elsewhere; with a known size, without one, or both ways.
NEVER: dict[str, tuple[list[Answer], str]] = {
    "another file": ([hostile.whole(FLIPPED)], "is not the file that was expected"),
    "cut, with no length": ([hostile.without_length(MODEL[:1000])], ""),
    "one byte less": ([hostile.whole(MODEL[:-1])], ""),
    "one byte more": ([hostile.whole(MODEL + b"x")], ""),
    "far more": ([hostile.claims_length(MODEL, 11 * 2**30)], "it has more than"),
    "claims less": ([hostile.claims_length(MODEL, 1000)], ""),
    "claims more": ([hostile.claims_length(MODEL[:-1], len(MODEL))], ""),
    "nothing": ([hostile.whole(b"")], ""),
    "hangs up": ([hostile.hang_up], "it broke off"),
    "compressed": ([hostile.zipped(MODEL)], ""),
    "absent": ([hostile.status(404)], "404"),
    "unwell": ([hostile.status(503)], "it broke off 4 times (The requested URL returned error: 503)"),
    "no range there": ([hostile.status(416)], "it broke off"),
    "a loop": ([hostile.redirect("/x")], "redirects more than 5 times"),
    "to http": ([hostile.redirect("http://localhost:1/plain")], "which is not https"),
    "to a file": ([hostile.redirect("file:///etc/hostname")], "which is not https"),
    "to a user": ([hostile.redirect("https://user:password@localhost:1/")], "it redirects to"),
    "cut, then lies": ([hostile.broken_off(MODEL, 1000), hostile.whole(FLIPPED)], "is not the file that was expected"),
}


@pytest.mark.parametrize("size", [None, len(MODEL)], ids=["no size", "a size"])
@pytest.mark.parametrize("name", NEVER)
def test_a_wrong_file_never_arrives(
    models: Models, server: Server, hasty: dict[str, str], name: str, size: int | None
) -> None:
    answers, message = NEVER[name]
    root = models(server.url + "/x", **({} if size is None else {"size": size}))
    server.answers = [*answers]
    done = fetch(root, server.trusted, hasty)
    assert done.returncode == 1, done.stderr
    assert message in done.stderr
    assert server.url in done.stderr
    assert list(file_of(root).parent.iterdir()) == []
    server.answers = [hostile.whole(MODEL)]
    done = fetch(root, server.trusted, hasty)
    assert done.returncode == 0, done.stderr
    assert file_of(root).read_bytes() == MODEL
    assert parts(root) == []


@pytest.mark.parametrize("size", [None, len(MODEL)], ids=["no size", "a size"])
def test_an_endless_file_ends(models: Models, server: Server, size: int | None) -> None:
    rows = {"from": server.url + "/x", "sha256": DIGEST, "to": "nested/encoder.onnx"}
    root = models("", rows if size is None else rows | {"size": size})
    script = root / "scripts/models"
    script.write_text(script.read_text().replace(f"most={10240 * 2**20}", f"most={2**20}"), encoding="utf-8")
    server.answers = [hostile.endless()]
    done = fetch(root, server.trusted)
    assert done.returncode == 1
    assert f"it has more than {size or 2**20} bytes" in done.stderr
    assert_nothing_wrong(root)
    assert parts(root) == []


def test_a_slow_server_is_given_up_in_time(models: Models, server: Server, hasty: dict[str, str]) -> None:
    root = models(server.url + "/x")
    server.answers = [hostile.dripping(MODEL)]
    done = fetch(root, server.trusted, hasty, STALL_SECONDS="1")
    assert done.returncode == 1
    assert "it broke off 4 times" in done.stderr
    assert_nothing_wrong(root)


@pytest.mark.parametrize(
    "second",
    [
        hostile.whole(MODEL),
        hostile.deaf_to_ranges(MODEL),
        hostile.another_range(MODEL),
        hostile.whole(FLIPPED),
        hostile.status(416),
        hostile.status(500),
        hostile.endless(),
        hostile.hang_up,
        hostile.without_length(MODEL),
        hostile.redirect("/x"),
    ],
    ids=[
        *("honest", "deaf", "another range", "changed", "416", "500", "endless", "hangs up", "no length", "moved"),
    ],
)
@pytest.mark.parametrize("size", [None, len(MODEL)], ids=["no size", "a size"])
def test_what_broke_off_goes_on(
    models: Models, server: Server, hasty: dict[str, str], second: Answer, size: int | None
) -> None:
    root = models(server.url + "/x", **({} if size is None else {"size": size}))
    server.answers = [hostile.broken_off(MODEL, 250_000), second, hostile.whole(MODEL)]
    done = fetch(root, server.trusted, hasty)
    assert done.returncode == 0, done.stderr
    assert file_of(root).read_bytes() == MODEL
    assert "range" not in server.requests[0][1]
    assert server.requests[1][1]["range"] == "bytes=250000-"
    assert parts(root) == []


def received_in(root: Path) -> int:
    return sum(path.stat().st_size for path in (root / ".models").glob(".partial/*"))


def killed(root: Path, server: Server, *, after: int, received: bytes = MODEL) -> None:
    """A run that is killed, script and all, once it has received so much."""
    gate = hostile.broken_off(received, after)

    def hold(request: hostile.Request) -> None:
        gate(request)
        request.wfile.flush()
        time.sleep(30)

    server.answers = [hold]
    before = received_in(root)
    run = subprocess.Popen([root / "scripts/models"], env=os.environ | server.trusted, start_new_session=True)
    deadline = time.monotonic() + 20
    while received_in(root) < before + after - 20_000:  # curl keeps back what does not fill its buffer
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_a_killed_run_is_taken_up(models: Models, server: Server) -> None:
    root = models(server.url + "/x")
    for after in (100_000, 50_000, 20_000):
        killed(root, server, after=after)
        assert_nothing_wrong(root)
    server.answers = [hostile.whole(MODEL)]
    done = fetch(root, server.trusted)
    assert done.returncode == 0, done.stderr
    assert file_of(root).read_bytes() == MODEL
    assert "bytes=" in server.requests[-1][1]["range"]
    assert parts(root) == []


def test_a_spoiled_part_costs_a_second_download_and_no_more(models: Models, server: Server) -> None:
    root = models(server.url + "/x")
    killed(root, server, after=100_000, received=FLIPPED[::-1])
    server.answers, server.requests = [hostile.whole(MODEL)], []
    done = fetch(root, server.trusted)
    assert done.returncode == 0, done.stderr
    assert file_of(root).read_bytes() == MODEL
    assert ["range" in headers for _, headers in server.requests] == [True, False]


def test_a_whole_part_needs_no_network(models: Models, server: Server) -> None:
    root = models(server.url + "/x")
    (root / ".models/.partial").mkdir(parents=True)
    (root / f".models/.partial/{DIGEST}.lock.1").write_bytes(MODEL)
    assert fetch(root, server.trusted).returncode == 0
    assert server.requests == []
    assert parts(root) == []


def test_runs_at_the_same_time_converge(models: Models, server: Server) -> None:
    root = models(server.url + "/x")
    server.answers = [hostile.broken_off(MODEL, 90_000)]
    runs = [subprocess.Popen([root / "scripts/models"], env=os.environ | server.trusted) for _ in range(4)]
    assert [run.wait() for run in runs] == [0] * 4
    assert file_of(root).read_bytes() == MODEL
    assert parts(root) == []


def test_a_part_of_a_living_run_is_left_alone(models: Models, server: Server) -> None:
    root = models(server.url + "/x")
    (root / ".models/.partial").mkdir(parents=True)
    living = root / f".models/.partial/{DIGEST}.{os.getpid()}.abcdef"
    living.write_bytes(FLIPPED)
    server.answers = [hostile.whole(MODEL)]
    assert fetch(root, server.trusted).returncode == 0
    assert "range" not in server.requests[0][1]
    assert living.read_bytes() == FLIPPED


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_what_stands_is_right(
    models: Models, server: Server, hasty: dict[str, str], seed: int
) -> None:
    draw = random.Random(seed)
    size = draw.choice([None, len(MODEL)])
    root = models(server.url + "/x", **({} if size is None else {"size": size}))
    evil = [answer for answers, _ in NEVER.values() for answer in answers]
    evil += [hostile.broken_off(MODEL, draw.randrange(len(MODEL))) for _ in range(6)]
    evil += [hostile.deaf_to_ranges(FLIPPED), hostile.another_range(MODEL), hostile.whole(MODEL)]
    for _ in range(4):
        server.answers = draw.choices(evil, k=6)
        done = fetch(root, server.trusted, hasty)
        assert done.returncode in {0, 1}
        assert (done.returncode == 0) == file_of(root).exists()
        assert_nothing_wrong(root)
        if draw.random() < 0.3:
            file_of(root).write_bytes(draw.choice([b"", FLIPPED]))
    server.answers = [hostile.whole(MODEL)]
    assert fetch(root, server.trusted, hasty).returncode == 0
    assert file_of(root).read_bytes() == MODEL


def test_a_host_that_is_not_there_is_said(models: Models, hasty: dict[str, str]) -> None:
    done = fetch(models("https://models.invalid/x"), hasty)
    assert done.returncode == 1
    assert "it broke off 4 times (Could not resolve host: models.invalid)" in done.stderr


def test_progress_is_for_terminals(models: Models, server: Server) -> None:
    root = models(server.url + "/x", size=len(MODEL))
    server.answers = [hostile.broken_off(MODEL, 200_000), hostile.whole(MODEL)]
    terminal = pexpect.spawn("sh", [str(root / "scripts/models")], env=os.environ | server.trusted, timeout=30)
    terminal.expect_exact("of 0 MB")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert file_of(root).read_bytes() == MODEL


def test_an_unknown_certificate_is_refused(models: Models, server: Server) -> None:
    server.answers = [hostile.whole(MODEL)]
    done = fetch(models(server.url + "/x"))
    assert done.returncode == 1
    assert "certificate" in done.stderr
    assert server.requests == []


# --- Where redirects may lead: from a host outside, whose name only curl and the stand-in for the resolver know -------


@pytest.fixture
def outside(server: Server, tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """The environment in which models.test and cdn.test are this server; the resolver says this of cdn.test."""

    def environment(addresses: str) -> dict[str, str]:
        home = tmp_path / "home"
        (home / "bin").mkdir(parents=True)
        lines = [f'resolve = "{name}:{server.port}:127.0.0.1"\n' for name in ("models.test", "cdn.test")]
        (home / ".curlrc").write_text("".join(lines), encoding="utf-8")
        words = " ".join(addresses.split())
        (home / "bin/getent").write_text(
            f'#!/bin/sh\n[ "$2" = cdn.test ] || exit 2\nprintf "%s STREAM x\\n" {words}\n', encoding="utf-8"
        )
        (home / "bin/getent").chmod(0o755)
        return {"HOME": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}

    return environment


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001"),
        *("0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "0.0.0.0", "0", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]"),
        *("[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "10.0.0.1", "172.16.0.1"),
        *("172.31.255.255", "192.168.1.1", "100.64.0.1", "224.0.0.1", "255.255.255.255"),
    ],
)
def test_no_redirect_leads_inside(
    models: Models, server: Server, outside: Callable[[str], dict[str, str]], host: str
) -> None:
    root = models(f"https://models.test:{server.port}/x")
    server.answers = [hostile.redirect(f"https://{host}:{server.port}/secret"), hostile.whole(MODEL)]
    done = fetch(root, server.trusted, outside("192.0.2.1"))
    assert done.returncode == 1
    assert "it redirects to" in done.stderr
    assert server.paths == ["/x"]
    assert_nothing_wrong(root)


@pytest.mark.parametrize("addresses", ["127.0.0.1", "8.8.8.8 10.1.2.3", "::1", "2001:db8::1 fe80::1", "fd00::1"])
def test_no_name_leads_inside(
    models: Models, server: Server, outside: Callable[[str], dict[str, str]], addresses: str
) -> None:
    root = models(f"https://models.test:{server.port}/x")
    server.answers = [hostile.redirect(f"https://cdn.test:{server.port}/y"), hostile.whole(MODEL)]
    done = fetch(root, server.trusted, outside(addresses))
    assert done.returncode == 1
    assert "redirects to cdn.test, inside the network" in done.stderr
    assert server.paths == ["/x"]


def test_what_was_looked_up_is_what_is_asked(
    models: Models, server: Server, outside: Callable[[str], dict[str, str]]
) -> None:
    """Only the stand-in for the resolver knows cdn.test; and who is inside may lead inside."""
    root = models(f"https://localhost:{server.port}/x")
    server.answers = [hostile.redirect(f"https://cdn.test:{server.port}/y"), hostile.whole(MODEL)]
    environment = outside("127.0.0.1")
    (Path(environment["HOME"]) / ".curlrc").unlink()
    done = fetch(root, server.trusted, environment)
    assert done.returncode == 0, done.stderr
    assert server.paths == ["/x", "/y"]


def test_a_redirect_to_another_name_outside_is_followed(
    models: Models, server: Server, outside: Callable[[str], dict[str, str]]
) -> None:
    root = models(f"https://models.test:{server.port}/x")
    server.answers = [hostile.redirect(f"https://cdn.test:{server.port}/y"), hostile.whole(MODEL)]
    done = fetch(root, server.trusted, outside(""))
    assert done.returncode == 0, done.stderr
    assert server.paths == ["/x", "/y"]


# --- How much there may be --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("megabytes", "code"), [(1, 1), (2, 0)])
def test_real_sizes_are_held_to_the_budget(
    engine: Engine, tmp_path: Path, server: Server, megabytes: int, code: int
) -> None:
    """A docker that only says yes stands in: nothing is asked of it where the files are too many."""
    digest = hashlib.sha256(MODEL * 2).hexdigest()
    rows = [{"from": "data/", "to": "all"}, {"from": server.url + "/x", "sha256": digest}]
    root = tmp_path / "my project's"
    spec = SPEC | {"model_files": rows, "model_budget": megabytes}
    write_tree(root, tree_of(engine.render(spec, engine.plan(spec), {})))
    (root / "data/deep").mkdir(parents=True)
    (root / "data/deep/a file").write_bytes(MODEL * 2)
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\n', encoding="utf-8")
    docker.chmod(0o755)
    server.answers = [hostile.whole(MODEL * 2)]
    environment = os.environ | server.trusted | {"PATH": f"{docker.parent}:{os.environ['PATH']}"}
    done = subprocess.run([root / "scripts/build"], env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("1 MB is the limit: model_budget" in done.stderr) == (code == 1)
    assert ("buildx build" in (tmp_path / "asked").read_text()) == (code == 0)


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 300000\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "the model file data/a.onnx does not exist"),
        ({"data/a.onnx": POINTER}, "not a model file but its Git LFS pointer: data/a.onnx. Run 'git lfs pull'."),
        ({"data/a.onnx": "model", "more/deep/b": POINTER}, "its Git LFS pointer: more/deep/b."),
        ({"data/a.onnx": "model", "more/b": "version https://example.com"}, ""),
    ],
)
def test_files_of_the_project_are_there(models: Models, tmp_path: Path, files: dict[str, str], said: str) -> None:
    root = models("", {"from": "data/a.onnx"}, {"from": "more/"})
    (root / "more").mkdir()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    environment = os.environ | {"PATH": f"{docker.parent}:{os.environ['PATH']}"}
    done = subprocess.run([root / "scripts/build"], env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == bool(said), done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == bool(said)
