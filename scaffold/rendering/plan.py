"""The plan as types. Made by docs/generate.py from schema/plan.schema.json: edit that.

Only type checkers read this module: import it under TYPE_CHECKING.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Template(TypedDict):
    """`template` of the plan."""

    name: str
    organisation: str
    version: str


class Runtime(TypedDict):
    """`runtime` of the plan."""

    name: str
    version: str
    language: str
    deprecated: str
    successor: str | None


class Architecture(TypedDict):
    """`architecture` of the plan."""

    name: str
    platform: str
    machine: str


class Base(TypedDict):
    """`base` of the plan."""

    name: str | None
    image: str
    tag: str
    digest: str | None
    reference: str
    system: str
    runtime_client: Literal["added", "included"]
    entrypoint: list[str]
    environment: dict[str, str]
    packages: dict[str, str]


class Emulator(TypedDict):
    """`emulator` of the plan."""

    in_image: bool
    image: str
    reference: str
    path: str


class Index(TypedDict):
    """`index` of the plan."""

    url: str
    packages: list[str]


# `lock` of the plan.
Lock = TypedDict(
    "Lock",
    {
        "from": str,
        "to": str,
    },
)


class Variant(TypedDict):
    """`variant` of the plan."""

    name: str
    index: str


class Secret(TypedDict):
    """`secret` of the plan."""

    id: str
    variable: str
    file: str | None
    required: bool


class Shared(TypedDict):
    """`shared` of the plan."""

    folder: str
    packages: dict[str, str]


class Dependencies(TypedDict):
    """`dependencies` of the plan."""

    manager: str
    files: list[str]
    packages: list[str]
    require_hashes: bool
    indexes: list[Index]
    tool: str
    enforced: bool
    locks: list[Lock]
    members: list[str]
    groups: list[str]
    extras: list[str]
    projects: list[str]
    wheels: list[str]
    folder: str
    variant: Variant | None
    secrets: list[Secret]
    to: str
    shared: Shared


# `code` of the plan.
Code = TypedDict(
    "Code",
    {
        "from": str,
        "to": str,
        "exclude": list[str],
    },
)


# `file` of the plan.
File = TypedDict(
    "File",
    {
        "from": str,
        "version": str | None,
        "path": str,
        "to": str,
        "sha256": str,
        "size": int | None,
    },
)


# `model` of the plan.
Model = TypedDict(
    "Model",
    {
        "from": str,
        "source": Literal["hf", "https", "project", "s3"],
        "path": str,
        "directory": bool,
        "to": str,
        "size": int | None,
        "files": list[File],
    },
)


class Aws(TypedDict):
    """`aws` of the plan."""

    region: str
    repository: str
    role: str
    alias: str


class Ci(TypedDict):
    """`ci` of the plan."""

    provider: Literal["github", "none"]
    runner: str


class Output(TypedDict):
    """`output` of the plan."""

    path: str
    owner: Literal["generated", "starter", "theirs"]
    mode: Literal["0644", "0755"]
    template: str


class Place(TypedDict):
    """`place` of the plan."""

    root: str
    project: str
    prefix: str


class Build(TypedDict):
    """`build` of the plan."""

    args: dict[str, str]
    secrets: list[Secret]


# `download` of the plan.
Download = TypedDict(
    "Download",
    {
        "from": str,
        "version": None,
        "sha256": str,
        "size": None,
        "path": str,
        "format": Literal["file", "tar", "zip"],
        "pick": list[str],
        "name": str,
        "executable": bool,
        "root": str,
        "to": str,
        "folder": str,
    },
)


class Handler(TypedDict):
    """`handler` of the plan."""

    handler: str
    module: str
    function: str
    file: str | None


class Event(TypedDict):
    """`event` of the plan."""

    name: str
    file: str


class Lambda(TypedDict):
    """`lambda` of the plan."""

    memory_size: int
    timeout: int
    ephemeral_storage: int
    environment: dict[str, str]


class Tests(TypedDict):
    """`tests` of the plan."""

    invoke: str
    unit: str


# `function` of the plan.
Function = TypedDict(
    "Function",
    {
        "name": str,
        "deployed": str,
        "handler": Handler,
        "event": Event,
        "lambda": Lambda,
        "tests": Tests,
    },
)


class AfterCode(TypedDict):
    """`after_code` of the plan."""

    name: str
    run: str


class AfterDependency(TypedDict):
    """`after_dependency` of the plan."""

    name: str
    run: str


class AfterSystem(TypedDict):
    """`after_system` of the plan."""

    name: str
    run: str


class Hooks(TypedDict):
    """`hooks` of the plan."""

    after_code: list[AfterCode]
    after_dependencies: list[AfterDependency]
    after_system: list[AfterSystem]


class HookSecret(TypedDict):
    """`hook_secret` of the plan."""

    id: str
    variable: str
    file: str | None
    required: bool


class Checks(TypedDict):
    """`checks` of the plan."""

    commands: list[str]
    imports: list[str]


class Extension(TypedDict):
    """`extension` of the plan."""

    name: str
    image: str
    tag: str
    digest: str
    reference: str
    paths: list[str]


class Registry(TypedDict):
    """`registry` of the plan."""

    host: str
    region: str


class Facts(TypedDict):
    """`facts` of the plan."""

    entrypoint: NotRequired[list[str]]
    environment: dict[str, str]
    owner: NotRequired[str]
    replaced_by: NotRequired[str]
    runtime_client: Literal["included"]
    runtimes: list[str]
    supported_until: NotRequired[str]
    system: str
    tier: str


class Entry(TypedDict):
    """`entry` of the plan."""

    name: str
    tag: str
    facts: Facts


class Plan(TypedDict):
    """The plan: what `scaffold plan` prints."""

    kind: Literal["base", "function"]
    name: str
    description: str
    schema: str
    template: Template
    runtime: Runtime
    architecture: Architecture
    base: Base
    emulator: Emulator
    system_packages: list[str]
    build_packages: list[str]
    dependencies: Dependencies
    code: list[Code]
    context: list[str]
    excluded: list[str]
    models: list[Model]
    environment: dict[str, str]
    labels: dict[str, str]
    task_root: str
    runtime_directory: str
    entrypoint: list[str]
    command: list[str]
    aws: Aws
    ci: Ci
    outputs: list[Output]
    absent: list[str]
    place: Place
    build: Build
    model_budget: int
    downloads: list[Download]
    functions: list[Function]
    hooks: Hooks
    hook_secrets: list[HookSecret]
    timezone: str
    start_script: str | None
    checks: Checks
    certificates: list[str]
    extensions: list[Extension]
    registries: list[Registry]
    entry: Entry | None
    snap_start: bool
