"""Puts small faults into the code that decides, one at a time, and reports those that no test notices.

`python tests/mutate.py --count 150 --seed 1` works on a copy of the repository. Each fault is run against the tests of
its package (MIRRORED) first and, with --whole, against everything that needs no engine if those notice nothing. See
CONTRIBUTING.md.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
GATE_TESTS = ("tests/scaffold/gates/test_image.py", "tests/scaffold/gates/preflight")
DOCKERFILE = "tests/scaffold/dockerfile/"
PLANS = tuple(
    f"tests/template/test_{name}"
    for name in ("cases.py::test_plan", "cases.py::test_files", "invalid.py::test_findings")
)
MIRRORED: dict[str, tuple[str, ...]] = {
    "scaffold/documents/": ("tests/scaffold/documents",),
    **dict.fromkeys(
        (
            *(f"scaffold/dockerfile/{name}.py" for name in ("effects", "last_stage", "shell", "words")),
            "scaffold/oci/elf.py",
        ),
        (DOCKERFILE + "test_last_stage.py", "tests/scaffold/gates/preflight/test_above_base.py"),
    ),
    "scaffold/dockerfile/build_files/stacks.py": (DOCKERFILE + "test_written_stacks.py",),
    "scaffold/gates/above_base.py": ("tests/scaffold/gates/preflight/test_above_base.py",),
    "scaffold/dockerfile/build_files/": tuple(
        DOCKERFILE + name for name in ("test_build_files.py", "test_written_stacks.py", "test_evasions.py")
    ),
    "scaffold/dockerfile/": (
        *(DOCKERFILE + f"test_{name}.py" for name in ("grammar", "detect", "judge", "last_stage", "evasions")),
        *(DOCKERFILE + "test_build_files.py", "tests/scaffold/gates/test_dockerfile_gate.py"),
    ),
    "scaffold/gates/": (*GATE_TESTS, "tests/scaffold/gates"),
    "scaffold/model_files/": ("tests/scaffold/model_files",),
    "scaffold/oci/": ("tests/scaffold/oci", *GATE_TESTS),
    "scaffold/project/": ("tests/scaffold/project", "tests/scaffold/gates/test_project_gate.py"),
    "scaffold/standards/": ("tests/scaffold/standards", "tests/scaffold/gates/test_project_gate.py"),
    "template/plan/": PLANS,
    "template/spec/checks/": PLANS,
}
"""The code that decides, by directory, and the tests that should notice a fault in it."""
SURVIVED, TOO_SLOW = "SURVIVED", "too slow"
OF_A_COMMIT = "tests/scaffold/gates/test_hooks.py"
"""It installs the repository from a commit, which the copy does not have."""
LEFT_OUT = ("scaffold/dockerfile/existing.py", "scaffold/gates/picture/", "scaffold/project/copier_runner.py")
OPPOSITE = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: ">=", ast.GtE: "<", ast.Gt: "<=", ast.LtE: ">", ast.In: "not in",
    ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
PIECES = ((r"\s*", r"\s+"), ("[ \\t]*", "[ \\t]+"), ("[ \\t]+", "[ \\t]*"), (".*?", ".*"), ("(?:", "(?!"), ("?", ""))
IN_TEMPLATES = ((" and ", " or "), (" or ", " and "), (" not ", " "), (" == ", " != "), (" != ", " == "))


class Fault(NamedTuple):
    """One change: the characters from `start` to `end` of a file become `text`."""

    file: str
    start: int
    end: int
    text: str

    def describe(self, source: str) -> str:
        line = source.count("\n", 0, self.start) + 1
        return f"{self.file}:{line}: {source[self.start : self.end]!r} -> {self.text!r}"[:240]


def faults(file: str, source: str) -> Iterator[Fault]:
    """Every fault that this script knows for a file."""
    return _in_template(file, source) if file.endswith(".jinja") else _in_module(file, source)


def _in_template(file: str, source: str) -> Iterator[Fault]:
    for block in re.finditer(r"\{%-?.*?-?%\}", source, re.DOTALL):
        for old, new in IN_TEMPLATES:
            for found in re.finditer(re.escape(old), block[0]):
                at = block.start() + found.start()
                yield Fault(file, at, at + len(old), new)


def _in_module(file: str, source: str) -> Iterator[Fault]:
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.decode()))

    def span(node: ast.expr) -> tuple[int, int]:
        ends = ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        first, last = (starts[row - 1] + len(lines[row - 1][:column].decode()) for row, column in ends)
        return first, last

    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.If() | ast.IfExp() | ast.While():
                start, end = span(node.test)
                yield Fault(file, start, end, f"(not ({source[start:end]}))")
            case ast.BoolOp():
                neutral = "True" if isinstance(node.op, ast.And) else "False"
                yield from (Fault(file, *span(part), neutral) for part in node.values)
            case ast.Compare() if type(node.ops[0]) in OPPOSITE:
                left, right = span(node.left)[1], span(node.comparators[0])[0]
                yield Fault(file, left, right, f" {OPPOSITE[type(node.ops[0])]} ")
            case ast.Constant(value=int() as value) if type(value) is int:
                yield Fault(file, *span(node), str(value + 1))
            case ast.Call(func=ast.Attribute(attr="compile"), args=[pattern, *_]):
                start, end = span(pattern)
                found = ((source.find(old, start, end), old, new) for old, new in PIECES)
                yield from (Fault(file, at, at + len(old), new) for at, old, new in found if at > 0)


def deciding() -> dict[str, str]:
    """The files that faults are put into, with their text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name.endswith((".py", ".jinja"))]
    names = [name for name in names if name.startswith(tuple(MIRRORED)) and not name.startswith(LEFT_OUT)]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names}


def outcome(copy: Path, tests: tuple[str, ...], seconds: int) -> str:
    """Whether a test fails in the copy, none does, or they take so long that nobody knows."""
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"--basetemp={copy / '.tests'}"]
    words += [f"--ignore={OF_A_COMMIT}"]
    settings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    existing = [test for test in dict.fromkeys(tests) if (copy / test.partition("::")[0]).exists()]
    try:
        done = subprocess.run(
            [*words, *existing], cwd=copy, capture_output=True, timeout=seconds, check=False, env=settings
        )
    except subprocess.TimeoutExpired:
        return TOO_SLOW
    return "noticed" if done.returncode else SURVIVED


def copied(folder: Path) -> Path:
    """A copy of the repository in which faults may be put; some tests want a repository of git."""
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".venv", ".git", ".cache", "dist"))
    subprocess.run(["git", "init", "-q", copy], check=True)
    subprocess.run(["git", "-C", copy, "add", "-A"], check=True)
    return copy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="PATHS", help="only files that match this regular expression")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after this time")
    parser.add_argument("--seconds", type=int, default=300, help="most time for one fault")
    parser.add_argument("--whole", action="store_true", help="run all tests without an engine for what survives")
    options = parser.parse_args()
    sources = {name: text for name, text in deciding().items() if re.search(options.only, name)}
    known = [fault for name, source in sorted(sources.items()) for fault in faults(name, source)]
    chosen = random.Random(options.seed).sample(known, min(options.count, len(known)))
    started, seen, in_order = time.monotonic(), Counter[str](), dict[tuple[str, ...], bool]()
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        for fault in chosen:
            if time.monotonic() - started > options.minutes * 60:
                break
            source, path = sources[fault.file], copy / fault.file
            tests = next(tests for prefix, tests in MIRRORED.items() if fault.file.startswith(prefix))
            if tests not in in_order:
                in_order[tests] = outcome(copy, tests, 3 * options.seconds) == SURVIVED
            if not in_order[tests]:
                print("fail without a fault:", *tests, flush=True)
                continue
            path.write_text(source[: fault.start] + fault.text + source[fault.end :], encoding="utf-8")
            found = outcome(copy, tests, options.seconds)
            if found == SURVIVED and options.whole:
                found = outcome(copy, ("tests/scaffold", "tests/template"), 3600)
            path.write_text(source, encoding="utf-8")
            seen[found] += 1
            print(f"{found:8}", fault.describe(source), flush=True)
    print(f"{dict(seen)} of {len(known)} known faults")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
