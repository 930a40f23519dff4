"""Lines of spans as terminal cells: fitted, wrapped and turned into strips, in cells rather than characters.

Spans are already safe and are never read as markup, so this is the one way in which text of the project or of AWS reaches the
screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, split_text
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bunsui.tui.theme import RoleStyles
from bunsui.view.safe import Safe
from bunsui.view.spans import Line, Span

ELLIPSIS = "…"
EMPTY = Line(parts=())


def width_of(item: Line) -> int:
    """Give how many cells the line takes."""
    return item.indent + sum(cell_len(part.text) for part in item.parts)


def clipped(item: Line, width: int) -> Line:
    """Give the line cut to the width, with `…` at the end when something was cut off."""
    if width_of(item) <= width:
        return item
    if width <= 0:
        return EMPTY
    room = width - 1 - min(item.indent, width - 1)
    kept: list[Span] = []
    for part in item.parts:
        length = cell_len(part.text)
        if length > room:
            kept.append(Span(Safe(_head(part.text, room) + ELLIPSIS), part.role))
            break
        kept.append(part)
        room -= length
    return Line(parts=tuple(kept), indent=min(item.indent, width - 1))


def segments(item: Line, width: int, *, roles: RoleStyles, base: Style, right: bool = False) -> list[Segment]:
    """Give exactly `width` cells of the line on the style `base`, cut with `…` or filled with spaces; `right` aligns right."""
    shown = clipped(item, width)
    body = [Segment(" " * shown.indent, base)] if shown.indent else []
    body.extend(Segment(part.text, base + roles[part.role]) for part in shown.parts if part.text)
    missing = width - width_of(shown)
    if missing > 0:
        filler = Segment(" " * missing, base)
        return [filler, *body] if right else [*body, filler]
    return body


def strip(item: Line, width: int, *, roles: RoleStyles, base: Style) -> Strip:
    """Give the line as a strip of exactly `width` cells."""
    return Strip(segments(item, width, roles=roles, base=base), max(width, 0))


def wrapped(items: Iterable[Line], width: int) -> Iterator[Line]:
    """Give the lines folded to the width, at spaces where there are any; continuations hang two columns deeper."""
    for item in items:
        if width_of(item) <= width or width < 8:
            yield item
            continue
        yield from _folded(item, width)


def _folded(item: Line, width: int) -> Iterator[Line]:
    indent = min(item.indent, width // 2)
    hanging = min(indent + 2, width // 2)
    row: list[Span] = []
    room = width - indent
    for part in item.parts:
        rest: str = part.text
        while rest:
            if cell_len(rest) <= room:
                row.append(Span(Safe(rest), part.role))
                room -= cell_len(rest)
                break
            head, rest = _broken(rest, room, fresh=not row)
            if head:
                row.append(Span(Safe(head), part.role))
            yield Line(parts=tuple(row), indent=indent)
            row, indent, room = [], hanging, width - hanging
    if row:
        yield Line(parts=tuple(row), indent=indent)


def _broken(text: str, room: int, *, fresh: bool) -> tuple[str, str]:
    """Cut the text so that the head takes at most `room` cells; a head may be empty unless its row is `fresh`."""
    head = _head(text, room)
    at_space = head.rfind(" ")
    if at_space > len(head) // 2 and len(head) < len(text):
        return head[:at_space], text[at_space + 1 :]
    if not head and fresh:
        return text[0], text[1:]
    return head, text[len(head) :]


def _head(text: str, cells: int) -> str:
    if cells <= 0:
        return ""
    head, _ = split_text(text, cells)
    while cell_len(head) > cells:
        head = head[:-1]
    # A double-width character cut in two comes back as a space: give it up rather than show what is not there.
    return head if text.startswith(head) else head[:-1]
