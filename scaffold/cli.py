"""The command line: verbs, their options and exit codes. What they do is elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scaffold.errors import ExitCode, InvalidInputError, ScaffoldError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXIT_CODES = (
    "exit codes: 0 clean, 1 findings, 2 invalid input or usage, 3 could not decide or finish; the highest wins"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInputError(f"{message}\n{self.format_usage().strip()}")


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
    from scaffold.findings import visible

    print("\n".join(visible(line) for line in f"scaffold: {error}".split("\n")), file=sys.stderr)


def _parser() -> _Parser:
    parser = _Parser(
        prog="scaffold", description="One YAML file in, an AWS Lambda container image project out.", epilog=_EXIT_CODES
    )
    parser.add_argument("--version", action=_Version)
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _new(verbs)
    _many(verbs, "validate", "check the specs")
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
    check = _many(verbs, "check", "judge specs and files, for CI: nothing is written")
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
        "--standards", type=Path, metavar="FILE", help="the standards to judge by (default: the template's)"
    )
    _image(verbs)
    _standards(verbs)
    _models(verbs)
    return parser


def _image(verbs: argparse._SubParsersAction[_Parser]) -> None:
    image = verbs.add_parser("image", help="judge images", epilog=_EXIT_CODES)
    parts = image.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = _part(parts, "check", "prove what images stand on, and that Lambda takes them: no layer is read", "image")
    check.add_argument(
        "images", nargs="*", metavar="IMAGE", help="images (default: what scripts/build of --project made)"
    )
    check.add_argument(
        "--file", type=Path, metavar="FILE", help='a file with one image per line; "-" is standard input'
    )
    check.add_argument("--project", type=Path, metavar="PATH", help="compare them with this project's plan too")
    where = check.add_mutually_exclusive_group()
    where.add_argument("--local", action="store_true", help="look all images up in the engine")
    where.add_argument(
        "--remote",
        action="store_true",
        help="look all images up in their registries (default: those whose name starts with a registry's host)",
    )


def _standards(verbs: argparse._SubParsersAction[_Parser]) -> None:
    standards = verbs.add_parser("standards", help="show standards, pin their images, enforce them", epilog=_EXIT_CODES)
    parts = standards.add_subparsers(title="commands", metavar="COMMAND", required=True)
    show = _part(parts, "show", "explain the images of the standards", "standards", "show")
    pin = _part(
        parts, "pin", "write the digests and layers that the registries have into the file", "standards", "pin_images"
    )
    for verb in (show, pin):
        verb.add_argument("names", nargs="*", metavar="NAME", help="bases and extensions (default: all)")
    pin.add_argument("--check", action="store_true", help="write nothing; exit code 1 if something would change")
    policy = _part(
        parts, "policy", "print the source policy by which BuildKit refuses everything else", "standards", formats=()
    )
    for verb, purpose in (
        (pin, "tell which of these projects get another base"),
        (policy, "allow only what these need"),
    ):
        verb.add_argument("--projects", nargs="+", type=Path, default=[], metavar="PATH", help=purpose)


def _part(  # noqa: PLR0913, PLR0917 - one call per verb
    parts: argparse._SubParsersAction[_Parser],
    name: str,
    purpose: str,
    subject: str,
    function: str = "",
    formats: Sequence[str] = ("text", "json"),
) -> _Parser:
    """A verb of a subject: `scaffold SUBJECT NAME`, which `scaffold/SUBJECT_command.py` carries out."""
    verb = parts.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", epilog=_EXIT_CODES)
    verb.add_argument("--standards", type=Path, metavar="FILE", help="a standards file (default: the template's own)")
    if formats:
        verb.add_argument(
            "--format", choices=formats, default="text", help="how results are written to standard output"
        )

    def command(options: argparse.Namespace) -> int:
        from importlib import import_module

        run: Callable[[argparse.Namespace], int] = getattr(
            import_module(f"scaffold.{subject}_command"), function or name
        )
        return run(options)

    verb.set_defaults(command=command)
    return verb


def _new(verbs: argparse._SubParsersAction[_Parser]) -> None:
    new = verbs.add_parser("new", help="make a project, from answers or from a spec in DEST", epilog=_EXIT_CODES)
    new.add_argument("dest", metavar="DEST", type=Path, help="the project's folder; it is made if it is not there")
    new.add_argument(
        "-d", "--data", action="append", default=[], metavar="KEY=VALUE", help="an answer, or any key of the spec"
    )
    new.add_argument("--data-file", type=Path, metavar="FILE", help="a YAML file of answers")
    new.add_argument("-l", "--defaults", action="store_true", help="ask nothing: take the defaults")
    new.set_defaults(command=_command("new"))


def _models(verbs: argparse._SubParsersAction[_Parser]) -> None:
    models = verbs.add_parser("models", help="see to the model files of the specs")
    below = models.add_subparsers(title="commands", metavar="COMMAND", required=True)
    lock = _many(below, "lock", "download what has no sha256 yet, and write its sha256 and size into the specs")
    lock.add_argument("--update", action="store_true", help="what has a sha256, too: write what it is now")
    lock.set_defaults(command=_command("models lock"))


def _many(
    verbs: argparse._SubParsersAction[_Parser], name: str, purpose: str, formats: Sequence[str] = ("text", "json")
) -> _Parser:
    verb = verbs.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.", epilog=_EXIT_CODES)
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
            "--format", choices=formats, default="text", help="how results are written to standard output"
        )
    verb.set_defaults(command=_command(name))
    return verb


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    def command(options: argparse.Namespace) -> int:
        from scaffold.commands import VERBS

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
