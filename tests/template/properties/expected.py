"""What a Dockerfile is made of, told from its plan alone and not by the templates: keywords and flags, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.rendering.engine import Plan

Row = tuple[str, tuple[str, ...]]

NETWORK = ("--mount=type=secret,id=network", "--mount=type=secret,id=ca_bundle")
COPY: Row = ("COPY", ())
FROM: Row = ("FROM", ())
WORKDIR: Row = ("WORKDIR", ())


def stages(plan: Plan) -> list[str]:
    """What the FROM lines say."""
    locks, models = bool(plan["dependencies"]["locks"]), bool(plan["models"])
    building = ["base AS tools", "tools AS lock", "scratch AS locked", "tools AS build"] if locks else ["base AS build"]
    return [f"{plan['base']['reference']} AS base", *["base AS models"] * models, *building, "base"]


def wanted(plan: Plan) -> Iterator[Row]:
    """The keyword and flags of every instruction that a plan asks for."""
    yield from [FROM, *[("RUN", NETWORK)] * bool(plan["system_packages"]), *_trust(plan), *_hooks(plan, "after_system")]
    yield from _models(plan)
    yield from [FROM, WORKDIR, *[("RUN", NETWORK)] * bool(plan["build_packages"])]
    if plan["dependencies"]["locks"]:
        if plan["dependencies"]["enforced"]:
            yield from [COPY, _pip(plan)]
        yield from _lock(plan)
        yield FROM
    yield from [("ARG", ())] * len(plan["build"]["args"])
    yield from [("RUN", ())] * bool(plan["timezone"])
    yield from _build(plan)
    yield from _image(plan)


def _trust(plan: Plan) -> list[Row]:
    """The step that installs certificates."""
    given = enumerate(plan["certificates"], 1)
    mounts = [f"--mount=type=bind,source={_at(plan, path)},target=/certificates/{n}.crt" for n, path in given]
    return [("RUN", tuple(mounts))] * bool(mounts)


def _models(plan: Plan) -> Iterator[Row]:
    if plan["models"]:
        yield from [FROM, WORKDIR]
        for model in plan["models"]:
            mode = "--chmod=0755" if model["directory"] else "--chmod=0644"
            yield "COPY", () if model["directory"] and model["files"] else (mode,)
        if any(model["files"] for model in plan["models"]):
            yield "RUN", (_bind(plan, "models.sha256"),)
        yield _finish(plan)


def _lock(plan: Plan) -> Iterator[Row]:
    """The stage that `make lock` builds, and the one that holds nothing but the locks."""
    given = plan["dependencies"]
    if not given["enforced"]:
        yield from [FROM, COPY, _pip(plan)]
    else:
        yield FROM
    covered = {row[side] for row in given["locks"] for side in ("from", "to")}
    yield from [COPY] * len(given["locks"])
    yield from [COPY for file in given["files"] + given["members"] if file not in covered]
    yield from [("ARG", ()), WORKDIR, ("RUN", (*_base_list(plan), *_network(given["secrets"])))]
    if given["enforced"]:
        yield from [_export(plan), WORKDIR, _pip(plan)]
    yield FROM
    yield from [("COPY", ("--from=lock",))] * len(given["locks"])


def _build(plan: Plan) -> Iterator[Row]:
    given = plan["dependencies"]
    if plan["base"]["runtime_client"] == "added":
        yield from [COPY, _pip(plan, secrets=[]), _finish(plan)]
    for download in plan["downloads"]:
        taken = f"--mount=type=bind,source={_at(plan, download['path'])},target=/download"
        yield "RUN", (taken, _bind(plan, "unpack.py"), _bind(plan, "finish-layer.py"))
    if given["files"] or given["packages"]:
        yield from [COPY] * len(given["files"] + given["members"])
        if given["enforced"]:
            yield from [WORKDIR, _export(plan), WORKDIR, _pip(plan, check=given["variant"])]
        else:
            yield from [_pip(plan) for index in given["indexes"] if index["packages"]]
            yield _pip(plan, check=given["files"] or given["variant"], base_list=_base_list(plan))
        yield from [*_left_to_base(plan), _finish(plan)]
    if local := given["projects"] + given["wheels"]:
        yield from [*[COPY] * len(local), _pip(plan), *_left_to_base(plan), _finish(plan)]
    if plan["code"]:
        yield from [*[COPY] * len(plan["code"]), _finish(plan)]


def _image(plan: Plan) -> Iterator[Row]:
    given = plan["dependencies"]
    built = [
        *[True] * len(plan["downloads"]),
        plan["base"]["runtime_client"] == "added",
        given["files"] or given["packages"],
        given["projects"] or given["wheels"],
    ]
    take: Row = ("COPY", ("--from=build",))
    variables: list[Row] = [("ENV", ())] * bool(plan["environment"])
    yield FROM
    for extension in plan["extensions"]:
        yield from [("COPY", (f"--from={extension['reference']}",))] * len(extension["paths"])
    yield from [*[WORKDIR] * bool(plan["hooks"]["after_dependencies"] or plan["hooks"]["after_code"])]
    yield from [*[take for there in built if there]]
    yield from [*(variables if plan["kind"] == "base" else []), *_hooks(plan, "after_dependencies")]
    yield from [("COPY", ("--from=models",))] * len(plan["models"])
    yield from [*[take] * bool(plan["code"]), *_hooks(plan, "after_code"), WORKDIR]
    yield from [*(variables if plan["kind"] == "function" else []), ("LABEL", ())]
    yield from [*[("ENTRYPOINT", ())] * bool(plan["entrypoint"]), *[("CMD", ())] * bool(plan["command"])]


def _hooks(plan: Plan, place: str) -> list[Row]:
    return [("RUN", _network(plan["hook_secrets"]))] * len(plan["hooks"][place])


def _at(plan: Plan, path: str) -> str:
    return path[1:] if path.startswith("/") else plan["place"]["prefix"] + path


def _bind(plan: Plan, script: str) -> str:
    return f"--mount=type=bind,source={_at(plan, f'scripts/{script}')},target=/{script}"


def _base_list(plan: Plan) -> tuple[str, ...]:
    """What tells a step which packages the base has."""
    return (_bind(plan, "base-packages.txt"),) if plan["dependencies"]["shared"]["packages"] else ()


def _left_to_base(plan: Plan) -> list[Row]:
    mounts = (*_base_list(plan), _bind(plan, "base-packages.py"))
    return [("RUN", mounts)] * bool(plan["dependencies"]["shared"]["packages"])


def _finish(plan: Plan) -> Row:
    return "RUN", (_bind(plan, "finish-layer.py"),)


def _network(secrets: list[dict[str, Any]]) -> tuple[str, ...]:
    required = {True: ",required=true", False: ""}
    return (*NETWORK, *(f"--mount=type=secret,id={row['id']}{required[row['required']]}" for row in secrets))


def _pip(
    plan: Plan,
    *,
    check: object = False,
    secrets: list[dict[str, Any]] | None = None,
    base_list: tuple[str, ...] = (),
) -> Row:
    mounts = _network(plan["dependencies"]["secrets"] if secrets is None else secrets)
    checked = (_bind(plan, "check-requirements.py"),) if check else ()
    return "RUN", ("--mount=type=cache,target=/root/.cache/pip", *base_list, *checked, *mounts)


def _export(plan: Plan) -> Row:
    return "RUN", (_bind(plan, "check-requirements.py"), *_network(plan["dependencies"]["secrets"]))
