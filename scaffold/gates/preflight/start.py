"""Whether Lambda can start the function: command, entry point, directory, handler, runtime client."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from scaffold.findings.finding import Severity
from scaffold.gates.preflight.subject import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.findings.finding import Finding
    from scaffold.gates.preflight.subject import Subject
    from scaffold.gates.preflight.table import Table
    from scaffold.oci.layer import LayerEntry

_ENV = "/env"


def command(subject: Subject) -> Iterator[Finding]:
    """AWS's entry point takes exactly one word, the handler; any other image needs something to start."""
    words = subject.facts.command
    if subject.on_aws_entrypoint and len(words) != 1:
        message = f"the command has {len(words)} words, and AWS's entry point requires one, the handler: {list(words)}"
        fix = 'Write it as a list of one string: CMD ["app.handler"].'
        yield subject.finding("wrong-command", message, fix)
    if not subject.facts.entrypoint and not words:
        message, fix = "the image has neither an entry point nor a command", "Set ENTRYPOINT, or CMD."
        yield subject.finding("missing-entrypoint", message, fix)


def entrypoint(subject: Subject) -> Iterator[Finding]:
    """The program that Lambda starts must be in the image, executable, with its interpreter."""
    words = [*subject.facts.entrypoint, *subject.facts.command]
    if not words:
        return
    if posixpath.basename(words[0]) in subject.table.rows["emulators"]:
        message = f"the entry point is the runtime interface emulator, {words[0]}, which serves nobody in Lambda"
        fix = "Start the runtime client; start the emulator with `docker run --entrypoint` where it is needed."
        yield subject.finding("emulator-entrypoint", message, fix)
    program = subject.program(words[0])
    if program is None or program[1].kind != "file":
        message = f"the entry point {words[0]} is not a file in the image"
        yield subject.finding("missing-entrypoint", message, "Copy it into the image, or correct ENTRYPOINT.")
        return
    yield from _startable(subject, *program)


def bootstrap(subject: Subject) -> Iterator[Finding]:
    """AWS's entry point starts `bootstrap`, the runtime client, which the base for custom runtimes lacks."""
    if not subject.on_aws_entrypoint:
        return
    path = f"{subject.table.runtime_directory}/bootstrap"
    program = subject.find(path)
    if program is None or program[1].kind != "file":
        message = f"AWS's entry point starts {path}, and the image does not have it"
        yield subject.finding("missing-client", message, f"Copy your executable to {path}.")
        return
    yield from _startable(subject, *program)


def _startable(subject: Subject, path: str, entry: LayerEntry) -> Iterator[Finding]:
    script = entry.seen is not None and entry.seen.start.startswith(b"#!")
    if not entry.mode & 0o001:
        message = f"{path} has mode {entry.mode:04o}, and Lambda's user cannot start it"
        yield subject.finding("not-executable", message, "Copy it with --chmod=755.")
    if script and entry.seen:
        yield from _interpreted(subject, path, entry.seen.start)


def _interpreted(subject: Subject, path: str, start: bytes) -> Iterator[Finding]:
    line = start[2:].partition(b"\n")[0].decode("utf-8", "replace")
    words = line.split()
    code = "missing-interpreter"
    if line.endswith("\r"):
        message = f"the first line of {path} ends with a carriage return, so its interpreter is not found"
        yield subject.finding(code, message, "Save it with Unix line ends, and keep them with .gitattributes.")
    elif words and subject.find(words[0]) is None:
        message = f"{path} needs {words[0]}, which is not in the image"
        yield subject.finding(code, message, "Install it, or write the script for a shell that the base has.")
    elif len(words) == 2 and words[0].endswith(_ENV) and subject.program(words[1]) is None:
        message = f"{path} needs {words[1]}, which is not in any directory of PATH"
        yield subject.finding(code, message, "Install it, or name another interpreter.")


def directory(subject: Subject) -> Iterator[Finding]:
    """Lambda starts the program in the working directory."""
    path = subject.facts.working_directory
    found = subject.find(path) if path.strip("/") else None
    if path.strip("/") and (found is None or found[1].kind != "folder"):
        message = f"the working directory {path} is not a directory in the image"
        yield subject.finding("missing-directory", message, "Create it, or correct WORKDIR.")


def client(subject: Subject) -> Iterator[Finding]:
    """A runtime client that the entry point names must be installed, in a version for the language's."""
    words = [posixpath.basename(word) for word in (*subject.facts.entrypoint, *subject.facts.command)]
    for name, path in subject.table.rows["clients"].items():
        if name not in words:
            continue
        homes = [file for file in subject.files if file.endswith(path)]
        if not homes:
            message = f"the entry point names {name}, and the image does not contain this runtime client"
            yield subject.finding("missing-client", message, f"Install {name} in the image.")
        yield from _fitting(subject, name, homes)


def _fitting(subject: Subject, name: str, homes: Sequence[str]) -> Iterator[Finding]:
    from scaffold.gates.preflight import languages

    for path, row in subject.files.items():
        text = row.entry.seen.text if row.entry and row.entry.seen else ""
        if name == "awslambdaric" and "/awslambdaric-" in path and path.endswith("/METADATA"):
            needed = re.search(r"(?m)^Requires-Python: *>= *3\.(\d+)", text)
            given = languages.python_of(subject, path)
        elif name == "aws-lambda-ric" and path in homes:
            needed = re.search(r'"node" *: *"(?:>=|\^)? *v?(\d+)', text)
            given = languages.node(subject)
        else:
            continue
        if needed and given is not None and int(needed[1]) > given:
            at = "3." if name == "awslambdaric" else ""
            message = f"{posixpath.dirname(path)} requires version {at}{needed[1]}, and the image has {at}{given}"
            fix = f"Install an earlier version of {name}, or use a newer base."
            yield subject.finding("unfit-client", message, fix)


def handler(subject: Subject) -> Iterator[Finding]:
    """The module that the command names must be in the image."""
    if not _handler(subject):
        return
    [word] = subject.facts.command
    path = handler_file(subject)
    if not path:
        message = f"the command is {word}, and neither {subject.task_root} nor the search path has this module"
        yield subject.finding("missing-handler", message, "Copy it into the task root, or correct CMD.")
    elif _is_without(subject, path, word.rpartition(".")[2]):
        message = f"the command is {word}, and {path} does not mention {word.rpartition('.')[2]}"
        yield subject.finding("missing-handler", message, "Define it there, or correct CMD.")


def _is_without(subject: Subject, path: str, name: str) -> bool:
    """Return whether a module surely lacks a name: it is nowhere in its text, and nothing there could bring it."""
    from scaffold.gates.preflight import languages

    entry = subject.files[path].entry
    text = entry.seen.text if entry and entry.seen else ""
    indirect = subject.table.rows["indirect"].get(languages.of(subject), [])
    return bool(text) and not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) and not any(map(text.count, indirect))


def handler_ends(table: Table, command: Sequence[str]) -> tuple[str, ...]:
    """Return how the paths of files end in which the handler that a command names could be."""
    if len(command) != 1 or "." not in command[0]:
        return ()
    module = command[0].rpartition(".")[0]
    suffixes = {suffix for row in table.handlers.values() for suffix in row[0]}
    return tuple(f"/{name}{suffix}" for name in (module, module.replace(".", "/")) for suffix in sorted(suffixes))


def handler_file(subject: Subject) -> str:
    """Return the path of the file with the handler, or nothing if there is none, or its language is not interpreted."""
    places, suffixes, compiled = _handler(subject) or ([], (), ())
    names = [f"{place}{suffix}" for place in places for suffix in suffixes]
    for path in (posixpath.join(folder, name) for folder in subject.search() for name in names):
        if (found := subject.find(path)) and found[1].kind == "file":
            return found[0]
    ends = tuple(f"-packages/{name}" for name in names)
    if installed := next((path for path in subject.files if ends and path.endswith(ends)), ""):
        return installed
    starts = tuple(posixpath.join(folder, f"{place}.") for folder in subject.search() for place in places)
    return next((path for path in subject.files if path.startswith(starts) and path.endswith(compiled)), "")


def _handler(subject: Subject) -> tuple[list[str], tuple[str, ...], tuple[str, ...]] | None:
    """Return the names that the handler's module may have, and the suffixes of its file; None if there is no module."""
    from scaffold.gates.preflight import languages

    words, suffixes = subject.facts.command, subject.table.handlers.get(languages.of(subject))
    clients = subject.table.rows["clients"]
    started = subject.on_aws_entrypoint or any(posixpath.basename(word) in clients for word in subject.facts.entrypoint)
    if len(words) != 1 or not suffixes or not started or "." not in words[0]:
        return None
    module = words[0].rpartition(".")[0]
    return list(dict.fromkeys([module, module.replace(".", "/")])), *suffixes


def extensions(subject: Subject) -> Iterator[Finding]:
    """Lambda starts every file in the directory of extensions."""
    row = subject.table.rows["extensions"]
    folder = row["directory"]
    files = (path for path, entry in subject.own.items() if entry.kind != "folder")
    here = [path for path in files if posixpath.dirname(path) == folder]
    strays = [path for path in here if not ((found := subject.find(path)) and found[1].mode & 0o001)]
    if strays:
        message = f"Lambda starts everything in {folder}, and cannot start {some(sorted(strays))}"
        yield subject.finding("stray-extension", message, "Move it elsewhere, or make it executable with --chmod=755.")
    if len(here) > row["most"]:
        message = f"{folder} has {len(here)} files, and Lambda registers {row['most']} extensions"
        yield subject.finding("too-many-extensions", message, "Remove those that the function does not need.")


def snapshots(subject: Subject) -> Iterator[Finding]:
    """The label that declares support for SnapStart has one value."""
    for name, value in subject.table.snap_start.items():
        given = subject.facts.labels.get(name, value)
        if given != value:
            message = f'the label {name} is "{given}", and Lambda knows only "{value}"'
            yield subject.finding("snapstart-label", message, f'Set it to "{value}", or remove it.')


def settings(subject: Subject) -> Iterator[Finding]:
    """Lambda limits the settings of an image, and sets some variables itself."""
    facts, most = subject.facts, subject.table.rows["settings_bytes"]
    texts = [*facts.entrypoint, *facts.command, facts.working_directory]
    texts += [f"{name}={value}" for name, value in facts.environment.items()]
    length = sum(len(text.encode()) + 1 for text in texts)
    if length > most:
        message = f"entry point, command, directory and variables have {length:,} bytes, and Lambda's limit is {most:,}"
        yield subject.finding("large-settings", message, "Move long values into a file of the image.")
    if names := sorted(set(facts.environment) & set(subject.table.reserved)):
        message = f"the image sets variables that Lambda sets itself: {', '.join(names)}"
        fix = "Remove them from the image; pass them to a local container with `docker run --env`."
        yield subject.finding("reserved-variable", message, fix, Severity.WARNING)
