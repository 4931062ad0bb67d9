"""Generates docs/reference.md from the schema, the tables, the command line and the plan.

    python docs/generate.py            write it, and scaffold/findings/codes.json: the descriptions that reports use
    python docs/generate.py --check    check that both are up to date, and write nothing

The meanings of finding codes appear in no table, so they are defined here; the run fails if a code is missing here, or
is no longer used.
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

from scaffold.cli.main import _parser  # noqa: E402
from scaffold.documents.document import parse  # noqa: E402
from scaffold.errors import ExitCode  # noqa: E402
from scaffold.findings import codes  # noqa: E402 - the checkout's own package, installed or not
from scaffold.rendering.engine import Engine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REFERENCE = ROOT / "docs/reference.md"
MEANINGS = ROOT / "scaffold/findings/codes.json"
SECTIONS = (
    *("The spec", "The standards", "Runtimes", "Languages", "Bases", "Systems", "Event sources"),
    *("Commands", "Exit status", "Findings", "The plan"),
)
MAKERS = {"note", "add", "stop", "finding", "finding_at", "_at_base", "_at_extension"}  # methods that take a code
TYPES = {"string": "string", "integer": "integer", "boolean": "boolean", "object": "mapping", "array": "list"}

YAML_CODES = {
    "ambiguous-value": "YAML 1.1 and YAML 1.2 read this value differently. Quote it.",
    "byte-order-mark": "The file starts with a byte order mark.",
    "complex-key": "A key is a list or a mapping.",
    "duplicate-key": "The same mapping has a key twice.",
    "empty-document": "The file is empty.",
    "forbidden-character": "An invisible character: a control, a bidi mark, a no-break space, a tab in a string.",
    "merge-key": "`<<` merges another mapping.",
    "non-string-key": "Some version of YAML reads a key as a number, a date or a boolean. Quote it.",
    "not-a-mapping": "The file is not a mapping of `key: value` lines.",
    "not-finite": "A number is infinite or NaN.",
    "not-utf-8": "The file is not UTF-8.",
    "number-too-large": "An integer beyond 2^53. Quote it.",
    "several-documents": "A second document starts in the file.",
    "too-deep": "Too many levels of nesting.",
    "too-large": "The file is too large to be a spec.",
    "too-many-nodes": "The file has too many keys and values.",
    "too-many-problems": "Only the first problems of the file are shown.",
    "yaml-alias": "`*name` refers to a value elsewhere.",
    "yaml-anchor": "`&name` names a value.",
    "yaml-directive": "A line that starts with `%`.",
    "yaml-syntax": "The file is not valid YAML.",
    "yaml-tag": "`!tag` sets the type of a value.",
}
SPEC_CODES = {
    "base-not-allowed": "`base` describes your own image, which the standards do not allow.",
    "invalid-handler": "`handler` is not a valid function name in this language.",
    "invalid-key": "The name of a variable or a label has the wrong form.",
    "invalid-value": "A string has the wrong form or length.",
    "missing-digest": "A file from outside the project has no `sha256`, or none for the architecture.",
    "missing-key": "A required key is absent.",
    "no-context": "A path starts with /, but the spec has no `context` to give it a root.",
    "no-default-base": "The standards have no default base for the runtime.",
    "no-effect": "The key or item has no effect.",
    "not-included": "No pattern in `include` matches this file any more.",
    "overrides-base": "The base declares a variable, and the spec gives it another value.",
    "over-budget": "The total size of the model files exceeds `model_budget`.",
    "no-hashes": "`require_hashes` is set, and `dependencies.packages` cannot carry hashes.",
    "open-index": "An index without `packages`, and no `require_hashes`: anyone's package could be installed.",
    "out-of-range": "A number is too small or too large.",
    "repeated": "A list contains an item twice.",
    "reserved-label": "The template sets this label itself.",
    "reserved-path": "`code.from` names a file or directory that belongs to the build.",
    "reserved-variable": "Lambda, the base image or another key of the spec sets this variable.",
    "same-destination": "Two model files or downloads have the same destination, or one is inside the other.",
    "secret-variable": "A variable's name looks like a secret. Its value is not shown.",
    "too-few": "A list is empty.",
    "too-many": "A list or mapping has too many entries, or the environment too many bytes.",
    "unclear-destination": "No file name can be derived from `from`. Set `to`.",
    "unfit-base": "The base is not for this runtime, or is not pinned for this architecture.",
    "unfit-extension": "The standards pin no image of the extension for this architecture.",
    "unfit-file": "The package manager does not support this file, or needs another file next to it.",
    "unknown-archive": "`extract` is set, but the URL does not end like an archive.",
    "unknown-base": "The standards have no base with this name.",
    "unknown-extension": "The standards have no extension with this name.",
    "unknown-event": "The catalogue has no event source with this name.",
    "unknown-key": "The schema has no such key.",
    "unknown-manager": "The language has no such package manager.",
    "unknown-name": "The value is not one of the allowed ones.",
    "unknown-runtime": "The catalogue has no runtime with this name.",
    "unknown-system": "The catalogue has no system with this name.",
    "wrong-depth": "`context.root` does not go up as many levels as `context.project` goes down.",
    "wrong-type": "The value has the wrong type, such as a number instead of a string.",
    "withdrawn-base": "The standards have withdrawn the base. The message or the fix names its successor.",
    "wrong-value": "Only one exact value is allowed.",
}
PROJECT_CODES = {
    "drift": "A generated file was edited by hand, has the wrong mode, or is not a regular file any more.",
    "left-over": "The spec no longer produces this generated file.",
    "missing": "A generated file does not exist.",
    "not-rendered": "The project has a spec but was never rendered.",
    "outdated": "The project was rendered by another template or version. Its files were not checked.",
    "refused": "A render would overwrite or remove an edit that git does not hold. Nothing was written.",
    "stale": "The spec was edited after the file was rendered.",
    "unavailable": "`models lock` could not download a model file. The others were recorded.",
    "undecided": "The command could not reach a result for this project. The message says why.",
    "unmerged": "An update could not be merged with changes in a file. Resolve it manually.",
    "unreadable": "The spec, or an option that refers to it, cannot be read.",
}
IMAGE_CODES = {
    "altered-base": "With `--files`: the image changes or removes files of its base.",
    "image-too-large": "The image exceeds Lambda's size limit.",
    "media-type": "Lambda does not accept a manifest or a layer of this type.",
    "not-as-planned": "Entry point, command, a variable, a label, the directory or the user differs from the plan.",
    "onbuild": "The image has ONBUILD triggers, which run in every build based on it.",
    "other-base": "The image is built on a different base from the one in its project's spec.",
    "several-manifests": "The image is an index (several images, or attestations), which Lambda does not accept.",
    "unproved-base": "The standards lack the layers of some bases, so the image's base cannot be determined.",
    "wrong-platform": "The image's platform is not that of its function, or is not supported by Lambda.",
}
RULE_CODES = {
    "deprecated-runtime": "AWS no longer patches the runtime. A warning, unless the standards make it an error.",
    "expired-base": "The base's support in the standards has ended (UTC).",
    "expiring-base": "The base's support in the standards ends within 90 days. A warning.",
    "foreign-model-host": "A model file comes from a host or a bucket that the standards do not list.",
    "missing-label": "The standards require a label that the image does not have.",
    "stale-base": "The standards now have a different image for the base, such as a newer one, or another mirror. "
    "For an image: its layers are those of an earlier version of the base.",
    "stale-extension": "The standards now have a different image for an extension, such as a newer one.",
    "uncatalogued-base": "A spec, a `FROM` or the lowest layers of an image do not match any base in the standards.",
    "uncatalogued-extension": "A spec names an extension that is not in these standards.",
    "unpinned-base": "An image without a digest, although the standards have, require or need one.",
}
STANDARDS_CODES = {
    "expired-waiver": "A waiver has expired. An error while its finding persists, otherwise a warning.",
    "expiring-waiver": "A waiver expires within 14 days. A warning.",
    "future-waiver": "A waiver is not valid yet. An error while its finding exists, otherwise a warning.",
    "broken-promise": "The image lacks something that the standards declare for the base. It is not pinned.",
    "ambiguous-platform": "A registry has several images for one platform under one tag.",
    "lost-platform": "The standards have a digest for a platform for which the tag no longer has an image.",
    "two-defaults": "A runtime has more than one default base.",
    "unapplied-waivers": "Without `--repository` it is unknown which of the standards' waivers for files apply.",
    "unused-waiver": "A waiver matches no finding. A warning.",
    "waiver-scope": "The scope of a waiver is not one file in one repository, or one image.",
    "waiver-self-approved": "A waiver was approved by the person who requested it.",
    "waiver-too-long": "A waiver ends before it starts, or is valid for more than 90 days.",
}
DOCKERFILE_CODES = {
    "ambiguous-stage": "A stage has the same name as an image in the standards.",
    "build-override": "A Compose, Bake or SAM file adds to what its Dockerfile says. Exit status 3.",
    "forbidden-instruction": "An instruction or a flag that no standards can cover: `ADD`, `ONBUILD`, a privilege.",
    "no-base": "The last stage is not built on a base in the standards, or a stage is built on a files-only stage.",
    "not-understood": "Something that is not understood with certainty: see [hand-written Dockerfiles]"
    "(explanation.md#hand-written-dockerfiles). Exit status 3.",
    "uncatalogued-digest": "The standards have the image, but not with this digest.",
    "uncatalogued-source": "`COPY --from` or a mount names neither an image in the standards nor an earlier stage.",
    "unfit-platform": "The digest is that of the image for another platform.",
    "unnormalised-name": "A non-standard spelling of an image in the standards.",
    "wrong-tag": "The tag is not the one that the standards give for the digest.",
}
REPORT_CODES = {"too-many-findings": "The report is full. The message gives the number of findings left out."}
CODES = YAML_CODES | SPEC_CODES | PROJECT_CODES | RULE_CODES | STANDARDS_CODES
CODES |= DOCKERFILE_CODES | IMAGE_CODES | REPORT_CODES

EXIT_CODES = {
    ExitCode.CLEAN: "No errors. Warnings do not count.",
    ExitCode.FINDINGS: "An error was found, `diff` or `pin --check` reports a change, or an edit would be lost.",
    ExitCode.INVALID: "A spec, an answer or the command line is invalid.",
    ExitCode.UNDECIDED: "The command could not decide or could not finish. Never treat this as a pass.",
}


def main() -> int:
    """Write the generated files, or with --check compare them with the ones on disk."""
    parser = argparse.ArgumentParser(description="Generate docs/reference.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 if a file is not up to date")
    check = parser.parse_args().check
    status = 0
    for path, text in {REFERENCE: page(), MEANINGS: meanings()}.items():
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not up to date: run `python docs/generate.py`", file=sys.stderr)
            status = 1
    return status


def meanings() -> str:
    """Return the descriptions of codes that reports use, as JSON."""
    return json.dumps(dict(sorted(CODES.items())), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """Return the whole page."""
    return (
        "\n\n".join([*introduction(), *spec(), *standards_keys(), *catalogue(), *commands(), *findings(), *plan()])
        + "\n"
    )


def introduction() -> Iterator[str]:
    """Yield the introduction."""
    yield "<!-- Generated by docs/generate.py from the schema, the tables and the code: edit those. -->\n# Reference"
    yield "\n".join(f"- [{name}](#{name.lower().replace(' ', '-')})" for name in SECTIONS)


def spec() -> Iterator[str]:
    """Yield the section on every key of the spec."""
    schema = load("schema/lambda-image.schema.json")
    yield "## The spec"
    yield (
        "The keys of `lambda-image.yaml`. `a.b` is the key `b` of the mapping `a`; `a[]` is an item of the list `a`. "
        "Other keys are rejected. For restrictions on the YAML itself, see [strict YAML](explanation.md#strict-yaml)."
    )
    yield "\n".join(f"- [`{name}`](#{anchor(name)})" for name in schema["properties"])
    for name, part in schema["properties"].items():
        yield from key(name, part, schema, required=name in schema["required"])


def standards_keys() -> Iterator[str]:
    """Yield the section on every key of the standards, as a table."""
    schema = load("schema/standards.schema.json")
    yield "## The standards"
    yield (
        "The keys of `standards/standards.yaml` and of a file given by `--standards`. `a.*` is any key of the mapping "
        "`a`, `a[]` an item of the list `a`. For their use, see [Maintain an organisation "
        "template](how-to.md#maintain-an-organisation-template) and the recipes after it."
    )
    keys = (row for name, part in schema["properties"].items() for row in below(name, part, name in schema["required"]))
    yield rows(("Key", "Required", "Meaning"), keys)


def below(path: str, part: Mapping[str, Any], required: bool) -> Iterator[tuple[str, str, str]]:  # noqa: FBT001
    """Yield the row of a key of the standards, then the rows of the keys below it."""
    words = f" One of {', '.join(map(code, part['enum']))}." if "enum" in part else ""
    if "description" in part:
        yield ticked(path), "yes" if required else "", part["description"] + words
    parts = {"": part, ".*": part.get("additionalProperties"), "[]": part.get("items")}
    for suffix, child in parts.items():
        for name, grandchild in (child.get("properties", {}) if isinstance(child, dict) else {}).items():
            yield from below(f"{path}{suffix}.{name}", grandchild, name in child.get("required", ()))


def key(path: str, part: Mapping[str, Any], schema: Mapping[str, Any], *, required: bool) -> Iterator[str]:
    """Yield one key of the spec, then the keys below it."""
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
    """Describe the type of a value and its numeric limits."""
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
    return text + (", unique items" if part.get("uniqueItems") else "")


def allowed(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the allowed values, or their form in the words of the error message."""
    if "const" in part:
        yield code(part["const"])
    if "enum" in part:
        yield ", ".join(code(value) for value in part["enum"])
    if "patternErrorMessage" in part:
        yield plain(part["patternErrorMessage"])
    if "propertyNames" in part:
        yield f"each key, {plain(part['propertyNames']['patternErrorMessage'])}"


def plain(message: str) -> str:
    """Return the requirement in an error message, escaped for Markdown."""
    return re.sub(r"([*_])", r"\\\1", message.removeprefix("must be ").removeprefix("must "))


def catalogue() -> Iterator[str]:
    """Yield the sections on the tables: runtimes, languages, bases, systems, event sources."""
    standards: Any = parse((ROOT / "standards/standards.yaml").read_bytes(), file="standards.yaml").value
    yield from runtimes(standards["bases"])
    yield "## Languages"
    head = ("Language", "Package managers and their default files", "Handler")
    languages = load("catalogue/languages.json")["languages"].items()
    yield rows(head, ((name, managers(row), row["handler"]["form"]) for name, row in languages))
    yield from bases(standards)
    yield "## Systems"
    systems = load("catalogue/systems.json")["systems"].items()
    yield rows(("System", "Name"), ((f"`{name}`", row["title"]) for name, row in systems))
    yield "## Event sources"
    events = load("catalogue/events.json")["events"].items()
    head = ("Event source", "Description", "Sample event")
    yield rows(head, ((f"`{name}`", row["title"], f"`{row['sample']}`") for name, row in events))


def runtimes(bases: Mapping[str, Any]) -> Iterator[str]:
    """Yield the section on runtimes."""
    default = {runtime: name for name, row in bases.items() if row.get("default") for runtime in row["runtimes"]}
    table = load("catalogue/runtimes.json")
    yield "## Runtimes"
    yield f"As of {table['as_of']}. After its deprecation date, AWS no longer patches a runtime's base image."
    yield rows(
        ("Runtime", "Language", "Deprecated on", "Successor", "Default base"),
        (
            (f"`{name}`", row["language"], row["deprecated"], ticked(row["successor"]), ticked(default.get(name)))
            for name, row in table["runtimes"].items()
        ),
    )


def bases(standards: Mapping[str, Any]) -> Iterator[str]:
    """Yield the section on base images."""
    yield "## Bases"
    own = "may" if standards["rules"]["inline_base"] == "allowed" else "may not"
    yield (
        f"The base images in `standards/standards.yaml`, of the organisation `{standards['organisation']}`. A spec "
        f"{own} also describe its own image. *Runtime client*: whether Lambda's runtime client is included in "
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
    """Return an image reference, and the architectures for which it is pinned by digest."""
    pinned = f", pinned for {', '.join(base['digests'])}" if base.get("digests") else ""
    return f"`{base['image']}:{base['tag']}`{pinned}"


def managers(row: Mapping[str, Any]) -> str:
    """Return the package managers of a language with their default manifests."""
    return "; ".join(f"`{name}`: {', '.join(map(ticked, at['files']))}" for name, at in row["managers"].items())


def commands() -> Iterator[str]:
    """Yield the sections on the command line, from its parser."""
    *options, last = actions(_parser())
    assert isinstance(last, argparse._SubParsersAction)  # noqa: S101, SLF001 - argparse gives it no public name
    yield "## Commands"
    yield rows(("Option", "Effect"), map(option, options))
    for name, purpose, verb in verbs(last):
        arguments = sorted(actions(verb), key=lambda action: bool(action.option_strings))
        places = [action for action in arguments if not action.option_strings]
        words = [f"[{place.metavar} ...]" if place.nargs == "*" else str(place.metavar) for place in places]
        yield f"### `scaffold {name}`"
        yield f"`{' '.join(['scaffold', name, '[OPTION ...]', *words])}`: {purpose}."
        yield rows(("Argument", "Meaning"), map(option, arguments))
    yield "## Exit status"
    yield "If several apply, the highest wins. An interrupted command ends with 130."
    yield rows(("Status", "Meaning"), ((f"{number:d}", EXIT_CODES[number]) for number in ExitCode))


def verbs(commands: Any, before: str = "") -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield the name, purpose and parser of each command without subcommands, such as `image check`."""
    purposes = {choice.dest: choice.help for choice in commands._get_subactions()}  # noqa: SLF001 - as above
    for name, verb in commands.choices.items():
        below = [action for action in actions(verb) if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
        if below:
            yield from verbs(below[0], f"{before}{name} ")
        else:
            yield f"{before}{name}", purposes[name], verb


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the arguments of a parser, except --help."""
    return [action for action in parser._actions if action.dest != "help"]  # noqa: SLF001 - there is no other way


def option(action: argparse.Action) -> tuple[str, str]:
    """Return one argument of a command and its help text."""
    names = ", ".join(f"`{name}`" for name in action.option_strings or [str(action.metavar)])
    value = "|".join(action.choices) if action.choices else action.metavar
    words = f"{names} `{value}`" if action.option_strings and value else names
    default = f" (default: {action.default})" if isinstance(action.default, str) and action.choices else ""
    return words, f"{action.help or 'directory of the project'}{default}"


def findings() -> Iterator[str]:
    """Yield the section on finding codes."""
    same("finding codes", codes_in_use(), CODES)
    yield "## Findings"
    yield (
        "A finding is one line, `file:line:column: code message`, followed by the source line with a caret if there "
        "is one, and by `fix:` with the solution. Codes are stable; messages are not. `--format json` gives a list of "
        "findings with the keys `code`, `severity` (`error` or `warning`), `message`, `fix`, `file`, `line`, `column` "
        "and `waiver`: null, or the `reason`, `approved_by`, `expires` and `ticket` of the waiver that applies to it. "
        "Lines and columns count from 1; 0 means the whole file or line. `projects` lists those with findings, "
        "`summary` has the totals."
    )
    tables = {
        "YAML findings": YAML_CODES,
        "Spec findings": SPEC_CODES,
        "Project findings": PROJECT_CODES,
        "Rule findings": RULE_CODES,
        "Standards findings": STANDARDS_CODES,
        "Dockerfile findings": DOCKERFILE_CODES,
        "Image findings": IMAGE_CODES,
        "Report findings": REPORT_CODES,
    }
    for title, table in tables.items():
        yield f"### {title}"
        yield rows(("Code", "Meaning"), (place(name, meaning) for name, meaning in sorted(table.items())))


def place(name: str, meaning: str) -> tuple[str, str]:
    """Return the row of a code, with an anchor that reports link to."""
    return f'<a id="{codes.anchor(name)}"></a>`{name}`', meaning


def same(what: str, found: Iterable[str], told: Iterable[str]) -> None:
    """End the run where the code and a table of this file differ."""
    if different := set(found) ^ set(told):
        raise SystemExit(f"docs/generate.py: the {what} and their table differ in {', '.join(sorted(different))}")


def codes_in_use() -> set[str]:
    """Collect every finding code that the package or the template can give."""
    found = {code for path in (ROOT / "scaffold").rglob("*.py") for code in codes_of(ast.parse(path.read_bytes()))}
    # report(FOUND, PATH, 'code', …), and the two places where a code is handed on to a macro that calls it
    pattern = re.compile(
        r"(?:\breport\([a-z]+, (?:[a-z_]+|\[.*?\])(?: \+ \[.*?\])*, |\bcode=|\bhere, )'([a-z][a-z-]+)'(?=[,)])"
    )
    for path in (ROOT / "template/spec").rglob("*.jinja"):
        found |= set(pattern.findall(path.read_text(encoding="utf-8")))
    return found


def codes_of(tree: ast.Module) -> Iterator[str]:
    """Yield the strings that a module uses as codes: code="…", and arguments of functions that make a finding."""
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
    """Yield the codes that an expression can evaluate to."""
    if isinstance(node, ast.IfExp):
        yield from words_in(node.body)
        yield from words_in(node.orelse)
    elif isinstance(node, ast.Constant) and re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", str(node.value)):
        yield str(node.value)


def plan() -> Iterator[str]:
    """Give the section on the plan, from its schema."""
    schema, of_spec = load("schema/plan.schema.json"), load("schema/lambda-image.schema.json")
    smallest = {name: of_spec["properties"][name]["examples"][0] for name in of_spec["required"]}
    same("keys of the plan", Engine(ROOT).plan(smallest), schema["properties"])
    yield "## The plan"
    yield (
        "What `scaffold plan` prints: everything that was decided, as JSON, with no key absent. "
        "Of one project it is the plan; of several it is a mapping of their paths to their plans. "
        "Its JSON Schema is `schema/plan.schema.json`."
    )
    keys = (row for name in sorted(schema["properties"]) for row in decided(name, schema["properties"][name], schema))
    yield rows(("Key", "Holds"), keys)


def decided(path: str, part: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the row of a key of the plan, then those of the keys below it."""
    words = f" One of {', '.join(map(code, part['enum']))}." if "enum" in part else ""
    yield ticked(path), part["description"] + words
    inner = part.get("items", part)
    [reference, *_] = [option["$ref"] for option in inner.get("anyOf", [inner]) if "$ref" in option] or [""]
    below = schema["$defs"][reference.rpartition("/")[2]]["properties"] if reference else {}
    for name, child in below.items():
        yield from decided(f"{path}{'[]' if 'items' in part else ''}.{name}", child, schema)


def rows(head: tuple[str, ...], body: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *(tuple(cell.replace("|", "\\|") for cell in line) for line in body)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ticked(word: str | None) -> str:
    """Return a word as code, or an empty string for None."""
    return f"`{word}`" if word else ""


def anchor(path: str) -> str:
    """Return the anchor of a key's heading."""
    return re.sub(r"[^\w-]", "", path.lower())


def code(value: object) -> str:
    """Return a value as code, in the notation of a spec."""
    return f"`{flow(value)}`"


def flow(value: object) -> str:
    """Return a value as YAML on one line, unquoted if every parser reads the same string."""
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
