"""The plan as types. Made by docs/generate.py from schema/plan.schema.json: edit that.

Only type checkers read this module: import it under TYPE_CHECKING.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Template(TypedDict):
    """The template that makes the project."""

    name: str
    organisation: str
    version: str


class Runtime(TypedDict):
    """A Lambda runtime."""

    name: str
    version: str
    language: str
    deprecated: str
    successor: str | None


class Architecture(TypedDict):
    """An instruction set."""

    name: Literal["arm64", "x86_64"]
    platform: Literal["linux/amd64", "linux/arm64"]
    machine: Literal["aarch64", "x86_64"]


class Base(TypedDict):
    """A base image."""

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
    """The runtime interface emulator."""

    in_image: bool
    image: str
    reference: str
    path: str


class Extension(TypedDict):
    """A Lambda extension of the standards."""

    name: str
    image: str
    tag: str
    digest: str
    reference: str
    paths: list[str]


class Registry(TypedDict):
    """A private registry of Amazon ECR."""

    host: str
    region: str


class Secret(TypedDict):
    """A secret of the build."""

    id: str
    variable: str
    file: str | None
    required: bool


class Build(TypedDict):
    """Inputs of the build."""

    args: dict[str, str]
    secrets: list[Secret]


class Place(TypedDict):
    """Where the project is in its build context."""

    root: str
    project: str
    prefix: str


# A lock file.
Lock = TypedDict(
    "Lock",
    {
        "from": str,
        "to": str,
    },
)


class Variant(TypedDict):
    """A special build of a package."""

    name: str
    index: str


class Index(TypedDict):
    """A package index."""

    url: str
    packages: list[str]


class SharedPackages(TypedDict):
    """Packages that a base image shares with its functions."""

    folder: str
    packages: dict[str, str]


class Dependencies(TypedDict):
    """What a package manager installs."""

    manager: str
    to: str
    tool: str
    enforced: bool
    files: list[str]
    locks: list[Lock]
    members: list[str]
    groups: list[str]
    extras: list[str]
    projects: list[str]
    wheels: list[str]
    folder: str
    variant: Variant | None
    secrets: list[Secret]
    packages: list[str]
    require_hashes: bool
    indexes: list[Index]
    shared: SharedPackages


# Files that are copied in as code.
Code = TypedDict(
    "Code",
    {
        "from": str,
        "to": str,
        "exclude": list[str],
    },
)


class Layer(TypedDict):
    """A folder that another stage made, and the image has as a layer."""

    kind: Literal["download", "client", "packages", "projects", "model", "code"]
    stage: str
    folder: str
    to: str


# A tool or data, downloaded and verified.
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


# A file that is downloaded for a model.
ModelFile = TypedDict(
    "ModelFile",
    {
        "from": str,
        "version": str | None,
        "path": str,
        "to": str,
        "sha256": str,
        "size": int | None,
    },
)


# A model file, or a folder of them: one layer of the image.
Model = TypedDict(
    "Model",
    {
        "from": str,
        "source": Literal["hf", "https", "project", "s3"],
        "path": str,
        "directory": bool,
        "to": str,
        "size": int | None,
        "files": list[ModelFile],
    },
)


class Handler(TypedDict):
    """A handler, in parts."""

    handler: str
    module: str
    function: str
    file: str | None


class Event(TypedDict):
    """An event source."""

    name: str
    file: str


class FunctionTests(TypedDict):
    """The tests of a function."""

    invoke: str
    unit: str


class FunctionSettings(TypedDict):
    """Settings of a function on Lambda."""

    memory_size: int
    timeout: int
    ephemeral_storage: int
    environment: dict[str, str]


# A function of the image.
Function = TypedDict(
    "Function",
    {
        "name": str,
        "deployed": str,
        "handler": Handler,
        "event": Event,
        "tests": FunctionTests,
        "lambda": FunctionSettings,
    },
)


class Hook(TypedDict):
    """A shell step."""

    name: str
    run: str


class Hooks(TypedDict):
    """Shell steps, by their place in the Dockerfile."""

    after_system: list[Hook]
    after_dependencies: list[Hook]
    after_code: list[Hook]


class Checks(TypedDict):
    """What must work in the built image."""

    imports: list[str]
    commands: list[str]


class Aws(TypedDict):
    """Names and places on AWS."""

    region: str
    repository: str
    role: str
    alias: str


class Ci(TypedDict):
    """The CI workflow."""

    provider: Literal["github", "none"]
    runner: str


class EntryFacts(TypedDict):
    """What the standards say of a base image."""

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
    """The entry of a base image in the standards."""

    name: str
    tag: str
    facts: EntryFacts


class Output(TypedDict):
    """A file of the project."""

    path: str
    owner: Literal["generated", "starter", "theirs"]
    mode: Literal["0644", "0755"]
    template: str


class Plan(TypedDict):
    """What `scaffold plan` prints: everything that the template decided, complete and sorted."""

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
    certificates: list[str]
    extensions: list[Extension]
    registries: list[Registry]
    build: Build
    place: Place
    context: list[str]
    lock_context: list[str]
    excluded: list[str]
    dependencies: Dependencies
    code: list[Code]
    layers: list[Layer]
    downloads: list[Download]
    models: list[Model]
    model_budget: int
    environment: dict[str, str]
    labels: dict[str, str]
    task_root: str
    runtime_directory: str
    start_script: str | None
    entrypoint: list[str]
    command: list[str]
    functions: list[Function]
    hooks: Hooks
    hook_secrets: list[Secret]
    snap_start: bool
    timezone: str
    checks: Checks
    aws: Aws
    ci: Ci
    entry: Entry | None
    outputs: list[Output]
