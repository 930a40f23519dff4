"""A session's result as people read it: a table where it is one, indented JSON otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bunsui.model.json import Json
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, span
from bunsui.view.table import Layout, table

MOST_ROWS = 50
MOST_COLUMNS = 12
MOST_LINES = 200


def result_lines(value: Json, *, width: int | None = None) -> tuple[Line, ...]:
    """Return the value as lines, its tables of at most `width` cells; empty for None and for an empty object or list."""
    if value is None or value in ({}, []):
        return ()
    return tuple(_lines(value, width))


def _lines(value: Json, width: int | None) -> list[Line]:
    if isinstance(value, Mapping):
        return [line for name, item in value.items() for line in _named_lines(name, item, width)]
    if (rows := _records(value)) is not None:
        return _table(rows, width)
    return _json(value)


def _named_lines(name: str, value: Json, width: int | None) -> list[Line]:
    inner = None if width is None else width - 2
    head: tuple[str, Role] = (safe(name), Role.NAME)
    if isinstance(value, Mapping) and value:
        return [Line.of(head), *(line.indented(2) for line in _lines(value, inner))]
    if (rows := _records(value)) is not None:
        return [
            Line.of(head, (f"  {len(rows)} row{'s' if len(rows) != 1 else ''}", Role.MUTED)),
            *(line.indented(2) for line in _table(rows, inner)),
        ]
    if isinstance(value, str) and "\n" in value:
        return [Line.of(head), *(Line.of(safe(line)).indented(2) for line in value.splitlines()[:MOST_LINES])]
    first, *rest = _json(value)
    return [Line((span(*head), span("  "), *first.parts)), *(line.indented(2) for line in rest)]


def _records(value: Json) -> Sequence[Mapping[str, Json]] | None:
    """Return the value as rows of a table, when it is a list of objects with much the same fields."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        return None
    rows = [item for item in value if isinstance(item, Mapping)]
    if len(rows) != len(value) or not rows[0]:
        return None
    fields = _fields(rows)
    alike = all(2 * len(row) >= len(fields) for row in rows)
    flat = 4 * sum(not _is_scalar(item) for row in rows for item in row.values()) <= sum(len(row) for row in rows)
    return rows if alike and flat and len(fields) <= MOST_COLUMNS else None


def _fields(rows: Sequence[Mapping[str, Json]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _table(rows: Sequence[Mapping[str, Json]], width: int | None) -> list[Line]:
    fields = _fields(rows)
    numeric = frozenset(
        index
        for index, name in enumerate(fields)
        if all(isinstance(row.get(name, 0), (int, float)) and not isinstance(row.get(name), bool) for row in rows)
    )
    shown = [[span(_cell(row[name]) if name in row else "") for name in fields] for row in rows[:MOST_ROWS]]
    layout = Layout(right=numeric, drop=tuple(range(len(fields) - 1, 0, -1)))
    lines = list(table([safe(name) for name in fields], shown, layout, width=width))
    if len(rows) > MOST_ROWS:
        lines.append(Line.of((f"… {len(rows) - MOST_ROWS} more rows; `--json` gives all", Role.MUTED)))
    return lines


def _json(value: Json) -> list[Line]:
    if _is_scalar(value):
        return [Line.of(_cell(value))]
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    lines = text.split("\n")
    shown = [Line.of(safe(line)) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(Line.of((f"… {len(lines) - MOST_LINES} more lines; `--json` gives all", Role.MUTED)))
    return shown


def _is_scalar(value: Json) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _cell(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return safe(value)
        case _:
            return safe(json.dumps(value, ensure_ascii=False, default=str))
