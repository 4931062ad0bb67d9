"""All commands and groups, in the order in which the help lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    import argparse
    from typing import Protocol

    class CommandModule(Protocol):
        """The contents of a command's module."""

        DESCRIPTION: str
        """One paragraph, in lines of at most 80 characters."""

        EXAMPLE: str
        """A valid command line."""

        @staticmethod
        def arguments(parser: argparse.ArgumentParser) -> None:
            """Add the command's arguments."""

        @staticmethod
        def run(options: argparse.Namespace) -> int:
            """Run the command and return its exit status; raises ScaffoldError."""


class Command(NamedTuple):
    """A command: its module in `scaffold.cli.commands`, and its summary."""

    module: str
    summary: str


class Group(NamedTuple):
    """Commands about one subject: their summary, a paragraph of description, and an example."""

    summary: str
    description: str
    example: str


TABLE: dict[str, Command | Group] = {
    "new": Command("new", "create a project, from answers or from a spec in DEST"),
    "validate": Command("validate", "check the specs"),
    "plan": Command("plan", "print the plans of the specs, as JSON"),
    "diff": Command("diff", "show what a render would change"),
    "render": Command("render", "write the generated files"),
    "update": Command("update", "move to a newer template; everything must be committed"),
    "check": Command("check", "check specs, generated files and standards, for CI: nothing is written"),
    "doctor": Command("doctor", "check that this machine has what the scripts of a project need"),
    "schema": Command("schema", "print the JSON Schema of lambda-image.yaml, for editors"),
    "completion": Command("completion", "print what makes a shell complete commands and options"),
    "base": Group(
        "pin the base images of projects",
        """\
Work with the base images that the specs name. For those of the standards, see
`scaffold standards`.""",
        "scaffold base pin",
    ),
    "base pin": Command("base_pin", "write the digest of the base image, as its registry has it, into the specs"),
    "image": Group(
        "check images, and show what is in them",
        """\
Check and show built images, made with or without this template, in an engine or
in a registry.""",
        "scaffold image check --project .",
    ),
    "image check": Command("image.check", "prove which bases images are built on, and that Lambda accepts them"),
    "image show": Command("image.show", "show what is in an image, what is its base's, and what changed"),
    "image sbom": Command("image.sbom", "write the software bill of materials of an image, as SPDX and CycloneDX"),
    "image attach": Command("image.attach", "store the SBOMs of a pushed image beside it in its registry"),
    "standards": Group(
        "show standards, pin their images, enforce them",
        """\
Work with the standards: an organisation's base images, extensions and rules.
Every command reads the template's own standards, or those in --standards FILE.""",
        "scaffold standards show",
    ),
    "standards show": Command("standards.show", "show the images of the standards"),
    "standards pin": Command("standards.pin", "write the registries' digests and layers into the standards"),
    "standards policy": Command(
        "standards.policy", "print a source policy with which BuildKit refuses all other images"
    ),
    "models": Group(
        "manage model files",
        """\
Manage the model files of the specs: everything under `model_files` that is
downloaded from outside the project.""",
        "scaffold models lock",
    ),
    "models lock": Command(
        "models_lock", "download model files without a sha256, and write their sha256 and size into the specs"
    ),
}


def load(command: Command) -> CommandModule:
    """Import the module of a command."""
    from importlib import import_module

    return cast("CommandModule", import_module(f"scaffold.cli.commands.{command.module}"))
