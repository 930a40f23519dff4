"""What a picture of a graph does not show, in words: the whole name of a node, what it waits for, edges without a line."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.view.drawing.picture import GraphPicture, label_width
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import cells

_NAMED = 4
"""Neighbours that are named; of more, how many there are."""


def node_caption(picture: GraphPicture, name: str) -> Line:
    """Return a line that tells of one node: its whole name, what is said of it, what it waits for and what waits for it."""
    if picture.placement.node(name) is None:
        return line()
    style = picture.style(name)
    told = " ".join(text for text in (style.glyph, style.words, style.suffix) if text)
    parts = [span(name, Role.NAME), *([span(f"  {told}", style.role)] if told else [])]
    for word, found in (
        ("after", [first for first, second in picture.edges if second == name]),
        ("before", [second for first, second in picture.edges if first == name]),
    ):
        parts += [span(f"  {word} ", Role.MUTED), span(_names_of(found))] if found else []
    return line(*parts)


def picture_notes(picture: GraphPicture) -> Line:
    """Return a line that tells what there is no room or no line for; an empty one when the picture shows everything."""
    parts: list[Span] = []
    back = [edge for edge in picture.placement.undrawn if picture.shows(edge)]
    if back:
        more = f" and {len(back) - _NAMED} more" if len(back) > _NAMED else ""
        parts.append(span("leads back, no line: " + ", ".join(f"{a} → {b}" for a, b in back[:_NAMED]) + more, Role.WARN))
    count = len(cut_names(picture))
    if count:
        parts.append(span(f"{count} name{'s' if count != 1 else ''} cut", Role.MUTED))
    spaced = [part for index, item in enumerate(parts) for part in ((span("  "), item) if index else (item,))]
    return line(*spaced)


def cut_names(picture: GraphPicture) -> tuple[str, ...]:
    """Return the names that end with `…` in the picture."""
    shown = (node for node in picture.placement.nodes if node.name not in picture.hidden)
    whole = ((node, label_width(node.name, picture.style(node.name), longest=cells(safe(node.name)))) for node in shown)
    return tuple(node.name for node, width in whole if width > node.width)


def _names_of(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
