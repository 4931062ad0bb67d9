"""The page of events against the tables: every event, who has a starter for it, and every source that connects one."""

from __future__ import annotations

import json
import re
from typing import Any

from support.docs import ROOT

PAGE = (ROOT / "docs/events.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| (\*{0,2})`([a-z0-9-]+)`\1 \| (.*?) \|", PAGE)


def table(name: str) -> dict[str, Any]:
    rows: dict[str, Any] = json.loads((ROOT / f"catalogue/{name}.json").read_text(encoding="utf-8"))[name]
    return rows


def test_every_event_has_its_row() -> None:
    assert {name: title for _, name, title in ROWS} == {name: row["title"] for name, row in table("events").items()}


def test_bold_events_have_a_starter_in_every_compiled_language() -> None:
    bold = {name for stars, name, _ in ROWS if stars}
    everywhere = {name for name, row in table("events").items() if row["everywhere"]}
    compiled = [row for name, row in table("languages").items() if name in ("go", "java", "rust")]
    assert all(bold == everywhere | set(row["events"]) for row in compiled)


def test_every_source_of_a_starter_is_shown() -> None:
    sources = {source for row in table("events").values() for source in row["sources"]}
    assert {source for source in sources if f"source: {source}" not in PAGE} == set()
