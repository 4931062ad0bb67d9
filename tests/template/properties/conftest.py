"""What the property tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scaffold.rendering.engine import Engine

from . import builder


@pytest.fixture(scope="session")
def macro(engine: Engine) -> Callable[..., str]:
    """Calls a macro of one of the template's files: `macro("encode", "value", text)`."""

    def call(part: str, name: str, *arguments: Any) -> str:
        module = engine._environment.get_template(f"template/{part}.jinja").module
        return str(getattr(module, name)(*arguments))

    return call


@pytest.fixture(scope="session")
def interpreter(macro: Callable[..., str]) -> Callable[[object], list[dict[str, Any]]]:
    """What the template's own reading of the schema says of a value: the schema alone, without the tables."""
    schema = json.loads((builder.ROOT / "schema/lambda-image.schema.json").read_bytes())

    def problems(value: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        assert macro("spec/schema", "validate", found, value, schema, schema, []) == ""
        return found

    return problems


@pytest.fixture(scope="session")
def docker() -> builder.Docker:
    """The real builder."""
    return builder.start()


@pytest.fixture(scope="session")
def base(docker: builder.Docker) -> str:
    """A tiny base image: this machine's shell, and programs that write down what they are called with."""
    return builder.make_base(docker)
