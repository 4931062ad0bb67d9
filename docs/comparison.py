"""Compares generated projects with files that a person writes for the same functions, for docs/explanation.md.

Each folder in docs/comparison has the spec of a function, and the Dockerfile that a careful person writes without this
project; the Makefile beside them has the local loop that all four share.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffold.rendering.engine import Engine

ORGANISATION = "aws-public"
"""The organisation whose standards have the bases of the specs."""

FUNCTIONS = {
    "pandas": "pandas with hashes, from S3",
    "sklearn": "scikit-learn by uv, a model, a native library",
    "documents": "compiled packages on Debian",
    "shop": "two functions by uv",
}
LOOP = (
    "Makefile",
    *(f"scripts/{name}" for name in ("build", "run", "invoke", "test", "lib.sh", "stale.sh", "shell")),
)
HERE = Path(__file__).parent / "comparison"


def table(engine: Engine) -> Iterator[tuple[str, ...]]:
    """Yield the head and the rows of the table; each number counts lines that are neither blank nor comment."""
    yield ("Function", "Spec", "Dockerfile, generated", "by hand", "Makefile and scripts, generated", "by hand")
    loop = _lines((HERE / "Makefile").read_text(encoding="utf-8"))
    for name, title in FUNCTIONS.items():
        text = (HERE / name / "lambda-image.yaml").read_text(encoding="utf-8")
        spec = yaml.safe_load(text)
        if problems := engine.problems(spec):
            raise SystemExit(f"docs/comparison/{name}: {problems[0].message}")
        files = {file.path: file.content.decode() for file in engine.render(spec, engine.plan(spec), {})}
        numbers = (
            _lines(text),
            _lines(files["Dockerfile"]),
            _lines((HERE / name / "Dockerfile").read_text(encoding="utf-8")),
            sum(_lines(files[path]) for path in LOOP),
            loop,
        )
        yield (f"[{title}](comparison/{name})", *map(str, numbers))


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
