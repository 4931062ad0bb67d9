"""`scaffold completion`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from scaffold.cli.output import write

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """\
Print the code with which bash, zsh or fish completes the commands and options
of `scaffold`. Read it in the file with which your shell starts, ~/.bashrc or
~/.zshrc: eval "$(scaffold completion bash)". For fish, write it to
~/.config/fish/completions/scaffold.fish."""

EXAMPLE = "scaffold completion zsh"

_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"
_BASH = """\
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

_FISH = """\
function __scaffold
    set -l command ''
    set -l given (commandline -opc)
    for word in $given[2..]
        if contains -- "$command $word" {commands}
            set command "$command $word"
        end
    end
    set -l words
    set -l options
    switch "$command:$given[-1]"
{choices}
        case '*'
            switch "$command"
{words}
            end
    end
    switch (commandline -ct)
        case '-*'
            set words $options
    end
    if set -q words[1]
        printf '%s\\n' $words
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c scaffold -f -a '(__scaffold)'
"""

_SHELLS = {
    "bash": (
        _BASH,
        " | ",
        "        {at}) words='{words}' ;;",
        "                {at}) words='{words}' options='{options}' ;;",
    ),
    "fish": (
        _FISH,
        " ",
        "        case {at}\n            set words {words}",
        "                case {at}\n                    set words {words}\n                    set options {options}",
    ),
}
"""The code for a shell, the text between commands, the branch for the values of an option, and that for a command."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Print the code."""
    from scaffold.cli.parser import build
    from scaffold.cli.table import TABLE

    code, between, values, command = _SHELLS["fish" if options.shell == "fish" else "bash"]
    choices, commands = [], []
    for name, parser in build(TABLE.keys()).items():
        path, rows = f" {name}".rstrip(), parser.words()
        choices += [
            values.format(at=shlex.quote(f"{path}:{option}"), words=" ".join(rows[option])) for option in rows if option
        ]
        words = " ".join(word for word in rows[""] if not word.startswith("-"))
        flags = " ".join(word for word in rows[""] if word.startswith("-"))
        commands.append(command.format(at=shlex.quote(path), words=words, options=flags))
    known = between.join(shlex.quote(f" {name}") for name in TABLE)
    code = code.format(commands=known, choices="\n".join(choices), words="\n".join(commands))
    write((_ZSH if options.shell == "zsh" else "") + code)
    return 0
