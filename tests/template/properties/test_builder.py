"""No value that the schema accepts leaves its place in the Dockerfile: the real builder reads back what was meant."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from scaffold.rendering.engine import Engine

from .builder import Docker, calls, environment, instructions
from .expected import AMAZON, CERTIFICATES
from .strategies import MINIMAL, Spec, accepted, at, mended

pytestmark = pytest.mark.images

Macro = Callable[..., str]

VALUES = accepted(at("environment", "additionalProperties"), 2400)
KEYS = accepted(at("labels", "propertyNames"), 2400)
PATHS = accepted(at("code", "items", "from"), 600)
PATTERNS = accepted(at("code", "items", "exclude", "items"), 400)
PACKAGES = accepted(at("system_packages", "items"), 1200)


def batches(things: list[Any], size: int) -> Iterator[list[Any]]:
    return (things[start : start + size] for start in range(0, len(things), size))


def rendered(engine: Engine, spec: Spec) -> dict[str, bytes]:
    assert engine.problems(spec) == []
    return {file.path: file.content for file in engine.render(spec, engine.plan(spec), {})}


def lines_of(keyword: str, engine: Engine, spec: Spec) -> str:
    """Those instructions of the Dockerfile, as they stand there."""
    plan = engine.plan(spec)
    plan["outputs"] = [row for row in plan["outputs"] if row["path"] == "Dockerfile"]
    found = instructions(engine.render(spec, plan, {})[0].content.decode())
    return "".join(row.source + "\n" for row in found if row.keyword == keyword)


def test_environment(docker: Docker, engine: Engine) -> None:
    # The time a builder takes for them goes with the cube of their number.
    for batch in batches(VALUES, 200):
        wanted = {f"V{index}": text for index, text in enumerate(batch)}
        dockerfile = "FROM scratch\n"
        for pairs in batches(list(wanted.items()), 100):
            dockerfile += lines_of("ENV", engine, MINIMAL | {"environment": dict(pairs)})
        assert environment(docker.config(dockerfile)) == wanted


def test_labels(docker: Docker, engine: Engine) -> None:
    wanted = dict(zip(KEYS, VALUES, strict=True))
    dockerfile = "FROM scratch\n"
    for batch in batches(list(wanted.items()), 100):
        spec = mended(MINIMAL | {"labels": dict(batch)}, engine)
        dockerfile += lines_of("LABEL", engine, spec)
    made = docker.config(dockerfile)["Labels"]
    assert made.pop("org.opencontainers.image.title") == MINIMAL["name"]
    assert len(made) > 2000
    assert made == {key: wanted[key] for key in made}


def test_description(docker: Docker, engine: Engine) -> None:
    texts = [text for text in accepted(at("description"), 300) if text]
    dockerfile = "FROM scratch\n"
    for index, text in enumerate(texts):
        label = lines_of("LABEL", engine, MINIMAL | {"description": text})
        dockerfile += label.replace("image.description=", f"image.description.{index}=", 1)
    made = docker.config(dockerfile)["Labels"]
    assert [made[f"org.opencontainers.image.description.{index}"] for index in range(len(texts))] == texts


def test_command_and_entry_point(docker: Docker, macro: Macro) -> None:
    # No line may be longer than 65,535 bytes, and an image has one command.
    for batch in batches(VALUES, 1200):
        line = macro("encode", "array", batch)
        config = docker.config(f"FROM scratch\nENTRYPOINT {line}\nCMD {line}\n")
        assert config["Entrypoint"] == batch
        assert config["Cmd"] == batch


def test_words_of_a_shell(docker: Docker, base: str, macro: Macro) -> None:
    dockerfile = f"FROM {base}\n"
    for batch in batches(VALUES, 800):
        dockerfile += f"RUN printf '%s\\0'{macro('encode', 'words', batch)} >>/words\n"
    made = docker.files(dockerfile, {})["words"].decode().split("\0")
    assert made == [*VALUES, ""]


@pytest.mark.parametrize("system", ["al2", "al2023", "alpine", "debian"])
def test_whole_dockerfiles(docker: Docker, base: str, engine: Engine, system: str) -> None:
    number = ["al2", "al2023", "alpine", "debian"].index(system)
    spec = mended(_full(number, system), engine)
    files, plan = rendered(engine, spec), engine.plan(spec)
    dockerfile = files["Dockerfile"].decode()
    assert len(plan["system_packages"]) > 140
    assert len(plan["dependencies"]["packages"]) > 80

    sources = {path: path.encode() for path in _sources(plan)}
    context = sources | {path: files[path] for path in files if path.startswith(("scripts/", "Dockerfile."))}
    words = ("--build-context", f"{plan['base']['reference']}=docker-image://{base}")
    built = docker.files(dockerfile, context, *words, "--target=build")
    assert _called(built, engine, system) == _wanted_calls(plan, system)

    config = docker.config(dockerfile, context, *words)
    assert environment(config) == plan["environment"]
    assert config["Labels"] == plan["labels"]
    assert config["Cmd"] == plan["command"]
    assert (config["Entrypoint"] or []) == plan["entrypoint"]
    assert config["WorkingDir"] == plan["task_root"]

    made = docker.files(dockerfile, context, *words)
    placed = {f"/{path}": content for path, content in made.items() if path.startswith(("var/", "opt/"))}
    assert placed == _wanted_files(plan)


def _full(number: int, system: str) -> Spec:
    def some(things: list[Any], count: int) -> list[Any]:
        return list(itertools.islice(itertools.cycle(things), number * count, (number + 1) * count))

    requirements = accepted(at("dependencies", "packages", "items"), 400)
    names = list(dict.fromkeys(re.split(r"[\[=]", text)[0] for text in some(requirements, 100)))
    urls = accepted(at("dependencies", "indexes", "items", "url"), 120)
    models = [path for path in accepted(at("model_files", "items", "from"), 400) if "://" not in path]
    return MINIMAL | {
        "handler": "a_.b.handler",
        "base": {
            "image": "registry.example:5000/a--b/c__d",
            "tag": f"3.13_{number}-x.Y",
            "system": system,
            "runtime_client": ("added", "included")[number % 2],
        },
        "system_packages": some(PACKAGES, 150),
        "build_packages": [f"b{name}" for name in some(PACKAGES, 150)],
        "dependencies": {
            "files": [f"m{index}.{path}" for index, path in enumerate(some(PATHS, 10))],
            "packages": some(requirements, 100),
            "indexes": [{"url": url, "packages": [name]} for url, name in zip(some(urls, 10), names, strict=False)],
        },
        "model_files": [
            {"from": f"d{index}.{path}", "to": f"t{index}.{path.rstrip('/')}"}
            for index, path in enumerate(some(models, 12))
        ],
        "code": [
            {"from": f"c{index}.{path}", "to": f"o{index}/{other}"}
            for index, (path, other) in enumerate(zip(some(PATHS, 12), some(PATHS[::-1], 12), strict=True))
        ],
        "environment": {f"V_{index}": text for index, text in enumerate(some(VALUES[::-1], 90))},
        "labels": dict(zip(some(KEYS, 90), some(VALUES[::-1], 90), strict=True)),
    }


def _sources(plan: dict[str, Any]) -> list[str]:
    """The owner's files: of every second row of code a folder with one file, of the others a file."""
    code = [_source(index, row["from"]) for index, row in enumerate(plan["code"])]
    models = [f"{row['path']}/model" if row["directory"] else row["path"] for row in plan["models"]]
    return [*plan["dependencies"]["files"], *code, *models]


def _source(index: int, path: str) -> str:
    return f"{path}/inner/file" if index % 2 else path


def _wanted_files(plan: dict[str, Any]) -> dict[str, bytes]:
    found = {}
    for index, row in enumerate(plan["code"]):
        inside = "inner/file" if index % 2 else Path(row["from"]).name
        found[str(Path(plan["task_root"], row["to"], inside))] = _source(index, row["from"]).encode()
    for row in plan["models"]:
        inner = "/model" if row["directory"] else ""
        found[row["to"] + inner] = (row["path"] + inner).encode()
    return found


def _called(made: dict[str, bytes], engine: Engine, system: str) -> list[list[str]]:
    """What was called, without the options that the template always gives."""
    parts = [f"template/systems/{system}.jinja"]
    parts += [f"template/languages/python/{name}.jinja" for name in ("client", "dependencies", "finish", "stages")]
    fixed = set(re.findall(r"-[-a-z][^\s'\"{}]*", "".join((engine.root / part).read_text("utf-8") for part in parts)))
    found = [[word for word in call if word not in fixed] for call in calls(made["called"])]
    left_out = {"/check-requirements.py", "clean", "update"}
    compiling = ["python3", "-"]
    return [call for call in found if call[1] not in left_out and call[:2] != compiling]


def _wanted_calls(plan: dict[str, Any], system: str) -> list[list[str]]:
    wanted = plan["dependencies"]
    install = {"al2": ["yum", "install"], "al2023": ["dnf", "install"], "alpine": ["apk", "add"]}
    apt_get = ["apt-get", "install", "Acquire::https::CAInfo="]
    found = [install.get(system, apt_get) + plan[f"{kind}_packages"] for kind in ("system", "build")]
    certificate = f"--cert={CERTIFICATES.get(system, AMAZON)}"
    if plan["base"]["runtime_client"] == "added":
        client = ["--target=client/runtime", "/runtime-client.txt"]
        found.append(["python3", "pip", "install", certificate, *client])
    for row in wanted["indexes"]:
        index = f"--index-url={row['url']}"
        found += [["python3", "pip", "download", certificate, index, *row["packages"]]]
    return [*found, ["python3", "pip", "install", certificate, *wanted["packages"]]]


@pytest.mark.parametrize("number", range(4))
def test_context_is_what_the_plan_says(docker: Docker, engine: Engine, number: int) -> None:
    rows = list(batches(PATTERNS, 5))[number * 20 : (number + 1) * 20]
    manifests = PATHS[number * 9 : number * 9 + 9]
    spec = MINIMAL | {
        "dependencies": {"files": [f"m{index}.{path}" for index, path in enumerate(manifests)]},
        "code": [{"from": f"c{index}.{PATHS[-index - 1]}", "exclude": row} for index, row in enumerate(rows)],
    }
    plan = engine.plan(spec)
    paths = [
        ".env",
        "x",
        "scripts/finish-layer",
        "scripts/run",
        "scripts/check-requirements.py",
        *plan["dependencies"]["files"],
    ]
    paths += [f"{path}{end}" for path in plan["context"] for end in ("x/y", ".x/y", "/kept")]
    for row in plan["code"]:
        inner = {path for pattern in row["exclude"] for path in _relatives(pattern)}
        inner |= {"a/b/kept", ".hidden/kept", "a/.env", "a/b.pyc", ".git/x", "a/__pycache__/x"}
        paths += [f"{row['from']}/{path}" for path in inner]
    # What is a file cannot be another's folder.
    folders = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
    context = {path: b"" for path in paths if path not in folders and len(path) < 200}
    ignore = {"Dockerfile.dockerignore": rendered(engine, spec)["Dockerfile.dockerignore"]}
    made = docker.files("FROM scratch\nCOPY . /all/\n", context | ignore)
    assert {path.removeprefix("all/") for path in made} == {path for path in context if _let_in(path, plan)}


def _relatives(pattern: str) -> set[str]:
    """Paths that a pattern matches, and others that are nearly so."""
    forms = itertools.product(("d", "d/e"), ("", "s"))
    plain = {pattern.replace("**", folder).replace("*", part).replace("?", "q") for folder, part in forms}
    near = {form.format(path) for path in plain for form in ("{}", "{}x", "x{}", "deep/{}", "{}/in", "{}.d/x")}
    return {path for path in near if not {"", ".", ".."} & set(path.split("/"))}


JUNK = (".DS_Store", ".env", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv", "__pycache__")


def _let_in(path: str, plan: dict[str, Any]) -> bool:
    names = path.split("/")
    if any(name in JUNK or name.startswith(".env.") or name.endswith(".pyc") for name in names):
        return False
    ends = ["/".join(names[: count + 1]) for count in range(len(names))]
    excluded = any(_glob(pattern).fullmatch(end) for pattern in plan["excluded"] for end in ends)
    return any(_glob(pattern).fullmatch(end) for pattern in plan["context"] for end in ends) and not excluded


def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern of https://docs.docker.com/build/concepts/context/#dockerignore-files as a regular expression."""
    words = {"**/": "(?:.*/)?", "**": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    parts = [words.get(part, re.escape(part)) for part in re.split(r"(\*\*/?|\*|\?)", pattern)]
    return re.compile("".join([*parts[:-2], ".*"] if pattern.endswith("**") and parts[-1] == "" else parts))
