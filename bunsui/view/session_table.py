"""Tables of spans: columns aligned by terminal cells, so that Japanese names line up too."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from bunsui.view.spans import Line, Role, Span, span

GAP = "  "


def cells(text: str) -> int:
    """Count the terminal cells that the text takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def cut(text: str, width: int) -> str:
    """Give the text, ended with `…` when it takes more cells than `width`."""
    if cells(text) <= width:
        return text
    taken, used = [], 0
    for character in text:
        used += _cells_of(character)
        if used > width - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


def table(
    header: Sequence[str], rows: Sequence[Sequence[Span]], *, right: frozenset[int] = frozenset(), limit: int = 60
) -> tuple[Line, ...]:
    """Give the rows as aligned lines under a header; columns whose every cell is empty are left out.

    `right` holds the indexes of columns aligned to the right, `limit` is the widest that a column may be, in cells.
    """
    kept = [index for index in range(len(header)) if any(row[index].text for row in rows)]
    widths = {index: min(max(cells(header[index]), *(cells(row[index].text) for row in rows)), limit) for index in kept}
    top = [span(header[index], Role.MUTED) for index in kept]
    lines = [_line(top, kept, widths, right)]
    lines.extend(_line([row[index] for index in kept], kept, widths, right) for row in rows)
    return tuple(lines)


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
