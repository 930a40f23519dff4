"""A value in the place of another: what changes in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bunsui.document.edit.edits import WrittenAs
from bunsui.document.edit.rendering import (
    Style,
    flow_value,
    is_written_as_flow,
    item_lines,
    root_lines,
    scalar_text,
    value_lines,
)
from bunsui.document.edit.spans import EntrySpan, NodeForm, NodeSpan, SpannedText
from bunsui.document.edit.surroundings import note_behind
from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSplice:
    """One change of a text."""

    start: int
    end: int
    text: str


def replaced_root(spanned: SpannedText, value: Json, style: Style) -> list[TextSplice]:
    """Return the changes that give the whole document a value, comments around it kept."""
    root = spanned.root
    lines = root_lines(value, style) if isinstance(value, Mapping) else [flow_value(value, style)]
    text = spanned.line_break.join(lines)
    if root.form is not NodeForm.NOTHING:
        return [TextSplice(start=root.start, end=root.end, text=text)]
    end = len(spanned.text)
    before = spanned.line_break if end > spanned.starts[-1] else ""
    return [TextSplice(start=end, end=end, text=f"{before}{text}{spanned.line_break}")]


def replaced_value(spanned: SpannedText, holder: NodeSpan, entry: EntrySpan, value: Json, style: Style) -> list[TextSplice]:
    """Return the changes that give an entry or item another value."""
    node = entry.value
    if holder.is_flow:
        return [_in_flow(spanned, entry, value, style)]
    if style.written is WrittenAs.AUTO and node.entries:
        style = replace(style, written=WrittenAs.FLOW if node.is_flow else WrittenAs.BLOCK)
    if is_written_as_flow(value, style):
        return _one_value(spanned, entry, value, style)
    return _block(spanned, holder, entry, value, style)


def _in_flow(spanned: SpannedText, entry: EntrySpan, value: Json, style: Style) -> TextSplice:
    node = entry.value
    text = _scalar_or_flow(value, replace(style, written=WrittenAs.FLOW), None, node.style)
    if node.form is not NodeForm.NOTHING:
        return TextSplice(start=node.start, end=node.end, text=text)
    colon = "" if entry.marker_end > entry.key_end else ":"
    return TextSplice(start=entry.marker_end, end=entry.marker_end, text=f"{colon} {text}")


def _one_value(spanned: SpannedText, entry: EntrySpan, value: Json, style: Style) -> list[TextSplice]:
    """Return the changes for a scalar, or a collection in brackets or braces, in an entry of a block."""
    node, column = entry.value, spanned.column(entry.start)
    was_block_text = node.style in ("|", ">")
    indent = _text_indent(spanned, node) if was_block_text else 0
    text = _scalar_or_flow(value, style, max(indent, column + style.step), node.style)
    text = text.replace("\n", spanned.line_break)
    if node.form is NodeForm.NOTHING:
        return [TextSplice(start=entry.marker_end, end=entry.marker_end, text=f" {text}")]
    gap = spanned.text[entry.marker_end : node.start]
    if was_block_text or text.startswith("|"):  # the comment of a block text stands behind its header
        header, _, body = text.partition(spanned.line_break)
        note = _header_note(spanned, node) if was_block_text else note_behind(spanned, node.end)
        end = node.end if was_block_text else node.end + len(note)
        body = f"{spanned.line_break}{body}" if body else ""
        start, space = (entry.marker_end, " ") if node.is_block and "#" not in gap else (node.start, "")
        return [TextSplice(start=start, end=end, text=f"{space}{header}{note}{body}")]
    if not node.is_block or "#" in gap:
        return [TextSplice(start=node.start, end=node.end, text=text)]
    return [TextSplice(start=entry.marker_end, end=node.end, text=f" {text}")]


def _block(spanned: SpannedText, holder: NodeSpan, entry: EntrySpan, value: Json, style: Style) -> list[TextSplice]:
    """Return the changes for a collection that stands on lines of its own."""
    node, column = entry.value, spanned.column(entry.start)
    gap = spanned.text[entry.marker_end : node.start]
    if node.form is not NodeForm.NOTHING and ("\n" in gap or "\r" in gap):
        inner = spanned.column(node.start)
        steps = replace(style, step=inner - column, list_step=inner - column)
        lines = value_lines(value, column, steps)[1:] if holder.is_mapping else item_lines(value, column, steps)
        text = spanned.line_break.join(lines).lstrip(" -" if not holder.is_mapping else " ")
        return [TextSplice(start=node.start, end=node.end, text=text)]
    lines = value_lines(value, column, style) if holder.is_mapping else item_lines(value, column, style)
    first = lines[0] if holder.is_mapping else lines[0][1:]
    rest = "".join(f"{spanned.line_break}{line}" for line in lines[1:])
    note = _header_note(spanned, node) if node.style in ("|", ">") else note_behind(spanned, node.end)
    end = node.end if node.style in ("|", ">") else spanned.line_end(node.end)
    if node.form is NodeForm.NOTHING:
        end = spanned.line_end(entry.marker_end)
        note = note_behind(spanned, entry.marker_end)
    return [TextSplice(start=entry.marker_end, end=end, text=f"{first}{note}{rest}")]


def _scalar_or_flow(value: Json, style: Style, indent: int | None, old: str) -> str:
    if isinstance(value, Mapping | list):
        return flow_value(value, style)
    return scalar_text(value, style, indent=indent, old=old)


def _header_note(spanned: SpannedText, node: NodeSpan) -> str:
    """Return the comment behind the header of a block scalar, with the spaces before it."""
    line = spanned.text[node.start : spanned.line_end(node.start)]
    place = line.find(" #")
    return line[len(line[:place].rstrip()) :].rstrip() if place >= 0 else ""


def _text_indent(spanned: SpannedText, node: NodeSpan) -> int:
    """Return how far the lines of a block scalar are indented; 0 when all are empty."""
    lines = spanned.text[node.start : node.end].splitlines()[1:]
    return next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
