"""The names that a JavaScript file exports, as far as its text shows them."""

from __future__ import annotations

import re

from scaffold.project.code.definition import Definitions

_DECLARED = re.compile(
    r"^[ \t]*export[ \t]+(?:default[ \t]+)?(?:async[ \t]+)?(?:const|let|var|class|function\b[ \t]*\*?)[ \t]*([\w$]+)"
    r"|^[ \t]*(?:module\.)?exports\.([\w$]+)[ \t]*=(?!=)",
    re.MULTILINE,
)
_LISTED = re.compile(r"^[ \t]*export[ \t]*\{([^}]*)\}", re.MULTILINE)
# What can export any name.
_OPEN = re.compile(
    r"^[ \t]*export[ \t]*\*|^[ \t]*export[ \t]+(?:const|let|var)[ \t]*[\[{]"
    r"|\bmodule\.exports\b(?!\.)|\bexports[ \t]*[\[,)]|\beval[ \t]*\(",
    re.MULTILINE,
)


def read(source: bytes) -> Definitions | None:
    """Return the names of a module, or None if it is not text."""
    try:
        text = source.decode()
    except UnicodeDecodeError:
        return None
    declared = [one or other for one, other in _DECLARED.findall(text)]
    listed = [part.split()[-1] for names in _LISTED.findall(text) for part in names.split(",") if part.split()]
    return Definitions(
        names=frozenset(declared + listed),
        functions=tuple(dict.fromkeys(declared + listed)),
        open=_OPEN.search(text) is not None,
    )
