"""Measure generated images and projects against their rivals in the same run, and print a Markdown table of medians.

Ratios are comparable between machines, seconds are not. A ratio over its bound is only printed in bold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[2]))
sys.path.insert(1, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(1, str(Path(__file__).resolve().parents[2] / "tests/images"))

import builds
import daemon
import loops
import pushes
import starts
from machine import HERE, local_builder, run, search_path
from space import Skip, Space
from table import Row, as_json, markdown

BENCHMARKS = {
    "rebuild": builds.after_an_edit,
    "first": builds.uncached,
    "size": builds.size,
    "start": starts.first_answer,
    "push": pushes.uploaded,
    "dev": loops.watching,
    "loop": loops.by_hand,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/images", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--bases", choices=["local", "aws"], default="local", help="local stand-ins or AWS's images")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds of quick comparisons (default: 7)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows to FILE as JSON")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"unknown benchmark: {', '.join(sorted(unknown))}")
    run(HERE / "engine")
    os.environ |= {"PATH": search_path(), "BUILDX_BUILDER": local_builder()}
    rows: list[Row] = []
    with closing(daemon.client()) as client:
        try:
            _measure(options.names or list(BENCHMARKS), options.bases, options.rounds, rows)
        finally:  # a benchmark that fails does not take the others' rows with it
            sys.stdout.write(markdown(rows))
            version = client.version()["Version"]
            print(f"\n{os.cpu_count()} processors, Docker {version}, bases: {options.bases}, {options.rounds} rounds.")
    if options.json:
        options.json.write_text(json.dumps(as_json(rows), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(names: list[str], bases: str, rounds: int, rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        space = Space(root=Path(folder), bases=bases, rounds=rounds)
        try:
            for number, name in enumerate(names, start=1):
                print(f"{number}/{len(names)} {name} …", file=sys.stderr, flush=True)
                try:
                    rows.extend(BENCHMARKS[name](space))
                except Skip as reason:
                    print(f"skipped {name}: {reason}", file=sys.stderr, flush=True)
        finally:
            space.clean()


if __name__ == "__main__":
    main()
