"""What a Dockerfile is made of, told from its plan alone and not by the templates: keywords and flags, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.rendering.engine import Plan

Row = tuple[str, tuple[str, ...]]

CERTIFICATES = {"alpine": "/etc/ssl/certs/ca-certificates.crt", "debian": "/etc/ssl/certs/ca-certificates.crt"}
PACKAGE_CERTIFICATES = CERTIFICATES | {"debian": "/ca_bundle.pem,mode=0444"}
AMAZON = "/etc/pki/tls/certs/ca-bundle.crt"
COPY: Row = ("COPY", ())
FROM: Row = ("FROM", ())
WORKDIR: Row = ("WORKDIR", ())


def stages(plan: Plan) -> list[str]:
    """What the FROM lines say."""
    models, code = ["base AS models"] * bool(plan["models"]), ["build AS code"] * _apart(plan)
    return [f"{plan['base']['reference']} AS base", *models, "base AS build", *code, "base"]


def wanted(plan: Plan) -> Iterator[Row]:
    """The keyword and flags of every instruction that a plan asks for."""
    yield from _base(plan)
    yield from _models(plan)
    yield from [FROM, WORKDIR, *_system(plan, "build_packages")]
    yield from [("ARG", ())] * len(plan["build"]["args"])
    yield from [("RUN", ())] * bool(plan["timezone"])
    yield from _adapter(plan)
    yield from _build(plan)
    for _ in plan["build"]["steps"]:
        mounts = ("--mount=type=bind,target=/source,rw", *_network(plan, plan["build"]["script_secrets"]))
        yield from [WORKDIR, ("RUN", mounts), WORKDIR]
    yield from [_offline(plan)] * bool(plan["links"])
    yield from [FROM] * _apart(plan)
    if plan["code"]:
        yield from [*[COPY] * len(plan["code"]), _offline(plan)]
    yield from _image(plan)


def lock_stages(plan: Plan) -> list[str]:
    """What the FROM lines of scripts/lock.Dockerfile say."""
    tests = ["tools AS tests", "scratch AS test-packages"] if plan["tests"]["packages"] else []
    return [f"{plan['base']['reference']} AS base", "base AS tools", *tests, "tools AS lock", "scratch AS locked"]


def wanted_to_lock(plan: Plan) -> Iterator[Row]:
    """The keyword and flags of every instruction of scripts/lock.Dockerfile."""
    given = plan["dependencies"]
    yield from _base(plan)
    yield from [FROM, WORKDIR, *_system(plan, "build_packages"), _tool(plan)]
    if plan["tests"]["packages"]:
        step = _step(plan, "check-requirements.py", cache=_cache(plan)) if plan["tests"]["groups"] else _step(plan)
        yield from [FROM, COPY, step, FROM, ("COPY", ("--from=tests",))]
    listed = ["base-packages.txt"] if given["shared"]["packages"] and not given["enforced"] else []
    cache = _cache(plan)
    arguments: list[Row] = [("ARG", ())] * (1 + len(plan["build"]["args"]))
    yield from [FROM, COPY, *arguments, _step(plan, "check-requirements.py", *listed, cache=cache)]
    if given["enforced"]:
        yield _step(plan, "check-requirements.py", cache=cache)
    yield FROM
    yield from [("COPY", ("--from=lock",))] * len(given["locks"])


def _base(plan: Plan) -> list[Row]:
    return [FROM, *_system(plan, "system_packages"), *_trust(plan), *_hooks(plan, "after_system")]


def _system(plan: Plan, key: str) -> list[Row]:
    path = PACKAGE_CERTIFICATES.get(plan["base"]["system"], AMAZON)
    return [("RUN", (f"--mount=type=secret,id=ca_bundle,target={path}",))] * bool(plan[key])


def _trust(plan: Plan) -> list[Row]:
    """The step that installs certificates."""
    given = enumerate(plan["certificates"], 1)
    mounts = [f"--mount=type=bind,source={_at(plan, path)},target=/certificates/{n}.crt" for n, path in given]
    return [("RUN", tuple(mounts))] * bool(mounts)


def _models(plan: Plan) -> Iterator[Row]:
    if plan["models"]:
        yield from [FROM, WORKDIR]
        downloaded = any(model["files"] for model in plan["models"])
        given = [
            f"--mount=type=bind,source={_at(plan, model['path'])},target=/models/{number}"
            for number, model in enumerate(plan["models"], 1)
        ]
        yield _offline(plan, *[_bind(plan, "models.sha256")] * downloaded, *given)


def _adapter(plan: Plan) -> Iterator[Row]:
    """The step that makes a layer of the web adapter."""
    if plan["server"]:
        yield _offline(plan, f"--mount=type=bind,from={plan['server']['adapter']['reference']},target=/adapter")


def _build(plan: Plan) -> Iterator[Row]:
    given = plan["dependencies"]
    shared = ["base-packages.py", "base-packages.txt"] if given["shared"]["packages"] else []
    cuda = ["refuse-cuda.py"] if given["variant"] else []
    if plan["base"]["runtime_client"] == "added":
        yield _step(plan, "runtime-client.txt", "finish-layer", secrets=[])
    for download in plan["downloads"]:
        taken = f"--mount=type=bind,source={_at(plan, download['path'])},target=/download"
        yield _offline(plan, _bind(plan, "unpack.py"), taken)
    if given["files"] or given["packages"]:
        if given["enforced"]:
            yield _tool(plan)
        yield from [COPY] * len({path.rpartition("/")[0] for path in given["manifests"]})
        if not given["enforced"]:
            yield from [_step(plan) for index in given["indexes"] if index["packages"]]
        check = ["check-requirements.py"] if given["files"] else []
        cache = "uv" if given["manager"] == "uv" else "pip"
        yield _step(plan, *check, *cuda, *shared, "finish-layer", cache=cache)
    if local := given["projects"] + given["wheels"]:
        yield from [*[COPY] * len(local), _step(plan, *shared, "finish-layer")]


def _installed(plan: Plan) -> list[bool]:
    """One item for each layer that the build stage makes before the code's."""
    given = plan["dependencies"]
    adapter = [True, plan["base"]["runtime_client"] == "none"] if plan["server"] else []
    wanted = [
        *adapter,
        *[True] * len(plan["downloads"]),
        plan["base"]["runtime_client"] == "added",
        bool(given["files"] or given["packages"]),
        bool(given["projects"] or given["wheels"]),
    ]
    return [there for there in wanted if there]


def _apart(plan: Plan) -> bool:
    """Whether the code has a stage of its own."""
    return bool(plan["code"] and (_installed(plan) or plan["build"]["steps"] or plan["links"]))


def _image(plan: Plan) -> Iterator[Row]:
    take: Row = ("COPY", ("--from=build",))
    variables: list[Row] = [("ENV", ())] * bool(plan["environment"])
    yield FROM
    for extension in plan["extensions"]:
        yield from [("COPY", (f"--from={extension['reference']}",))] * len(extension["paths"])
    yield from [("COPY", (f"--from={row['reference']}",)) for row in plan["picked"]]
    yield from [*[take for _ in _installed(plan)], WORKDIR]
    yield from [*(variables if plan["kind"] == "base" else []), *_hooks(plan, "after_dependencies")]
    yield from [("COPY", ("--from=models",))] * len(plan["models"])
    code: Row = ("COPY", ("--from=code",)) if _apart(plan) else take
    made = len(plan["build"]["steps"]) + bool(plan["links"])
    yield from [*[take] * made, *[code] * bool(plan["code"]), *_hooks(plan, "after_code")]
    yield from [*(variables if plan["kind"] == "function" else []), ("LABEL", ())]
    yield from [*[("ENTRYPOINT", ())] * bool(plan["entrypoint"]), *[("CMD", ())] * bool(plan["command"])]


def _hooks(plan: Plan, place: str) -> list[Row]:
    return [("RUN", _network(plan, plan["hook_secrets"]))] * len(plan["hooks"][place])


def _at(plan: Plan, path: str) -> str:
    return path[1:] if path.startswith("/") else plan["place"]["prefix"] + path


def _bind(plan: Plan, script: str) -> str:
    return f"--mount=type=bind,source={_at(plan, f'scripts/{script}')},target=/{script}"


def _offline(plan: Plan, *flags: str) -> Row:
    """A step that finishes a layer, without a network."""
    return "RUN", ("--network=none", _bind(plan, "finish-layer"), *flags)


def _network(plan: Plan, secrets: list[dict[str, Any]]) -> tuple[str, ...]:
    required = {True: ",required=true", False: ""}
    certificates = f"--mount=type=secret,id=ca_bundle,target={CERTIFICATES.get(plan['base']['system'], AMAZON)}"
    homes = {row["id"]: f",target=/root{row['file'][1:]}" if row["file"] else "" for row in secrets}
    given = (f"--mount=type=secret,id={row['id']}{homes[row['id']]}{required[row['required']]}" for row in secrets)
    return (certificates, *given)


def _step(plan: Plan, *scripts: str, cache: str = "pip", secrets: list[dict[str, Any]] | None = None) -> Row:
    """A step that downloads packages."""
    mounts = _network(plan, plan["dependencies"]["secrets"] if secrets is None else secrets)
    agent = ["--mount=type=ssh", "--mount=type=secret,id=known_hosts,target=/root/.ssh/known_hosts"]
    return "RUN", (
        f"--mount=type=cache,target=/root/.cache/{cache}",
        *mounts,
        *(agent if plan["build"]["ssh"] and secrets is None else []),
        *(_bind(plan, script) for script in scripts),
    )


def _cache(plan: Plan) -> str:
    return "uv" if plan["dependencies"]["tool"] == "uv" else "pip"


def _tool(plan: Plan) -> Row:
    """The step that installs what reads and writes locks."""
    return _step(plan, f"{plan['dependencies']['tool']}.txt")
