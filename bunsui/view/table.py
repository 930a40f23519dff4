"""Tables of spans: columns aligned by terminal cells, so that Japanese names line up too."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from bunsui.view.spans import Line, Role, Span, span

GAP = "  "


def cells(text: str) -> int:
    """Count the terminal cells that the text takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def cut(text: str, width: int) -> str:
    """Return the text, ended with `…` when it takes more cells than `width`."""
    if cells(text) <= width:
        return text
    taken, used = [], 0
    for character in text:
        used += _cells_of(character)
        if used > width - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a table lays out its columns, which are named by their indexes."""

    right: frozenset[int] = frozenset()
    """Aligned to the right."""
    limit: int = 60
    """The widest that a column may be, in cells; what is longer is cut with `…`."""
    whole: frozenset[int] = frozenset()
    """Never cut: names that are there to be typed again."""
    drop: tuple[int, ...] = ()
    """What may be left out where the room is short, the least needed first."""


def table(
    header: Sequence[str], rows: Sequence[Sequence[Span]], layout: Layout | None = None, *, width: int | None = None
) -> tuple[Line, ...]:
    """Return the rows as aligned lines under a header; columns whose every cell is empty are left out.

    `width` is the room in cells, None for any. Where it is too little, columns are dropped by rank and named below the table.
    """
    layout = layout or Layout()
    kept = [index for index in range(len(header)) if any(row[index].text for row in rows)]
    widths = {index: _width(index, header, rows, layout) for index in kept}
    dropped: list[int] = []
    for index in layout.drop:
        if width is None or sum(widths[one] for one in kept) + len(GAP) * (len(kept) - 1) <= width:
            break
        if index in kept:
            kept.remove(index)
            dropped.append(index)
    top = [span(header[index], Role.MUTED) for index in kept]
    lines = [_line(top, kept, widths, layout.right)]
    lines.extend(_line([row[index] for index in kept], kept, widths, layout.right) for row in rows)
    if dropped:
        lines.extend(_left_out([header[index].lower() or "notes" for index in sorted(dropped)], width or 0))
    return tuple(lines)


def _left_out(names: Sequence[str], width: int) -> Iterator[Line]:
    """Say which columns there is no room for, in as many lines as that takes."""
    said = f"left out: {', '.join(names)}; see --json"
    room = width if said.isascii() else width // 2  # at worst, all characters are wide
    for text in wrap(said, max(room, 12), subsequent_indent="  ", break_long_words=False):
        yield Line.of((text, Role.MUTED))


def _width(index: int, header: Sequence[str], rows: Sequence[Sequence[Span]], layout: Layout) -> int:
    widest = max(cells(header[index]), *(cells(row[index].text) for row in rows))
    return widest if index in layout.whole else min(widest, layout.limit)


def _line(row: Sequence[Span], kept: Sequence[int], widths: dict[int, int], right: frozenset[int]) -> Line:
    parts: list[Span] = []
    for position, (index, cell) in enumerate(zip(kept, row, strict=True)):
        text = span(cut(cell.text, widths[index]), cell.role)
        padding = span(" " * (widths[index] - cells(text.text)))
        if position:
            parts.append(span(GAP))
        if index in right:
            parts.extend((padding, text))
        else:
            parts.append(text)
            if position < len(kept) - 1:
                parts.append(padding)
    return Line(tuple(part for part in parts if part.text))


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
