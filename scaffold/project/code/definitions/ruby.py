"""The methods that a Ruby file defines, as far as its text shows them."""

from __future__ import annotations

import re

from scaffold.project.code.definition import Definitions

_SCOPE = re.compile(r"([ \t]*)(?:class|module)[ \t]+(?:(<<)[ \t]*self|([A-Z]\w*(?:::[A-Z]\w*)*))")
_METHOD = re.compile(r"([ \t]*)(?:\w+[ \t]+)?def[ \t]+(self\.)?([a-z_]\w*[!?]?)")
# What can define any method, here or in another file.
_OPEN = re.compile(
    r"^[ \t]*(?:alias|alias_method|autoload|def_delegators?|define_method|delegate|eval|extend|include|load"
    r"|module_function|prepend|require_relative)\b|_eval\b|\bdefine_(?:singleton_)?method\b"
    r"|^[ \t]*require[ \t]*\(?[\"']"
    r"(?!(?:base64|bundler|date|digest|json|logger|net|openssl|securerandom|set|time|uri|yaml)(?:/[\w/]+)?[\"'])",
    re.MULTILINE,
)


def read(source: bytes) -> Definitions | None:
    """Return the names of a file's methods, those of a class behind its name; None if the file is not text."""
    try:
        text = source.decode()
    except UnicodeDecodeError:
        return None
    names: list[str] = []
    scopes: list[tuple[int, str]] = []
    for line in text.splitlines():
        scope, method = _SCOPE.match(line), _METHOD.match(line)
        if found := scope or method:
            scopes = [row for row in scopes if row[0] < len(found[1])]
        if scope:
            scopes.append((len(scope[1]), scope[2] or scope[3]))
        elif method:
            within = [name for _, name in scopes]
            own = bool(method[2]) or "<<" in within
            if own or not within:
                path = "::".join(name for name in within if name != "<<")
                names.append(f"{path}.{method[3]}" if path else method[3])
    return Definitions(
        names=frozenset(names), functions=tuple(dict.fromkeys(names)), open=_OPEN.search(text) is not None
    )
