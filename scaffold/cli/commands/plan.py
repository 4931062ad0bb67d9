"""`scaffold plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_paths
from scaffold.cli.output import print_findings, print_json
from scaffold.errors import ExitCode
from scaffold.fleet.runner import for_each_project
from scaffold.project.answers import SPEC
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from scaffold.fleet.outcome import Outcome

DESCRIPTION = """\
Print everything that the template decided from a spec, as JSON: the plan of one
project, or a mapping from the paths of several projects to their plans."""

EXAMPLE = "scaffold plan my-function/lambda-image.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)


def run(options: argparse.Namespace) -> int:
    """Print the plan of one project, or the plans of several by path."""
    engine, plans = Engine(), {}

    def decide(root: Path, outcome: Outcome) -> None:
        plan, found = validation.plan(root / SPEC, engine)
        outcome.add(found, ExitCode.INVALID)
        if plan is not None:
            plans[str(root)] = plan

    outcome = for_each_project(options.paths, decide)
    print_findings(outcome)
    if plans:
        one = len(plans) == 1 and not outcome.findings
        print_json(next(iter(plans.values())) if one else plans)
    return outcome.code
