"""The settings of the tools that build images, as plain data for the readers and the checks.

Each table maps the keys under which a tool describes one build to the names that the checks know. A key of a build that
is in no table is an unknown setting, and therefore a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffold.findings.source import Position


@dataclass(frozen=True, kw_only=True)
class Table:
    """The keys of one build: `names` has those that matter, `harmless` those that bring nothing into an image."""

    names: Mapping[str, str]
    harmless: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: `name` is a value of the tables below, or the kind of thing that a reader could not read.

    `args` becomes one `argument` per build argument, with its name as text. `text` is None if the value is not a
    literal.
    """

    name: str
    text: str | None
    place: Position


BAKE = Table(
    names={
        "args": "args",
        "cache-from": "cache",
        "context": "context",
        "contexts": "contexts",
        "dockerfile": "dockerfile",
        "dockerfile-inline": "inline",
        "target": "target",
    },
    harmless=frozenset(
        {"annotations", "attest", "cache-to", "call", "description", "entitlements", "extra-hosts", "inherits"}
        | {"labels", "matrix", "name", "network", "no-cache", "no-cache-filter", "output", "platforms", "pull"}
        | {"secret", "shm-size", "ssh", "tags", "ulimits"}
    ),
)
COMPOSE = Table(
    names={
        "additional_contexts": "contexts",
        "args": "args",
        "cache_from": "cache",
        "context": "context",
        "dockerfile": "dockerfile",
        "dockerfile_inline": "inline",
        "target": "target",
    },
    harmless=frozenset(
        {"attest", "cache_to", "entitlements", "extra_hosts", "isolation", "labels", "network", "no_cache"}
        | {
            "no_cache_filter",
            "platforms",
            "provenance",
            "pull",
            "sbom",
            "secrets",
            "shm_size",
            "ssh",
            "tags",
            "ulimits",
        }
        | {"x-bake"}
    ),
)
SAM = Table(
    names={
        "DockerBuildArgs": "args",
        "DockerBuildTarget": "target",
        "DockerContext": "context",
        "Dockerfile": "dockerfile",
    },
    harmless=frozenset({"DockerTag"}),
)
SAM_CONFIG = Table(
    names={"base_dir": "directory", "s": "directory", "hook_name": "hidden", "t": "import", "template": "import"}
    | {"template_file": "import"},
    harmless=frozenset(),
)
"""SAM's commands share one list of parameters, most of which do not concern builds."""
SKAFFOLD = Table(
    names={
        "buildArgs": "args",
        "cacheFrom": "cache",
        "cliFlags": "parameters",
        "context": "context",
        "dockerfile": "dockerfile",
        "target": "target",
    },
    harmless=frozenset(
        {"addHost", "cache", "cleanup", "digestFile", "docker", "env", "hooks", "image", "kaniko", "label", "network"}
        | {
            "noCache",
            "platforms",
            "pullParent",
            "requires",
            "runtimeType",
            "secrets",
            "skipTLS",
            "squash",
            "ssh",
            "sync",
        }
    ),
)
DEVCONTAINER = Table(
    names={
        "args": "args",
        "cacheFrom": "cache",
        "context": "context",
        "dockerComposeFile": "import",
        "dockerFile": "file",
        "dockerfile": "file",
        "options": "parameters",
        "target": "target",
    },
    harmless=frozenset(),
)
ACTION = Table(
    names={
        "build-args": "argument",
        "build-contexts": "contexts",
        "cache-from": "cache",
        "context": "context",
        "file": "file",
        "target": "target",
    },
    harmless=frozenset(
        {"add-hosts", "allow", "annotations", "attests", "builder", "cache-to", "call", "cgroup-parent", "github-token"}
        | {"labels", "load", "network", "no-cache", "no-cache-filters", "outputs", "platforms", "provenance", "pull"}
        | {"push", "sbom", "secret-envs", "secret-files", "secrets", "shm-size", "ssh", "tags", "ulimit"}
    ),
)
"""The inputs of docker/build-push-action."""
BAKE_ACTION = Table(
    names={
        "files": "import",
        "overrides": "overrides",
        "set": "overrides",
        "source": "context",
        "workdir": "directory",
    },
    harmless=frozenset(
        {"allow", "builder", "github-token", "load", "no-cache", "provenance", "pull", "push", "sbom", "targets"}
    ),
)
"""The inputs of docker/bake-action."""
SERVERLESS = Table(
    names={
        "buildArgs": "args",
        "buildOptions": "parameters",
        "cacheFrom": "cache",
        "file": "dockerfile",
        "path": "context",
        "uri": "image",
    },
    harmless=frozenset({"platform", "provenance"}),
)
REFUSED: Mapping[str, tuple[str, str]] = {
    "archive": ("a function whose code is not in an image", "Build it from a Dockerfile."),
    "contexts": ("contexts that replace images or stages", "Copy from the build's own context or from a stage."),
    "depth": ("too many or too deeply nested merges", "Write out the values."),
    "directory": ("a different project directory", "Remove it, and write paths relative to this file."),
    "flags": ("an option that gives the builder other sources", "Remove it: the Dockerfile names everything it needs."),
    "hidden": ("resources that exist only after a transformation", "Write out each resource that Docker builds."),
    "image": ("an image that no parameter names", "Use a parameter without a default, such as !Ref ImageUri."),
    "inline": ("an inline Dockerfile", "Move it to a separate file."),
    "key": ("a key that is not a plain string", "Write it without a tag."),
    "layer": ("a layer, which adds files to functions", "Build its content into the image."),
    "nested": ("a template from elsewhere", "Put it in this directory."),
    "overrides": ("an override of what is built", "Write it in the Bake file."),
    "parameters": ("an unknown build parameter", "Remove it."),
    "unread": ("something other than name = value", "Write one setting per line."),
}
"""The settings that no build may have: the message and the fix."""
