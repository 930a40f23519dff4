"""One edit as changes of single places of the text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bunsui.document.edit.edits import InsertItem, InsertKey, MoveValue, RemoveValue, RenameKey, SetValue, WrittenAs
from bunsui.document.edit.expected import key_place
from bunsui.document.edit.insertion import inserted_in_block, inserted_in_flow
from bunsui.document.edit.rendering import Style, is_written_as_flow, key_text
from bunsui.document.edit.replacement import TextSplice, replaced_root, replaced_value
from bunsui.document.edit.spans import EntrySpan, NodeForm, NodeSpan, SpannedText, child_entry
from bunsui.document.edit.surroundings import chunk_end, chunk_start, is_alone, style_of
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json

SingleEdit = SetValue | InsertItem | InsertKey | RemoveValue | MoveValue | RenameKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoundNode:
    """The way to a node: the node itself, the entry that holds it, and the collection that the entry is in."""

    node: NodeSpan
    entry: EntrySpan | None = None
    holder: NodeSpan | None = None


def splices_of(spanned: SpannedText, edit: SingleEdit) -> list[TextSplice]:
    """Return the changes that the edit makes; it fits the data, which somebody has looked at."""
    match edit:
        case SetValue():
            return _set(spanned, edit)
        case InsertKey():
            return _add(spanned, edit.path, edit.key, edit.index, edit.value, style_of(spanned, edit.written))
        case InsertItem():
            return _add(spanned, edit.path, None, edit.index, edit.value, style_of(spanned, edit.written))
        case RemoveValue():
            return _remove_entry(spanned, edit)
        case MoveValue():
            return _moved_in_text(spanned, edit)
        case RenameKey():
            entry = _entry(spanned, edit.path)
            quote = spanned.text[entry.start]
            text = key_text(edit.key, style_of(spanned, WrittenAs.AUTO), old=quote if quote in "\"'" else "")
            return [TextSplice(start=entry.start, end=entry.key_end, text=text)]


def apply_to_text(text: str, splices: list[TextSplice]) -> str:
    """Return the text with the changes made, which do not overlap; of several at one place the first comes first."""
    pieces: list[str] = []
    position = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        pieces += [text[position : splice.start], splice.text]
        position = splice.end
    return "".join([*pieces, text[position:]])


def _set(spanned: SpannedText, edit: SetValue) -> list[TextSplice]:
    style = style_of(spanned, edit.written)
    place, rest = _deepest(spanned, edit.path)
    if not rest:
        return _replace_value(spanned, place, edit.value, style)
    value = edit.value
    for step in reversed(rest[1:]):
        value = {str(step): value}
    first = str(rest[0])
    keys = [entry.key for entry in place.node.entries]
    index = key_place(keys, first, edit.order if len(rest) == 1 else ())
    return _add_to(spanned, place, first, index, value, style)


def _add(spanned: SpannedText, path: Path, key: str | None, index: int | None, value: Json, style: Style) -> list[TextSplice]:
    place, rest = _deepest(spanned, path)
    if rest:
        whole: Json = {key: value} if key is not None else [value]
        for step in reversed(rest[1:]):
            whole = {str(step): whole}
        return _add_to(spanned, place, str(rest[0]), None, whole, style)
    return _add_to(spanned, place, key, index, value, style)


def _add_to(
    spanned: SpannedText, place: _FoundNode, key: str | None, index: int | None, value: Json, style: Style
) -> list[TextSplice]:
    node = place.node
    if not node.entries:
        whole: Json = {key: value} if key is not None else [value]
        return _replace_value(spanned, place, whole, _for_first(style, node, value))
    at = len(node.entries) if index is None else index
    if node.is_flow:
        return inserted_in_flow(spanned, node, at, key, value, style)
    return inserted_in_block(spanned, node, at, key, value, style)


def _for_first(style: Style, node: NodeSpan, value: Json) -> Style:
    """Return the style of a collection that gets its first entry: lines of its own where what comes in has some."""
    is_wide = style.written is WrittenAs.BLOCK or not is_written_as_flow(value, style)
    is_nothing = node.form is NodeForm.NOTHING
    return replace(style, written=WrittenAs.BLOCK) if is_wide or (is_nothing and style.written is WrittenAs.AUTO) else style


def _replace_value(spanned: SpannedText, place: _FoundNode, value: Json, style: Style) -> list[TextSplice]:
    if place.entry is None or place.holder is None:
        return replaced_root(spanned, value, style)
    return replaced_value(spanned, place.holder, place.entry, value, style)


def _remove_entry(spanned: SpannedText, edit: RemoveValue) -> list[TextSplice]:
    place, _ = _deepest(spanned, edit.path[:-1])
    node = place.node
    entry = _entry(spanned, edit.path)
    index = next(number for number, one in enumerate(node.entries) if one is entry)
    if len(node.entries) == 1 and not node.is_flow:
        empty: Json = {} if node.is_mapping else []
        return _replace_value(spanned, place, empty, style_of(spanned, WrittenAs.AUTO))
    return _cut_from_flow(spanned, node, index) if node.is_flow else [_cut_from_block(spanned, node, index)]


def _cut_from_block(spanned: SpannedText, node: NodeSpan, index: int) -> TextSplice:
    entry, text = node.entries[index], spanned.text
    if not is_alone(spanned, entry):  # the first behind a dash, whose line the next one takes
        following = node.entries[index + 1]
        between = text[entry.end : following.start]
        return TextSplice(start=entry.start, end=entry.end if "#" in between else following.start, text="")
    start, end = spanned.line_start(entry.start), spanned.line_end(entry.end)
    number, last = spanned.line_number(start), spanned.line_number(end)
    if last >= len(spanned.starts):  # the text ends without a line break, as it does afterwards
        return TextSplice(start=spanned.line_end(spanned.starts[number - 2]) if number > 1 else start, end=end, text="")
    end = spanned.starts[last]
    if number > 1 and _is_blank(spanned, number - 1) and (last >= len(spanned.starts) - 1 or _is_blank(spanned, last + 1)):
        start = spanned.starts[number - 2]
    return TextSplice(start=start, end=end, text="")


def _is_blank(spanned: SpannedText, number: int) -> bool:
    start = spanned.starts[number - 1]
    return not spanned.text[start : spanned.line_end(start)].strip()


def _cut_from_flow(spanned: SpannedText, node: NodeSpan, index: int) -> list[TextSplice]:
    entry, text = node.entries[index], spanned.text
    if len(node.entries) == 1:
        inside = text[node.start + 1 : entry.start] + text[entry.end : node.end - 1]
        if "#" not in inside:
            return [TextSplice(start=node.start + 1, end=node.end - 1, text="")]
        comma = text.find(",", entry.end, node.end)
        commas = [TextSplice(start=comma, end=comma + 1, text="")] if _is_comma(text, entry.end, comma) else []
        return [TextSplice(start=entry.start, end=entry.end, text=""), *commas]
    if index + 1 < len(node.entries):
        following = node.entries[index + 1].start
        if "#" not in text[entry.end : following]:
            return [TextSplice(start=entry.start, end=following, text="")]
        comma = text.index(",", entry.end)
        return [TextSplice(start=entry.start, end=entry.end, text=""), TextSplice(start=comma, end=comma + 1, text="")]
    before = node.entries[index - 1].end
    if "#" not in text[before : entry.start]:
        return [TextSplice(start=before, end=entry.end, text="")]
    comma = text.index(",", before)
    return [TextSplice(start=comma, end=comma + 1, text=""), TextSplice(start=entry.start, end=entry.end, text="")]


def _is_comma(text: str, start: int, comma: int) -> bool:
    return comma >= 0 and not text[start:comma].strip()


def _moved_in_text(spanned: SpannedText, edit: MoveValue) -> list[TextSplice]:
    place, _ = _deepest(spanned, edit.path[:-1])
    node = place.node
    entry = _entry(spanned, edit.path)
    old = next(number for number, one in enumerate(node.entries) if one is entry)
    order = [number for number in range(len(node.entries)) if number != old]
    order.insert(edit.index, old)
    slots = [_slot(spanned, node, number) for number in range(len(node.entries))]
    return [
        TextSplice(start=slots[slot][0], end=slots[slot][1], text=spanned.text[slots[one][0] : slots[one][1]])
        for slot, one in enumerate(order)
        if slot != one
    ]


def _slot(spanned: SpannedText, node: NodeSpan, number: int) -> tuple[int, int]:
    entry = node.entries[number]
    if node.is_flow:
        return entry.start, entry.end
    return chunk_start(spanned, node, number), chunk_end(spanned, entry)


def _deepest(spanned: SpannedText, path: Path) -> tuple[_FoundNode, Path]:
    """Return the deepest place on the way that is there, and the rest of the way."""
    place = _FoundNode(node=spanned.root)
    for length, step in enumerate(path):
        entry = child_entry(place.node, step)
        if entry is None:
            return place, path[length:]
        place = _FoundNode(node=entry.value, entry=entry, holder=place.node)
    return place, ()


def _entry(spanned: SpannedText, path: Path) -> EntrySpan:
    entry = spanned.entry(path)
    assert entry is not None, "the edit fits the data"
    return entry
