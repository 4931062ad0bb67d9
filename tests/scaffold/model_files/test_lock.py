"""`scaffold models lock`: what it writes into a spec, where it gets it from, and what it does not let happen."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support import hostile
from support.hostile import Server

from scaffold.cli.main import main
from scaffold.documents.document import parse
from scaffold.documents.edit import edit
from scaffold.errors import CannotDecideError
from scaffold.model_files.fetch import inside

MODEL = random.Random(2).randbytes(50_000)
DIGEST = hashlib.sha256(MODEL).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HEAD = "version: 1\nname: models\nruntime: python3.13\narchitecture: x86_64\nhandler: app.handler\n"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile.authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with hostile.serve(certificates) as server:
        monkeypatch.setenv("CA_BUNDLE", str(certificates / "ca.pem"))
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("no_proxy", "*")
        server.answers = [hostile.whole(MODEL)]
        yield server


def lock(root: Path, models: str, *words: str, head: str = HEAD) -> tuple[int, str]:
    """The exit code, and the spec afterwards."""
    root.mkdir(exist_ok=True)
    spec = root / "lambda-image.yaml"
    spec.write_bytes((head + models).encode())
    code = main(["models", "lock", str(root), *words])
    return code, spec.read_bytes().decode().removeprefix(head)


FOUND = f"sha256: {DIGEST}"
LAYOUTS = {
    "block": (
        "model_files:  # ours\n  - from: URL/a.onnx  # enc\n    to: e.onnx\n\n  # end\n",
        f"model_files:  # ours\n  - from: URL/a.onnx  # enc\n    {FOUND}\n    size: 50000\n    to: e.onnx\n\n  # end\n",
    ),
    "flow": (
        "model_files:\n- {from: 'URL/a.onnx' , to: e.onnx } # here\n",
        f"model_files:\n- {{from: 'URL/a.onnx', {FOUND}, size: 50000 , to: e.onnx }} # here\n",
    ),
    "all flow": ("model_files: [{from: URL/a.onnx}]", f"model_files: [{{from: URL/a.onnx, {FOUND}, size: 50000}}]"),
    "no line end": (
        "model_files:\n  -   to: a\n      from: URL/a.onnx",
        f"model_files:\n  -   to: a\n      {FOUND}\n      size: 50000\n      from: URL/a.onnx",
    ),
    "Windows": (
        "model_files:\r\n  - from: URL/a.onnx # é\r\n    to: a\r\n",
        f"model_files:\r\n  - from: URL/a.onnx # é\r\n    {FOUND}\r\n    size: 50000\r\n    to: a\r\n",
    ),
    "a wrong size": (
        "model_files:\n  - from: URL/a.onnx\n    size: 1 # byte\n    to: a\n",
        f"model_files:\n  - from: URL/a.onnx\n    {FOUND}\n    size: 50000 # byte\n    to: a\n",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_written_stays_as_it_was(server: Server, tmp_path: Path, layout: str) -> None:
    before, after = (text.replace("URL", server.url) for text in LAYOUTS[layout])
    head = HEAD.replace("\n", "\r\n") if layout == "Windows" else HEAD
    assert lock(tmp_path, before, head=head) == (0, after)
    assert main(["validate", str(tmp_path)]) == 0
    assert len(server.requests) == 1
    assert main(["models", "lock", str(tmp_path)]) == 0
    assert len(server.requests) == 1, "what is locked is not asked for again"


def test_update_writes_what_is_there_now(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = f"model_files:\n  - {{from: {server.url}/a.onnx, sha256: {'a' * 64}, size: 3}}  # old\n  - from: data/x\n"
    code, after = lock(tmp_path, before, "--update", "--format", "json")
    assert (code, after) == (0, before.replace("a" * 64, DIGEST).replace("size: 3", "size: 50000"))
    [project] = json.loads(capsys.readouterr().out)["projects"]
    assert project["files"] == [{"from": f"{server.url}/a.onnx", "sha256": DIGEST, "size": 50000}]


def test_what_cannot_be_had_is_told_and_hides_nothing(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [hostile.status(404), hostile.whole(MODEL)]
    models = f"model_files:\n  - from: {server.url}/absent\n  - from: {server.url}/b.onnx\n"
    code, after = lock(tmp_path, models)
    assert code == 3
    assert after == f"{models}    {FOUND}\n    size: 50000\n"
    assert "lambda-image.yaml:7:11: unavailable" in capsys.readouterr().err


def test_other_findings_come_first(server: Server, tmp_path: Path) -> None:
    models = f"colour: red\nmodel_files:\n  - from: {server.url}/a\n"
    assert lock(tmp_path, models) == (2, models)
    assert server.requests == []


def test_an_edit_meanwhile_is_not_lost(server: Server, tmp_path: Path) -> None:
    spec = tmp_path / "lambda-image.yaml"

    def edited(request: hostile.Request) -> None:
        spec.write_text(spec.read_text() + "# mine\n")
        hostile.whole(MODEL)(request)

    server.answers = [edited]
    models = f"model_files:\n  - from: {server.url}/a\n"
    assert lock(tmp_path, models) == (1, f"{models}# mine\n")
    assert [path.name for path in tmp_path.iterdir()] == ["lambda-image.yaml"]


WRONG = {
    "cut": hostile.broken_off(MODEL, 1000),
    "nothing": hostile.hang_up,
    "compressed": hostile.zipped(MODEL),
    "a loop": hostile.redirect("/a"),
    "to http": hostile.redirect("http://localhost:1/a"),
    "to a file": hostile.redirect("file:///etc/hostname"),
    "to a user": hostile.redirect("https://user:password@localhost:1/"),
    "too long": hostile.claims_length(MODEL, 60_000),
    "unwell": hostile.status(500),
    "no content": hostile.with_head(b"", 204),
    "accepted": hostile.with_head(MODEL, 202, ("Content-Length", "50000")),
    "a part": hostile.with_head(MODEL[:3], 206, ("Content-Length", "3")),
    "two lengths": hostile.with_head(MODEL, 200, ("Content-Length", "3"), ("Content-Length", "50000")),
    "a negative length": hostile.with_head(MODEL, 200, ("Content-Length", "-1")),
    "a length that is not a number": hostile.with_head(MODEL, 200, ("Content-Length", "50_000")),
    "a length in other digits": hostile.with_head(MODEL, 200, ("Content-Length", "\u00b3")),
    "a list of lengths": hostile.with_head(MODEL, 200, ("Content-Length", "3, 50000")),
    "a length and chunks": hostile.with_head(
        b"3\r\nabc\r\n0\r\n\r\n", 200, ("Content-Length", "3"), ("Transfer-Encoding", "chunked")
    ),
    "cut chunks": hostile.with_head(b"5\r\nab", 200, ("Transfer-Encoding", "chunked")),
}


@pytest.mark.parametrize("name", WRONG)
def test_nothing_wrong_is_written(
    server: Server, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers = [WRONG[name]]
    models = f"model_files:\n  - from: {server.url}/a\n"
    assert lock(tmp_path, models) == (3, models)
    assert "cannot download" in capsys.readouterr().err


def test_an_endless_file_ends(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffold.model_files.fetch.MAX_BYTES", 2**20)
    server.answers = [hostile.endless()]
    models = f"model_files:\n  - from: {server.url}/a\n"
    assert lock(tmp_path, models) == (3, models)


def test_a_file_that_drips_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffold.model_files.answer.PATIENCE", 0.5)
    server.answers = [hostile.dripping(MODEL)]
    models = f"model_files:\n  - from: {server.url}/a\n"
    assert lock(tmp_path, models) == (3, models)


def test_a_server_writes_nothing_to_the_terminal(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = f"model_files:\n  - from: {server.url}/a\n"
    evil = "\x1b]0;owned\x07\x9b31m"
    for answer in (hostile.with_head(b"", 500, message=evil), hostile.redirect(f"http://x/{evil}")):
        server.answers = [answer]
        assert lock(tmp_path, models) == (3, models)
        output = capsys.readouterr()
        assert not {"\x1b", "\x07", "\x9b"} & {*output.out, *output.err}


def test_no_redirect_leads_inside(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the server were outside: then a redirect to this machine is none to follow."""
    import socket

    real = socket.getaddrinfo
    monkeypatch.setattr("scaffold.model_files.fetch.inside", lambda address: 2 if address == "127.0.0.2" else 0)
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda host, *rest, **named: real("127.0.0.2" if host == "cdn.test" else host, *rest, **named),
    )
    server.answers = [hostile.redirect(f"https://cdn.test:{server.port}/b"), hostile.whole(MODEL)]
    models = f"model_files:\n  - from: {server.url}/a\n"
    assert lock(tmp_path, models) == (3, models)
    assert server.paths == ["/a"]


@pytest.mark.parametrize(
    ("address", "depth"),
    [
        *((text, 2) for text in ("127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::1", "::")),
        *((text, 2) for text in ("fe80::1%eth0", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "2002:7f00:1::", "240.0.0.1")),
        *((text, 1) for text in ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "fd00::1")),
        *((text, 0) for text in ("8.8.8.8", "172.32.0.1", "192.169.0.1", "2600::1")),
    ],
)
def test_how_far_inside_an_address_is(address: str, depth: int) -> None:
    assert inside(address) == depth


# --- Hugging Face -----------------------------------------------------------------------------------------------------

FILES = {"model.safetensors": (MODEL, True), "tokenizer.json": (b"{}", False), "onnx/model.onnx": (MODEL, True)}
FILES |= {"README.md": (b"#", False), ".gitattributes": (b"*", False)}


def hub(request: hostile.Request) -> None:
    """The two questions that the hub is asked; the list comes in two pages."""
    place, _, query = request.path.partition("?")
    if place == f"/api/models/owner/name/tree/{COMMIT}":
        rows = [{"type": "directory", "path": "onnx", "size": 0}]
        for path, (content, large) in FILES.items():
            row = {"type": "file", "path": path, "size": len(content)}
            rows.append(row | {"lfs": {"oid": DIGEST, "size": len(content)}} if large else row)
        second = "cursor" in query
        body = json.dumps(rows[3:] if second else rows[:3]).encode()
        request.send_response(200)
        if not second:
            host = request.headers["Host"]
            request.send_header("Link", f'<https://{host}{place}?recursive=true&cursor=x>; rel="next"')
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
    elif place.startswith(f"/owner/name/resolve/{COMMIT}/"):
        hostile.whole(FILES[place.partition(f"{COMMIT}/")[2]][0])(request)
    else:
        hostile.status(404)(request)


def test_a_repository_is_locked_file_by_file(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    server.answers = [hub]
    start = f"model_files:\n  - from: hf://owner/name@{COMMIT}\n    include: ['*.safetensors', tokenizer*]  # no more\n"
    code, after = lock(tmp_path, start)
    assert code == 0
    empty = hashlib.sha256(b"{}").hexdigest()
    row = yaml.safe_load(after)["model_files"][0]
    assert row["files"] == [
        {"path": "model.safetensors", "sha256": DIGEST, "size": 50000},
        {"path": "tokenizer.json", "sha256": empty, "size": 2},
    ]
    assert "  # no more\n" in after
    assert {headers["authorization"] for _, headers in server.requests} == {"Bearer hf_secret"}
    assert not [path for path in server.paths if "safetensors" in path], "the hub says what large files are"
    code, again = lock(tmp_path, after.replace("tokenizer*", "onnx/*"))
    assert code == 0
    assert [file["path"] for file in yaml.safe_load(again)["model_files"][0]["files"]] == [
        "model.safetensors",
        "onnx/model.onnx",
    ]


def test_a_redirect_within_the_host_keeps_the_token(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    server.answers = [hostile.redirect(f"{server.url}/elsewhere"), hub]
    lock(tmp_path, f"model_files:\n  - from: hf://owner/name@{COMMIT}\n    include: ['*.safetensors']\n")
    first, second = server.requests[:2]
    assert (second[0], first[1]["authorization"]) == ("/elsewhere", "Bearer hf_secret")
    assert second[1]["authorization"] == "Bearer hf_secret"


def test_one_file_of_a_repository(server: Server, tmp_path: Path) -> None:
    server.answers = [hub]
    code, after = lock(tmp_path, f"model_files:\n  - from: hf://owner/name@{COMMIT}/onnx/model.onnx\n")
    assert code == 0
    assert after.endswith(f"\n    {FOUND}\n    size: 50000\n")


@pytest.mark.parametrize("path", ["absent.bin", ".gitattributes"])
def test_a_file_that_cannot_be(server: Server, tmp_path: Path, path: str) -> None:
    server.answers = [hub]
    models = f"model_files:\n  - from: hf://owner/name@{COMMIT}\n    include: ['{path.replace('.git', '?git')}']\n"
    code, after = lock(tmp_path, models)
    assert code == 3
    assert after == models


# --- What is told on the way ------------------------------------------------------------------------------------------


def test_progress_is_for_terminals(server: Server, tmp_path: Path) -> None:
    (tmp_path / "lambda-image.yaml").write_text(f"{HEAD}model_files:\n  - from: {server.url}/a\n")
    import sys

    terminal = pexpect.spawn(sys.executable, ["-m", "scaffold", "models", "lock", str(tmp_path)], timeout=30)
    terminal.expect_exact("0.0 of 0.0 MB")
    terminal.expect_exact("1 locked")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_quiet_elsewhere(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lock(tmp_path, f"model_files:\n  - from: {server.url}/a\n")[0] == 0
    assert capsys.readouterr() == (f"{DIGEST} 50000 {server.url}/a\n1 locked\n", "")


# --- The text ---------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["sha256", "size", "files"])
VALUES = {
    "sha256": st.sampled_from(["0" * 64, "1e" + "0" * 62, DIGEST]),
    "size": st.integers(0, 10**10),
    "files": st.lists(st.fixed_dictionaries({"path": st.sampled_from(["a", "b/c", "null", "1.0"])}), min_size=1),
}


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_value_in_any_layout_reads_back(data: st.DataObject) -> None:
    _, text = data.draw(st.sampled_from(list(LAYOUTS.values())))
    document = parse((HEAD + text.replace("URL", "https://x.test")).encode(), file="x")
    for _ in range(2):
        key = data.draw(KEYS)
        changes = {"model_files": {0: {key: data.draw(VALUES[key])}}}
        document = parse(edit(document, changes, after_first=True).encode(), file="x")  # it checks itself
        assert document.findings == ()


def test_a_layout_that_cannot_be_edited_is_said() -> None:
    text = f"{HEAD}model_files:\n  - ? from\n    : >-\n      https://x.test/a\n    ? to\n    : a\n"
    document = parse(text.encode(), file="x")
    assert document.findings == ()
    with pytest.raises(CannotDecideError, match=r"cannot be edited with this layout; add this by hand.*size"):
        edit(document, {"model_files": {0: {"size": 1}}}, after_first=True)
