"""Values put into a YAML text: they arrive, and every other byte stays."""

from __future__ import annotations

import difflib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffold.documents import edit as editor
from scaffold.documents.document import parse
from scaffold.errors import CannotDecideError

DIGESTS = {"arm64": "sha256:new", "x86_64": "sha256:newer"}
LAYERS = {"arm64": ("one", "two", "three"), "x86_64": ("four",)}
FORMS = {
    "flow": '  a: {image: x.y/z, tag: "3", default: true}  # why\n',
    "flow with a comma at the end": "  a: {image: x.y/z,}\n",
    "empty": "  a: {}\n",
    "flow on its own line": "  a:\n    {image: x.y/z, digests: {}}\n",
    "flow over lines": '  a: {image: x.y/z,\n     tag: "1", # one\n    }\n  # after\n',
    "block": "  a:\n    image: x.y/z   # where\n    runtimes: [python]\n\n  # after\n",
    "block without end": "  a:\n    image: x.y/z",
    "one digest": "  a:\n    digests:\n      arm64: sha256:old # keep\n    tag: '1'\n",
    "quoted": "  a: {digests: {arm64: 'sha256:old', x86_64: \"sha256:old\"}}\n",
    "lists in block": "  a:\n    diff_ids:\n      arm64:\n      - b\n      x86_64:\n        - b\n        - c\n",
    "lists in flow": "  a: {diff_ids: {arm64: [old], x86_64: [\n     old,\n     older]}}\n",
}


def edit(text: str, changes: editor.Changes) -> str:
    return editor.edit(parse(text.encode(), file="x"), changes)


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_takes_every_value(name: str, ending: str) -> None:
    text = f"# é\nversion: 1\nbases:\n{FORMS[name]}"
    text += "" if name.endswith("without end") else "rules: {x: w}  # last\n"
    text = text.replace("\n", ending)
    before = yaml.safe_load(text)
    after = edit(text, {"bases": {"a": {"digests": DIGESTS, "diff_ids": LAYERS}}})
    layers = {architecture: list(items) for architecture, items in LAYERS.items()}
    before["bases"]["a"] |= {"digests": DIGESTS, "diff_ids": layers}
    assert yaml.safe_load(after) == before
    assert comments(after) == comments(text)
    assert after.count("\n") == after.count(ending)
    assert edit(after, {"bases": {"a": {"digests": DIGESTS, "diff_ids": LAYERS}}}) == after


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


def test_a_new_value_moves_nothing_else() -> None:
    text = "".join(f"  b{number}: {{image: x.y/z, digests: {{arm64: old}}}} # {number}\n" for number in range(9))
    after = edit(f"bases:\n{text}", {"bases": {"b4": {"digests": {"arm64": "new"}}}})
    assert after == f"bases:\n{text}".replace("old}} # 4", "new}} # 4")
    added = edit(f"bases:\n{text}", {"bases": {"b4": {"digests": {"x86_64": "new"}}}})
    kinds = {kind for kind, *_ in difflib.SequenceMatcher(None, f"bases:\n{text}", added, autojunk=False).get_opcodes()}
    assert kinds == {"equal", "insert"}


@pytest.mark.parametrize("text", ["a: {b: [x, # why\n  w]}\n", "a:\n  b:\n    - x\n    # why\n    - w\n"])
def test_a_comment_in_a_list_is_never_lost(text: str) -> None:
    with pytest.raises(CannotDecideError, match="move the comment"):
        edit(text, {"a": {"b": ("z",)}})
    assert edit(text, {"a": {"b": ("x", "w")}}) == text


NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.dictionaries(
    st.sampled_from(["arm64", "x86_64"]), st.text("0123456789abcdef", min_size=1).map("sha256:{}".format), min_size=1
)


@given(
    entries=st.dictionaries(
        NAMES, st.dictionaries(st.sampled_from(["digests", "tag"]), VALUES, min_size=1), min_size=1
    ),
    wanted=VALUES,
    flow=st.booleans() | st.none(),
    data=st.data(),
)
def test_what_is_written_is_read_whatever_the_style(entries, wanted, flow, data) -> None:  # type: ignore[no-untyped-def]
    text = yaml.safe_dump({"bases": entries}, default_flow_style=flow)
    name = data.draw(st.sampled_from(sorted(entries)))
    after = edit(text, {"bases": {name: {"digests": wanted}}})
    entries[name]["digests"] = entries[name].get("digests", {}) | wanted
    assert yaml.safe_load(after) == {"bases": entries}
