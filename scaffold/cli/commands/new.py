"""`scaffold new`."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli import changes
from scaffold.cli.output import print_error, print_findings, write
from scaffold.errors import CannotDecideError, ExitCode, InvalidInputError
from scaffold.findings.source import visible
from scaffold.fleet.outcome import Outcome
from scaffold.project.answers import SPEC
from scaffold.project.changes import ChangeKind
from scaffold.project.code.looks import on_disk
from scaffold.project.find import none_in
from scaffold.rendering import validation
from scaffold.rendering.engine import Engine
from scaffold.rendering.rendered_file import Owner

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from scaffold.dockerfile.existing import Existing
    from scaffold.project.changes import Change
    from scaffold.rendering.plan import Plan

DESCRIPTION = """\
Create a project in the directory DEST. If DEST has no lambda-image.yaml, ask
the template's questions and write the answers there, apart from those that a
Dockerfile or a lock file in DEST answers; otherwise use it and ask nothing.
Then render the project. If its registry answers within seconds, the base image
of a new spec is pinned to its digest."""

EXAMPLE = "scaffold new --defaults --data name=image-search image-search"

_PATIENCE = 3
"""Seconds in which a registry must answer, so that a new project never waits for a network that is not there."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("dest", metavar="DEST", type=Path, help="the project's directory; created if it does not exist")
    parser.add_argument(
        "-d", "--data", action="append", default=[], metavar="KEY=VALUE", help="an answer, or any key of the spec"
    )
    parser.add_argument("--data-file", type=Path, metavar="FILE", help="a YAML file of answers")
    parser.add_argument("-l", "--defaults", action="store_true", help="ask nothing and use the defaults")
    parser.add_argument(
        "--no-pin",
        action="store_true",
        default=os.environ.get("SCAFFOLD_PIN") == "0",
        help="do not ask the registry for the digest of the base image (default with SCAFFOLD_PIN=0)",
    )


def run(options: argparse.Namespace) -> int:
    """Create a project from the spec in DEST, or from answers."""
    dest, engine = options.dest, Engine()
    spec: Path = dest / SPEC
    asked = not spec.exists()
    if asked:
        _answer(options, engine)
    elif options.data or options.data_file:
        raise InvalidInputError(f"{spec} exists and answers do not change it: edit it, then run {_render(dest)}")
    outcome, done = changes.write([dest], engine, force=False)
    print_findings(outcome)
    created = [f"create {spec}"] if asked else []
    for _, made in done:
        write("".join(f"{line}\n" for line in _lines(dest, made, created)))
    if not done and asked:
        write(f"create {spec}\n")
    if done and outcome.code != ExitCode.CLEAN:
        print_error(f"Next: correct what is reported above, then run {_render(dest)}.")
    elif done:
        write("".join(f"{line}\n" for line in _next(dest, engine)))
    elif outcome.code == ExitCode.FINDINGS:
        written = f"{spec} is written, and nothing else" if asked else "Nothing is written"
        print_error(f"{written}. Commit the files above or move them away, then run {_render(dest)}.")
    return outcome.code


def _answer(options: argparse.Namespace, engine: Engine) -> None:
    from scaffold.dockerfile import existing
    from scaffold.project import copier_runner

    if (options.dest / SPEC).with_suffix(".yml").is_file():
        raise none_in([options.dest])
    there = existing.read(options.dest, engine)
    copier_runner.answer(
        options.dest, data=options.data, data_file=options.data_file, defaults=options.defaults, known=there.spec
    )
    write("".join(f"{line}\n" for line in _taken(there)))
    if not options.no_pin:
        from scaffold.gates.base_pin import pin

        try:
            pin(options.dest, engine, Outcome(), patience=_PATIENCE)
        except CannotDecideError:
            return  # `scaffold check` notes that there is no digest, and how to add it


def _taken(there: Existing) -> Iterator[str]:
    """Yield what the spec has from the files that were there, and what it has not."""
    yield from (f"from {origin}: {key}" for key, origin in there.origins.items())
    if there.left:
        yield f"Not taken; where it matters, add a key to {SPEC}:"
        yield from (f"  {visible(line)}" for line in there.left)


def _render(dest: Path) -> str:
    return f"`scaffold render{'' if str(dest) == '.' else f' {shlex.quote(str(dest))}'}`"


def _lines(dest: Path, made: Sequence[Change], created: list[str]) -> Iterator[str]:
    """Yield the changes, those of files that belong to the user first."""
    yours = [change for change in made if change.owner is not Owner.GENERATED]
    ours = [change for change in made if change.owner is Owner.GENERATED]
    yield "Yours to edit:"
    yield from (f"  {line}" for line in [*created, *(_line(dest, change) for change in yours)])
    yield f"Generated from {SPEC}, not to be edited:"
    yield from (f"  {_line(dest, change)}" for change in ours)
    count = len(made) + len(created)
    all_new = all(change.kind is ChangeKind.CREATE for change in made)
    yield f"{count} {'created' if all_new else 'changed'}"


def _line(dest: Path, change: Change) -> str:
    return f"{change.kind} {dest / change.path}"


def _next(dest: Path, engine: Engine) -> Iterator[str]:
    """Yield the commands to go on with, and the line with which editors know the keys of a spec written by hand."""
    plan, _ = validation.plan(dest / SPEC, engine)
    if plan is None:
        return
    yield f"Next: {' && '.join([*_enter(dest), ' '.join(['make', *_targets(dest, plan)])])}"
    if "$schema=" not in (dest / SPEC).read_text(encoding="utf-8"):
        yield f"Editors complete and check {SPEC} if it begins with this line:"
        yield f"# yaml-language-server: $schema={plan['schema']}"


def _enter(dest: Path) -> list[str]:
    return [] if dest.resolve() == Path.cwd() else [f"cd {shlex.quote(str(dest))}"]


def _targets(dest: Path, plan: Plan) -> list[str]:
    files = {row["path"] for row in plan["outputs"]}
    written = [dest / on_disk(plan, row["to"]) for row in plan["dependencies"]["locks"]]
    lock = [] if all(path.exists() for path in written) else ["lock"]
    return [*lock, "build", *(["run", "invoke"] if "scripts/invoke" in files else ["test"])]
