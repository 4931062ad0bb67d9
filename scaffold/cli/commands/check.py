"""`scaffold check`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.arguments import add_jobs, add_paths, add_report_format
from scaffold.cli.output import print_error, print_report
from scaffold.errors import ExitCode, InvalidInputError
from scaffold.findings.source import visible
from scaffold.fleet.outcome import Outcome
from scaffold.fleet.runner import for_each_project
from scaffold.gates.project import Check
from scaffold.project.answers import SPEC
from scaffold.project.find import root_of
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from scaffold.findings.finding import Finding
    from scaffold.standards.waivers import Scope

DESCRIPTION = """\
Check every project under PATH: its spec, whether its generated files equal a
render, and the rules of the standards. With --dockerfile, check hand-written
Dockerfiles instead. Nothing is written, so CI can run it; only --fix writes
those fixes that are one line of a spec, and no other file: render afterwards."""

EXAMPLE = "scaffold check --format sarif"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_paths(parser)
    add_report_format(parser)
    add_jobs(parser)
    parser.add_argument(
        "--standards",
        type=Path,
        metavar="FILE",
        help="also check against the bases, rules and waivers in this file (default: the template's own)",
    )
    parser.add_argument(
        "--dockerfile",
        dest="dockerfiles",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="check a hand-written Dockerfile, or all in a directory, instead of projects",
    )
    parser.add_argument(
        "--repository", default="", metavar="NAME", help="the repository that contains every PATH, as named in waivers"
    )

    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="keep verdicts in DIR, yours alone and outside of what is judged: projects that did not change are not "
        "judged again on the same day (UTC)",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="first write into the specs the fixes that are one line of them; report the remaining findings",
    )


def run(options: argparse.Namespace) -> int:
    """Report the findings about specs, generated files and standards, or about hand-written Dockerfiles."""
    if options.dockerfiles:
        return _check_dockerfiles(options)
    if options.cache:
        from scaffold.fleet.verdicts import require_outside

        require_outside(options.cache, options.paths)
    day = datetime.now(UTC).date()
    job = Check(today=day, standards_file=options.standards, scope=_scope(options), cache=options.cache)
    failed = _fix(options.paths, job) if options.fix else []
    outcome = for_each_project(options.paths, job.judge, processes=options.jobs, installed=True)
    outcome.add([finding for finding in failed if finding not in outcome.findings], ExitCode.FINDINGS)
    outcome.add(job.waiver_findings(outcome.findings), ExitCode.FINDINGS)
    print_report(outcome, options.format)
    return outcome.code


def _fix(paths: Sequence[Path], job: Check) -> list[Finding]:
    """Fix the specs, print each change on standard error, and return why some could not be written."""

    def act(root: Path, _: Outcome) -> None:
        for edit in job.fix(root):
            place = validation.dotted(edit.path)
            change = f"{place} removed" if edit.value is None else f"{place}: {edit.value}"
            print_error(visible(f"fixed {root / SPEC}: {change}"))

    return for_each_project(paths, act, installed=True).findings


def _scope(options: argparse.Namespace) -> Scope | None:
    if not options.repository:
        return None
    from scaffold.standards.waivers import Scope

    return Scope.of(options.repository, [root_of(path) for path in options.paths])


def _check_dockerfiles(options: argparse.Namespace) -> int:
    from scaffold.gates import dockerfile
    from scaffold.standards import waivers
    from scaffold.standards.load import load

    if options.fix:
        raise InvalidInputError("--fix writes specs: leave it out with --dockerfile")
    if options.cache:
        raise InvalidInputError("--cache keeps verdicts on projects: leave it out with --dockerfile")
    if [path for path in options.paths if str(path) != "."]:
        raise InvalidInputError(f"--dockerfile checks only Dockerfiles: omit PATH, or check {SPEC} in a separate run")
    rules, today = load(options.standards, Engine()), datetime.now(UTC).date()
    scope = waivers.Scope.of(options.repository, options.dockerfiles)
    found = waivers.apply(dockerfile.judge(options.dockerfiles, rules, today), rules.waivers, today, scope)
    found += waivers.waiver_findings(rules, found, today, scope)
    print_report(Outcome(findings=found), options.format)
    return dockerfile.exit_code(found)
