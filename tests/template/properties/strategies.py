"""Specs that the schema accepts, full of what a generator gets wrong, and specs that are nearly right.

Everything is drawn from the schema itself, so that a new key is tested from the day it is there: a text is whatever its
pattern accepts, and a wider pattern lets worse texts through.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scaffold.locations import template_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    from scaffold.rendering.engine import Engine, Problem

Schema = dict[str, Any]
Spec = dict[str, Any]
Path = tuple[str | int, ...]
T = TypeVar("T")

SCHEMA: Schema = json.loads((template_root() / "schema/lambda-image.schema.json").read_bytes())
MINIMAL: Spec = {
    "version": 1,
    "name": "my-function",
    "runtime": "python3.13",
    "architecture": "x86_64",
    "handler": "app.handler",
}

# What some reader of a generated file could take for more than text.
TOKENS = (
    *(
        '"',
        "'",
        "\\",
        "\\\\",
        '\\"',
        '\\\\"',
        "\\'",
        "\\n",
        "\\x41",
        "\\$",
        "`id`",
        "$",
        "$$",
        "$(id)",
        "$0",
        "$@",
        "$'",
    ),
    *("$PATH", "${PATH}", "${PATH:-x}", "${PATH#/}", "$HOME", "%", "%s", "%n", "%%", "!", "!!", "!x", "~", "^"),
    *("{{ 7*7 }}", "{{7*7}}", "{% raw %}", "{% endraw %}", "{% include 'x' %}", "{#", "#}", "{%- if x -%}"),
    *("{{ ''.__class__.__mro__ }}", "{{ plan.name }}", "{{ spec }}", "${{ github.token }}", "#{x}", "%{x}", "<%= x %>"),
    *(
        "#",
        "# x",
        " # x",
        ",",
        ";",
        "&",
        "&&",
        "|",
        "||",
        ">",
        "<",
        ">>/x",
        "<<EOF",
        "<<-'EOF'",
        "*",
        "?",
        "[a-z]",
        "{a,b}",
    ),
    *(
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "=",
        "==",
        ":",
        ": ",
        "- ",
        "--",
        "--flag",
        "-x",
        "--mount=type=bind",
        "@",
        "/",
        "//",
    ),
    *(
        "..",
        "../..",
        "./",
        " ",
        "  ",
        "   x",
        "x   ",
        " \\",
        "\\ ",
        "NO",
        "no",
        "y",
        "n",
        "on",
        "true",
        "null",
        "~",
        "3.10",
    ),
    *(
        "1e5",
        "0o14",
        "0x1F",
        "08",
        "-.5",
        ".inf",
        ".nan",
        "22:22",
        "2024-01-01",
        "1_000",
        "<<",
        "&a",
        "*a",
        "!!str x",
        "|",
        ">-",
    ),
    *(
        "FROM evil",
        "RUN id",
        "ONBUILD",
        "AS x",
        "# syntax=evil",
        "# escape=`",
        "COPY --from=evil / /",
        "ENV A=b",
        "EOF",
    ),
    *("é", "naïve", "日本語", "🎉", "👩", "\U0001d54f", "\u017f", "\u212a", "İ", "ß", "e\u0301", "\u0660", "א"),
    *(
        "\ue000",
        "\ufffd",
        "\u3000",
        "\u202f",
        "\u2009",
        "\u00a0",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\u2028",
        "\u0085",
        "\ud800",
    ),
    *("\n", "\r", "\t", "\0", "\x0b", "\x1b[31m", "\x7f"),
)

HANDLERS = ("app.handler", "search.main.handler", "a.b_.C9", "_x._y", "my-module.lambda.handler", "jobs/1.handler")
# Texts that only a table makes right; the schema accepts a thousand others, all of them unknown names.
NAMES: dict[Path, tuple[str, ...]] = {
    ("runtime",): ("python3.11", "python3.13", "python3.14"),
    ("handler",): HANDLERS,
    ("event",): ("none", "api-gateway-http", "s3", "schedule", "sqs"),
    ("server", "framework"): ("fastapi", "flask"),
    ("functions", 0, "handler"): HANDLERS,
    ("functions", 0, "event"): ("none", "api-gateway-http", "s3", "schedule", "sqs"),
    ("base",): (
        "python3.13",
        "python3.13-debian",
        "python3.13-alpine",
        "python3.13-pinned",
        "python3.11",
        "python3.14",
        "acme-python",
    ),
    ("replaced_by",): ("python3.14", "acme-python"),
    ("extensions", 0): ("insights", "tracer"),
    ("timezone",): ("UTC", "Europe/Prague", "America/Argentina/Buenos_Aires"),
    ("base", "name"): ("python3.13", "python3.13-debian", "python3.11", "python3.14"),
    ("base", "system"): ("al2", "al2023", "alpine", "debian"),
    ("base", "runtime_client"): ("added", "included"),
    **{
        (*path, "stack", "events", "", "source"): ("sqs", "sns", "schedule", "eventbridge", "api-gateway-http")
        for path in ((), ("functions", 0), ("stages", ""), ("stages", "", "functions", ""))
    },
    ("dependencies", "manager"): ("pip", "pip", "pip", "uv", "poetry", "pipenv"),
}


CLOUDFORMATION = "#/$defs/cloudformation"
FRESH = bool(os.environ.get("FRESH_EXAMPLES"))
FIXED = settings(
    derandomize=not FRESH, database=None, deadline=None, print_blob=FRESH, suppress_health_check=list(HealthCheck)
)


def examples(count: int) -> settings:
    """Settings of a property that is tried with so many examples.

    The same examples each time: a red build is then the fault of the change that is being built. To look for more, run
    with FRESH_EXAMPLES=1 in the environment, which draws new ones and prints how to repeat a failure, and with
    `--hypothesis-seed=N` beside it to choose or to repeat them.
    """
    return settings(FIXED, max_examples=count)


def sample(strategy: SearchStrategy[T], count: int) -> list[T]:
    """That many different values at once: one run of a builder or a shell takes hundreds of them."""
    found: dict[str, T] = {}

    @settings(FIXED, max_examples=count * 3, phases=[Phase.generate])
    @given(strategy)
    def collect(value: T) -> None:
        if len(found) < count:
            found.setdefault(repr(value), value)

    collect()
    return list(found.values())


def accepts(schema: Schema, text: str) -> bool:
    """Whether the schema of a text accepts this one, as a validator of another make would."""
    return (
        schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
        and re.search(schema.get("pattern", ""), text) is not None
        and text in schema.get("enum", [text])
    )


def at(*path: str, schema: Schema = SCHEMA) -> Schema:
    """The schema of a key, by its path: `items`, `additionalProperties` and `propertyNames` are steps too."""
    for step in path:
        schema = _resolved(schema)
        keyword = step in {"items", "additionalProperties", "propertyNames"}
        schema = schema[step] if keyword else schema["properties"][step]
    return _resolved(schema)


def accepted(schema: Schema, count: int, *, longest: int = 90) -> list[str]:
    """That many texts that a schema of texts accepts, plain ones first.

    What is accepted is changed again and again, so each step goes as far as the pattern lets it.
    """
    if "enum" in schema:
        return list(schema["enum"])
    chance = random.Random(repr((schema, os.urandom(8) if FRESH else b"")))
    limited = schema | {"maxLength": min(longest, schema.get("maxLength", longest))}
    plain = [text for text in schema.get("examples", ["ab", "AB"]) if isinstance(text, str)]
    # Each example has descendants of its own, so that an address is not lost among names.
    families = [[text] for text in plain] + [[token for token in TOKENS if accepts(limited, token)]]
    families = [family for family in families if family and accepts(limited, family[0])]
    found, tries = dict.fromkeys(itertools.chain(*families)), 0
    while len(found) < count and tries < count * 200:
        tries += 1
        family = chance.choice(families)
        text = _worse(chance.choice(family), chance)
        if text not in found and accepts(limited, text):
            found[text] = None
            family.append(text)
    return sorted(found, key=lambda text: (len(text), text))


def _worse(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 0, 0, 1, 2, 8)))
        last = chance.choice((0x7F, 0x7F, 0x17F, 0x303F, 0x1F64F))
        token = chance.choice(TOKENS) if chance.random() < 0.7 else chr(last - chance.randint(0, 0x7F))
        text = text[:start] + chance.choice((token, token, token, text[start:end] * 2, "")) + text[end:]
    return text


def texts(schema: Schema) -> SearchStrategy[str]:
    """Texts that a schema of texts accepts, from plain to as awkward as it lets them be."""
    return st.sampled_from(_accepted(json.dumps(schema)))


@cache
def _accepted(schema: str) -> list[str]:
    return accepted(json.loads(schema), 100)


def _resolved(schema: Schema) -> Schema:
    return SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def values(schema: Schema = SCHEMA, path: Path = (), *, most: int = 3) -> SearchStrategy[Any]:
    """JSON values that the schema accepts, with at most so many parts in each list or free mapping."""
    # Parts of CloudFormation are in one another: three deep.
    path = (*path, CLOUDFORMATION) if schema.get("$ref") == CLOUDFORMATION else path
    schema = _resolved(schema)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if path.count(CLOUDFORMATION) > 2:
        kinds = [kind for kind in kinds if kind not in {"array", "object"}]
    if "const" in schema:
        return st.just(schema["const"])
    return st.one_of(*(_KINDS[kind](schema, path, most) for kind in kinds))


def _texts(schema: Schema, path: Path, _: int) -> SearchStrategy[str]:
    names = [name for name in NAMES.get(path, ()) if accepts(schema, name)]
    return st.sampled_from(names) if names else texts(schema)


def _integers(schema: Schema, _path: Path, _: int) -> SearchStrategy[int]:
    least, greatest = schema["minimum"], schema["maximum"]
    return st.sampled_from([least, greatest]) | st.integers(least, greatest)


def _arrays(schema: Schema, path: Path, most: int) -> SearchStrategy[list[Any]]:
    least = schema.get("minItems", 0)
    unique = partial(json.dumps, sort_keys=True) if schema.get("uniqueItems") else None
    items = values(schema["items"], (*path, 0), most=most)
    return st.lists(items, min_size=least, max_size=min(max(least, most), schema["maxItems"]), unique_by=unique)


def _objects(schema: Schema, path: Path, most: int) -> SearchStrategy[dict[str, Any]]:
    parts = {key: values(part, (*path, key), most=most) for key, part in schema.get("properties", {}).items()}
    required = schema.get("required", [])
    closed = st.fixed_dictionaries(
        {key: parts[key] for key in required},
        optional={key: part for key, part in parts.items() if key not in required},
    )
    if schema["additionalProperties"] is False:
        return closed.map(partial(_without_lone, schema.get("dependentRequired", {})))
    key, value = (
        texts(schema["propertyNames"]),
        values(schema["additionalProperties"], (*path, ""), most=most),
    )
    return st.dictionaries(key, value, max_size=min(most, schema["maxProperties"]))


def _without_lone(needs: dict[str, list[str]], value: dict[str, Any]) -> dict[str, Any]:
    """Leave out keys that need others which were not drawn."""
    while lone := {key for key in value if not set(needs.get(key, ())) <= set(value)}:
        value = {key: part for key, part in value.items() if key not in lone}
    return value


_KINDS: dict[str, Callable[[Schema, Path, int], SearchStrategy[Any]]] = {
    "string": _texts,
    "integer": _integers,
    "boolean": lambda _schema, _path, _most: st.booleans(),
    "array": _arrays,
    "object": _objects,
}


SPECS = values()
"""Specs that the schema accepts; of most of them the tables refuse something: see `mended`."""


def mended(spec: Spec, engine: Engine) -> Spec:
    """A spec with which everything is in order: this one, with what the template finds wrong put right or taken out."""
    spec = copy.deepcopy(spec)
    while problems := engine.problems(spec):
        gone: list[Path] = []
        # From the end, so that the positions of what is left stay right.
        for problem in sorted(problems, key=lambda problem: _from_the_end(problem.path), reverse=True):
            wanted = spec.get("dependencies", {})
            if any(problem.path[: len(path)] == path for path in gone) or _mend_downloaded(spec, problem):
                continue
            if _mend_functions(spec, problem) or _mend_base(spec, problem):
                continue
            if moved := _mend_manager(spec, problem):
                gone += moved
                continue
            if (
                problem.code == "no-effect"
                and len(problem.path) > 2
                and problem.path[1] == "indexes"
                and _installs(wanted)
            ):
                wanted.setdefault("packages", []).append(f"{_value(spec, problem.path)}==1.0")
            else:
                gone.append(_remove(spec, problem.path))
    return spec


def _installs(dependencies: Spec) -> bool:
    """Whether packages can be listed in the spec itself."""
    return dependencies.get("manager", "pip") == "pip" and not dependencies.get("require_hashes")


def _mend_base(spec: Spec, problem: Problem) -> bool:
    """A base in several keys is a pinned one of the standards, or an image of the project's own."""
    base = spec.get("base")
    if problem.path[:1] != ("base",) or not isinstance(base, dict):
        return False
    if problem.code == "missing-key":
        base |= {"name": "python3.13", "digest": f"sha256:{'0' * 64}"}
    elif problem.code == "no-effect" and "name" in base:
        own = {"image", "runtime_client"} <= base.keys()
        spec["base"] = {key: part for key, part in base.items() if (key in {"name", "digest"}) != own}
    elif "name" in base:
        del spec["base"]
    else:
        return False
    return True


def _mend_functions(spec: Spec, problem: Problem) -> bool:
    """A project has one handler or several functions."""
    if problem.code == "missing-key" and problem.path == ():
        spec["handler"] = MINIMAL["handler"]
    elif problem.code == "no-effect" and problem.path == ("handler",):
        del spec["handler"]
    else:
        return False
    return True


def _mend_manager(spec: Spec, problem: Problem) -> list[Path]:
    """Give keys that only some managers know one that does; the paths that have to go for it."""
    where, wanted = problem.path, spec.get("dependencies", {})
    if problem.code != "no-effect" or where not in {("dependencies", "groups"), ("dependencies", "extras")}:
        return []
    if wanted.get("manager", "pip") != "pip" or "require_hashes" in wanted:
        return []
    others = [key for key in ("files", "indexes", "packages", "require_hashes") if wanted.pop(key, None) is not None]
    wanted["manager"] = "uv"
    return [("dependencies", key) for key in ("manager", "groups", "extras", *others)]


HOMES = {
    **dict.fromkeys(("include", "files"), f"hf://owner/name@{'0' * 40}"),
    "size": "https://models.example.com/x",
    "version": "s3://bucket/key",
}


def _mend_downloaded(spec: Spec, problem: Problem) -> bool:
    """Put what comes from elsewhere right; False if it cannot."""
    if len(problem.path) == 1 and problem.code == "no-effect":
        return False  # nothing of the key is for a project of this kind
    if problem.path[:1] in {("model_files",), ("model_budget",)}:
        return _mend_models(spec, problem)
    if problem.path[:1] != ("downloads",) or problem.code not in {"missing-digest", "missing-key"}:
        return False
    key, value = (spec["architecture"], "0" * 64) if problem.code == "missing-digest" else ("version", "1.0")
    _value(spec, problem.path)[key] = value
    return True


def _mend_models(spec: Spec, problem: Problem) -> bool:
    """Put a model file right, so that keys which only some of them may have stay in the sample; False if it cannot."""
    row: Any = _value(spec, problem.path[:2]) if len(problem.path) > 1 else {}
    match problem.code:
        case "missing-digest" if "include" in row or row["from"].endswith("/"):
            row["files"] = [{"path": "a", "sha256": "0" * 64}]
        case "missing-digest":
            row["sha256"] = "0" * 64
        case "missing-key" | "not-included":
            row["include"] = ["*"]
        case "no-effect" if "://" not in row["from"] and (keys := sorted(HOMES.keys() & row)):
            row["from"] = HOMES[keys[len(row["from"]) % len(keys)]]
        case "no-effect" if HOMES.get(str(problem.path[2])) == row["from"]:
            pass  # it has found its home by now
        case "over-budget":
            for row in spec["model_files"]:
                for file in [row, *row.get("files", [])]:
                    file.update({"size": 1} if "size" in file else {})
        case _:
            return False
    return True


def _from_the_end(path: Path) -> list[tuple[bool, int | str]]:
    return [(isinstance(part, int), part) for part in path]


def _remove(spec: Spec, path: Path) -> Path:
    """Take out what is at the path, or the nearest thing around it that can be missed; the path of that."""
    parent = _value(spec, path[:-1])
    last: Any = path[-1]
    if len(path) == 1 and last in MINIMAL:
        spec[last] = MINIMAL[last]
        return path
    needed = last in _schema_of(path[:-1]).get("required", [])
    if needed or (isinstance(parent, list) and len(parent) == 1):
        assert len(path) > 1, f"{path} is wrong and cannot be taken out"
        return _remove(spec, path[:-1])
    del parent[last]
    return path


def _schema_of(path: Path) -> Schema:
    schema = _resolved(SCHEMA)
    for part in path:
        step = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
        schema = _resolved(step or schema["additionalProperties"])
    return schema


def subschemas(schema: Schema = SCHEMA, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Every schema in the schema, each with its path."""
    yield path, schema
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            yield from subschemas(part, (*path, key, name))
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(key), dict):
            yield from subschemas(schema[key], (*path, key))


# Whole floats are left out: 512.0 is an integer to jsonschema only.
SCALARS: SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2, 127, 128, 512, 900, 901, 10240, 10241, 2**53, 10**30, 0.5, -1.5, 1e-9]),
    st.sampled_from(["", "x", "arm64", "python3.13", *TOKENS]),
    st.text(max_size=6),
)
JUNK: SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TOKENS) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
# PyYAML, and so Copier, makes more of a file than JSON has: dates, keys that are no texts.
YAML_JUNK: SearchStrategy[Any] = st.recursive(
    SCALARS | st.dates() | st.datetimes() | st.binary(max_size=3) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.none() | st.booleans() | st.integers() | st.dates() | st.text(max_size=3), inner, max_size=3
        )
    ),
    max_leaves=6,
)
KEYS = ("x", "Name", "name\n", "", "from", "url", "get", "items", "__class__", "é", "A" * 200)
ENDINGS = ("\n", "\r", "\r\n", "\u2028", "\u0085", "\u0660", "é", " ", "\u00a0", "\t", "/", ".", "-", "A", "x" * 5000)


def mutant(spec: Any, seed: int, junk: list[Any]) -> Any:
    """The spec with one to three mistakes: nearly always wrong, each time in its own way."""
    chance = random.Random(seed)
    spec = copy.deepcopy(spec)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        path = chance.choice(list(_places(spec)))
        wrong = chance.choice(_mistakes(_value(spec, path), chance, junk))
        if path:
            _value(spec, path[:-1])[path[-1]] = wrong
        else:
            spec = wrong
    return spec


def _places(value: object, path: Path = ()) -> Iterator[Path]:
    yield path
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from _places(part, (*path, key))


def _value(spec: Any, path: Path) -> Any:
    for part in path:
        spec = spec[part]
    return spec


def _mistakes(value: Any, chance: random.Random, junk: list[Any]) -> list[Any]:
    """What somebody could have written instead of a value."""
    thing = chance.choice(junk)
    wrong: list[Any] = [copy.deepcopy(thing), [value], {"x": value}]
    if isinstance(value, str):
        wrong += [value + end for end in chance.sample(ENDINGS, 6)] + [chance.choice(TOKENS) + value, value.upper(), ""]
    elif isinstance(value, dict):
        dropped, added = chance.choice([*value, None]), chance.choice((*KEYS, *(f"{key}\n" for key in value)))
        wrong += [{key: part for key, part in value.items() if key != dropped}, list(value)] * 2
        wrong += [{**value, added: copy.deepcopy(thing)}] * 3
    elif isinstance(value, list):
        wrong += [value + value, value[:-1], [*value, copy.deepcopy(thing)], value * 101]
    elif isinstance(value, int):
        wrong += [str(value), -value, value + 1, value * 100, value + 0.5, bool(value)]
    return copy.deepcopy(wrong)
