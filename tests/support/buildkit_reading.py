"""What BuildKit takes from where, read off the syntax tree that its own parser makes (the wheel `dockerfile`).

Written from BuildKit's documentation and source, and not from `scaffold.dockerfile`: what one of the two has wrong, the
other should not. It errs towards more images: of a variable, every value; of ONBUILD, every word.
"""

from __future__ import annotations

import csv
import io
import re

import dockerfile

ANYTHING = "*"  # an image that no reading of the file can name

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:(:?[-+])([^{}$]*))?\}|(\w+))")


class NotADockerfile(Exception):  # noqa: N818 - an answer, not a failure
    """BuildKit's parser refuses it."""


def images(text: str) -> set[str]:
    """Every image and URL that a build of any stage may read; not stages, not the empty image where it is a base."""
    try:
        commands = dockerfile.parse_string(text)
    except (dockerfile.GoParseError, dockerfile.GoIOError, ValueError) as error:
        raise NotADockerfile from error
    found, stages, arguments = _frontends(text), [], dict[str, str]()
    for command in commands:
        match (command.cmd or "").lower():
            case "from":
                base, name = _base(command, arguments)
                if base.lower() not in stages:
                    found.add(base)
                stages.append(name.lower())
            case "arg" if not stages:
                arguments |= dict(word.split("=", 1) for word in command.value if "=" in word)
            case "onbuild":
                found |= {ANYTHING}
            case "add":
                found |= {word for word in command.value if re.search(r"://|@|^github\.com/|\$", word)}
            case "copy":
                earlier = {*stages[:-1], *map(str, range(len(stages) - 1))}
                found |= {image for image in _taken(command.flags) if image.lower() not in earlier}
            case _:
                found |= {image for image in _taken(command.flags) if image.lower() not in stages[:-1]}
    return found


def stands_on_nothing(text: str) -> bool:
    """Whether the last stage stands on the empty image, by whatever stages."""
    bases: dict[str, str] = {}
    last = ""
    for command in dockerfile.parse_string(text):
        if (command.cmd or "").lower() == "from":
            base, name = _base(command, {})
            last = bases.get(base.lower(), base)
            bases[name.lower()] = last
    return last in {"scratch", ""}


def _base(command: dockerfile.Command, arguments: dict[str, str]) -> tuple[str, str]:
    words = [_expand(word.strip("\"'"), arguments) for word in command.value]
    named = len(words) == 3 and words[1].casefold() == "as"
    return (words[0] if words else ANYTHING), (words[2] if named else "")


def _expand(word: str, arguments: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name, operator, other = match[1] or match[4], match[2], match[3]
        if operator and operator.endswith("+"):
            return other if name in arguments else ""
        return arguments.get(name) or (other if operator else "") or ANYTHING

    return _VARIABLE.sub(value, word)


def _taken(flags: tuple[str, ...]) -> set[str]:
    """What `--from` and `--mount=from` name."""
    found = set()
    for flag in flags:
        name, _, value = flag.removeprefix("--").partition("=")
        if name == "from":
            found.add(value)
        elif name == "mount":
            fields = [field for row in csv.reader(io.StringIO(value, newline="")) for field in row]
            pairs = [field.partition("=") for field in fields]
            found |= {what for key, _, what in pairs if key.strip().lower() == "from"}
    return found


def _frontends(text: str) -> set[str]:
    """What stands behind `syntax=` at the head of a file, in any of the forms that a frontend is chosen by."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    found = set()
    for line in lines:
        match = re.match(r"\s*(?:#|//)\s*(\w+)\s*=\s*(.+?)\s*$", line)
        if not match:
            break
        if match[1].lower() == "syntax":
            found.add((match[2].split() or [ANYTHING])[0])
    if lines and lines[0].lstrip().startswith("{"):
        found.add(ANYTHING)
    return found
