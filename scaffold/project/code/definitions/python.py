"""The names that a Python file defines when it is imported."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from scaffold.project.code.definition import Definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DYNAMIC = {"__getattr__", "eval", "exec", "globals", "locals", "setattr", "vars"}


def read(source: bytes) -> Definitions | None:
    """Return the names of a module, or None if the file cannot be parsed."""
    try:
        tree = ast.parse(source)
        names = {name for node in _at_import(tree) for name in _bound(node)}
        names |= {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        modules = any(isinstance(node, ast.Attribute) and node.attr == "modules" for node in ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    functions = [node.name for node in tree.body if isinstance(node, _SCOPES[:2]) and not node.name.startswith("_")]
    return Definitions(
        names=frozenset(names),
        functions=tuple(functions),
        open=modules or bool({"*"} & names | _DYNAMIC & (used | names)),
    )


def _at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is run when the module is imported: everything but the bodies of functions and classes."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*_SCOPES, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
