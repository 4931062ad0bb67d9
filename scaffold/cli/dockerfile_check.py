"""`scaffold check --dockerfile`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffold.errors import InvalidInputError
from scaffold.gates.dockerfile import exit_code, judge
from scaffold.project.answers import SPEC
from scaffold.rendering.engine import Engine
from scaffold.reports import formats
from scaffold.standards import waivers
from scaffold.standards.load import load

if TYPE_CHECKING:
    import argparse


def check(options: argparse.Namespace) -> int:
    """Judge the Dockerfiles that `--dockerfile` names, print the findings, give the exit code.

    Raises InvalidInputError for standards that are none.
    """
    if [path for path in options.paths if str(path) != "."]:
        raise InvalidInputError(
            f"--dockerfile judges Dockerfiles alone: leave out PATH, or leave {SPEC} to another run"
        )
    rules, today = load(options.standards, Engine()), datetime.now(UTC).date()
    scope = waivers.Scope.of(options.repository, options.dockerfiles)
    found = waivers.apply(judge(options.dockerfiles, rules, today), rules.waivers, today, scope)
    found += waivers.waiver_findings(rules, found, today, scope)
    sys.stdout.write(formats.render(found, format=options.format))
    return exit_code(found)
