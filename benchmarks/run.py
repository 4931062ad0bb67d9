"""Measure speed against peers or a floor in the same run, and print a Markdown table.

Ratios are comparable between machines, milliseconds are not. A ratio over its bound is only printed in bold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1]))

import checking
import peers
import rendering
from table import Row, as_json, markdown
from workspace import Workspace

BENCHMARKS = {
    "warm": rendering.warm,
    "cold": rendering.cold,
    "cookiecutter": peers.with_cookiecutter,
    "copier": peers.with_copier,
    "check": checking.one,
    "fleet": checking.many,
    "organisation": checking.organisation,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to FILE as JSON")
    parser.add_argument(
        "--projects", type=int, default=10_000, metavar="N", help="projects in the organisation benchmark"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}")
    rows = _measure(options.names or list(BENCHMARKS), options.projects)
    sys.stdout.write(markdown(rows))
    if options.json:
        options.json.write_text(json.dumps(as_json(rows), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(names: list[str], projects: int) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        space = Workspace(Path(folder), projects)
        os.environ |= {"XDG_CACHE_HOME": str(space.cache)}
        for number, name in enumerate(names, start=1):
            print(f"{number}/{len(names)} {name} …", file=sys.stderr, flush=True)
            rows += BENCHMARKS[name](space)
    return rows


if __name__ == "__main__":
    main()
