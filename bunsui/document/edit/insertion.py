"""A new entry among others: what changes in the text."""

from __future__ import annotations

from dataclasses import replace

from bunsui.document.edit.edits import WrittenAs
from bunsui.document.edit.rendering import Style, entry_lines, flow_value, item_lines, key_text
from bunsui.document.edit.replacement import TextSplice
from bunsui.document.edit.spans import NodeSpan, SpannedText
from bunsui.document.edit.surroundings import chunk_end, has_blank_lines
from bunsui.model.json import Json


def inserted_in_block(
    spanned: SpannedText, node: NodeSpan, index: int, key: str | None, value: Json, style: Style
) -> list[TextSplice]:
    """Return the change that puts an entry before the one at the index of a block, on lines of its own."""
    column, line_break = spanned.column(node.entries[0].start), spanned.line_break
    lines = entry_lines(key, value, column, style) if key is not None else item_lines(value, column, style)
    text = line_break.join(lines)
    blank = line_break if has_blank_lines(spanned, node) else ""
    if index == 0:
        start = node.entries[0].start
        return [TextSplice(start=start, end=start, text=f"{text}{line_break}{blank}{' ' * column}")]
    at = chunk_end(spanned, node.entries[index - 1])
    return [TextSplice(start=at, end=at, text=f"{line_break}{blank}{' ' * column}{text}")]


def inserted_in_flow(
    spanned: SpannedText, node: NodeSpan, index: int, key: str | None, value: Json, style: Style
) -> list[TextSplice]:
    """Return the changes that put an entry before the one at the index of a collection in braces or brackets."""
    is_json = node.is_mapping and all(spanned.text[entry.start] == '"' for entry in node.entries)
    inline = replace(style, written=WrittenAs.FLOW, is_json=is_json)
    text = flow_value(value, inline)
    if key is not None:
        text = f"{key_text(key, inline)}: {text}"
    if index < len(node.entries):
        start = node.entries[index].start
        indent = spanned.text[spanned.line_start(start) : start]
        between = f"{spanned.line_break}{indent}" if not indent.strip() else " "
        return [TextSplice(start=start, end=start, text=f"{text},{between}")]
    return _append_entry(spanned, node, text)


def _append_entry(spanned: SpannedText, node: NodeSpan, text: str) -> list[TextSplice]:
    last = node.entries[-1]
    line = spanned.line_start(last.start)
    indent = spanned.text[line : last.start]
    line_end = spanned.line_end(last.end)
    if indent.strip() or line_end >= node.end:
        return [TextSplice(start=last.end, end=last.end, text=f", {text}")]
    rest = spanned.text[last.end : line_end]
    ends_with_comma = rest.lstrip().startswith(",")
    comma = [] if ends_with_comma else [TextSplice(start=last.end, end=last.end, text=",")]
    closing = "," if ends_with_comma else ""
    return [*comma, TextSplice(start=line_end, end=line_end, text=f"{spanned.line_break}{indent}{text}{closing}")]
