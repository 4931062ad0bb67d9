"""Makes docs/reference.md from what the code reads: schema, tables, command line, plan.

    python docs/generate.py            write it, scaffold/findings/codes.json (what reports say of a code) and the
                                       types of the plan, scaffold/rendering/plan.py
    python docs/generate.py --check    say whether they are up to date, and write nothing

What no table says, the meaning of a finding or of a key of the plan, is written here; a code or a key that is missing
here, or is no longer used, ends the run.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import plan_types  # noqa: E402 - beside this file

from scaffold.cli.main import _parser  # noqa: E402
from scaffold.documents.document import parse  # noqa: E402
from scaffold.errors import ExitCode  # noqa: E402
from scaffold.findings import codes  # noqa: E402 - the checkout's own package, installed or not
from scaffold.rendering.engine import Engine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REFERENCE = ROOT / "docs/reference.md"
MEANINGS = ROOT / "scaffold/findings/codes.json"
PLAN_TYPES = ROOT / "scaffold/rendering/plan.py"
SECTIONS = (
    *("The spec", "The standards", "Runtimes", "Languages", "Bases", "Systems", "Event sources"),
    *("Commands", "Exit codes", "Findings", "The plan"),
)
MAKERS = {"note", "add", "stop", "finding", "finding_at", "_at_base", "_at_extension"}  # methods that are given a code
TYPES = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "mapping", "array": "list"}

YAML_CODES = {
    "ambiguous-value": "YAML 1.1 and YAML 1.2 read this value differently. Quote it.",
    "byte-order-mark": "The file starts with a byte order mark.",
    "complex-key": "A key is a list or a mapping.",
    "duplicate-key": "A key stands twice in the same mapping.",
    "empty-document": "The file holds nothing.",
    "forbidden-character": "A character that does not show: a control, a bidi mark, a no-break space, a tab in a text.",
    "merge-key": "`<<` merges another mapping.",
    "non-string-key": "A key is a number, a date or a yes/no in some version of YAML. Quote it.",
    "not-a-mapping": "The file is not lines of `key: value`.",
    "not-finite": "A number is infinite or not a number.",
    "not-utf-8": "The file is not UTF-8.",
    "number-too-large": "A whole number beyond 2^53. Quote it.",
    "several-documents": "A second document starts in the file.",
    "too-deep": "Too many levels of nesting.",
    "too-large": "The file is too large to be a spec.",
    "too-many-nodes": "The file has too many keys and values.",
    "too-many-problems": "Only the first problems of the file are shown.",
    "yaml-alias": "`*name` stands for a value elsewhere.",
    "yaml-anchor": "`&name` names a value.",
    "yaml-directive": "A line that starts with `%`.",
    "yaml-syntax": "The file is not YAML.",
    "yaml-tag": "`!tag` types a value.",
}
SPEC_CODES = {
    "base-not-allowed": "`base` describes an image of your own, and the standards allow none.",
    "invalid-handler": "`handler` is no name of a function in this language.",
    "invalid-key": "A name that you chose, of a variable or a label, has the wrong form.",
    "invalid-value": "A text has the wrong form or length.",
    "missing-digest": "A file from outside the project has no `sha256`, or none for the architecture.",
    "missing-key": "A required key is absent.",
    "no-context": "A path starts with /, and the spec names no `context` whose root it could mean.",
    "no-default-base": "The standards have no default base for the runtime.",
    "no-effect": "The key or item would change nothing.",
    "not-included": "No pattern of `include` stands for this file any more.",
    "overrides-base": "The base promises a variable, and the spec gives it another value.",
    "over-budget": "The model files are larger together than `model_budget` allows.",
    "no-hashes": "`require_hashes` is set, and `dependencies.packages` cannot carry hashes.",
    "open-index": "An index without `packages`, and no `require_hashes`: a stranger's package could be taken.",
    "out-of-range": "A number is too small or too large.",
    "repeated": "An item stands twice in a list.",
    "reserved-label": "The template sets this label itself.",
    "reserved-path": "`code.from` names a file or folder that belongs to the build.",
    "reserved-variable": "Lambda, the base image or another key of the spec sets this variable.",
    "same-destination": "Two model files or downloads would lie at the same path, or one inside the other.",
    "secret-variable": "A variable's name looks like a secret. Its value is not shown.",
    "too-few": "A list is empty.",
    "too-many": "A list or mapping has too many entries, or the environment too many bytes.",
    "unclear-destination": "No file name follows from `from`: give `to`.",
    "unfit-base": "The base is not for this runtime, or is not pinned for this architecture.",
    "unfit-extension": "The standards pin no image of the extension for this architecture.",
    "unfit-file": "The package manager does not work with this file, or needs another one beside it.",
    "unknown-archive": "`extract` is set, and the address has no ending of an archive.",
    "unknown-base": "The standards have no base of this name.",
    "unknown-extension": "The standards have no extension of this name.",
    "unknown-event": "The catalogue has no event source of this name.",
    "unknown-key": "The schema has no such key.",
    "unknown-manager": "The language has no such package manager.",
    "unknown-name": "The value is none of the allowed ones.",
    "unknown-runtime": "The catalogue has no runtime of this name.",
    "unknown-system": "The catalogue has no system of this name.",
    "wrong-depth": "`context.root` does not lead up as many folders as `context.project` leads down.",
    "wrong-type": "A value of another type, such as a number where a text is meant.",
    "withdrawn-base": "The standards have withdrawn the base. The message or the fix names its successor.",
    "wrong-value": "The value must be one exact value.",
}
PROJECT_CODES = {
    "drift": "A generated file was edited by hand, has the wrong mode, or something else stands in its place.",
    "left-over": "A generated file that no longer follows from the spec.",
    "missing": "A generated file is not there.",
    "not-rendered": "The project has a spec and was never rendered.",
    "outdated": "Another template rendered the project, or another version of it: its files were not judged.",
    "refused": "A render would overwrite or remove an edit that git does not hold. Nothing was written.",
    "stale": "The spec was edited since the file was rendered.",
    "unavailable": "`models lock` could not download a model file. What it could is written down.",
    "undecided": "The command could not come to a result for this project. The message says why.",
    "unmerged": "An update and what was changed in a file could not be merged: a person has to decide.",
    "unreadable": "The spec, or an option that concerns it, cannot be read.",
}
IMAGE_CODES = {
    "altered-base": "With `--files`: the image changes or removes files of its base.",
    "image-too-large": "The image has more bytes than Lambda takes.",
    "media-type": "Lambda takes no manifest, or no layer, of this type.",
    "not-as-planned": "Entry point, command, a variable, a label, the folder or the user is not what the plan says.",
    "onbuild": "The image has ONBUILD, which runs in every build on it.",
    "other-base": "The image stands on another base than its project's spec says.",
    "several-manifests": "The image is an index, with several images or with attestations, which Lambda does not take.",
    "unproved-base": "The standards do not have the layers of every base, so it is not known what the image stands on.",
    "wrong-platform": "The image is for another platform than its function, or than any of Lambda's.",
}
RULE_CODES = {
    "deprecated-runtime": "AWS no longer patches the runtime. A warning, unless the standards make it an error.",
    "expired-base": "The day is over (UTC) until which the standards support the base.",
    "expiring-base": "The standards support the base for at most 90 more days. A warning.",
    "foreign-model-host": "A model file comes from a host or a bucket that the standards do not list.",
    "missing-label": "The standards require a label that the image does not have.",
    "stale-base": "The standards have another image for the base by now, such as a newer one, or another mirror. "
    "Of an image: its layers are those that the base had before.",
    "stale-extension": "The standards have another image for an extension by now, such as a newer one.",
    "uncatalogued-base": "A spec, a `FROM` or the lowest layers of an image: none of the bases in the standards.",
    "uncatalogued-extension": "A spec names an extension that these standards do not have.",
    "unpinned-base": "An image without its digest, where the standards have or demand one, or could not enforce it.",
}
STANDARDS_CODES = {
    "expired-waiver": "The last day of a waiver is over. An error while what it excused is still there.",
    "expiring-waiver": "A waiver holds for at most 14 more days. A warning.",
    "future-waiver": "The first day of a waiver is yet to come. An error while what it is to excuse is there.",
    "broken-promise": "What the standards promise of a base, its image does not have. It is not pinned.",
    "ambiguous-platform": "A registry has several images for one platform under one tag.",
    "lost-platform": "The standards have a digest for a platform that the tag has no image for any more.",
    "two-defaults": "A runtime has more than one default base.",
    "unapplied-waivers": "The standards hold waivers for files, and no `--repository` says which of them count.",
    "unused-waiver": "A waiver excuses nothing that was found. A warning.",
    "waiver-scope": "A waiver must be for one file of one repository, or for one image.",
    "waiver-self-approved": "Who asked for a waiver cannot approve it.",
    "waiver-too-long": "A waiver ends before it starts, or holds for more than 90 days.",
}
DOCKERFILE_CODES = {
    "ambiguous-stage": "A stage has the name of an image of the standards.",
    "build-override": "A file of Compose, Bake or SAM brings in what its Dockerfile does not say. Exit code 3.",
    "forbidden-instruction": "An instruction or a flag that no standards could judge: `ADD`, `ONBUILD`, a privilege.",
    "no-base": "The last stage stands on no base of the standards, or a stage on one that only holds files.",
    "not-understood": "What is not surely understood: see [hand-written Dockerfiles]"
    "(explanation.md#hand-written-dockerfiles). Exit code 3.",
    "uncatalogued-digest": "The standards have the image, and not with this digest.",
    "uncatalogued-source": "`COPY --from` or a mount names no image of the standards and no earlier stage.",
    "unfit-platform": "The digest is that of the image for another platform.",
    "unnormalised-name": "Another spelling of an image of the standards.",
    "wrong-tag": "The tag is not the one that the standards have for the digest.",
}
REPORT_CODES = {"too-many-findings": "A report has room for no more findings. It says how many are left out."}
CODES = YAML_CODES | SPEC_CODES | PROJECT_CODES | RULE_CODES | STANDARDS_CODES
CODES |= DOCKERFILE_CODES | IMAGE_CODES | REPORT_CODES

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
    status = 0
    types = plan_types.module(load("schema/plan.schema.json"))
    for path, text in {REFERENCE: page(), MEANINGS: meanings(), PLAN_TYPES: types}.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not up to date: run `python docs/generate.py`", file=sys.stderr)
            status = 1
    return status


def meanings() -> str:
    """Give what reports say of a code, as JSON."""
    return json.dumps(dict(sorted(CODES.items())), indent=2, ensure_ascii=False) + "\n"


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
    same("finding codes", codes_in_use(), CODES)
    yield "## Findings"
    yield (
        "A finding is one line, `file:line:column: code message`, then the source line with a caret where there is "
        "one, then `fix:` and what to do. Codes are stable; messages are not. `--format json` gives a list of findings "
        "with the keys `code`, `severity` (`error` or `warning`), `message`, `fix`, `file`, `line`, `column` and "
        "`waiver`: null, or the `reason`, `approved_by`, `expires` and `ticket` of the waiver that excuses it. "
        "Lines and columns count from 1; 0 means the whole file or line. `projects` are those with findings, "
        "`summary` counts all."
    )
    tables = {
        "Of the file's YAML": YAML_CODES,
        "Of the spec": SPEC_CODES,
        "Of the project": PROJECT_CODES,
        "Of an organisation's rules": RULE_CODES,
        "Of the standards": STANDARDS_CODES,
        "Of a Dockerfile": DOCKERFILE_CODES,
        "Of images": IMAGE_CODES,
        "Of a report": REPORT_CODES,
    }
    for title, table in tables.items():
        yield f"### {title}"
        yield rows(("Code", "Means"), (place(name, meaning) for name, meaning in sorted(table.items())))


def place(name: str, meaning: str) -> tuple[str, str]:
    """Give the row of a code, with an anchor: reports link to it."""
    return f'<a id="{codes.anchor(name)}"></a>`{name}`', meaning


def same(what: str, found: Iterable[str], told: Iterable[str]) -> None:
    """End the run where the code and a table of this file differ."""
    if different := set(found) ^ set(told):
        raise SystemExit(f"docs/generate.py: the {what} and their table here differ in {', '.join(sorted(different))}")


def codes_in_use() -> set[str]:
    """Collect every finding code that the package or the template can give."""
    found = {code for path in (ROOT / "scaffold").rglob("*.py") for code in codes_of(ast.parse(path.read_bytes()))}
    # problem(PATH, 'code', …), and the two places where a code is handed on to a macro that calls it
    pattern = re.compile(
        r"(?:\bproblem\((?:[a-z_]+|\[.*?\])(?: \+ \[.*?\])*, |\bcode=|\bhere, )'([a-z][a-z-]+)'(?=[,)])"
    )
    for path in (ROOT / "template/parts").glob("*.jinja"):
        found |= set(pattern.findall(path.read_text(encoding="utf-8")))
    return found


def codes_of(tree: ast.Module) -> Iterator[str]:
    """Give the words that a module uses as codes: code="…", and what it hands to a function that makes a finding."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="code", value=value) | ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from words_in(value)
            case ast.Call(func=ast.Attribute(attr=name), args=arguments) if name in MAKERS:
                yield from (word for argument in arguments[:2] for word in words_in(argument))
            case ast.Call(func=ast.Name(id="_finding"), args=[_, value, *_]):
                yield from words_in(value)
            case ast.Call(func=ast.Name(id="_unread" | "unread"), args=[_, _, value, *_]):
                yield from words_in(value)


def words_in(node: ast.expr) -> Iterator[str]:
    """Give the codes an expression can be."""
    if isinstance(node, ast.IfExp):
        yield from words_in(node.body)
        yield from words_in(node.orelse)
    elif isinstance(node, ast.Constant) and re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", str(node.value)):
        yield str(node.value)


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
