"""A picture as one HTML page that requests nothing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from scaffold.findings.source import visible
from scaffold.gates.picture.text import changes, summary
from scaffold.gates.preflight.subject import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffold.gates.picture.changes import Comparison
    from scaffold.gates.picture.facts import Content, LayerRow, Picture

_MOST = 200
_STYLE = """
:root { color-scheme: light dark; --base: #7a8ca3; --own: #2f7ed8; --edit: #d9822b; --line: #8884; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1100px; padding: 1rem; }
body, code { overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; }
h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
p { margin: .2rem 0; }
code { font: .9em ui-monospace, monospace; }
.all { display: flex; height: 2rem; margin: 1rem 0 .4rem; border-radius: 4px; overflow: hidden; }
.all > span { min-width: 2px; border-right: 1px solid Canvas; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; }
.key span::before { content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.key span::before { background: var(--c); }
ol, ul { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid var(--line); padding: .4rem 0; }
.row { display: grid; grid-template-columns: 2.2rem 6.5rem minmax(0, 1fr); gap: .6rem; align-items: baseline; }
.number, .size { text-align: right; font-variant-numeric: tabular-nums; }
.bar { height: .5rem; margin-top: .25rem; background: var(--c); border-radius: 2px; min-width: 1px; }
.contents { opacity: .8; font-size: .9em; }
.base { --c: var(--base); } .own { --c: var(--own); } .edit { --c: var(--edit); }
.fill { background: var(--c); }
@media (max-width: 500px) { .row { grid-template-columns: 1.6rem 5.2rem minmax(0, 1fr); gap: .4rem; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(picture: Picture, comparison: Comparison | None) -> str:
    """Return the page."""
    title = _text(picture.image)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
            f"<h1>{title}</h1>\n<p>{_text(picture.platform)}, <code>{_text(picture.digest)}</code></p>",
            *(f"<p>{_text(sentence)}</p>" for sentence in summary(picture)),
            *_layers(picture),
            *_contents("Largest above the base", "own", picture.own),
            *_contents("Largest in the base", "base", picture.inherited),
            *(_changes(comparison) if comparison else ()),
            "</body>\n</html>\n",
        ]
    )


def _layers(picture: Picture) -> Iterator[str]:
    total = picture.size or 1
    parts = (
        f'<span class="fill {_kind(layer)}" style="flex: {layer.size / total:.6f}" title="layer {layer.number}: '
        f'{size(layer.size)}"></span>'
        for layer in picture.layers
        if layer.size
    )
    yield f'<div class="all">{"".join(parts)}</div>'
    yield (
        '<p class="key"><span class="base">base</span><span class="own">above the base</span>'
        '<span class="edit">made again by a code edit</span></p>'
    )
    yield "<h2>Layers</h2>\n<ol>"
    most = max((layer.size for layer in picture.layers), default=0) or 1
    for layer in picture.layers:
        inside = ", ".join(f"{_text(row.path)} {size(row.size)}" for row in layer.largest)
        yield (
            f'<li class="row {_kind(layer)}"><span class="number">{layer.number}</span>'
            f'<span class="size">{size(layer.size)}</span><div><code>{_text(layer.step)}</code>'
            f'<div class="bar" style="width: {100 * layer.size / most:.2f}%"></div>'
            f'<div class="contents">{inside}</div></div></li>'
        )
    yield "</ol>"


def _kind(layer: LayerRow) -> str:
    return "base" if layer.base else "edit" if layer.edited else "own"


def _contents(title: str, kind: str, rows: Sequence[Content]) -> Iterator[str]:
    if not rows:
        return
    yield f"<h2>{title}</h2>\n<ul>"
    for row in rows:
        yield (
            f'<li class="row {kind}"><span></span><span class="size">{size(row.size)}</span>'
            f"<div><code>{_text(row.path)}</code>"
            f'<div class="bar" style="width: {100 * row.size / (rows[0].size or 1):.2f}%"></div></div></li>'
        )
    yield "</ul>"


def _changes(comparison: Comparison) -> Iterator[str]:
    yield f"<h2>Changes</h2>\n{''.join(f'<p>{_text(sentence)}</p>' for sentence in changes(comparison))}\n<ul>"
    for row in comparison.files[:_MOST]:
        sizes = " → ".join(size(number) for number in (row.old, row.new) if number is not None)
        yield f"<li>{row.kind} <code>{_text(row.path)}</code> {sizes}</li>"
    yield "</ul>"
    if len(comparison.files) > _MOST:
        yield f"<p>… and {len(comparison.files) - _MOST} more.</p>"


def _text(text: str) -> str:
    return escape(visible(text))
