"""JSON values of a session, cut to a size that a page or a document bears; what is left out is counted."""

from __future__ import annotations

import json

from bunsui.model.json import Json
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

SHOWN_CHARACTERS = 4000
SHOWN_LINES = 40
WRITTEN_CHARACTERS = 20_000
"""Of a value in a JSON document."""
_ON_ONE_LINE = 100
_LONGEST_LINE = 2000


def cut_value(value: Json, *, limit: int | None = WRITTEN_CHARACTERS) -> tuple[Json, int]:
    """Return the value, or the beginning of its JSON as text where that is longer than the limit, and how many characters are
    left out. None for no limit."""
    text = "" if limit is None else _text_of(value)
    if limit is None or len(text) <= limit:
        return value, 0
    return text[:limit], len(text) - limit


def value_lines(name: str, value: Json, *, is_whole: bool = False) -> tuple[Line, ...]:
    """Return a named value: on the name's line where it is short, else below it; cut unless it is to be whole."""
    short = _text_of(value)
    if len(short) <= _ON_ONE_LINE:
        return (line(span(f"{name}  ", Role.MUTED), span(short)),)
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    shown = text if is_whole else _beginning(text)
    longest = len(text) if is_whole else _LONGEST_LINE
    lines = [line(span(name, Role.MUTED))]
    lines += [line(span(safe(one, limit=longest + 1), limit=longest + 1), indent=2) for one in shown.split("\n")]
    if left := len(text) - len(shown):
        lines.append(line(span(f"… {left:,} more characters; --full shows all", Role.MUTED), indent=2))
    return tuple(lines)


def _beginning(text: str) -> str:
    """Return as much of a text as is shown: neither more characters nor more lines."""
    kept: list[str] = []
    room = SHOWN_CHARACTERS
    for one in text.split("\n")[:SHOWN_LINES]:
        taken = one[: min(room, _LONGEST_LINE)]
        kept.append(taken)
        room -= len(taken) + 1
        if room <= 0 or len(taken) < len(one):
            break
    return "\n".join(kept)


def _text_of(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
