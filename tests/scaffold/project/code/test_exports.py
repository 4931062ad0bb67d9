"""Which names a JavaScript file exports: nothing that it may export is missed, and what it surely lacks is found."""

from __future__ import annotations

import json
import re

import pytest

from scaffold.locations import template_root
from scaffold.project.code import definition

ROW = json.loads((template_root() / "catalogue/languages.json").read_bytes())["languages"]["nodejs"]["handler"]


def exports(text: str) -> bool:
    source = text.encode()
    if re.search(ROW["definition"].replace("NAME", "handler").encode(), source, re.MULTILINE):
        return True
    read = definition.read(source, "nodejs")
    return read is None or read.open or "handler" in read.names


@pytest.mark.parametrize(
    "text",
    [
        "export const handler = async (event) => event;",
        "export async function handler(event) {}",
        "export function* handler(event) {}",
        "async function main() {}\nexport { other, main as handler };",
        "export {\n  other,\n  handler,\n};",
        'export * from "./other.mjs";',
        "export const { handler } = made();",
        "exports.handler = async (event) => event;",
        "module.exports.handler = main;",
        "module.exports = { handler };",
        "Object.assign(exports, require('./other'));",
        'exports["handler"] = main;',
    ],
)
def test_what_may_be_exported_is_no_finding(text: str) -> None:
    assert exports(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "const handler = async (event) => event;",
        "export const handlers = [];",
        "export const other = handler;",
        "exports.other = handler;",
        "exports.handler == main;",
        "export { handler as other };",
        "// export const handler = 1;",
    ],
)
def test_what_is_not_exported_is_found(text: str) -> None:
    assert not exports(text)
