"""`scripts/models` and `scaffold models lock` against S3, played by moto, and against a hub of Hugging Face."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import hostile
from support.template import tree_of, write_tree

from scaffold.cli.main import main
from scaffold.rendering.engine import Engine

BIN = Path(sys.executable).parent
MODEL = random.Random(3).randbytes(200_000)
DIGEST = hashlib.sha256(MODEL).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAD = {"version": 1, "name": "models", "runtime": "python3.13", "architecture": "x86_64", "handler": "app.handler"}


def project(engine: Engine, root: Path, rows: list[dict[str, Any]]) -> Path:
    spec = HEAD | {"model_files": rows}
    assert engine.problems(spec) == []
    write_tree(root, tree_of(engine.render(spec, engine.plan(spec), {})))
    return root


def fetch(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}"} | variables
    return subprocess.run(
        [root / "scripts/models"], env=environment, text=True, capture_output=True, check=False, timeout=120
    )


# --- S3 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """The environment in which the real aws command line talks to a server that plays S3."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 60
        while server.poll() is None and time.monotonic() < deadline:
            with contextlib.closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_MAX_ATTEMPTS": "1",
            "no_proxy": "*",
        }
        server.terminate()


@pytest.fixture
def put(s3: dict[str, str], tmp_path: Path) -> Callable[[str, bytes], str]:
    """Put an object into a bucket that keeps versions; gives its version."""

    def aws(*words: str) -> str:
        return subprocess.run(
            [BIN / "aws", "s3api", *words], env=os.environ | s3, check=True, text=True, capture_output=True
        ).stdout.strip()

    with contextlib.suppress(subprocess.CalledProcessError):
        aws("create-bucket", "--bucket=models")
    aws("put-bucket-versioning", "--bucket=models", "--versioning-configuration=Status=Enabled")

    def put(key: str, content: bytes) -> str:
        file = tmp_path / "object"
        file.write_bytes(content)
        words = ["put-object", "--bucket=models", f"--key={key}", f"--body={file}"]
        return aws(*words, "--query=VersionId", "--output=text")

    return put


def test_an_object_of_s3_arrives(
    engine: Engine, tmp_path: Path, s3: dict[str, str], put: Callable[[str, bytes], str]
) -> None:
    put("a/key", MODEL)
    root = project(engine, tmp_path / "p", [{"from": "s3://models/a/key", "sha256": DIGEST, "size": len(MODEL)}])
    done = fetch(root, **s3)
    assert done.returncode == 0, done.stderr
    assert (root / ".models/key").read_bytes() == MODEL
    assert list((root / ".models/.partial").iterdir()) == []


def test_an_older_version_arrives(
    engine: Engine, tmp_path: Path, s3: dict[str, str], put: Callable[[str, bytes], str]
) -> None:
    version = put("b", MODEL)
    put("b", MODEL[::-1])
    rows = [{"from": "s3://models/b", "version": version, "sha256": DIGEST}]
    root = project(engine, tmp_path / "p", rows)
    done = fetch(root, **s3)
    assert done.returncode == 0, done.stderr
    assert (root / ".models/b").read_bytes() == MODEL


@pytest.mark.parametrize("here", [100_000, len(MODEL)])
def test_what_broke_off_goes_on(
    engine: Engine, tmp_path: Path, s3: dict[str, str], put: Callable[[str, bytes], str], here: int
) -> None:
    put("c", MODEL)
    root = project(engine, tmp_path / "p", [{"from": "s3://models/c", "sha256": DIGEST}])
    (root / ".models/.partial").mkdir(parents=True)
    (root / f".models/.partial/{DIGEST}.dead.1").write_bytes(MODEL[:here])
    done = fetch(root, **s3)
    assert done.returncode == 0, done.stderr
    assert (root / ".models/c").read_bytes() == MODEL


def test_a_spoiled_part_does_no_harm(
    engine: Engine, tmp_path: Path, s3: dict[str, str], put: Callable[[str, bytes], str]
) -> None:
    put("d", MODEL)
    root = project(engine, tmp_path / "p", [{"from": "s3://models/d", "sha256": DIGEST}])
    (root / ".models/.partial").mkdir(parents=True)
    (root / f".models/.partial/{DIGEST}.dead.1").write_bytes(b"spoiled")
    done = fetch(root, **s3)
    assert done.returncode == 0, done.stderr
    assert (root / ".models/d").read_bytes() == MODEL


@pytest.mark.parametrize(
    ("content", "row", "message"),
    [
        (MODEL[::-1], {}, "is not the file that was expected"),
        (MODEL + b"x" * 9000, {"size": len(MODEL)}, "it has more than 200000 bytes"),
        (MODEL, {"from": "s3://models/absent"}, "could not download s3://models/absent"),
        (MODEL, {"from": "s3://nobodys/e"}, "could not download s3://nobodys/e"),
    ],
)
def test_a_wrong_object_never_arrives(
    engine: Engine,
    tmp_path: Path,
    s3: dict[str, str],
    put: Callable[[str, bytes], str],
    content: bytes,
    row: dict[str, Any],
    message: str,
) -> None:
    put("e", content)
    root = project(engine, tmp_path / "p", [{"from": "s3://models/e", "sha256": DIGEST, "to": "e"} | row])
    done = fetch(root, **s3)
    assert done.returncode == 1
    assert message in done.stderr
    assert not (root / ".models/e").exists()


def test_without_aws_it_says_so(engine: Engine, tmp_path: Path) -> None:
    root = project(engine, tmp_path / "p", [{"from": "s3://models/e", "sha256": DIGEST}])
    done = fetch(root, PATH="/usr/bin:/bin")
    assert done.returncode == 1
    assert "needs the aws command line" in done.stderr


def test_an_object_is_locked(
    tmp_path: Path, s3: dict[str, str], put: Callable[[str, bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("f", MODEL)
    for name, value in ({"PATH": f"{BIN}:{os.environ['PATH']}"} | s3).items():
        monkeypatch.setenv(name, value)
    spec = tmp_path / "lambda-image.yaml"
    spec.write_text(yaml.safe_dump(HEAD | {"model_files": [{"from": "s3://models/f"}, {"from": "s3://models/absent"}]}))
    assert main(["models", "lock", str(tmp_path)]) == 3
    first, second = yaml.safe_load(spec.read_text())["model_files"]
    assert first == {"from": "s3://models/f", "sha256": DIGEST, "size": len(MODEL)}
    assert second == {"from": "s3://models/absent"}


def test_a_prefix_is_locked_object_by_object_and_arrives(
    tmp_path: Path,
    engine: Engine,
    s3: dict[str, str],
    put: Callable[[str, bytes], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for key, content in {
        "model.bin": MODEL,
        "onnx/a.bin": b"a",
        "notes.txt": b"b",
        ".hidden": b"c",
        "empty/": b"",
    }.items():
        put(f"encoder/{key}", content)
    put("encoders/other.bin", b"d")
    for name, value in {**s3, "PATH": f"{BIN}:{os.environ['PATH']}"}.items():
        monkeypatch.setenv(name, value)
    spec = tmp_path / "lambda-image.yaml"
    spec.write_text(yaml.safe_dump(HEAD | {"model_files": [{"from": "s3://models/encoder/", "include": ["*.bin"]}]}))
    assert main(["validate", str(tmp_path)]) == 2
    assert "scaffold models lock" in capsys.readouterr().out
    assert main(["models", "lock", str(tmp_path)]) == 0
    [row] = yaml.safe_load(spec.read_text())["model_files"]
    assert row["files"] == [
        {"path": "model.bin", "sha256": DIGEST, "size": len(MODEL)},
        {"path": "onnx/a.bin", "sha256": hashlib.sha256(b"a").hexdigest(), "size": 1},
    ]
    assert f"{DIGEST} {len(MODEL)} s3://models/encoder/model.bin\n" in capsys.readouterr().out
    root = project(engine, tmp_path / "p", [row])
    done = fetch(root, **s3)
    assert done.returncode == 0, done.stderr
    assert (root / ".models/encoder/model.bin").read_bytes() == MODEL
    assert (root / ".models/encoder/onnx/a.bin").read_bytes() == b"a"
    spec.write_text(yaml.safe_dump(HEAD | {"model_files": [{"from": "s3://models/encoder/"}]}))
    assert main(["models", "lock", str(tmp_path)]) == 0
    [row] = yaml.safe_load(spec.read_text())["model_files"]
    assert [file["path"] for file in row["files"]] == ["model.bin", "notes.txt", "onnx/a.bin"]
    spec.write_text(yaml.safe_dump(HEAD | {"model_files": [{"from": "s3://models/absent/"}]}))
    assert main(["models", "lock", str(tmp_path)]) == 3
    assert "s3://models/absent/ has no object that matches *" in capsys.readouterr().err


# --- Hugging Face -----------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[hostile.Server]:
    folder = tmp_path / "tls"
    folder.mkdir()
    with hostile.serve(hostile.authority(folder)) as server:
        yield server


def test_the_hub_is_asked_with_the_token_and_no_one_else_is(
    engine: Engine, tmp_path: Path, hub: hostile.Server
) -> None:
    """And the token is not among the words of a command, which everybody on the machine can read."""
    address = f"hf://owner/name@{COMMIT}/onnx/model.onnx"
    root = project(engine, tmp_path / "p", [{"from": address, "sha256": DIGEST, "size": len(MODEL)}])
    store = f"https://127.0.0.1:{hub.port}/store"
    hub.answers = [hostile.redirect("/moved"), hostile.redirect(store), hostile.whole(MODEL)]
    spy = tmp_path / "bin/curl"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{tmp_path}/words\nPATH={os.environ["PATH"]} exec curl "$@"\n')
    spy.chmod(0o755)
    path = f"{spy.parent}:{os.environ['PATH']}"
    done = fetch(root, **hub.trusted, HF_ENDPOINT=hub.url, HF_TOKEN="hf_secret", PATH=path)
    assert done.returncode == 0, done.stderr
    assert (root / ".models/model.onnx").read_bytes() == MODEL
    assert hub.paths == [f"/owner/name/resolve/{COMMIT}/onnx/model.onnx", "/moved", "/store"]
    tokens = [headers.get("authorization") for _, headers in hub.requests]
    assert tokens == ["Bearer hf_secret", "Bearer hf_secret", None]
    assert "hf_secret" not in (tmp_path / "words").read_text()
    assert "hf_secret" not in done.stderr


def test_a_hub_without_tls_is_not_asked(engine: Engine, tmp_path: Path) -> None:
    root = project(engine, tmp_path / "p", [{"from": f"hf://owner/name@{COMMIT}/a.bin", "sha256": DIGEST}])
    done = fetch(root, HF_ENDPOINT="http://127.0.0.1:1")
    assert done.returncode == 1
    assert "could not download" in done.stderr
