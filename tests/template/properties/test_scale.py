"""As much as a spec may hold at all is rendered, and can be built."""

from __future__ import annotations

import pytest

from scaffold.rendering.engine import Engine

from .builder import Docker, environment, instructions
from .strategies import MINIMAL, SCHEMA, Spec

LONGEST_LINE = 65_535  # of a Dockerfile, in bytes: BuildKit refuses longer ones
LONGEST_WORD = 131_071  # of a command, in bytes: MAX_ARG_STRLEN of Linux; a RUN is one word of `sh -c`
WORST = {f"V{index}": ("$\\\"'`🎉"[index % 6] * 4000)[:4000] for index in range(100)}


def largest() -> Spec:
    def path(kind: str, index: int) -> str:
        return f"{kind}{index:03}{'x' * 96}/{'y' * 99}"

    def model(index: int) -> dict[str, str]:
        return {"from": f"https://m.example/{index}/{'x' * 900}", "sha256": "0" * 64, "to": path("t", index)}

    names = [f"p{index:02}{'x' * 95}" for index in range(100)]
    excluded = [f"{index}{'x' * 190}" for index in range(50)]
    return MINIMAL | {
        "base": "python3.13-debian",
        "description": "🎉" * 256,
        "system_packages": [f"s{index:03}{'x' * 124}" for index in range(500)],
        "build_packages": [f"b{index:03}{'x' * 124}" for index in range(500)],
        "dependencies": {
            "files": [path("m", index) for index in range(10)],
            "projects": [path("p", index) for index in range(10)],
            "wheels": [f"{'w' * 60}{index}/{'y' * 60}-1-py3-none-any.whl" for index in range(10)],
            "packages": [f"{name}=={'1' * 100}" for name in names],
            "indexes": [{"url": f"https://{n}.example/{'x' * 480}", "packages": names[n::10]} for n in range(10)],
        },
        "model_files": [model(index) for index in range(80)],
        "code": [{"from": path("c", index), "to": f"o{index}", "exclude": excluded} for index in range(20)],
        "environment": WORST,
        "labels": {f"label-{index}{'x' * 100}": value for index, value in enumerate(WORST.values())},
    }


def files_of(engine: Engine, spec: Spec) -> dict[str, bytes]:
    assert engine.problems(spec) == []
    return {file.path: file.content for file in engine.render(spec, engine.plan(spec), {})}


def test_the_largest_spec_is_rendered(engine: Engine) -> None:
    dockerfile = files_of(engine, largest())["Dockerfile"]
    assert max(map(len, dockerfile.split(b"\n"))) < LONGEST_LINE
    for row in instructions(dockerfile.decode()):
        assert row.keyword != "RUN" or len(row.source.encode()) < LONGEST_WORD


def test_that_is_the_largest() -> None:
    keys = SCHEMA["properties"]
    assert [SCHEMA["$defs"]["packages"]["maxItems"], SCHEMA["$defs"]["packages"]["items"]["maxLength"]] == [500, 128]
    assert [keys[name]["maxItems"] for name in ("model_files", "downloads", "code")] == [80, 20, 20]
    assert [keys[name]["maxProperties"] for name in ("environment", "labels")] == [100, 100]
    assert SCHEMA["$defs"]["value"]["maxLength"] == 4000
    wanted = keys["dependencies"]["properties"]
    assert [wanted[name]["maxItems"] for name in ("files", "projects", "wheels", "packages", "indexes")] == [
        10,
        10,
        10,
        100,
        10,
    ]


@pytest.mark.images
def test_the_largest_environment_is_built(docker: Docker, engine: Engine) -> None:
    found = instructions(files_of(engine, MINIMAL | {"environment": WORST})["Dockerfile"].decode())
    lines = [row.source for row in found if row.keyword == "ENV"]
    assert environment(docker.config("\n".join(["FROM scratch", *lines, ""]))) == WORST


@pytest.mark.images
def test_as_many_layers_as_a_spec_can_have_are_built(docker: Docker, base: str, engine: Engine) -> None:
    names, ten, twenty = [f"p{index}" for index in range(10)], range(10), range(20)
    spec = MINIMAL | {
        "base": "python3.13-debian",
        "system_packages": ["a"],
        "build_packages": ["b"],
        "downloads": [
            {"from": f"https://d.example/{n}", "sha256": {"x86_64": f"{n:064}"}, "to": "/opt", "name": f"n{n}"}
            for n in twenty
        ],
        "dependencies": {
            "files": [f"m{n}.txt" for n in ten],
            "packages": [f"{name}==1" for name in names],
            "indexes": [{"url": f"https://i.example/{name}", "packages": [name]} for name in names],
            "projects": [f"shared/s{n}" for n in ten],
            "wheels": [f"wheels/w{n}-1-py3-none-any.whl" for n in ten],
        },
        "model_files": [{"from": f"d{n}", "to": f"t{n}"} for n in range(80)],
        "code": [{"from": f"c{n}", "to": f"o{n}"} for n in twenty],
    }
    files, plan = files_of(engine, spec), engine.plan(spec)
    context = {path: content for path, content in files.items() if path.startswith(("scripts/", "Dockerfile."))}
    context |= {path: path.encode() for path in plan["context"] if path not in context}
    words = ("--build-context", f"{plan['base']['reference']}=docker-image://{base}")
    made = docker.files(files["Dockerfile"].decode(), context, *words)
    assert {f"/{path}": content for path, content in made.items() if path.startswith("opt/")} == {
        f"/opt/ml/model/t{n}": f"d{n}".encode() for n in range(80)
    }
