from __future__ import annotations

from pathlib import Path

import pytest
from support.template import CASES, engine_on

from scaffold.project import drift, state
from scaffold.project.apply import apply
from scaffold.rendering.engine import Engine


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Path:
    (tmp_path / "lambda-image.yaml").write_bytes((CASES / "al2/lambda-image.yaml").read_bytes())
    apply(tmp_path, state.read(tmp_path, engine).changes)
    return tmp_path


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda text: "x" + text[1:], 1),
        (lambda text: text + "\n", lambda text: text.count("\n") + 1),
        (lambda text: text[:-1], lambda text: text.count("\n")),
        (lambda text: text.replace("\n", "\r\n"), 1),
        (lambda _: "", 1),
    ],
)
def test_drift_names_the_first_line_that_differs(project: Path, engine: Engine, edit, line) -> None:  # type: ignore[no-untyped-def]
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_bytes(edit(text).encode())
    [finding] = drift.findings(state.read(project, engine))
    assert finding.code == "drift"
    assert finding.line == (line(text) if callable(line) else line)


def test_a_base_that_the_standards_moved_is_no_edit(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = engine_on(tmp_path_factory.mktemp("newer"), 'tag: "3.11"', "tag: 3.11.2026.11.24")
    now = state.read(project, moved)
    [finding] = drift.findings(now)
    assert (finding.code, Path(finding.file).name) == ("stale-base", "Dockerfile")
    assert "public.ecr.aws/lambda/python:3.11.2026.11.24" in finding.message
    assert [change.refusal for change in now.changes] == [""], "a render may follow, with or without git"
    apply(project, now.changes)
    assert drift.findings(state.read(project, moved)) == []


@pytest.mark.parametrize("image", ["public.ecr.aws/lambda/python-evil:3.11", "elsewhere.example/lambda/python:3.11"])
def test_a_base_of_a_stranger_is_an_edit(project: Path, engine: Engine, image: str) -> None:
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text.replace("public.ecr.aws/lambda/python:3.11", image), encoding="utf-8")
    now = state.read(project, engine)
    assert [finding.code for finding in drift.findings(now)] == ["drift"]
    assert now.changes[0].refusal


def test_a_function_can_leave_a_base_that_was_withdrawn(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    row = '  python3.11: {image: public.ecr.aws/lambda/python, tag: "3.11"'
    newer = engine_on(tmp_path_factory.mktemp("newer"), row, f"{row}, tier: withdrawn")
    assert [finding.code for finding in state.read(project, newer).findings] == ["withdrawn-base"]
    spec = project / "lambda-image.yaml"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("python3.11", "python3.13"), encoding="utf-8")
    assert {finding.code for finding in drift.findings(state.read(project, newer))} == {"stale"}


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        ("0.0.9", "Run `scaffold update`"),
        ("0.1.1", "Upgrade this package (`uv tool upgrade lambda-image-scaffold`), which is older than the project"),
        ("0.10.0", "Upgrade this package (`uv tool upgrade lambda-image-scaffold`), which is older than the project"),
        (None, "Run `scaffold update`"),
    ],
)
def test_the_older_one_is_to_move(project: Path, engine: Engine, version: str | None, advice: str) -> None:
    own = {"name": "lambda-image-scaffold", "organisation": "tests", "version": "0.1.0"}
    origin = {"_src_path": "gh:acme/templates", "_commit": f"v{version}"}
    answers = origin | {"template": own | {"version": version}}
    now = state.OtherVersion(root=project, document=state.read(project, engine).document, answers=answers, own=own)
    said = drift.help_for_other_version(now)
    assert said.startswith(advice)
    run = f"uvx --from 'git+https://github.com/acme/templates@v{version}' scaffold …"
    assert said.endswith(f", or use the version that rendered it: `{run}`.")
    other = state.OtherVersion(
        root=project,
        document=now.document,
        answers={"template": own | {"organisation": "acme", "version": "9"}},
        own=own,
    )
    assert drift.help_for_other_version(other).startswith("Run `scaffold update`"), (
        "another template is not a newer one"
    )


def test_a_link_where_the_edited_spec_wants_a_file_is_in_the_way(project: Path, engine: Engine) -> None:
    spec = project / "lambda-image.yaml"
    spec.write_text(spec.read_text(encoding="utf-8") + "ci: github\n", encoding="utf-8")
    wanted = {change.path for change in state.read(project, engine).changes if change.before is None}
    [path] = [path for path in wanted if path.startswith(".github/")]
    (project / path).parent.mkdir(parents=True)
    (project / path).symlink_to("elsewhere")
    found = {row.file: row for row in drift.findings(state.read(project, engine))}[str(project / path)]
    assert (found.code, found.fix) == ("drift", "Move it away, then run `scaffold render`.")
