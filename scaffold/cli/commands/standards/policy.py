"""`scaffold standards policy`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_projects, add_standards
from scaffold.cli.output import print_findings, print_json
from scaffold.fleet.outcome import Outcome
from scaffold.gates.build import images_of_projects, images_of_standards
from scaffold.rendering.engine import Engine
from scaffold.standards import source_policy
from scaffold.standards.load import load

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Print a source policy for BuildKit that allows builds to read the pinned images
of the standards and no others. With --projects, allow only the images that the
builds of these projects need."""

EXAMPLE = "scaffold standards policy --projects my-function"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_standards(parser)
    add_projects(parser, "allow only the images that these projects need")


def run(options: argparse.Namespace) -> int:
    """Print the source policy that allows the images of the standards, or those of some projects."""
    engine, today = Engine(), datetime.now(UTC).date()
    standards = load(options.standards, engine)
    if options.projects:
        images, findings = images_of_projects(options.projects, engine, standards, today)
    else:
        images, findings = images_of_standards(standards, today)
    print_json(source_policy.policy(images, standards.mirrors))
    outcome = Outcome.of(findings)
    print_findings(outcome)
    return outcome.code
