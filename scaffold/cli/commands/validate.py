"""`scaffold validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_jobs, add_paths, add_report_format
from scaffold.cli.output import print_report
from scaffold.fleet.runner import for_each_project
from scaffold.gates.project import Validation

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Check every lambda-image.yaml under PATH: its YAML, its keys and their values.
Generated files and the rules of the standards are not checked."""

EXAMPLE = "scaffold validate --format github"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_report_format(parser)
    add_jobs(parser)


def run(options: argparse.Namespace) -> int:
    """Report the findings in the specs."""
    outcome = for_each_project(options.paths, Validation().judge, processes=options.jobs)
    print_report(outcome, options.format)
    return outcome.code
