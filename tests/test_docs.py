"""What the documentation shows is so: commands are run, outputs compared, fragments validated, links followed."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from support import docs
from support.docs import ROOT, Block
from support.template import PINNED, commit, copy_template, git

from scaffold.cli import main
from scaffold.cli.parser import parse as parse_arguments
from scaffold.cli.table import TABLE
from scaffold.documents.document import parse
from scaffold.errors import ScaffoldError
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine

TUTORIAL, HOW_TO, EXPLANATION, REFERENCE, STYLE = (
    ROOT / f"docs/{name}.md" for name in ("tutorial", "how-to", "explanation", "reference", "style")
)
CONTRIBUTING, CHANGELOG, README = (ROOT / f"{name}.md" for name in ("CONTRIBUTING", "CHANGELOG", "README"))
LANGUAGES = [
    ROOT / f"docs/{name}.md"
    for name in ("custom", "dotnet", "events", "go", "java", "nodejs", "ruby", "rust", "servers")
]
PAGES = [TUTORIAL, HOW_TO, EXPLANATION, REFERENCE, STYLE, CONTRIBUTING, CHANGELOG, README, *LANGUAGES]
WRITTEN = [page for page in PAGES if page != REFERENCE]

ADDRESS = "https://github.com/lambda-image-scaffold/lambda-image-scaffold"
MINIMAL = {
    "version": 1,
    "name": "my-function",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
}
VERSION = json.loads((ROOT / "catalogue/template.json").read_text(encoding="utf-8"))["version"]
NEWER = "0.2.0"
ORGANISATION = yaml.safe_load((ROOT / "standards/standards.yaml").read_text(encoding="utf-8"))["organisation"]

public = pytest.mark.skipif(ORGANISATION != "aws-public", reason="the pages show the public template's own standards")


def name_of(value: object) -> str:
    return value.stem if isinstance(value, Path) else f"{value}"


def some(wanted: Callable[[Block], bool]) -> list[Any]:
    found = [block for page in WRITTEN for block in docs.blocks(page) if wanted(block)]
    return [pytest.param(block, id=f"{block.page.stem}-{block.line}") for block in found]


# Reference


@cache
def generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_reference_is_up_to_date() -> None:
    words = [sys.executable, ROOT / "docs/generate.py", "--check"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_reference_cannot_miss_a_key_of_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    load = generator().load
    keys = load("schema/plan.schema.json")["properties"]
    for other in ({name: keys[name] for name in list(keys)[1:]}, keys | {"no-such": {"description": ""}}):
        changed = {"schema/plan.schema.json": {"properties": other}}
        monkeypatch.setattr(generator(), "load", lambda path, changed=changed: load(path) | changed.get(path, {}))
        with pytest.raises(SystemExit):
            generator().page()


def test_every_example_of_the_schema_is_accepted() -> None:
    schema = json.loads((ROOT / "schema/lambda-image.schema.json").read_text(encoding="utf-8"))
    kinds = json.loads((ROOT / "catalogue/kinds.json").read_text(encoding="utf-8"))["kinds"]
    for key, part in schema["properties"].items():
        more = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else {}
        kind = "base" if key == "kind" or key in kinds["function"]["without"] else "function"
        # One handler, several functions or a server; a base image has none.
        plain = kind == "function" and key not in ("functions", "server")
        base = {name: value for name, value in MINIMAL.items() if name != "handler" or plain} | {"kind": kind}
        base |= {"runtime": "provided.al2023"} if key == "language" else {}
        for example in (more | part)["examples"]:
            found = Engine(ROOT).problems(base | {key: example})
            # The shipped standards have no extensions.
            assert [row for row in found if row.code != "unknown-extension"] == [], key


# Fragments of specs


@public
@pytest.mark.parametrize("block", some(docs.is_fragment))
def test_fragments_are_valid(block: Block, tmp_path: Path) -> None:
    assert parse(block.text.encode(), file="").findings == ()
    path = tmp_path / "lambda-image.yaml"
    path.write_text(yaml.safe_dump(docs.merged(MINIMAL, yaml.safe_load(block.text))), encoding="utf-8")
    assert validation.findings(validation.read(path), Engine(ROOT)) == []


@pytest.mark.parametrize("block", some(lambda block: "example" in block.marks))
def test_examples_are_the_files_they_name(block: Block) -> None:
    assert block.text == (ROOT / block.marks["example"]).read_text(encoding="utf-8")


# Commands


@cache
def help_of(verb: str) -> str:
    words = [sys.executable, "-m", "copier", verb, "--help"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def require_known(words: list[str]) -> None:
    """Fail on a command line that `scaffold` or `copier` would not take."""
    if "scaffold" in words and words[0] in {"scaffold", "uvx", "pipx"}:
        arguments = [word for word in words[words.index("scaffold") + 1 :] if word != "…"]
        if len(arguments) > 1 or arguments == ["check"]:
            parse_arguments(arguments[: arguments.index(">") if ">" in arguments else None])
        else:
            assert set(arguments) <= TABLE.keys()
    elif words[:1] == ["copier"] and len(words) > 1:
        for option in (word.partition("=")[0] for word in words[2:] if re.match(r"--?[a-z]", word)):
            assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", help_of(words[1])), option


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_commands_are_known(page: Path) -> None:
    lines = [command for block in docs.blocks(page) for command, _ in block.commands()]
    lines += [span for span in re.findall(r"`([^`]+)`", docs.prose(page)) if re.match(r"(scaffold|copier|uvx) ", span)]
    for block in docs.blocks(page):
        lines += re.findall(r"(?m)- run: (.*)$", block.text) if block.language == "yaml" else []
    for line in lines:
        for words in docs.programs(line):
            try:
                require_known(words)
            except ScaffoldError as error:
                pytest.fail(f"{line}: {error}")


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as it is published: its own standards, one tag."""
    where = copy_template(tmp_path_factory.mktemp("upstream") / "upstream", standards=ROOT / "standards/standards.yaml")
    for part in ("docs", "scaffold"):
        shutil.copytree(ROOT / part, where / part, ignore=shutil.ignore_patterns("__pycache__"))
    commit(where, "The template", tag=f"v{VERSION}")
    return where


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project of the package's own, committed."""
    where = tmp_path_factory.mktemp("made") / "my-function"
    assert main.main(["new", "--defaults", str(where)]) == 0
    commit(where, "As generated")
    return where


class Shell:
    """A folder, and the shell in which the commands of a section run."""

    def __init__(self, home: Path, upstream: Path, made: Path) -> None:
        self.home, self.upstream, self.made = home, upstream, made
        self.root = home / "work"
        stubs = docs.stubs(home / "stubs")
        self.environment = {
            "HOME": str(home),
            "PATH": f"{stubs}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "XDG_CACHE_HOME": str(upstream.parent / "cache"),
            "NO_COLOR": "1",
            "SCAFFOLD_PIN": "0",
        }
        self.publish(upstream)

    def publish(self, repository: Path) -> None:
        """Let the project's public address lead to a repository on this machine."""
        lines = ["[user]", "name = Nobody", "email = nobody@example.com"]
        for suffix in ("", ".git"):
            lines += [f'[url "{repository}"]', f"insteadOf = {ADDRESS}{suffix}"]
        (self.home / "gitconfig").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.environment["XDG_CACHE_HOME"] = str(repository.parent / "cache")

    def run(self, *commands: str) -> list[tuple[int, str]]:
        return docs.run(commands, where=self.root, environment=self.environment)

    def start(self, how: str) -> None:
        self.root.mkdir()
        if how != "empty":
            getattr(self, f"start_{how}")()

    def start_project(self) -> None:
        self.root.rmdir()
        self.root = self.home / "my-function"
        shutil.copytree(self.made, self.root)

    def start_many(self) -> None:
        for name in ("resize", "search"):
            root = self.root / "functions" / name
            shutil.copytree(self.made, root)
            with (root / "lambda-image.yaml").open("a", encoding="utf-8") as spec:
                spec.write(f"base: {PINNED}\n")
            assert main.main(["render", str(root)]) == 0
        edit(self.root / "functions/resize/Dockerfile", "public.ecr.aws/lambda/python", "python")
        edit(self.root / "functions/search/lambda-image.yaml", "python", "pyton")

    def start_newer(self) -> None:
        self.start_with_newer("template/files/Dockerfile.jinja", "# Everything that", "# Newer. Everything that")

    def start_mirrored(self) -> None:
        [mirrors] = re.findall(r"(?m)^mirrors: .*$", HOW_TO.read_text(encoding="utf-8"))
        self.start_with_newer("standards/standards.yaml", "\nbases:\n", f"\n{mirrors}\nbases:\n")

    def start_with_newer(self, part: str, old: str, new: str) -> None:
        """A project, and a newer template that differs in one text of one file."""
        assert self.run(f"copier copy --defaults --quiet {ADDRESS} my-function")[0][0] == 0
        self.root = self.root / "my-function"
        commit(self.root, "As generated")
        newer = self.home / "newer/template"
        shutil.copytree(self.upstream, newer)
        edit(newer / "catalogue/template.json", f'"{VERSION}"', f'"{NEWER}"')
        edit(newer / part, old, new)
        commit(newer, "A newer template", tag=f"v{NEWER}")
        self.publish(newer)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def sections() -> list[Any]:
    """Those that need nothing but this repository; tests/images/test_tutorial.py has the others."""
    return [
        pytest.param(blocks, id=f"{page.stem}: {section}")
        for page in (HOW_TO, EXPLANATION)
        for section, blocks in docs.sections(page).items()
        if not any("cloud" in block.marks for block in blocks)
    ]


@public
@pytest.mark.parametrize("blocks", sections())
def test_what_is_shown_happens(blocks: list[Block], upstream: Path, made: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path, upstream, made)
    shell.start(blocks[0].marks.get("start", "project"))
    (tmp_path / "blocks").mkdir()
    todo = docs.steps(blocks, tmp_path / "blocks")
    for step, result in zip(todo, shell.run(*(command for _, command, _ in todo)), strict=True):
        docs.require_shown(*step, *result)


# Links and versions


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in docs.links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert ROOT in target.parents, link
        assert not anchor or anchor in docs.anchors(target), link


def test_lists_of_contents_are_complete() -> None:
    for page in (HOW_TO, EXPLANATION, CONTRIBUTING, *LANGUAGES):
        sections = re.findall(r"(?m)^## (.*)$", docs.prose(page))
        listed = re.findall(r"(?m)^- \[(.*?)\]\(#", docs.prose(page))
        assert [name.replace("`", "") for name in listed] == [name.replace("`", "") for name in sections]


def test_the_role_of_a_workflow_may_do_what_its_scripts_do() -> None:
    spec = MINIMAL | {"ci": "github"}
    plan = Engine(ROOT).plan(spec)
    scripts = {file.path: file.content.decode() for file in Engine(ROOT).render(spec, plan, {})}
    allowed = {action for row in plan["stages"][0]["rights"] for action in row["Action"]}
    called = {
        f"{service}:{''.join(word.capitalize() for word in verb.split('-'))}"
        for name in ("aws.sh", "live.sh", "push", "deploy", "rollback", "destroy", "prune")
        for service, verb in re.findall(
            r"\bask (?:'[^']*'|\w+) (ecr|lambda|cloudformation|logs) ([a-z]+-[a-z-]+)", scripts[f"scripts/{name}"]
        )
    }
    assert {"ecr:CreateRepository", "lambda:UpdateAlias", "cloudformation:DescribeStacks"} < called
    assert {
        action for action in called if action not in allowed and f"{action.split(':')[0]}:*" not in allowed
    } == set()


@public
def test_pages_name_this_version() -> None:
    assert re.findall(r"(?m)^## \[(.*?)\]", CHANGELOG.read_text(encoding="utf-8"))[0] == VERSION
    assert set(re.findall(r"scaffold@v([0-9.]+)", HOW_TO.read_text(encoding="utf-8"))) == {VERSION, NEWER}


# Chapters of CONTRIBUTING.md


@public
@pytest.mark.parametrize("block", some(lambda block: "row of" in block.marks))
def test_rows_are_those_of_the_tables(block: Block) -> None:
    rows = (ROOT / block.marks["row of"]).read_text(encoding="utf-8")
    assert block.text.strip() in rows


@public
def test_a_runtime_version_is_two_rows(tmp_path: Path) -> None:
    template = copy_template(tmp_path / "template", standards=ROOT / "standards/standards.yaml")
    spec = MINIMAL | {"runtime": "python3.14"}
    rows = [block for block in docs.blocks(CONTRIBUTING) if "row of" in block.marks]
    edit(template / "catalogue/runtimes.json", f",\n    {rows[0].text.strip()}", "")
    edit(template / "standards/standards.yaml", f"  {rows[1].text}", "")
    assert [problem.code for problem in Engine(template).problems(spec)] == ["unknown-runtime"]
    edit(template / "catalogue/runtimes.json", '"runtimes": {\n', f'"runtimes": {{\n    {rows[0].text.strip()},\n')
    edit(template / "standards/standards.yaml", "bases:\n", f"bases:\n  {rows[1].text}")
    assert Engine(template).problems(spec) == []
    assert Engine(template).plan(spec)["base"]["reference"] == "public.ecr.aws/lambda/python:3.14"


def test_a_language_is_a_row_and_a_folder(tmp_path: Path) -> None:
    template = copy_template(tmp_path / "template")
    shutil.copytree(template / "template/languages/python", template / "template/languages/snake")
    for path in (template / "template/languages/snake").rglob("*.jinja"):
        path.write_text(path.read_text(encoding="utf-8").replace("languages/python/", "languages/snake/"), "utf-8")
    for table, old, new in (("languages", "python", "snake"), ("runtimes", "python3.13", "snake1")):
        path = template / f"catalogue/{table}.json"
        rows = json.loads(path.read_text(encoding="utf-8"))
        rows[table][new] = rows[table][old] | ({"language": "snake"} if table == "runtimes" else {})
        path.write_text(json.dumps(rows), encoding="utf-8")
    edit(
        template / "standards/standards.yaml",
        "runtimes: [python3.13], default",
        "runtimes: [python3.13, snake1], default",
    )
    engine = Engine(template)
    spec = MINIMAL | {"runtime": "snake1"}
    assert engine.problems(spec) == []
    plan = engine.plan(spec)
    assert any(row["template"].startswith("template/languages/snake/") for row in plan["outputs"])
    assert {file.path for file in engine.render(spec, plan, {})} >= {"Dockerfile", "src/app.py", "scripts/test"}


def test_the_chapter_on_languages_names_every_part() -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8")
    folder = ROOT / "template/languages/python"
    for path in (*folder.glob("*.jinja"), *(folder / "events/none").glob("*.jinja")):
        assert f"`{path.name}`" in text, path
    rows = json.loads((ROOT / "catalogue/languages.json").read_text(encoding="utf-8"))["languages"]
    for key in {key for row in rows.values() for key in row}:
        assert f"`{key}`" in text, key


@pytest.mark.parametrize("page", [page for page in LANGUAGES if page.stem != "events"], ids=name_of)
def test_the_table_of_a_language_names_keys_and_cases(page: Path) -> None:
    """Its last section: each key, what it does here, and where that is tested."""
    rows = [line.strip("|").split(" | ") for line in page.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    assert len(rows) >= 10
    known = json.loads((ROOT / "schema/lambda-image.schema.json").read_text(encoding="utf-8"))["properties"]
    for keys, _, example in rows:
        for key in re.findall(r"`([^`]+)`", keys):
            first, _, second = key.partition(": ")[0].partition(".")
            assert first in known, key
            assert not second or second in known[first]["properties"], key
        assert (ROOT / example.strip().strip("`").strip()).exists(), example


def test_the_repository_is_clean_of_what_docs_make(upstream: Path) -> None:
    assert git(upstream, "status", "--porcelain") == ""
