"""An edit of a YAML text: only the lines that it is about change, or it is refused and nothing does.

What comes out is read again: its data is what the edit makes of the data before, its comments are those of before without what
stood inside what was removed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bunsui.diagnostics import Diagnostic, Position
from bunsui.document.edit.edits import DocumentEdit, EditSequence, RemoveValue, SetValue, WrittenAs
from bunsui.document.edit.expected import NoSuchPlace, data_after
from bunsui.document.edit.read_text import BOM, read_text
from bunsui.document.edit.replacement import TextSplice
from bunsui.document.edit.spans import SpannedText
from bunsui.document.edit.splicing import SingleEdit, apply_to_text, splices_of
from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedText:
    """A text after an edit."""

    content: bytes
    removed_comments: tuple[str, ...] = ()
    """Comments that stood inside what was removed or replaced, and went with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRefusal:
    """Why an edit was not made; the text is as it was."""

    reason: str
    position: Position
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with the text, where it cannot be read."""


EditResult: TypeAlias = EditedText | EditRefusal


def edit_text(file: str, content: bytes, edit: DocumentEdit) -> EditResult:
    """Make the edit in a text; `file` is the name that places of it are told with."""
    removed: list[str] = []
    now = content
    for one in _singles(edit):
        for step in _steps_of(file, now, one):
            result = _one(file, now, step)
            if isinstance(result, EditRefusal):
                return result
            now = result.content
            removed += result.removed_comments
    return EditedText(content=now, removed_comments=tuple(removed))


def _singles(edit: DocumentEdit) -> Iterator[SingleEdit]:
    if isinstance(edit, EditSequence):
        for one in edit.edits:
            yield from _singles(one)
    else:
        yield edit


def _steps_of(file: str, content: bytes, edit: SingleEdit) -> list[SingleEdit]:
    """Return the smaller edits that do the same: where a mapping takes the place of a mapping, or a list of a list, what both
    have stays as it is written."""
    if not isinstance(edit, SetValue) or edit.written is not WrittenAs.AUTO:
        return [edit]
    before = read_text(file, content)
    is_there = before.spanned is not None and before.spanned.node(edit.path) is not None
    if before.document is None or not is_there:
        return [edit]
    return list(_smaller(before.document.node(edit.path).value, edit))


def _smaller(old: Json, edit: SetValue) -> Iterator[SingleEdit]:
    new = edit.value
    if _same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and set(old) & set(new):
        yield from (RemoveValue(path=(*edit.path, key)) for key in old if key not in new)
        order = tuple(new)
        for key, value in new.items():
            inner = replace(edit, path=(*edit.path, key), value=value, order=order)
            yield from _smaller(old[key], inner) if key in old else (inner,)
        return
    if isinstance(old, list) and isinstance(new, list) and old and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _smaller(before, replace(edit, path=(*edit.path, index), value=after))
        return
    yield edit


def _same(one: Json, other: Json) -> bool:
    """Tell whether two values are written alike: `1`, `1.0` and `true` are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _one(file: str, content: bytes, edit: SingleEdit) -> EditResult:
    before = read_text(file, content)
    if before.problems:
        position = before.problems[0].position or Position(file, 1, 1)
        return EditRefusal(reason="the file cannot be read as YAML", position=position, diagnostics=before.problems)
    try:
        expected = data_after(before.data, edit)
    except NoSuchPlace as problem:
        position = before.document.at(problem.path) if before.document is not None else Position(file, 1, 1)
        return EditRefusal(reason=problem.reason, position=position)
    if json.dumps(before.data) == json.dumps(expected):
        return EditedText(content=content)
    if before.spanned is None:
        text = content.decode("utf-8").removeprefix(BOM)
        reason, offset = (before.unusual.reason, before.unusual.offset) if before.unusual else ("", 0)
        return EditRefusal(reason=reason, position=_position(file, text, offset))
    splices = splices_of(before.spanned, edit)
    mark = content[: len(BOM.encode())] if content.startswith(BOM.encode()) else b""
    after = mark + apply_to_text(before.spanned.text, splices).encode()
    return _check_result(file, before.spanned, after, edit, splices, expected)


def _check_result(
    file: str, spanned: SpannedText, after: bytes, edit: SingleEdit, splices: list[TextSplice], expected: Json
) -> EditResult:
    """Read the text again, and refuse it where it does not say what the edit means, or lost a comment elsewhere."""
    found = read_text(file, after)
    sorts = isinstance(edit, SetValue)  # keys that both have stay where they were
    removed = _removed_comments(spanned, splices)
    is_right = (
        not found.problems
        and found.spanned is not None
        and json.dumps(found.data, sort_keys=sorts) == json.dumps(expected, sort_keys=sorts)
        and Counter(found.spanned.comments) + Counter(removed) == Counter(spanned.comments)
    )
    if not is_right:
        start = min((splice.start for splice in splices), default=0)
        reason = "the place is written in a form that is not taken apart; change it in an editor"
        return EditRefusal(reason=reason, position=_position(file, spanned.text, start))
    return EditedText(content=after, removed_comments=removed)


def _removed_comments(spanned: SpannedText, splices: list[TextSplice]) -> tuple[str, ...]:
    """Return the comments that stand in what is replaced and not in what replaces it."""
    gone: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for start, comment in spanned.placed_comments:
        inside = [splice for splice in splices if splice.start <= start < splice.end]
        if inside:
            gone[comment] += 1
    for comment in gone:
        kept[comment] = sum(splice.text.count(comment) for splice in splices)
    return tuple((gone - kept).elements())


def _position(file: str, text: str, offset: int) -> Position:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return Position(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
