"""Builds the parser from the table of commands; only the requested command gets its arguments."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from scaffold.cli.output import write
from scaffold.cli.table import TABLE, Command, Group, load
from scaffold.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from _typeshed import SupportsWrite

EXIT_CODES = (
    "exit status: 0 clean, 1 findings, 2 invalid input or usage, 3 could not decide or finish; the highest wins"
)


class Parser(argparse.ArgumentParser):
    """A parser that raises an exception where argparse would end the program with its own message."""

    def error(self, message: str) -> NoReturn:
        """Raise InvalidInputError with the message and the usage."""
        raise InvalidInputError(f"{message}\n{self.format_usage().strip()}")

    def words(self) -> dict[str, list[str]]:
        """Return the words that can follow, by the option before them; without one, "" has all options and choices."""
        found: dict[str, list[str]] = {"": []}
        for action in self._actions:
            found[""] += action.option_strings
            choices = list(map(str, action.choices or ()))
            for option in action.option_strings or [""]:
                if choices:
                    found.setdefault(option, []).extend(choices)
        return found

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Write the help to standard output; argparse would ignore a failed write."""
        if file is None:
            write(self.format_help())
        else:
            file.write(self.format_help())


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; the result's `run` is the function of the chosen command.

    Raises InvalidInputError, and SystemExit after --help and --version.
    """
    words = [word for word in arguments if not word.startswith("-")]
    filled = {" ".join(words[:1]), " ".join(words[:2])}
    named = bool(arguments) and isinstance(TABLE.get(arguments[0]), Command)
    parsers = build(filled, TABLE.keys() & filled if named else TABLE)
    options = parsers[""].parse_args(arguments)
    if not hasattr(options, "run"):
        raise InvalidInputError(f"a command is required\n\n{parsers[options.group].format_help().rstrip()}")
    return options


def build(filled: Collection[str], names: Collection[str] = TABLE) -> dict[str, Parser]:
    """Return the parsers of these commands and groups by name; the empty name stands for the whole program.

    Only the commands in `filled` get their arguments and descriptions, which requires importing their modules.
    """
    root = Parser(
        prog="scaffold",
        description="Turn one YAML file into an AWS Lambda container-image project, and keep it correct.",
        epilog=_epilog("scaffold new my-function"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action=_Version)
    root.set_defaults(group="")
    parsers, groups = {"": root}, {"": root.add_subparsers(title="commands", metavar="COMMAND")}
    for name in names:
        row = TABLE[name]
        above, _, word = name.rpartition(" ")
        parser = groups[above].add_parser(word, help=row.summary, formatter_class=argparse.RawDescriptionHelpFormatter)
        parsers[name] = parser
        if isinstance(row, Group):
            parser.description, parser.epilog = row.description, _epilog(row.example)
            parser.set_defaults(group=name)
            groups[name] = parser.add_subparsers(title="commands", metavar="COMMAND")
        elif name in filled:
            module = load(row)
            parser.description, parser.epilog = module.DESCRIPTION, _epilog(module.EXAMPLE)
            module.arguments(parser)
            parser.set_defaults(run=module.run)
    return parsers


def _epilog(example: str) -> str:
    return f"example:\n  {example}\n\n{EXIT_CODES}"


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        purpose = "print the version, and the name and organisation of the template"
        super().__init__(option_strings, dest, nargs=0, help=purpose)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import json

        import yaml

        from scaffold.locations import template_root

        template = json.loads((template_root() / "catalogue/template.json").read_bytes())
        standards = yaml.safe_load((template_root() / "standards/standards.yaml").read_bytes())
        write(
            f"scaffold {template['version']}\ntemplate: {template['name']}\norganisation: {standards['organisation']}\n"
        )
        parser.exit()
