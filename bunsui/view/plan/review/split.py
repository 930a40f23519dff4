"""Changed places side by side: what is there, and what will be there, line by line where values are long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bunsui.diff.model import ChangeOperation, DiffItem
from bunsui.model.values import Value
from bunsui.plan.model import Action, ResourceChange
from bunsui.view.plan.context import neighbours
from bunsui.view.plan.created import content_lines
from bunsui.view.plan.wording import jsonable, place_words
from bunsui.view.spans import Line, Role, line, span

NO_LINE = Line()
_MOST_LINES = 400
"""Lines of one value that are compared; of a longer one the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRow:
    """A line of both sides, or a heading over them."""

    left: Line = NO_LINE
    right: Line = NO_LINE
    heading: Line | None = None
    """What stands over the rows below; both sides are empty."""


def split_rows(changes: Iterable[ResourceChange], titles: Iterable[Line], *, context: int) -> Iterator[SplitRow]:
    """Return the changes side by side, each under its title; `context` unchanged lines are kept around changed ones."""
    for change, title in zip(changes, titles, strict=True):
        yield SplitRow(heading=title)
        if change.action is Action.CREATE and change.desired is not None:
            yield SplitRow(left=_nothing(), right=_side("after apply"))
            yield from (SplitRow(right=item) for item in content_lines(change.desired))
        elif change.action is Action.DELETE:
            yield SplitRow(left=_side("now in AWS"), right=_nothing())
        if change.diff.items:
            yield SplitRow(left=_side("now in AWS"), right=_side("after apply"))
            for item in change.diff.items:
                yield from _item_rows(item, context)
                yield from (SplitRow(left=same, right=same) for same in neighbours(change, item, context) if context)
        if change.drift and not change.diff.items:
            yield SplitRow(left=_side("as applied"), right=_side("now in AWS"))
            for item in change.drift:
                yield from _item_rows(item, context)
        yield SplitRow()


def _item_rows(item: DiffItem, context: int) -> Iterator[SplitRow]:
    yield SplitRow(heading=line(span(place_words(item), Role.STRONG), indent=1))
    before = [] if item.operation is ChangeOperation.ADDED else _text_lines(item.before)
    after = [] if item.operation is ChangeOperation.REMOVED else _text_lines(item.after)
    if not before or not after:
        whole = ((text, "") for text in before) if before else (("", text) for text in after)
        gone, new = (line() if before else _nothing()), (line() if after else _nothing())
        for number, (left, right) in enumerate(whole):
            yield SplitRow(
                left=_text_line(left, Role.BEFORE) if left else gone if not number else line(),
                right=_text_line(right, Role.AFTER) if right else new if not number else line(),
            )
        return
    yield from _value_rows(before, after, context)


def _value_rows(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[SplitRow]:
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from _same_rows(before[a:b], context, is_first=a == 0, is_last=b == len(before))
            continue
        for number in range(max(b - a, d - c)):
            yield SplitRow(
                left=_text_line(before[a + number], Role.BEFORE) if a + number < b else line(),
                right=_text_line(after[c + number], Role.AFTER) if c + number < d else line(),
            )


def _same_rows(texts: Sequence[str], context: int, *, is_first: bool, is_last: bool) -> Iterator[SplitRow]:
    """Return the lines near to what changed; those between are counted."""
    head = 0 if is_first else min(context, len(texts))
    tail = 0 if is_last else min(context, len(texts) - head)
    left_out = len(texts) - head - tail
    for number, text in enumerate(texts):
        if number < head or number >= len(texts) - tail:
            same = _text_line(text, Role.MUTED)
            yield SplitRow(left=same, right=same)
        elif number == head:
            cut = line(span(f"⋯ {left_out} same line{'s' * (left_out != 1)}", Role.MUTED), indent=2)
            yield SplitRow(left=cut, right=cut)


def _text_lines(value: Value) -> list[str]:
    plain = jsonable(value)
    text = plain if isinstance(plain, str) else json.dumps(plain, indent=2, ensure_ascii=False)
    lines = text.splitlines() or [""]
    rest = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], f"… and {rest} more lines"] if rest > 0 else lines


def _text_line(text: str, role: Role) -> Line:
    inner = text.lstrip(" ")
    return line(span(inner or " ", role), indent=2 + len(text) - len(inner))


def _side(words: str) -> Line:
    return line(span(words, Role.MUTED), indent=1)


def _nothing() -> Line:
    return line(span("not there", Role.MUTED), indent=2)
