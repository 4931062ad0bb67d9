"""Makes docs/reference.md from what the code reads: schema, tables, command line, plan.

    python docs/generate.py            write it
    python docs/generate.py --check    say whether it is up to date, and write nothing

What no table says, the meaning of a key of the plan, is written here; a key that is missing here, or is no longer used,
ends the run.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scaffold.cli.main import _parser  # noqa: E402
from scaffold.documents.document import parse  # noqa: E402
from scaffold.errors import ExitCode  # noqa: E402
from scaffold.findings import codes  # noqa: E402 - the checkout's own package, installed or not
from scaffold.rendering.engine import Engine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REFERENCE = ROOT / "docs/reference.md"
SECTIONS = (
    *("The spec", "The standards", "Runtimes", "Languages", "Bases", "Systems", "Event sources"),
    *("Commands", "Exit codes", "Findings", "The plan"),
)
TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "mapping", "array": "list"}

PLAN_KEYS = {
    "architecture": "Its name, Docker's `platform` and the kernel's `machine`.",
    "aws": "`region`, `repository`, `role` and `alias`; region and role are empty where the spec names none.",
    "ci": "The `provider` of the workflow, and the `runner` that has the architecture.",
    "base": "The base image: `name` in the standards or null, `image`, `tag`, `digest` or null, the `reference` that "
    "`FROM` takes, `system`, `runtime_client`, the `entrypoint` that starts it, and what the base promises: its "
    "`environment`, and `packages` with versions.",
    "build": "`args` and `secrets` of the build.",
    "build_packages": "System packages of the build stage, sorted.",
    "code": "What is copied in as code: `from`, `to`, `exclude`.",
    "command": "The image's `CMD`: the handler of the first function; empty of a base image.",
    "context": "The only paths of the project that reach the builder.",
    "dependencies": "`manager`, `files`, `packages`, `require_hashes`, `indexes` with the packages from each, the "
    "folder of the image they go `to`, and what is `shared` with the base: `packages`, in its `folder`.",
    "description": "The spec's; empty where it has none.",
    "downloads": "Tools and data: `from`, `sha256`, `path` in the project, `format` (`file`, `tar`, `zip`), `pick`, "
    "`name`, `executable`, `to`, and that folder as the `root` its layer goes to and the `folder` below. `version` and "
    "`size` are null, so that a row reads like one of a model's files.",
    "emulator": "Whether the runtime interface emulator is in the image, and where the local run takes it from if not: "
    "the `path` in an `image`, pulled by its `reference`.",
    "entrypoint": "The image's `ENTRYPOINT`; empty where the base has its own.",
    "environment": "Variables of the image: yours and the template's.",
    "excluded": "Patterns of the code that are kept from the builder.",
    "functions": "Each function: `name`, the name it is `deployed` under, its `handler` in parts (`file` is its "
    "source file, or null where no listed code can hold it), `event` with its sample file, `tests`, and `lambda`: "
    "`memory_size`, `timeout`, `ephemeral_storage` and `environment`, with all defaults applied.",
    "hooks": "Shell by the place it stands in: `after_system`, `after_dependencies`, `after_code`.",
    "hook_secrets": "The secrets of the build that hooks see.",
    "start_script": "Where the file of an own start script lies in the project, or null.",
    "snap_start": "Whether Lambda keeps snapshots of published versions.",
    "timezone": "The spec's; empty where it has none.",
    "certificates": "Files of certificate authorities that a base image adds, sorted.",
    "entry": "Of a base image what its entry in the standards says, but for what only the pushed image knows: `name`, "
    "`tag` (empty: the start of its id) and the other `facts`; null of a function.",
    "extensions": "Extensions, by name: `image`, `tag`, `digest`, the `reference` that `COPY` takes, and the `paths`.",
    "checks": "`imports` and `commands` that must work in the built image.",
    "kind": "What the project makes.",
    "labels": "Labels of the image: yours and the template's.",
    "model_budget": "How large the model files may be together, in MB.",
    "models": "Model files, in the order of their layers: `from`, `source` (`https`, `s3`, `hf`, `project`), `path` in "
    "the project, `directory`, `to`, `size` or null, and `files`: what is downloaded for it, each with `from`, "
    "`version`, `path`, `to`, `sha256` and `size`.",
    "name": "The spec's.",
    "absent": "Generated files that this spec does not have and another one has: what Copier may have left behind.",
    "outputs": "Every file of the project: `path`, `owner`, `mode`, and the `template` part that makes it.",
    "registries": "The private registries of Amazon ECR that the build pulls from: `host` and `region`.",
    "runtime": "Its `name`, `version`, `language`, the day it is `deprecated`, and its `successor` or null.",
    "runtime_directory": "Where Lambda's runtime client lies in the image.",
    "schema": "Address of the spec's JSON Schema.",
    "system_packages": "System packages of the image, sorted.",
    "task_root": "Where the function's code lies in the image.",
    "template": "The template's `name`, `organisation` and `version`.",
    "place": "Where the project lies: the build's root from here, its own folder in it, and the prefix of its paths.",
}

EXIT_CODES = {
    ExitCode.CLEAN: "Nothing is wrong. Warnings do not count.",
    ExitCode.FINDINGS: "An error was found, `diff` or `pin --check` has something to show, or an edit would be lost.",
    ExitCode.INVALID: "A spec, an answer or the command line is wrong.",
    ExitCode.UNDECIDED: "The command could not decide or not finish. Never take it for a pass.",
}


def main() -> int:
    """Write the page, or with --check say whether it is as this would write it."""
    parser = argparse.ArgumentParser(description="Make docs/reference.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if it is not up to date")
    check = parser.parse_args().check
    text = page()
    if not check:
        REFERENCE.write_text(text, encoding="utf-8")
    elif not REFERENCE.exists() or REFERENCE.read_text(encoding="utf-8") != text:
        print(f"{REFERENCE.relative_to(ROOT)} is not up to date: run `python docs/generate.py`", file=sys.stderr)
        return 1
    return 0


def page() -> str:
    """Give the whole page."""
    return (
        "\n\n".join([*introduction(), *spec(), *standards_keys(), *catalogue(), *commands(), *findings(), *plan()])
        + "\n"
    )


def introduction() -> Iterator[str]:
    """Give the first section."""
    yield "<!-- Made by docs/generate.py from the schema, the tables and the code: edit those. -->\n# Reference"
    yield "\n".join(f"- [{name}](#{name.lower().replace(' ', '-')})" for name in SECTIONS)


def spec() -> Iterator[str]:
    """Give the section on every key of the spec."""
    schema = load("schema/lambda-image.schema.json")
    yield "## The spec"
    yield (
        "The keys of `lambda-image.yaml`. `a.b` is the key `b` of the mapping `a`; `a[]` is an item of the list `a`. "
        "No other key is accepted. What the YAML itself must be like: [strict YAML](explanation.md#strict-yaml)."
    )
    yield "\n".join(f"- [`{name}`](#{anchor(name)})" for name in schema["properties"])
    for name, part in schema["properties"].items():
        yield from key(name, part, schema, required=name in schema["required"])


def standards_keys() -> Iterator[str]:
    """Give the section on every key of the standards, as a table."""
    schema = load("schema/standards.schema.json")
    yield "## The standards"
    yield (
        "The keys of `standards/standards.yaml`, and of the file after `--standards`. `a.*` is any key of the mapping "
        "`a`, `a[]` an item of the list `a`. How to use them: [Keep a template of your "
        "organisation](how-to.md#keep-a-template-of-your-organisation) and what follows there."
    )
    keys = (row for name, part in schema["properties"].items() for row in below(name, part, name in schema["required"]))
    yield rows(("Key", "Required", "Meaning"), keys)


def below(path: str, part: Mapping[str, Any], required: bool) -> Iterator[tuple[str, str, str]]:  # noqa: FBT001
    """Give the row of a key of the standards, then those of the keys below it."""
    words = f" One of {', '.join(map(code, part['enum']))}." if "enum" in part else ""
    if "description" in part:
        yield ticked(path), "yes" if required else "", part["description"] + words
    parts = {"": part, ".*": part.get("additionalProperties"), "[]": part.get("items")}
    for suffix, child in parts.items():
        for name, grandchild in (child.get("properties", {}) if isinstance(child, dict) else {}).items():
            yield from below(f"{path}{suffix}.{name}", grandchild, name in child.get("required", ()))


def key(path: str, part: Mapping[str, Any], schema: Mapping[str, Any], *, required: bool) -> Iterator[str]:
    """Give one key of the spec, then the keys below it."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]] | {name: part[name] for name in part if name != "$ref"}
    depth = 3 if "." not in path and "[" not in path else 4
    rows = [f"- Type: {kind(part)}{'. Required' if required else ''}."]
    rows += [f"- Allowed: {words}." for words in allowed(part)]
    if "default" in part:
        rows.append(f"- Default: {code(part['default'])}.")
    if examples := part.get("examples"):
        rows.append(f"- Example: {', '.join(code(example) for example in examples)}.")
    yield f"{'#' * depth} `{path}`"
    yield part["description"]
    yield "\n".join(rows)
    for name, below in part.get("properties", {}).items():
        yield from key(f"{path}.{name}", below, schema, required=name in part.get("required", ()))
    if isinstance(part.get("items"), dict):
        yield from key(f"{path}[]", part["items"], schema, required=False)
    if isinstance(part.get("additionalProperties"), dict):
        yield from key(f"{path}.*", part["additionalProperties"], schema, required=False)


def kind(part: Mapping[str, Any]) -> str:
    """Say the type of a value and its limits in numbers."""
    types = [part["type"]] if isinstance(part["type"], str) else part["type"]
    text = " or ".join(TYPES[name] for name in types)
    for least, most, unit in (
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
        ("minProperties", "maxProperties", " keys"),
    ):
        if most in part:
            text += f", {part[least]} to {part[most]}{unit}" if least in part else f", at most {part[most]}{unit}"
    return text + (", no item twice" if part.get("uniqueItems") else "")


def allowed(part: Mapping[str, Any]) -> Iterator[str]:
    """Say which values there are, or which form they have, in the words of the message about a wrong one."""
    if "const" in part:
        yield code(part["const"])
    if "enum" in part:
        yield ", ".join(code(value) for value in part["enum"])
    if "patternErrorMessage" in part:
        yield plain(part["patternErrorMessage"])
    if "propertyNames" in part:
        yield f"each key, {plain(part['propertyNames']['patternErrorMessage'])}"


def plain(message: str) -> str:
    """Give what a value must be, as text in which Markdown sees no marks."""
    return re.sub(r"([*_])", r"\\\1", message.removeprefix("must be ").removeprefix("must "))


def catalogue() -> Iterator[str]:
    """Give the sections on the tables: runtimes, languages, bases, systems, event sources."""
    standards: Any = parse((ROOT / "standards/standards.yaml").read_bytes(), file="standards.yaml").value
    yield from runtimes(standards["bases"])
    yield "## Languages"
    head = ("Language", "Package managers, and what each reads by default", "Handler")
    languages = load("catalogue/languages.json")["languages"].items()
    yield rows(head, ((name, managers(row), row["handler"]["form"]) for name, row in languages))
    yield from bases(standards)
    yield "## Systems"
    systems = load("catalogue/systems.json")["systems"].items()
    yield rows(("System", "Is"), ((f"`{name}`", row["title"]) for name, row in systems))
    yield "## Event sources"
    events = load("catalogue/events.json")["events"].items()
    head = ("Event source", "Is", "Sample event")
    yield rows(head, ((f"`{name}`", row["title"], f"`{row['sample']}`") for name, row in events))


def runtimes(bases: Mapping[str, Any]) -> Iterator[str]:
    """Give the section on runtimes."""
    default = {runtime: name for name, row in bases.items() if row.get("default") for runtime in row["runtimes"]}
    table = load("catalogue/runtimes.json")
    yield "## Runtimes"
    yield f"As of {table['as_of']}. From its day of deprecation on, AWS no longer patches a runtime's base image."
    yield rows(
        ("Runtime", "Language", "Deprecated on", "Successor", "Default base"),
        (
            (f"`{name}`", row["language"], row["deprecated"], ticked(row["successor"]), ticked(default.get(name)))
            for name, row in table["runtimes"].items()
        ),
    )


def bases(standards: Mapping[str, Any]) -> Iterator[str]:
    """Give the section on base images."""
    yield "## Bases"
    own = "may" if standards["rules"]["inline_base"] == "allowed" else "may not"
    yield (
        f"The base images in `standards/standards.yaml`, of the organisation `{standards['organisation']}`. A spec "
        f"{own} also describe an image of its own. *Runtime client*: whether Lambda's runtime client is included in "
        "the image, or added to it by the template."
    )
    yield rows(
        ("Base", "Image", "System", "Runtimes", "Runtime client"),
        (
            (ticked(name), reference(row), row["system"], ", ".join(row["runtimes"]), row["runtime_client"])
            for name, row in standards["bases"].items()
        ),
    )


def reference(base: Mapping[str, Any]) -> str:
    """Say an image, and for which architectures it is pinned by digest."""
    pinned = f", pinned for {', '.join(base['digests'])}" if base.get("digests") else ""
    return f"`{base['image']}:{base['tag']}`{pinned}"


def managers(row: Mapping[str, Any]) -> str:
    """Say the package managers of a language and the manifests each reads by default."""
    return "; ".join(f"`{name}`: {', '.join(map(ticked, at['files']))}" for name, at in row["managers"].items())


def commands() -> Iterator[str]:
    """Give the sections on the command line, from its parser."""
    *options, last = actions(_parser())
    assert isinstance(last, argparse._SubParsersAction)  # noqa: S101, SLF001 - argparse gives it no public name
    yield "## Commands"
    yield rows(("Option", "Does"), map(option, options))
    for name, purpose, verb in verbs(last):
        arguments = sorted(actions(verb), key=lambda action: bool(action.option_strings))
        places = [action for action in arguments if not action.option_strings]
        words = [f"[{place.metavar} ...]" if place.nargs == "*" else str(place.metavar) for place in places]
        yield f"### `scaffold {name}`"
        yield f"`{' '.join(['scaffold', name, '[OPTION ...]', *words])}`: {purpose}."
        yield rows(("Argument", "Is"), map(option, arguments))
    yield "## Exit codes"
    yield "Of several, the highest wins. A command that was interrupted ends with 130."
    yield rows(("Code", "Means"), ((f"{number:d}", EXIT_CODES[number]) for number in ExitCode))


def verbs(commands: Any, before: str = "") -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Give each command that does something: its name, its purpose, its parser; `image check` is one."""
    purposes = {choice.dest: choice.help for choice in commands._get_subactions()}  # noqa: SLF001 - as above
    for name, verb in commands.choices.items():
        below = [action for action in actions(verb) if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
        if below:
            yield from verbs(below[0], f"{before}{name} ")
        else:
            yield f"{before}{name}", purposes[name], verb


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Give the arguments of a parser, but its --help."""
    return [action for action in parser._actions if action.dest != "help"]  # noqa: SLF001 - there is no other way


def option(action: argparse.Action) -> tuple[str, str]:
    """Give one argument of a command, and what its help says."""
    names = ", ".join(f"`{name}`" for name in action.option_strings or [str(action.metavar)])
    value = "|".join(action.choices) if action.choices else action.metavar
    words = f"{names} `{value}`" if action.option_strings and value else names
    default = f" (default: {action.default})" if isinstance(action.default, str) and action.choices else ""
    return words, f"{action.help or 'the folder of the project'}{default}"


def findings() -> Iterator[str]:
    """Give the section on finding codes."""
    yield "## Findings"
    yield (
        "A finding is one line, `file:line:column: code message`, then the source line with a caret where there is "
        "one, then `fix:` and what to do. Codes are stable; messages are not. `--format json` gives a list of findings "
        "with the keys `code`, `severity` (`error` or `warning`), `message`, `fix`, `file`, `line`, `column` and "
        "`waiver`: null, or the `reason`, `approved_by`, `expires` and `ticket` of the waiver that excuses it. "
        "Lines and columns count from 1; 0 means the whole file or line. `projects` are those with findings, "
        "`summary` counts all."
    )
    yield "What is understood of a Dockerfile: [hand-written Dockerfiles](explanation.md#hand-written-dockerfiles)."
    for title, group in codes.GROUPS.items():
        yield f"### {title}"
        yield rows(("Code", "Meaning"), (finding(name, row) for name, row in sorted(group.items())))


def finding(name: str, row: codes.Code) -> tuple[str, str]:
    """Give the row of a code, with an anchor: reports link to it."""
    marks = [" Exit code 3."] * row.undecided + [" Cannot be waived."] * (not row.waivable)
    return f'<a id="{codes.anchor(name)}"></a>`{name}`', row.meaning + "".join(marks)


def same(what: str, found: Iterable[str], told: Iterable[str]) -> None:
    """End the run where the code and a table of this file differ."""
    if different := set(found) ^ set(told):
        raise SystemExit(f"docs/generate.py: the {what} and their table here differ in {', '.join(sorted(different))}")


def plan() -> Iterator[str]:
    """Give the section on the plan."""
    schema = load("schema/lambda-image.schema.json")
    keys = Engine(ROOT).plan({name: schema["properties"][name]["examples"][0] for name in schema["required"]})
    same("keys of the plan", keys, PLAN_KEYS)
    yield "## The plan"
    yield (
        "What `scaffold plan` prints: everything that was decided, as JSON, with no key absent. "
        "Of one project it is the plan; of several it is a mapping of their paths to their plans."
    )
    yield rows(("Key", "Holds"), ((f"`{name}`", PLAN_KEYS[name]) for name in sorted(keys)))


def rows(head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    """Give a table."""
    lines = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in line) for line in body)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ticked(word: str | None) -> str:
    """Give a word as code; nothing for none."""
    return f"`{word}`" if word else ""


def anchor(path: str) -> str:
    """Give the name under which a key's heading is linked to."""
    return re.sub(r"[^\w-]", "", path.lower())


def code(value: object) -> str:
    """Give a value as code, as a spec may write it."""
    return f"`{flow(value)}`"


def flow(value: object) -> str:
    """Give a value as YAML on one line, without quotes where every reader takes it for the same text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(name)}: {flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and not set(value) & set(",[]{}"):
        read = parse(f"value: {value}\n".encode(), file="")
        if not read.findings and read.value == {"value": value}:
            return value
    return json.dumps(value, ensure_ascii=False)


def load(path: str) -> Any:
    """Read a JSON table of the repository."""
    return json.loads((ROOT / path).read_bytes())


if __name__ == "__main__":
    sys.exit(main())
