"""Prints a layout: keys in order, two spaces for each level, every text and comment as it was written."""

from __future__ import annotations

import re

from bunsui.document.formatting.key_order import SchemaPlace, sorted_keys
from bunsui.document.yaml.layout_tree import (
    Block,
    FlowEntry,
    FlowText,
    Node,
    Part,
    ScalarText,
    TextLayout,
    content_indent,
    node_text,
)

_STEP = 2
_INDICATOR = re.compile(r"[|>][-+]?([1-9])|[|>]([1-9])[-+]?")


def print_layout(layout: TextLayout, place: SchemaPlace) -> str:
    """Return the text of a file."""
    root = layout.root
    if isinstance(root, Block):
        body = _block(root, 0, place)
    else:
        if isinstance(root, FlowText):
            _order_flow(root, place)
        body = node_text(root).split("\n")
    return "\n".join([*layout.header, *body]) + "\n"


def _block(block: Block, indent: int, place: SchemaPlace) -> list[str]:
    """Return the lines of a block whose parts begin at the indentation."""
    lines: list[str] = []
    keys = [part.key for part in block.parts]
    kind = _type_of(block)
    if block.is_mapping:
        _reorder(block, place.order(keys, kind))
    for part in block.parts:
        below = place.below(part.key, keys, kind) if block.is_mapping else place.item()
        text = _part(part, indent, below, is_entry=block.is_mapping)
        lines += [*_indent_lines(part.before, indent), *text]
    return [*lines, *_indent_lines(block.after, indent)]


def _reorder(block: Block, order: list[str]) -> None:
    """Sort the parts; empty lines above the first and above the one that comes to its place change sides."""
    first = block.parts[0]
    ranks = {key: rank for rank, key in enumerate(sorted_keys([part.key for part in block.parts], order))}
    block.parts.sort(key=lambda part: ranks[part.key])
    new = block.parts[0]
    if new is not first:
        new_blank, blank = _leading_blank(new.before), _leading_blank(first.before)
        new.before, first.before = first.before[:blank] + new.before[new_blank:], new.before[:new_blank] + first.before[blank:]


def _part(part: Part, indent: int, place: SchemaPlace, *, is_entry: bool) -> list[str]:
    start = " " * indent + (f"{part.key_text}:" if is_entry else "-")
    value = part.value
    if value is None:
        return [start + _space_note(part.note)]
    if isinstance(value, Block):
        return _with_block(part, value, start, indent, place, is_entry=is_entry)
    if isinstance(value, FlowText):
        _order_flow(value, place)
    if part.is_below and (is_entry or part.note or part.value_before):
        text = _move_text(value, part.column, indent)
        lines = [start + _space_note(part.note), *_indent_lines(part.value_before, indent + _STEP)]
        return [*lines, *_add_note([" " * (indent + _STEP) + text[0], *text[1:]], part.value_note)]
    text = _move_text(value, part.column, indent)
    gap = part.gap if is_entry and part.gap.strip(" ") == "" and part.gap else " "
    return _add_note([f"{start}{gap}{text[0]}", *text[1:]], part.value_note)


def _with_block(part: Part, value: Block, start: str, indent: int, place: SchemaPlace, *, is_entry: bool) -> list[str]:
    below = _block(value, indent + _STEP, place)
    if is_entry or part.note:
        return [start + _space_note(part.note), *below]
    # What stands above the first key of an item goes above the dash, where it will stand the next time too.
    above = len(value.parts[0].before)
    part.before += [line for line in value.parts[0].before if line]
    return [f"{start} {below[above].lstrip(' ')}", *below[above + 1 :]]


def _move_text(node: ScalarText | FlowText, column: int, indent: int) -> list[str]:
    """Return the lines of a text, those after the first moved with the block that it stands in, from `column` to `indent`."""
    lines = node_text(node).split("\n")
    if len(lines) == 1:
        return lines
    if isinstance(node, ScalarText) and node.style in ("|", ">"):
        return _moved_block_scalar(lines, column, indent)
    shift = indent - column
    if isinstance(node, ScalarText):
        least = min((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()), default=0)
        shift = max(shift, indent + _STEP - least)
    return [lines[0], *(_shift_line(line, shift) for line in lines[1:])]


def _moved_block_scalar(lines: list[str], column: int, indent: int) -> list[str]:
    indicator = _INDICATOR.match(lines[0])
    given = int(indicator[1] or indicator[2]) if indicator else 0
    old = column + given if given else content_indent(lines)
    new = " " * (indent + (given or _STEP))
    return [lines[0], *(new + line[old:] if line[old:] else "" for line in lines[1:])]


def _shift_line(line: str, shift: int) -> str:
    if not line.strip():
        return ""
    if shift >= 0:
        return " " * shift + line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, -shift) :]


def _order_flow(flow: FlowText, place: SchemaPlace) -> None:
    """Sort the entries of a flow mapping, and of those inside; one with comments keeps its order."""
    keys = [entry.key for entry in flow.entries]
    kind = _type_of(flow)
    for entry in flow.entries:
        if isinstance(entry.value, FlowText):
            _order_flow(entry.value, place.below(entry.key, keys, kind) if flow.is_mapping else place.item())
    if flow.is_mapping and not flow.has_comment:
        ranks = {key: rank for rank, key in enumerate(sorted_keys(keys, place.order(keys, kind)))}
        flow.entries.sort(key=lambda entry: ranks[entry.key])


def _type_of(node: Block | FlowText) -> str:
    """Return what a mapping has at `type`; empty for nothing that could name a type of operations."""
    parts: list[Part] | list[FlowEntry] = node.parts if isinstance(node, Block) else node.entries
    found: Node | None = next((part.value for part in parts if part.key == "type"), None)
    return found.value if isinstance(found, ScalarText) else ""


def _indent_lines(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]


def _add_note(lines: list[str], note: str) -> list[str]:
    return [*lines[:-1], lines[-1] + _space_note(note)]


def _space_note(note: str) -> str:
    """Return a comment with at least one space before it."""
    text = note.rstrip()
    return text if not text or text.startswith(" ") else f"  {text}"


def _leading_blank(lines: list[str]) -> int:
    return next((place for place, line in enumerate(lines) if line), len(lines))
