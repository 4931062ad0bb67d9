"""`scaffold completion`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from scaffold.cli.output import write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

DESCRIPTION = """\
Print the code with which bash or zsh completes the commands and options of
`scaffold`. Read it in the file with which your shell starts, ~/.bashrc or
~/.zshrc: eval "$(scaffold completion bash)"."""

EXAMPLE = "scaffold completion zsh"

_BEFORE = {"bash": "", "zsh": "autoload -U +X bashcompinit && bashcompinit\n"}
_CODE = """\
_scaffold() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} command='' words='' options='' at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case "$command ${{COMP_WORDS[at]}}" in
            {commands}) command="$command ${{COMP_WORDS[at]}}" ;;
        esac
    done
    case "$command:$before" in
{choices}
        *)
            case $command in
{words}
            esac
            ;;
    esac
    [[ $word != -* ]] || words=$options
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _scaffold scaffold
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=tuple(_BEFORE), metavar="SHELL", help="bash or zsh")


def run(options: argparse.Namespace) -> int:
    """Print the code."""
    from scaffold.cli.parser import build
    from scaffold.cli.table import TABLE

    words = {name: parser.words() for name, parser in build(TABLE.keys()).items()}
    code = _CODE.format(
        commands=" | ".join(shlex.quote(f" {name}") for name in TABLE),
        choices="\n".join(line for name, rows in words.items() for line in _choices(name, rows)),
        words="\n".join(_words(name, rows[""]) for name, rows in words.items()),
    )
    write(_BEFORE[options.shell] + code)
    return 0


def _choices(name: str, rows: dict[str, list[str]]) -> Iterator[str]:
    """Yield the branches of a case statement for the values of a command's options."""
    for option, choices in rows.items():
        if option:
            yield f"        {shlex.quote(f'{_path(name)}:{option}')}) words={shlex.quote(' '.join(choices))} ;;"


def _words(name: str, words: list[str]) -> str:
    """Return the branch for the words and options of a command."""
    options = shlex.quote(" ".join(word for word in words if word.startswith("-")))
    others = shlex.quote(" ".join(word for word in words if not word.startswith("-")))
    return f"                {shlex.quote(_path(name))}) words={others} options={options} ;;"


def _path(name: str) -> str:
    return f" {name}".rstrip()
