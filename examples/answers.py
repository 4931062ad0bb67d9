"""Print the answers for the first project of a language, as words for `scaffold new`: answers.py LANGUAGE."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def table(name: str) -> dict[str, Any]:
    """Return the rows of a table of the catalogue."""
    rows: dict[str, Any] = json.loads((ROOT / f"catalogue/{name}.json").read_text(encoding="utf-8"))[name]
    return rows


def answers() -> dict[str, list[str]]:
    """Return the answers for each language and dialect: on the runtime that a new project is offered, or the newest."""
    questions = (ROOT / "copier.yml").read_text(encoding="utf-8")
    [offered] = re.findall(r"^runtime:\n(?:  .*\n)*?  default: (\S+)\n", questions, re.MULTILINE)
    found: dict[str, list[str]] = {}
    for runtime, row in table("runtimes").items():
        dialects = table("languages")[row["language"]].get("dialects", {}) if row["language"] else row["languages"]
        words = {name: [f"--data=language={name}"] for name in dialects}
        if row["language"]:  # by itself, it means its default dialect
            words[row["language"]] = []
        for name, language in words.items():
            if runtime == offered or (row["successor"] is None and name not in found):
                found[name] = [f"--data=runtime={runtime}", *language]
    return found


if __name__ == "__main__":
    known = answers()
    if sys.argv[1] not in known:
        sys.exit(f"LANGUAGE is one of: {', '.join(sorted(known))}")
    sys.stdout.write("\n".join([*known[sys.argv[1]], ""]))
