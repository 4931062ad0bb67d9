"""The organisation's rules on plans and on projects: each accepts and refuses, and says where and what to do."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import CASES

from scaffold.cli.main import main
from scaffold.documents.document import parse
from scaffold.errors import ExitCode
from scaffold.findings.finding import Finding, Severity
from scaffold.fleet.outcome import Outcome
from scaffold.fleet.runner import for_each_project
from scaffold.gates import other_version, plan
from scaffold.gates.project import Check
from scaffold.project import state
from scaffold.project.answers import ANSWERS, SPEC
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine
from scaffold.standards.load import load, own
from scaffold.standards.model import Standards
from scaffold.standards.waivers import Scope

TODAY = date(2026, 11, 24)
ENGINE = Engine()
DIGEST = "sha256:" + "0" * 64
SPEC_TEXT = """\
version: 1
name: image-search
runtime: python3.13
architecture: x86_64
handler: app.handler
"""
# The shipped base python3.13, as this repository's own standards have it.
ROW: dict[str, Any] = {
    "image": "public.ecr.aws/lambda/python",
    "tag": "3.13",
    "system": "al2023",
    "runtime_client": "included",
    "runtimes": ["python3.13"],
    "default": True,
}
NEWER = ROW | {"tag": "3.14", "runtimes": ["python3.14"]}


def standards(folder: Path, row: dict[str, Any] | None = None, **rules: Any) -> Path:
    """A standards file with the base python3.13, changed by `row`, a newer one, and these rules."""
    bases = {"python3.14": NEWER} | ({"python3.13": {**ROW, **row}} if row is not None else {})
    path = folder / "standards.yaml"
    value = {"version": 1, "organisation": "acme", "bases": bases, "rules": {"inline_base": "allowed"} | rules}
    path.write_text(yaml.safe_dump(value, sort_keys=False), encoding="utf-8")
    return path


def judged(path: Path | Standards, more: str = "", today: date = TODAY) -> list[Finding]:
    document = parse((SPEC_TEXT + more).encode(), file="lambda-image.yaml")
    assert isinstance(document.value, dict)
    assert ENGINE.problems(document.value) == []
    rows = path if isinstance(path, Standards) else load(path, ENGINE)
    return but_notes(plan.findings(ENGINE.plan(document.value), document, rows, today))


def but_notes(found: list[Finding]) -> list[Finding]:
    """What asks for something to be done: the bases of these tests have no digest, which is noted each time."""
    return [finding for finding in found if finding.severity is not Severity.NOTE]


def test_a_base_without_a_digest_is_noted(tmp_path: Path) -> None:
    document = parse(SPEC_TEXT.encode(), file="lambda-image.yaml")
    value: Any = document.value
    [note] = plan.findings(ENGINE.plan(value), document, load(standards(tmp_path, {}), ENGINE), TODAY)
    assert one([note]) == ("unpinned-base", 3, 10, Severity.NOTE)
    assert note.fix == "Run `scaffold base pin`."
    outcome = Outcome()
    outcome.add([note], ExitCode.FINDINGS)
    assert outcome.code is ExitCode.CLEAN
    newer = load(standards(tmp_path, {"digests": {"x86_64": DIGEST}}), ENGINE)
    found = plan.findings(ENGINE.plan(value), document, newer, TODAY)
    assert [finding.code for finding in found] == ["stale-base"], "one word on one thing"


def one(found: list[Finding]) -> tuple[str, int, int, Severity]:
    [finding] = found
    assert finding.fix
    assert finding.excerpt
    return finding.code, finding.line, finding.column, finding.severity


def test_what_is_in_order(tmp_path: Path) -> None:
    assert judged(standards(tmp_path, {})) == []
    assert judged(standards(tmp_path, {}), "base: python3.13\n") == []
    assert judged(own(ENGINE)) == []


@pytest.mark.parametrize(("more", "line"), [("", 3), ("base: python3.13\n", 6)])
def test_a_base_that_these_standards_do_not_have(tmp_path: Path, more: str, line: int) -> None:
    found = judged(standards(tmp_path), more)
    assert one(found)[:2] == ("uncatalogued-base", line)
    assert "acme" in found[0].message


def test_a_base_that_moved_on(tmp_path: Path) -> None:
    for row, new in (
        ({"tag": "3.13.2026.11.01"}, ":3.13.2026.11.01"),
        ({"image": "acme.example/python"}, "acme.example/python:3.13"),
        ({"digests": {"x86_64": DIGEST}}, f"3.13@{DIGEST}"),
    ):
        [finding] = judged(standards(tmp_path, row))
        assert finding.code == "stale-base"
        assert "the project uses public.ecr.aws/lambda/python:3.13, and" in finding.message
        assert new in finding.message
        assert "`scaffold update`" in finding.fix
    assert judged(standards(tmp_path, {"digests": {"arm64": DIGEST}})) == [], "another architecture's digest"


def test_a_withdrawn_base_names_its_successor(tmp_path: Path) -> None:
    gone = {"tier": "withdrawn"}
    [finding] = judged(standards(tmp_path, gone | {"replaced_by": "python3.14"}))
    assert (finding.code, finding.severity) == ("withdrawn-base", Severity.ERROR)
    assert finding.fix == "Set `base: python3.14` and `runtime: python3.14`, then run `scaffold render`."
    assert one(judged(standards(tmp_path, gone)))[0] == "withdrawn-base"
    assert judged(standards(tmp_path, {"tier": "acceptable"})) == []


def test_what_ended_is_no_advice(tmp_path: Path) -> None:
    [finding] = judged(standards(tmp_path, {"supported_until": "2026-11-23"}))
    assert (finding.code, finding.fix) == (
        "expired-base",
        "The standards have no base for python3.13: request one, or move to another runtime.",
    )


@pytest.mark.parametrize(
    ("days", "code"),
    [(-1, "expired-base"), (0, "expiring-base"), (1, "expiring-base"), (90, "expiring-base"), (91, None), (400, None)],
)
@pytest.mark.parametrize("until", [date(2026, 11, 24), date(2028, 2, 29), date(2027, 3, 1), date(2027, 1, 1)])
def test_the_last_day_of_a_base_counts(tmp_path: Path, days: int, code: str | None, until: date) -> None:
    path = standards(tmp_path, {"supported_until": until.isoformat(), "replaced_by": "python3.14"})
    found = [finding for finding in judged(path, today=until - timedelta(days)) if finding.code != "deprecated-runtime"]
    if code is None:
        assert found == []
        return
    severity = Severity.ERROR if code == "expired-base" else Severity.WARNING
    assert one(found) == (code, 3, 10, severity)
    assert "python3.14" in found[0].fix
    assert until.isoformat() in found[0].message


def test_a_base_without_a_digest(tmp_path: Path) -> None:
    found = judged(standards(tmp_path, {}, base_digest="required"))
    assert (one(found)[0], found[0].fix) == (
        "unpinned-base",
        "Ask the owner of the standards to run `scaffold standards pin`.",
    )
    assert judged(standards(tmp_path, {}, base_digest="optional")) == []
    codes = {
        finding.code for finding in judged(standards(tmp_path, {"digests": {"x86_64": DIGEST}}, base_digest="required"))
    }
    assert codes == {"stale-base", "unpinned-base"}


OWN = "base: {{image: {image}, tag: '{tag}', system: al2023, runtime_client: included{more}}}\n"


def test_an_image_of_ones_own(tmp_path: Path) -> None:
    mine = OWN.format(image="acme.example/mine", tag="1", more="")
    assert judged(standards(tmp_path, {}), mine) == []
    assert one(judged(standards(tmp_path, {}, inline_base="refused"), mine))[:2] == ("base-not-allowed", 6)
    assert one(judged(standards(tmp_path, {}, base_digest="required"), mine))[0] == "unpinned-base"
    pinned = OWN.format(image="acme.example/mine", tag="1", more=f", digest: '{DIGEST}'")
    assert judged(standards(tmp_path, {}, base_digest="required"), pinned) == []


def test_an_image_of_ones_own_that_is_a_base_of_the_standards(tmp_path: Path) -> None:
    """Saying it in other words does not help."""
    twin = OWN.format(image=ROW["image"], tag="3.13", more="")
    assert one(judged(standards(tmp_path, {"tier": "withdrawn"}), twin))[0] == "withdrawn-base"
    pinned = OWN.format(image=ROW["image"], tag="other", more=f", digest: '{DIGEST}'")
    row = {"digests": {"x86_64": DIGEST}, "supported_until": "2026-11-23"}
    assert one(judged(standards(tmp_path, row), pinned))[0] == "expired-base"


@pytest.mark.parametrize(("rule", "severity"), [(None, "warning"), ("warning", "warning"), ("error", "error")])
def test_a_deprecated_runtime(tmp_path: Path, rule: str | None, severity: str) -> None:
    deprecated = date.fromisoformat(ENGINE.table("runtimes")["python3.13"]["deprecated"])
    path = standards(tmp_path, {}, **({"deprecated_runtime": rule} if rule else {}))
    assert judged(path, today=deprecated - timedelta(1)) == []
    assert one(judged(path, today=deprecated)) == ("deprecated-runtime", 3, 10, Severity(severity))


def test_a_timeout_that_not_everything_accepts_yet(tmp_path: Path) -> None:
    path = standards(tmp_path, {})
    assert judged(path, "lambda: {timeout: 900}\n") == []
    [finding] = judged(path, "lambda: {timeout: 901}\n")
    assert (finding.code, finding.severity, finding.line, finding.column) == ("long-timeout", Severity.WARNING, 6, 19)
    several = (
        "functions:\n  - {name: a, handler: app.handler}\n  - {name: b, handler: app.other, lambda: {timeout: 1800}}\n"
    )
    document = parse((SPEC_TEXT.replace("handler: app.handler\n", "") + several).encode(), file="lambda-image.yaml")
    spec: Any = document.value
    found = plan.findings(ENGINE.plan(spec), document, load(path, ENGINE), TODAY)
    assert [(row.line, row.code) for row in found if row.severity is Severity.WARNING] == [(7, "long-timeout")]


def test_labels(tmp_path: Path) -> None:
    path = standards(tmp_path, {}, labels={"required": ["team", "cost-centre"]})
    found = judged(path, "labels: {team: growth}\n")
    assert one(found)[:3] == ("missing-label", 6, 1)
    assert "cost-centre" in found[0].message
    assert judged(path, "labels: {team: growth, cost-centre: '7'}\n") == []
    assert [finding.code for finding in judged(path)] == ["missing-label"] * 2


def test_stacks(tmp_path: Path) -> None:
    path = standards(tmp_path, {}, stack={"public_urls": "refused", "boundary": ["limits"], "deploy": ["stack"]})
    found = judged(path, "stack: {function_url: {auth: none}}\n")
    assert [finding.code for finding in found] == ["missing-boundary", "public-url"]
    assert found[1].line == 6
    bounded = "aws: {boundary: 'arn:aws:iam::111122223333:policy/limits'}\nstack: {function_url: {auth: iam}}\n"
    assert judged(path, bounded) == []
    assert one(judged(path, "deploy: code\n"))[:2] == ("deploy-not-allowed", 6)


MODELS = f"""\
model_files:
  - models/labels.txt
  - {{from: https://models.acme.example/a.onnx, sha256: '{"1" * 64}'}}
  - {{from: https://models.acme.example.evil.example/b.onnx, sha256: '{"2" * 64}'}}
"""


def test_hosts_of_model_files(tmp_path: Path) -> None:
    more = MODELS.replace("- models/labels.txt", "- from: models/labels.txt")
    path = standards(tmp_path, {}, model_files={"hosts": ["models.acme.example"]})
    found = judged(path, more)
    assert one(found)[:2] == ("foreign-model-host", 9)
    assert "models.acme.example.evil.example" in found[0].message
    assert judged(standards(tmp_path, {}), more) == []


def test_buckets_and_the_hub_have_names_too(tmp_path: Path) -> None:
    document = parse(SPEC_TEXT.encode(), file="lambda-image.yaml")
    assert isinstance(document.value, dict)
    decided = ENGINE.plan(document.value)
    for address, host in (
        ("s3://Models.acme/search/ranker.bin", "models.acme"),
        ("hf://acme/minilm@0123456789012345678901234567890123456789", "huggingface.co"),
        ("https://user@models.acme:8443/x", "models.acme"),
        ("https://MODELS.acme/x", "models.acme"),
    ):
        models = {"models": [{"source": address.partition(":")[0], "from": address}]}
        for hosts, count in (([host], 0), (["elsewhere.acme"], 1)):
            rules = load(standards(tmp_path, {}, model_files={"hosts": hosts}), ENGINE)
            assert len(but_notes(plan.findings(decided | models, document, rules, TODAY))) == count, (address, hosts)


# The command


@pytest.fixture
def project(tmp_path: Path) -> Path:
    where = tmp_path / "my-function"
    where.mkdir()
    (where / SPEC).write_text(SPEC_TEXT, encoding="utf-8")
    apply(where, state.read(where, ENGINE).changes)
    return where


def check(project: Path, path: Path | None, **settings: Any) -> Outcome:
    return for_each_project([project], Check(today=TODAY, standards_file=path, **settings).judge)


def codes(outcome: Outcome) -> list[str]:
    return [finding.code for finding in outcome.findings]


def test_standards_of_the_centre_are_applied_and_others_are_not(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = standards(tmp_path, {"tag": "3.13.2026"})
    assert main(["check", str(project)]) == 0
    assert main(["check", "--standards", str(path), str(project)]) == 1
    assert f"{project}/lambda-image.yaml:3:10: stale-base runtime: " in capsys.readouterr().out
    # What the judged repository says of standards counts for nothing.
    (project / "standards").mkdir()
    shutil.copy(path, project / "standards/standards.yaml")
    assert main(["check", str(project)]) == 0


def test_a_standards_file_that_is_none_ends_the_command(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.yaml").write_text("bases: {}\n")
    for path in (tmp_path / "broken.yaml", tmp_path / "absent.yaml", tmp_path):
        assert main(["check", "--standards", str(path), str(project)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert str(path) in said.err


def make_older(project: Path, edit: tuple[str, str] = ("", "")) -> None:
    """As another version of the template would have left it."""
    answers = project / ANSWERS
    answers.write_text(answers.read_text().replace(f"version: {ENGINE.identity['version']}", "version: 0.0.9"))
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text()
    assert edit[0] in text
    dockerfile.write_text(text.replace(edit[0], edit[1], 1))


def test_a_project_of_another_version_is_judged_by_what_it_recorded(project: Path, tmp_path: Path) -> None:
    make_older(project, ("lambda/python:3.13", "lambda/python:3.13.2025"))
    outcome = check(project, standards(tmp_path, {}, labels={"required": ["team"]}))
    assert sorted(codes(outcome)) == ["missing-label", "outdated", "stale-base"]
    [stale] = [finding for finding in outcome.findings if finding.code == "stale-base"]
    assert "the project uses public.ecr.aws/lambda/python:3.13.2025, and" in stale.message
    assert outcome.code == ExitCode.FINDINGS
    assert codes(check(project, standards(tmp_path, {"tag": "3.13.2025"}))) == ["outdated"]
    # The template's own standards are those of the project too, in another version.
    assert sorted(codes(check(project, None))) == ["outdated", "stale-base"]


def test_where_the_base_of_another_versions_project_is_not_certain_nothing_is_decided(
    project: Path, tmp_path: Path
) -> None:
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text()
    make_older(project)
    path = standards(tmp_path, {"tag": "3.13.2026", "tier": "withdrawn"}, base_digest="required")
    for other in (
        text.replace("FROM public.ecr.aws/lambda/python:3.13 AS base", "FROM $BASE AS base"),
        text + "\nFROM elsewhere/python:3.13 AS base\n",
        text + "\nfrom  elsewhere/python:3.13  as\tbase\n",
        text.replace("FROM public", "FR\\\nOM public"),
        "",
        "\0",
        None,
    ):
        if other is None:
            dockerfile.unlink()
        else:
            dockerfile.write_text(other)
        outcome = check(project, path)
        assert sorted(codes(outcome)) == ["outdated", "undecided", "withdrawn-base"], other
        assert outcome.code == ExitCode.UNDECIDED


APPROVED = "FROM public.ecr.aws/lambda/python:3.13 AS base\n"
EVADING = {
    "another last stage": APPROVED + "FROM evil.example/thing:1\n",
    "another last stage, over a copy": APPROVED + "FROM evil.example/thing:1\nCOPY --from=base /opt /opt\n",
    "a last stage on another stage": APPROVED + "FROM evil.example/thing:1 AS evil\nFROM evil\n",
    "a base in a heredoc": "FROM evil.example/thing:1\nRUN <<EOF\n" + APPROVED + "EOF\n",
    "a base in a heredoc of a COPY": "FROM evil.example/thing:1\nCOPY <<EOF /x\n" + APPROVED + "EOF\n",
    "a base in a comment": "FROM evil.example/thing:1\n# x\\\n" + APPROVED + "FROM evil.example/thing:1\n",
    "a base that is not the first stage": "FROM evil.example/thing:1 AS evil\n" + APPROVED + "FROM base\n",
    "a build on another image": APPROVED + "FROM evil.example/thing:1 AS build\nFROM base\nCOPY --from=build /x /x\n",
    "a copy from another image": APPROVED + "COPY --from=evil.example/thing:1 /x /x\n",
    "a mount of another image": APPROVED + "RUN --mount=from=evil.example/thing:1,target=/x cp /x/y /y\n",
    "a copy from a later stage": APPROVED + "COPY --from=later /x /x\nFROM base AS later\n",
    "a copy from the stage itself": APPROVED + "FROM base AS self\nCOPY --from=self /x /x\n",
}


@pytest.mark.parametrize("name", EVADING)
def test_a_waiver_of_outdated_lets_no_other_image_into_a_project_of_another_version(
    name: str, project: Path, tmp_path: Path
) -> None:
    """As an organisation issues them while its projects move to a new template."""
    make_older(project)
    (project / "Dockerfile").write_text(EVADING[name] + 'CMD ["app.handler"]\n')
    path = standards(tmp_path, {})
    waiver = {"rule": "outdated", "scope": {"repository": "acme/shop", "file": f"{project.name}/{ANSWERS}"}}
    waiver |= {"reason": "moves", "approved_by": "p@acme.example", "issued": "2026-11-20", "expires": "2026-12-20"}
    path.write_text(path.read_text() + yaml.safe_dump({"waivers": [waiver]}))
    outcome = check(project, path, scope=Scope(repository="acme/shop", root=tmp_path, paths=(tmp_path,)))
    assert [(found.code, found.weight) for found in outcome.findings] == [
        ("outdated", "waived"),
        ("undecided", "error"),
    ]
    assert outcome.code == ExitCode.UNDECIDED
    (project / "Dockerfile").write_text(APPROVED + 'FROM base AS build\nFROM build\nCMD ["app.handler"]\n')
    outcome = check(project, path, scope=Scope(repository="acme/shop", root=tmp_path, paths=(tmp_path,)))
    assert (codes(outcome), outcome.code) == (["outdated"], ExitCode.CLEAN)


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_the_images_of_every_rendered_dockerfile_are_known(case: str, engine: Engine, tmp_path: Path) -> None:
    """So that a project of another version which looks like these is decided."""
    root = tmp_path / case
    shutil.copytree(CASES / case / "expected", root)
    answers = root / ANSWERS
    answers.write_text(answers.read_text().replace(f"version: {engine.identity['version']}", "version: 0.0.9"))
    status = state.read(root, engine)
    assert isinstance(status, state.OtherVersion)
    assert other_version.findings(status, engine, own(engine), date(2026, 1, 1)) == []


def test_a_recorded_spec_of_another_version_that_this_one_does_not_know(project: Path, tmp_path: Path) -> None:
    make_older(project)
    for path in (project / ANSWERS, project / SPEC):
        path.write_text(path.read_text().replace("python3.13", "python4.0"))
    outcome = check(project, standards(tmp_path, {}))
    assert sorted(codes(outcome)) == ["outdated", "undecided"]
    assert outcome.code == ExitCode.UNDECIDED
    assert codes(check(project, None)) == ["outdated", "undecided"] or codes(check(project, None)) == [
        "undecided",
        "outdated",
    ]


def test_a_project_of_another_organisation_is_not_judged_by_our_standards(project: Path, tmp_path: Path) -> None:
    answers = project / ANSWERS
    answers.write_text(
        answers.read_text().replace(f"organisation: {ENGINE.identity['organisation']}", "organisation: x")
    )
    (project / "Dockerfile").write_text("FROM x AS base\n")
    assert codes(check(project, None)) == ["outdated"]
    assert sorted(codes(check(project, standards(tmp_path, {})))) == ["outdated", "stale-base"]


def test_the_golden_cases_are_in_order_by_the_standards_they_were_made_with(engine: Engine) -> None:
    for case in sorted(CASES.iterdir()):
        document = parse((case / SPEC).read_bytes(), file=SPEC)
        assert isinstance(document.value, dict)
        found = but_notes(plan.findings(engine.plan(document.value), document, own(engine), date(2026, 1, 1)))
        assert found == [], case.name


def test_a_waiver_of_drift_lets_no_other_code_into_a_stack(project: Path, tmp_path: Path) -> None:
    """An edited stack is judged as one that nobody generated."""
    stack = project / "stack.yaml"
    text = stack.read_text()
    assert "ImageUri: !Ref ImageUri" in text
    for line, found in (("# edited", []), ("Layers: [arn]", ["build-override"])):
        stack.write_text(text.replace("ImageUri: !Ref ImageUri", f"ImageUri: !Ref ImageUri\n      {line}"))
        path = standards(tmp_path, {})
        content = f"sha256:{sha256(stack.read_bytes()).hexdigest()}"
        scope = {"repository": "acme/shop", "file": f"{project.name}/stack.yaml", "content": content}
        waiver = {"rule": "drift", "scope": scope, "reason": "looked at", "approved_by": "p@acme.example"}
        waiver |= {"issued": "2026-11-20", "expires": "2026-12-20"}
        path.write_text(path.read_text() + yaml.safe_dump({"waivers": [waiver]}))
        outcome = check(project, path, scope=Scope(repository="acme/shop", root=tmp_path, paths=(tmp_path,)))
        judged = {(row.code, row.weight) for row in outcome.findings if row.weight != "note"}
        assert judged == {("drift", "waived"), *((code, "error") for code in found)}
