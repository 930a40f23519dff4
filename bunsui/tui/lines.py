"""Lines of spans as terminal cells: fitted, wrapped and turned into strips, in cells rather than characters.

Spans are already safe and are never read as markup, so this is the one way in which text of the project or of AWS reaches the
screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bunsui.tui.theme import RoleStyles
from bunsui.view.safe import Safe
from bunsui.view.spans import Line, Role, Span

ELLIPSIS = "…"
EMPTY = Line(parts=())


def width_of(item: Line) -> int:
    """Return how many cells the line takes."""
    return item.indent + sum(cell_len(part.text) for part in item.parts)


def clip_line(item: Line, width: int) -> Line:
    """Return the line cut to the width, with `…` at the end when something was cut off."""
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
    """Return exactly `width` cells of the line on the style `base`, cut with `…` or filled with spaces; `right` aligns
    right."""
    shown = clip_line(item, width)
    body = [Segment(" " * shown.indent, base)] if shown.indent else []
    body.extend(Segment(part.text, base + roles[part.role]) for part in shown.parts if part.text)
    missing = width - width_of(shown)
    if missing > 0:
        filler = Segment(" " * missing, base)
        return [filler, *body] if right else [*body, filler]
    return body


def restyle(pieces: Iterable[Segment], start: int, stop: int, style: Style) -> list[Segment]:
    """Return the segments with the characters from `start` to `stop`, -1 for the end, in another style."""
    found: list[Segment] = []
    at = 0
    for text, own, _ in pieces:
        first = min(max(start - at, 0), len(text))
        last = len(text) if stop < 0 else min(max(stop - at, first), len(text))
        for piece, is_chosen in ((text[:first], False), (text[first:last], True), (text[last:], False)):
            if piece:
                found.append(Segment(piece, (own or Style()) + style if is_chosen else own))
        at += len(text)
    return found


def strip(item: Line, width: int, *, roles: RoleStyles, base: Style) -> Strip:
    """Return the line as a strip of exactly `width` cells."""
    return Strip(segments(item, width, roles=roles, base=base), max(width, 0))


def wrap_lines(items: Iterable[Line], width: int) -> Iterator[Line]:
    """Return the lines folded to the width, at spaces where there are any; continuations hang two columns deeper."""
    for item in items:
        if width_of(item) <= width or width < 8:
            yield item
            continue
        yield from _fold_line(item, width)


def beside(left: Line, right: Line, width: int) -> Iterator[Line]:
    """Return both lines side by side, each folded to its half of the width, with a rule between them."""
    half = max((width - 3) // 2, 4)
    sides = [list(wrap_lines([item], half)) for item in (left, right)]
    for one, other in zip_longest(*sides, fillvalue=EMPTY):
        one = clip_line(one, half)
        filler = Span(Safe(" " * (half - width_of(one))))
        rule = Span(Safe(f" │ {' ' * other.indent}"), Role.MUTED)
        yield Line(parts=(*one.parts, filler, rule, *clip_line(other, half).parts), indent=one.indent)


def _fold_line(item: Line, width: int) -> Iterator[Line]:
    indent = min(item.indent, width // 2)
    hanging = min(indent + 2, width // 2)
    text = "".join(part.text for part in item.parts)
    start = 0
    while start < len(text):
        stop, following = _break(text, start, width - indent)
        yield Line(parts=_slice(item.parts, start, stop), indent=indent)
        start, indent = following, hanging


def _break(text: str, start: int, room: int) -> tuple[int, int]:
    """Return where a row that begins at `start` ends, and where the next one begins: at a space when one is not too far
    back."""
    stop = start + max(len(_head(text[start:], room)), 1)
    if stop >= len(text) or text[stop] == " ":
        return stop, stop + 1 if stop < len(text) else stop
    space = text.rfind(" ", start, stop)
    return (space, space + 1) if space > start + (stop - start) // 3 else (stop, stop)


def _slice(parts: Iterable[Span], start: int, stop: int) -> tuple[Span, ...]:
    """Return the spans that cover these characters of the joined text."""
    kept: list[Span] = []
    at = 0
    for part in parts:
        piece = part.text[max(start - at, 0) : max(stop - at, 0)]
        if piece:
            kept.append(Span(Safe(piece), part.role))
        at += len(part.text)
    return tuple(kept)


def _head(text: str, cells: int) -> str:
    """Return as much of the text's beginning as fits into that many cells."""
    if text.isascii():
        return text[: max(cells, 0)]
    used = 0
    for position, character in enumerate(text):
        used += cell_len(character)
        if used > cells:
            return text[:position]
    return text
