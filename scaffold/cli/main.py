"""The command line: verbs, their options and exit codes. What they do is elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scaffold.cli.parser import EXIT_CODES, Parser
from scaffold.cli.subjects import add_image, add_standards
from scaffold.errors import ExitCode, ScaffoldError
from scaffold.reports.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; nothing expected gets out as a traceback.

    `arguments` default to the command line's.
    """
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except ScaffoldError as error:
        _tell(error)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.UNDECIDED
    except KeyboardInterrupt:
        return 130


def run(arguments: Sequence[str]) -> int:
    """Run one command; raises the ScaffoldError that `main` would tell."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    return command(options)


def _tell(error: ScaffoldError) -> None:
    from scaffold.findings.source import visible

    print("\n".join(visible(line) for line in f"scaffold: {error}".split("\n")), file=sys.stderr)


def _parser() -> Parser:
    parser = Parser(
        prog="scaffold", description="One YAML file in, an AWS Lambda container image project out.", epilog=EXIT_CODES
    )
    parser.add_argument("--version", action=_Version)
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _new(verbs)
    _judging(_many(verbs, "validate", "check the specs", formats=FORMATS))
    _many(verbs, "plan", "print what follows from the specs, as JSON", formats=())
    diff = _many(verbs, "diff", "show what a render would change")
    diff.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="as if the spec said so: --set runtime=python3.14",
    )
    render = _many(verbs, "render", "write what follows from the specs")
    render.add_argument("--force", action="store_true", help="write over edited files too; each is kept as PATH.orig")
    update = _many(verbs, "update", "move to a newer template; everything must be committed")
    update.add_argument("--to", default="", metavar="VERSION", help="a version of the template (default: its newest)")
    _check(verbs)
    add_image(verbs)
    add_standards(verbs)
    _models(verbs)
    return parser


def _check(verbs: argparse._SubParsersAction[Parser]) -> None:
    check = _judging(_many(verbs, "check", "judge specs and files, for CI: nothing is written", formats=FORMATS))
    check.add_argument(
        "--standards",
        type=Path,
        metavar="FILE",
        help="judge by the bases, rules and waivers in this file too (default: by the template's own)",
    )
    check.add_argument(
        "--dockerfile",
        dest="dockerfiles",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="judge, instead of projects, a Dockerfile that was written by hand, or all in a folder",
    )
    check.add_argument(
        "--repository", default="", metavar="NAME", help="the repository that all PATHs are in, as waivers name it"
    )


def _judging(verb: Parser) -> Parser:
    verb.add_argument(
        "-j", "--jobs", type=_count, default=0, metavar="N", help="processes to use (default: one for each processor)"
    )
    return verb


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1000:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 to 999")
    return int(text)


def _new(verbs: argparse._SubParsersAction[Parser]) -> None:
    new = verbs.add_parser("new", help="make a project, from answers or from a spec in DEST", epilog=EXIT_CODES)
    new.add_argument("dest", metavar="DEST", type=Path, help="the project's folder; it is made if it is not there")
    new.add_argument(
        "-d", "--data", action="append", default=[], metavar="KEY=VALUE", help="an answer, or any key of the spec"
    )
    new.add_argument("--data-file", type=Path, metavar="FILE", help="a YAML file of answers")
    new.add_argument("-l", "--defaults", action="store_true", help="ask nothing: take the defaults")
    new.set_defaults(command=_command("new"))


def _models(verbs: argparse._SubParsersAction[Parser]) -> None:
    models = verbs.add_parser("models", help="see to the model files of the specs")
    below = models.add_subparsers(title="commands", metavar="COMMAND", required=True)
    lock = _many(below, "lock", "download what has no sha256 yet, and write its sha256 and size into the specs")
    lock.add_argument("--update", action="store_true", help="what has a sha256, too: write what it is now")
    lock.set_defaults(command=_command("models lock"))


def _many(
    verbs: argparse._SubParsersAction[Parser], name: str, purpose: str, formats: Iterable[str] = ("text", "json")
) -> Parser:
    verb = verbs.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", epilog=EXIT_CODES)
    verb.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="a project, or a folder that holds some (default: here)",
    )
    if formats:
        verb.add_argument(
            "--format", choices=tuple(formats), default="text", help="how results are written to standard output"
        )
    verb.set_defaults(command=_command(name))
    return verb


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    def command(options: argparse.Namespace) -> int:
        from scaffold.cli.verbs import VERBS

        return VERBS[name](options)

    return command


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and the template's organisation")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import json

        import yaml

        from scaffold.locations import template_root

        template = json.loads((template_root() / "catalogue/template.json").read_bytes())
        standards = yaml.safe_load((template_root() / "standards/standards.yaml").read_bytes())
        print(standards["organisation"], template["name"], template["version"])
        parser.exit()
