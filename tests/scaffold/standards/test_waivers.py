"""Waivers: whom they excuse, until when, and what is said of them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.template import PINNED

from scaffold.cli.main import main
from scaffold.documents.document import Document
from scaffold.errors import ExitCode
from scaffold.findings import codes
from scaffold.findings.finding import Finding, Severity
from scaffold.fleet.outcome import Outcome
from scaffold.fleet.runner import for_each_project
from scaffold.gates.project import Check
from scaffold.project import state
from scaffold.project.answers import SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine
from scaffold.reports.formats import FORMATS
from scaffold.standards import waivers
from scaffold.standards.consistency import LONGEST_WAIVER
from scaffold.standards.model import Standards
from scaffold.standards.waivers import Scope, Waiver

ENGINE = Engine()
TODAY = date(2026, 11, 24)
IMAGE = "sha256:" + "a" * 64


def waiver(**changes: Any) -> Waiver:
    row: dict[str, Any] = {
        "rule": "stale-base",
        "reason": "moves in the spring",
        "approved_by": "platform@acme.example",
        "issued": TODAY - timedelta(10),
        "expires": TODAY + timedelta(30),
        "repository": "acme/shop",
        "file": "search/Dockerfile",
    }
    return Waiver(**row | changes)


def of(*rows: Waiver) -> Standards:
    return Standards(
        organisation="acme",
        bases={},
        builds={},
        rules={"inline_base": "allowed"},
        extensions={},
        mirrors={},
        waivers=rows,
        document=Document(file="standards.yaml", text=""),
    )


def stale(file: str = "search/Dockerfile", **changes: Any) -> Finding:
    return Finding(**{"code": "stale-base", "message": "edited by hand", "file": file} | changes)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """A repository, acme/shop, in whose folder one stands; all of it is judged."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Scope(repository="acme/shop", root=tmp_path, paths=(Path(),))


def said(row: Waiver, found: list[Finding], today: date, scope: Scope) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in waivers.waiver_findings(of(row), found, today, scope)]


DAYS = st.dates(date(2024, 1, 1), date(2033, 12, 31))


@given(DAYS, st.integers(0, LONGEST_WAIVER.days), st.integers(-200, 200))
def test_a_waiver_holds_on_its_first_and_its_last_day_and_on_those_between(
    issued: date, days: int, offset: int
) -> None:
    row = waiver(issued=issued, expires=issued + timedelta(days))
    assert waivers.is_valid(row, issued + timedelta(offset)) is (0 <= offset <= days)


@pytest.mark.parametrize(
    "expires", [date(2028, 2, 29), date(2028, 2, 28), date(2027, 2, 28), date(2026, 12, 31), date(2027, 3, 28)]
)
def test_the_day_after_the_last_one_it_fails(expires: date, here: Scope) -> None:
    row = waiver(issued=expires - timedelta(90), expires=expires)
    for today, weight in ((expires, "waived"), (expires + timedelta(1), "error")):
        [found] = waivers.apply([stale()], [row], today, here)
        assert found.weight == weight
    assert said(row, [stale()], expires + timedelta(1), here) == [("expired-waiver", Severity.ERROR)]


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "drift"},
        {"file": "search/dockerfile"},
        {"file": "Dockerfile"},
        {"file": "search"},
        {"file": "other/search/Dockerfile"},
        {"repository": "acme/shop2"},
        {"repository": "acme"},
        {"repository": "", "file": "", "image": IMAGE},
        {"issued": TODAY + timedelta(1)},
        {"expires": TODAY - timedelta(1)},
    ],
)
def test_a_waiver_excuses_nothing_else(changes: dict[str, Any], here: Scope) -> None:
    assert waivers.apply([stale()], [waiver(**changes)], TODAY, here) == [stale()]


def test_what_is_excused_says_why_and_until_when(here: Scope) -> None:
    [found] = waivers.apply([stale()], [waiver(ticket="PLAT-7")], TODAY, here)
    assert found.waiver
    assert str(found.waiver) == "waived until 2026-12-24 by platform@acme.example, PLAT-7: moves in the spring"
    outcome = Outcome()
    outcome.add([found], ExitCode.FINDINGS)
    assert outcome.code == ExitCode.CLEAN


def test_what_nobody_knows_cannot_be_excused(here: Scope) -> None:
    unwaivable = [code for code, row in codes.CODES.items() if not row.waivable]
    assert {"undecided", "unreadable"} <= set(unwaivable)
    for code in unwaivable:
        found = stale(code=code)
        assert waivers.apply([found], [waiver(rule=code)], TODAY, here) == [found]


def test_paths_are_those_of_the_repository_however_they_are_written(
    here: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here.root / "search").mkdir()
    (here.root / "link").symlink_to("search")
    for file in ("search/Dockerfile", "./search/Dockerfile", "link/Dockerfile", str(here.root / "search/Dockerfile")):
        [found] = waivers.apply([stale(file)], [waiver()], TODAY, here)
        assert found.waiver, file
    monkeypatch.chdir(here.root / "search")
    assert waivers.apply([stale("Dockerfile")], [waiver()], TODAY, here)[0].waiver
    assert not waivers.apply([stale("../../search/Dockerfile")], [waiver()], TODAY, here)[0].waiver


def test_an_image(here: Scope) -> None:
    scope = Scope(image=IMAGE)
    row = waiver(repository="", file="", image=IMAGE)
    [found] = waivers.apply([stale("registry.example.com/x")], [row], TODAY, scope)
    assert found.waiver
    assert not waivers.apply([stale()], [row], TODAY, Scope(image=IMAGE.replace("a", "b")))[0].waiver
    assert not waivers.apply([stale()], [waiver()], TODAY, scope)[0].waiver, "a file's"
    assert said(row, [], TODAY, scope) == [("unused-waiver", Severity.WARNING)]
    assert said(waiver(), [], TODAY, scope) == []


@pytest.mark.parametrize(
    ("left", "used", "expected"),
    [
        (-1, True, [("expired-waiver", Severity.ERROR)]),
        (-1, False, [("expired-waiver", Severity.WARNING)]),
        (0, True, [("expiring-waiver", Severity.WARNING)]),
        (14, True, [("expiring-waiver", Severity.WARNING)]),
        (15, True, []),
        (14, False, [("unused-waiver", Severity.WARNING)]),
        (60, False, [("unused-waiver", Severity.WARNING)]),
        (91, True, [("future-waiver", Severity.ERROR)]),
        (91, False, [("future-waiver", Severity.WARNING)]),
    ],
)
def test_what_is_said_of_waivers(left: int, used: bool, expected: list[tuple[str, Severity]], here: Scope) -> None:
    expires = TODAY + timedelta(left)
    row = waiver(issued=expires - timedelta(90), expires=expires)
    assert said(row, [stale()] if used else [], TODAY, here) == expected


def test_only_waivers_of_what_is_judged_are_spoken_of(here: Scope) -> None:
    for paths, concerns in (((Path(),), True), ((Path("search"),), True), ((Path("other"), Path("sea")), False)):
        scope = Scope(repository="acme/shop", root=here.root, paths=paths)
        assert scope.concerns(waiver()) is concerns, paths
    assert not Scope(repository="acme/other", root=here.root, paths=(Path(),)).concerns(waiver())


# The command


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a project whose Makefile was edited."""
    root = tmp_path / "shop"
    (root / ".git").mkdir(parents=True)
    project = root / "search"
    project.mkdir()
    spec = "version: 1\nname: search\nruntime: python3.13\narchitecture: x86_64\nhandler: app.handler\n"
    spec += f"base: {PINNED}\n"
    (project / SPEC).write_text(spec, encoding="utf-8")
    apply(project, state.read(project, ENGINE).changes)
    with (project / "Makefile").open("a", encoding="utf-8") as makefile:
        makefile.write("# mine\n")
    monkeypatch.chdir(root)
    return root


def scope(path: Path, **changes: str) -> dict[str, str]:
    content = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    return {"repository": "acme/shop", "file": f"search/{path.name}", "content": content} | changes


def standards(root: Path, **changes: Any) -> Path:
    today = datetime.now(UTC).date()
    row: dict[str, Any] = {
        "rule": "drift",
        "scope": scope(root / "search/Makefile"),
        "reason": "moves in the spring",
        "approved_by": "platform@acme.example",
        "issued": (today - timedelta(1)).isoformat(),
        "expires": (today + timedelta(60)).isoformat(),
    }
    value = yaml.safe_load((ENGINE.root / "standards/standards.yaml").read_bytes())
    path = root.parent / "standards.yaml"
    path.write_text(yaml.safe_dump(value | {"waivers": [row | changes]}, sort_keys=False), encoding="utf-8")
    return path


def check(*words: str | Path) -> int:
    return main(["check", *map(str, words)])


def test_a_waived_project_passes_and_says_so(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = standards(shop)
    assert check(shop) == 1
    assert check("--standards", path, "--repository", "acme/shop", shop) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 waived"
    for name in FORMATS:
        assert check("--standards", path, "--repository", "acme/shop", "--format", name, "search") == 0
        assert "moves in the spring" in capsys.readouterr().out


def test_without_a_repository_no_waiver_for_a_file_counts(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = standards(shop)
    assert check("--standards", path, shop) == 1
    said = capsys.readouterr().out
    assert "unapplied-waivers warning:" in said
    assert f"{path}:" in said
    assert check("--standards", path, "--repository", "acme/other", shop) == 1
    assert "waiver" not in capsys.readouterr().out


def test_expired_waivers_stand_in_the_standards_and_the_finding_stands(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    today = datetime.now(UTC).date()
    days = {"issued": (today - timedelta(80)).isoformat(), "expires": (today - timedelta(3)).isoformat()}
    path = standards(shop, **days)
    assert check("--standards", path, "--repository", "acme/shop", "--format", "json", shop) == 1
    rows = {row["code"]: row for row in json.loads(capsys.readouterr().out)["findings"]}
    assert rows["drift"]["waiver"] is None
    expired = rows["expired-waiver"]
    assert (expired["file"], expired["severity"]) == (str(path), "error")
    assert path.read_text().splitlines()[expired["line"] - 1].strip().startswith("expires:")


def test_a_repository_of_the_judged_one_moves_no_path(shop: Path) -> None:
    """A nested .git, as of a submodule, does not make another file the one that is waived."""
    path = standards(shop, scope=scope(shop / "search/Makefile", file="Makefile"))
    (shop / "search/.git").write_text("gitdir: elsewhere\n")
    assert check("--standards", path, "--repository", "acme/shop", ".") == 1


def test_waivers_in_the_judged_repository_count_for_nothing(shop: Path) -> None:
    path = standards(shop)
    for place in (shop / "standards.yaml", shop / "standards/standards.yaml", shop / "search/standards.yaml"):
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(path.read_bytes())
    assert check("--repository", "acme/shop", shop) == 1


def test_a_spec_that_is_not_valid_cannot_be_excused(shop: Path) -> None:
    """Nothing else of the project was judged."""
    spec = shop / "search" / SPEC
    spec.write_text(spec.read_text().replace("python3.13", "python3.99"))
    path = standards(shop, rule="unknown-runtime", scope={"repository": "acme/shop", "file": f"search/{SPEC}"})
    assert check("--standards", path, "--repository", "acme/shop", shop) == 2


def test_processes_know_of_waivers_too(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from scaffold.fleet import workers

    path = standards(shop)
    for number in range(90):
        shutil.copytree(shop / "search", shop / f"p{number}")
        (shop / f"p{number}/Makefile").unlink()
    whole = Scope(repository="acme/shop", root=shop, paths=(Path(),))
    job = Check(today=datetime.now(UTC).date(), standards_file=path, scope=whole)
    for method in ("fork", "spawn"):
        monkeypatch.setattr(workers, "start_method", lambda method=method: method)
        outcome = for_each_project([Path()], job.judge, processes=2)
        assert sum(finding.weight == "waived" for finding in outcome.findings) == 1
        assert sum(finding.code == "missing" for finding in outcome.findings) == 90


def test_a_submodule_has_no_part_in_the_waivers_of_the_repository_around_it(shop: Path) -> None:
    path = standards(shop)
    assert check("--standards", path, "--repository", "acme/shop", ".") == 0
    (shop / "search/.git").write_text("gitdir: ../.git/modules/search\n")
    assert check("--standards", path, "--repository", "acme/shop", ".") == 1


def test_a_waiver_of_an_edit_ends_with_the_next_edit(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, makefile = standards(shop), shop / "search/Makefile"
    words = ("--standards", path, "--repository", "acme/shop", "--format", "json", "search")
    assert check(*words) == 0
    capsys.readouterr()
    makefile.write_bytes(makefile.read_bytes() + b"build:\n\tdocker build -f other .\n")
    assert check(*words) == 1
    rows = {row["code"]: row for row in json.loads(capsys.readouterr().out)["findings"]}
    assert rows["drift"]["waiver"] is None
    unbound = rows["unbound-waiver"]
    assert unbound["file"] == str(path)
    content = scope(makefile)["content"]
    assert unbound["fix"] == f"Look at the file, then write `content: {content}` in the scope."
    assert check("--standards", standards(shop, scope=scope(makefile)), *words[2:]) == 0
    path = standards(shop, scope=scope(makefile))
    makefile.unlink()
    makefile.mkdir()
    assert check("--standards", path, *words[2:]) == 1


@pytest.mark.parametrize("code", sorted(codes.BY_CONTENT))
def test_what_may_hide_anything_is_waived_for_one_content_alone(code: str, here: Scope) -> None:
    file = here.root / "search/Dockerfile"
    file.parent.mkdir()
    file.write_bytes(b"RUN x\n")
    content = f"sha256:{hashlib.sha256(b'RUN x' + bytes([10])).hexdigest()}"
    found = [stale(code=code, message="one"), stale(code=code, message="two")]
    assert waivers.apply(found, [waiver(rule=code)], TODAY, here) == found
    assert said(waiver(rule=code), found, TODAY, here) == [("unbound-waiver", Severity.ERROR)]
    bound = waiver(rule=code, content=content)
    assert all(row.waiver for row in waivers.apply(found, [bound], TODAY, here))
    assert said(bound, found, TODAY, here) == []
    file.write_bytes(b"RUN y\n")
    assert waivers.apply(found, [bound], TODAY, here) == found


def test_a_content_limits_any_waiver(here: Scope) -> None:
    (here.root / "search").mkdir()
    (here.root / "search/Dockerfile").write_bytes(b"")
    empty = f"sha256:{hashlib.sha256(b'').hexdigest()}"
    assert waivers.apply([stale()], [waiver(content=empty)], TODAY, here)[0].waiver
    assert waivers.apply([stale()], [waiver(content=IMAGE)], TODAY, here) == [stale()]


HIDDEN = {
    "another base in an edited Dockerfile": ("drift", 'FROM evil.example/thing:1\nCMD ["app.handler"]\n'),
    "a frontend in an edited Dockerfile": ("drift", "# syntax=evil.example/frontend\nFROM x\n"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_waived_edit_of_the_dockerfile_hides_no_source(
    name: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules were applied to the plan, which says nothing about an edited file."""
    rule, text = HIDDEN[name]
    path = shop / "search/Dockerfile"
    rendered = path.read_text()
    (shop / "search/Makefile").write_text((shop / "search/Makefile").read_text().removesuffix("# mine\n"))
    words = ("--repository", "acme/shop", "--format", "json", "search")
    path.write_text(rendered + "# mine\n")
    assert check("--standards", standards(shop, rule=rule, scope=scope(path)), *words) == 0
    capsys.readouterr()
    path.write_text(text)
    assert check("--standards", standards(shop, rule=rule, scope=scope(path)), *words) in {1, 3}
    rows = {row["code"]: row["waiver"] for row in json.loads(capsys.readouterr().out)["findings"]}
    assert rows["drift"]
    assert None in [waived for code, waived in rows.items() if code in {"not-understood", "uncatalogued-base"}]


def test_a_waived_record_of_a_render_hides_no_source(shop: Path) -> None:
    """Without answers, or with those of another spec, the Dockerfile need not be that of the plan."""
    project = shop / "search"
    (project / ".copier-answers.yml").unlink()
    (project / "Dockerfile").write_text("FROM evil.example/thing:1\n")
    row = {"rule": "not-rendered", "scope": {"repository": "acme/shop", "file": f"search/{SPEC}"}}
    assert check("--standards", standards(shop, **row), "--repository", "acme/shop", "search") == 1
    (project / "Dockerfile").unlink()
    assert check("--standards", standards(shop, **row), "--repository", "acme/shop", "search") == 0


def test_a_waived_edit_of_the_spec_hides_no_source(shop: Path) -> None:
    """The Dockerfile equals a render, but of a spec that the answers record and the rules never saw."""
    project = shop / "search"
    text = (project / SPEC).read_text()
    (project / "Makefile").write_text((project / "Makefile").read_text().removesuffix("# mine\n"))
    (project / SPEC).write_text(text.replace(f"base: {PINNED}", OWN))
    apply(project, state.read(project, ENGINE).changes)
    rows = [{"rule": "stale", "scope": {"repository": "acme/shop", "file": f"search/{name}"}} for name in STALE]
    path = standards(shop)
    value = yaml.safe_load(path.read_bytes())
    value["waivers"] = [value["waivers"][0] | row for row in rows]
    path.write_text(yaml.safe_dump(value, sort_keys=False))
    words = ("--standards", path, "--repository", "acme/shop", "search")
    assert check(*words) == 0
    (project / SPEC).write_text(text)
    assert check(*words) == 1
    (project / SPEC).write_text(text.replace(f"base: {PINNED}", OWN) + "description: Edited.\n")
    assert check(*words) == 0


OWN = "base: {image: evil.example/thing, tag: '1', system: al2023, runtime_client: included}"
STALE = (".copier-answers.yml", "Dockerfile", "stack.yaml")
