"""What the code promises of itself: small pieces, one home for each name, nothing that asks for trust."""

from __future__ import annotations

import ast
import fnmatch
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.template import CASES, tree

ROOT = Path(__file__).resolve().parents[1]
GENERATED = ROOT / "scaffold/rendering/plan.py"  # by docs/generate.py, from the schema of the plan
MODULES = sorted(path for path in (ROOT / "scaffold").rglob("*.py") if path != GENERATED)
TEMPLATES = sorted(path for path in (ROOT / "template").rglob("*") if path.is_file())
BIN = Path(sys.executable).parent


def catalogue(name: str) -> dict[str, object]:
    rows: dict[str, object] = json.loads((ROOT / f"catalogue/{name}.json").read_text(encoding="utf-8"))[name]
    return rows


def test_modules_are_small() -> None:
    assert {str(path): n for path in MODULES if (n := len(path.read_text().splitlines())) > 250} == {}


def test_files_of_tests_have_names_of_their_own() -> None:
    """Of two with one name, pytest collects one."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py") if "cases" not in path.parts]
    assert sorted(set(names)) == sorted(names)


def test_every_file_of_tests_is_collected(request: pytest.FixtureRequest) -> None:
    patterns = [f"*/{pattern}" for pattern in request.config.getini("norecursedirs")]
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if "cases" not in path.parts]
    folders = {str(folder) for path in files for folder in path.parents if folder.is_relative_to(ROOT / "tests")}
    assert [folder for folder in folders if any(fnmatch.fnmatch(folder, pattern) for pattern in patterns)] == []


def test_packages_are_small() -> None:
    folders = [path.parent for path in MODULES if path.name != "__init__.py"]
    assert {str(folder): n for folder in folders if (n := folders.count(folder)) > 13} == {}


def test_functions_are_small() -> None:
    lengths = [
        (node.end_lineno - node.lineno + 1, f"{path.name}:{node.name}")
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert [name for length, name in lengths if length > 50] == []
    assert sorted(lengths)[len(lengths) // 2][0] <= 10, "the median function"


def test_jinja_files_are_small() -> None:
    assert {path.name: n for path in TEMPLATES if (n := len(path.read_text().splitlines())) > 150} == {}


def test_languages_and_systems_have_one_home() -> None:
    names = {*catalogue("languages"), *catalogue("systems"), *catalogue("runtimes"), "pip", "npm"}
    shared = [ROOT / "copier.yml", *(path for path in TEMPLATES if path.relative_to(ROOT).parts[1] in SHARED)]
    for path in [*MODULES, *(path for path in shared if path.suffix == ".jinja")]:
        code = strip_examples(path.read_text(encoding="utf-8"))
        assert named(names - ENGLISH, code) == [], path
        text = path.read_text(encoding="utf-8")
        assert named(names & ENGLISH, " ".join(literals(text, path.suffix))) == [], path


SHARED = {"files", "plan", "spec", "steps"}
"""Folders of the template that serve every language."""

ENGLISH = {"custom", "go"}
"""Names that are words of English too: prose may have them."""


def named(names: set[str], code: str) -> list[str]:
    return re.findall(rf"(?<![A-Za-z0-9_-])({'|'.join(map(re.escape, sorted(names)))})(?![A-Za-z0-9_-])", code)


def literals(code: str, suffix: str) -> list[str]:
    """The texts in quotes that are nothing but a name."""
    if suffix == ".py":
        nodes = ast.walk(ast.parse(code))
        return [
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value
        ]
    return re.findall(r"'([^' ]*)'", " ".join(re.findall(r"{[{%](.*?)[%}]}", code, re.DOTALL)))


def strip_examples(code: str) -> str:
    """Without examples in help texts and messages, which must name something, and without addresses."""
    code = re.sub(r"for example name: \"\S+\"|https?://\S+", "", code)
    return re.sub(r"--set [a-z.]+=\S+", "", code)


def test_every_row_has_its_parts() -> None:
    events = json.loads((ROOT / "catalogue/events.json").read_text())["events"]
    for language in catalogue("languages"):
        managers = json.loads((ROOT / "catalogue/languages.json").read_text())["languages"][language]["managers"]
        for manager, row in managers.items():
            assert (ROOT / f"template/languages/{language}/managers/{manager}.jinja").is_file()
            assert (ROOT / f"template/languages/{language}/{row['starter']}.jinja").is_file()
            assert row["tool"] is None or list((ROOT / "catalogue").glob(f"{row['tool']}.*txt"))
        for part in ("plan", "stages", "lock", "finish", "checks", "dev", "shared", "gitignore", "dockerignore"):
            assert (ROOT / f"template/languages/{language}/{part}.jinja").is_file()
        own = json.loads((ROOT / "catalogue/languages.json").read_text())["languages"][language].get("events", [])
        served = {event for event, row in events.items() if row["everywhere"]} | set(own)
        assert served == {
            path.name for path in (ROOT / f"template/languages/{language}/events").iterdir() if path.is_dir()
        }
    for system in catalogue("systems"):
        assert (ROOT / f"template/systems/{system}.jinja").is_file()
    for event in catalogue("events"):
        assert (ROOT / f"template/files/events/{event}.json.jinja").is_file()


def test_package_managers_are_rows() -> None:
    for language in catalogue("languages"):
        managers = json.loads((ROOT / "catalogue/languages.json").read_text())["languages"][language]["managers"]
        for path in (ROOT / f"template/languages/{language}").rglob("*.jinja") if managers else ():
            if path.parent.name != "managers":
                code = " ".join(re.findall(r"{[{%](.*?)[%}]}", path.read_text(encoding="utf-8"), re.DOTALL))
                assert not re.findall(rf"'({'|'.join(managers)})'", code.replace("pip('", "")), path


def test_copier_is_asked_for_no_trust() -> None:
    settings = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    assert not {"_tasks", "_migrations", "_jinja_extensions", "_secret_questions"} & settings.keys()
    assert settings["_external_data"] == {"spec": "lambda-image.yaml"}
    assert not [path for path in TEMPLATES if path.is_symlink()]


def test_tables_can_be_included_as_templates() -> None:
    for path in [*(ROOT / "catalogue").iterdir(), *(ROOT / "schema").iterdir(), *(ROOT / "standards").iterdir()]:
        assert not re.search(r"{{|{%|{#", path.read_text(encoding="utf-8")), path


def test_runtime_dates_are_those_of_aws() -> None:
    """`cfn-lint` ships the dates of AWS's documentation, and `make test` installs its newest release."""
    import cfnlint

    [table] = Path(cfnlint.__file__).parent.rglob("LmbdRuntimeLifecycle.json")
    published = json.loads(table.read_text(encoding="utf-8"))
    for name, row in json.loads((ROOT / "catalogue/runtimes.json").read_text())["runtimes"].items():
        assert row["deprecated"] == published[name]["deprecated"]
        assert row["successor"] == published[name]["successor"]
    former = json.loads((ROOT / "catalogue/runtimes.json").read_text())["former"]
    assert former == {name: {key: published[name][key] for key in ("deprecated", "successor")} for name in former}


def test_every_runtime_of_aws_is_in_the_catalogue() -> None:
    """In use or former, with its date: all that `cfn-lint` and `botocore` know of the languages of the catalogue."""
    import cfnlint

    def family(name: str) -> str:
        return re.sub(r"[0-9.].*", "", name)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs), "a row appears twice"
        return dict(pairs)

    table = json.loads((ROOT / "catalogue/runtimes.json").read_text(), object_pairs_hook=unique)
    assert not table["runtimes"].keys() & table["former"].keys()
    ours = table["runtimes"].keys() | table["former"].keys()
    families = {family(name) for name in table["runtimes"]} | {"go"}
    [path] = Path(cfnlint.__file__).parent.rglob("LmbdRuntimeLifecycle.json")
    dated = json.loads(path.read_text(encoding="utf-8")).keys()
    # Runtimes without a date are previews, and not offered yet.
    known = dated & set(service("lambda")["shapes"]["Runtime"]["enum"])
    assert {name for name in known if family(name) in families} == {name for name in ours if family(name) in families}
    assert ours <= known
    successors = {row["successor"] for row in table["runtimes"].values()} - {None}
    assert successors <= {name for name, row in table["runtimes"].items() if row["successor"] is None}


def test_limits_are_those_of_aws() -> None:
    """`botocore` ships the model of Lambda's API; where that counts special functions in, its prose has the number."""
    model = service("lambda")
    shapes, create = model["shapes"], model["shapes"]["CreateFunctionRequest"]["members"]
    spec = json.loads((ROOT / "schema/lambda-image.schema.json").read_text(encoding="utf-8"))
    rows, settings = spec["properties"], spec["$defs"]["settings"]["properties"]
    aws = spec["$defs"]["aws"]["properties"]
    table = json.loads((ROOT / "catalogue/lambda.json").read_text(encoding="utf-8"))

    def in_prose(member: str, pattern: str) -> list[int]:
        found = re.search(pattern, create[member]["documentation"])
        assert found, member
        return [int(number.replace(",", "")) for number in found.groups()]

    def equal(row: dict[str, Any], of: str) -> bool:
        names = ("minLength", "maxLength") if shapes[of]["type"] == "string" else ("minimum", "maximum")
        limits = [(row[name], shapes[of][key]) for name, key in zip(names, ("min", "max"), strict=True) if name in row]
        return all(ours == theirs for ours, theirs in limits)

    assert settings["timeout"]["minimum"] == shapes["Timeout"]["min"]
    assert [settings["timeout"]["maximum"]] == in_prose("Timeout", r"maximum allowed value is ([0-9,]+) seconds")
    assert settings["memory_size"]["minimum"] == shapes["MemorySize"]["min"]
    storage = in_prose("EphemeralStorage", r"between ([0-9,]+) and ([0-9,]+) MB")
    assert storage == [settings["ephemeral_storage"][key] for key in ("minimum", "maximum")]
    assert table["snap_start"]["ephemeral_storage"] == shapes["EphemeralStorageSize"]["min"]
    assert settings["memory_size"]["maximum"] <= shapes["MemorySize"]["max"]
    assert [rows["name"]["maxLength"]] == in_prose("FunctionName", r"limited to ([0-9]+) characters")
    assert rows["description"]["maxLength"] == shapes["Description"]["max"]
    assert spec["$defs"]["handler"]["maxLength"] == shapes["Handler"]["max"]
    assert equal(aws["alias"], "Alias")
    assert set(table["architectures"]) == set(shapes["Architecture"]["enum"]) == set(rows["architecture"]["enum"])
    runtimes = json.loads((ROOT / "catalogue/runtimes.json").read_text(encoding="utf-8"))
    assert runtimes["runtimes"].keys() | runtimes["former"].keys() <= set(shapes["Runtime"]["enum"])
    repository = service("ecr")["shapes"]["RepositoryName"]
    limits = [aws["repository"][key] for key in ("minLength", "maxLength")]
    assert limits == [repository["min"], repository["max"]]


def service(name: str) -> dict[str, Any]:
    """The model of a service's API, as the newest release of `botocore` has it."""
    import botocore.loaders

    model: dict[str, Any] = botocore.loaders.Loader().load_service_model(name, "service-2")
    return model


def test_nothing_names_this_machine() -> None:
    """No path of a developer's machine, no mirror of a registry, in any file of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    home, elsewhere = str(Path.home()), re.compile(r"/root/|/home/[a-z]|/Users/[A-Z]")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__):
            text = path.read_text(encoding="utf-8", errors="replace")
            text = re.sub(r"/root/\.(cache/|m2/|netrc|npm|ssh/)", "", text)  # root's own folder, inside a build
            assert not elsewhere.search(text), name
            assert home in {"/", "/root"} or home not in text, name


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_generated_files_are_clean(case: str, tmp_path: Path) -> None:
    expected = CASES / case / "expected"
    allowed = {"DL3008", "DL3018", "DL3033", "DL3041", "DL3064"}
    for dockerfile in [expected / "Dockerfile", *expected.glob("scripts/*.Dockerfile")]:
        assert said(BIN / "hadolint", dockerfile) == ""
        assert set(re.findall(r"DL\d+|SC\d+", dockerfile.read_text(encoding="utf-8"))) <= allowed
    shells = (b"#!/bin/sh", b"# shellcheck shell=sh")
    scripts = [
        path.relative_to(expected)
        for path in expected.rglob("*")
        if path.is_file() and path.read_bytes().startswith(shells)
    ]
    assert len(scripts) >= 3
    assert said(BIN / "shellcheck", "--severity=style", *scripts, cwd=expected) == ""
    for folder, ignored in (("src", "INP"), ("scripts", "INP"), ("tests", "INP,D,PT")):
        config = ["--config", ROOT / "pyproject.toml", "--no-cache"]
        if not (expected / folder).is_dir():
            continue  # a base image has no code
        assert said(BIN / "ruff", "check", "--quiet", *config, "--ignore", ignored, expected / folder) == ""
        assert said(BIN / "ruff", "format", "--quiet", "--check", *config, expected / folder) == ""


def said(*words: Path | str, cwd: Path | None = None) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd=cwd)
    return done.stdout + done.stderr


def test_an_installed_wheel_works_offline(tmp_path: Path) -> None:
    """Outside the checkout, without network: what is not in the wheel is missed here."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from scaffold.cli.main import main; sys.exit(main())"
    words = [sys.executable, "-I", "-c", script, str(site)]
    alone = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    offline = ["unshare", "--net"] if os.geteuid() == 0 and Path("/usr/bin/unshare").exists() else []
    for arguments, code in (
        (["new", "--defaults", "made"], 0),
        (["check", "made"], 0),
        (["plan", "made"], 0),
    ):
        done = subprocess.run(
            [*offline, *words, *arguments], cwd=tmp_path, env=alone, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert (tmp_path / "made/Dockerfile").is_file()
    # The wheel ships its templates compiled: this is where those would be that had to be compiled.
    assert list((tmp_path / ".cache/lambda-image-scaffold").iterdir()) == []
    checkout = [BIN / "scaffold", "new", "--defaults", "checkout/made"]
    subprocess.run(checkout, cwd=tmp_path, check=True, capture_output=True)
    assert tree(tmp_path / "made") == tree(tmp_path / "checkout/made")
