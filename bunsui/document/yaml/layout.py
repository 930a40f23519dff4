"""How a YAML text is laid out: blocks, texts and comments as they are written, so that parts can be moved and nothing is lost.

Only for a text that `read_document` takes. Values are kept as they are spelled; what each means is the document's to say.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bunsui.document.yaml.layout_tree import (
    Block,
    FlowEntry,
    FlowText,
    Node,
    Part,
    ScalarText,
    TextLayout,
    content_indent,
    flow_text,
    node_text,
)
from bunsui.document.yaml.reader import parsed_events

_BLOCK_STYLES = ("|", ">")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)
_DASH = re.compile(r"(?:[ \n]|#[^\n]*(?=\n|\Z))*-")
"""The next dash of a list, after comments."""
_HEADER = re.compile(r"[|>][-+0-9]*")


class Unusual(Exception):
    """The text has a form that is not taken apart, such as explicit keys (`? `)."""


@dataclass(slots=True)
class _Anchor:
    """What begins a line, and so takes the comments above that line."""

    line: int
    column: int
    lines: list[str]


@dataclass(slots=True)
class _Room:
    """The lines of a block."""

    first: int
    last: int
    block: Block


def read_layout(text: str) -> TextLayout:
    """Return the layout of a text whose line breaks are line feeds, without a byte order mark.

    Raises:
        Unusual: it has a form that is not taken apart.

    """
    return _Reader(text).layout()


def comments_of(text: str) -> list[str]:
    """Return all comments of the text, in their order."""
    starts = _line_starts(text)
    found: list[str] = []
    position = 0
    for event in parsed_events(text):
        if type(event).__name__ == "ScalarEvent":
            start, end = _offset(starts, event.start_mark), _offset(starts, event.end_mark)
            found += _COMMENT.findall(_blank_before(text, position, start))
            position = max(end, position)
            if event.style in _BLOCK_STYLES:
                found += _COMMENT.findall(text[start : _line_end(text, start)])
    return [comment.rstrip() for comment in (*found, *_COMMENT.findall(_blank_before(text, position, len(text))))]


def _blank_before(text: str, start: int, end: int) -> str:
    """Return a part of the text with a line break before it where it begins a line, else a letter: `a#b` is no comment."""
    return ("\n" if start == 0 or text[start - 1] == "\n" else "x") + text[start:end]


class _Reader:
    """Takes the events of the YAML parser, and then gives the lines between them to what they belong to."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = _line_starts(text)
        self._lines = text.split("\n")
        self._events: Iterator[Any] = iter(parsed_events(text))
        self._code: set[int] = set()
        self._anchors: list[_Anchor] = []
        self._rooms: list[_Room] = []
        self._marker = -1

    def layout(self) -> TextLayout:
        """Return the whole layout."""
        event = next(self._events)
        while type(event).__name__ in ("StreamStartEvent", "DocumentStartEvent"):
            if type(event).__name__ == "DocumentStartEvent" and event.explicit:
                self._marker = event.end_mark.line
            event = next(self._events)
        if event.start_mark.line == self._marker:
            raise Unusual("the document begins on the line of its `---`")
        root = self._node(event)
        header = self._lines[: self._marker + 1]
        lines: list[str] = []
        if isinstance(root, Block):
            lines = self._attach(root)
        elif any(
            self._lines[number].strip() for number in range(self._marker + 1, len(self._lines)) if number not in self._code
        ):
            raise Unusual("comments around a document in braces")
        return TextLayout(header=[*header, *lines], root=root)

    def _node(self, event: Any) -> Node:
        match type(event).__name__:
            case "ScalarEvent":
                return self._leaf(event)
            case "MappingStartEvent" | "SequenceStartEvent" as name:
                is_mapping = name == "MappingStartEvent"
                return (
                    self._flow(event, is_mapping=is_mapping) if event.flow_style else self._block(event, is_mapping=is_mapping)
                )
            case other:
                raise Unusual(other)

    def _leaf(self, event: Any) -> ScalarText:
        start, end = self._at(event.start_mark), self._at(event.end_mark)
        if event.style in _BLOCK_STYLES:
            return self._block_scalar(event, start, end)
        self._code |= set(range(event.start_mark.line, event.end_mark.line + 1))
        return ScalarText(text=self._text[start:end], style=event.style or "", value=event.value)

    def _block_scalar(self, event: Any, start: int, end: int) -> ScalarText:
        """Return the scalar with its header and all its lines; empty lines below it are its own only with `+`."""
        lines = self._text[start:end].split("\n")
        if len(lines) > 1 and not lines[-1].strip():
            del lines[-1]
        header = _HEADER.match(lines[0])
        indent = content_indent(lines)
        while header and "+" not in header[0] and len(lines) > 1 and not lines[-1].strip() and len(lines[-1]) <= indent:
            del lines[-1]
        first = event.start_mark.line
        self._code |= set(range(first, first + len(lines)))
        return ScalarText(text="\n".join(lines), style=event.style, value=event.value)

    def _flow(self, event: Any, *, is_mapping: bool) -> FlowText:
        start = position = self._at(event.start_mark)
        flow = FlowText(is_mapping=is_mapping)
        ends: list[tuple[int, int]] = []
        while type(event := next(self._events)).__name__ not in ("MappingEndEvent", "SequenceEndEvent"):
            begin = self._at(event.start_mark)
            entry, position = self._flow_entry(event, is_mapping=is_mapping)
            ends.append((begin, position))
            flow.entries.append(entry)
        end = self._at(event.end_mark)
        self._code |= set(range(self._line(start), self._line(end) + 1))
        if not ends:
            flow.begin = self._text[start:end]
        else:
            flow.begin, flow.end = self._text[start : ends[0][0]], self._text[ends[-1][1] : end]
            flow.between = [self._text[one[1] : two[0]] for one, two in pairwise(ends)]
        outside = [flow.begin, *flow.between, flow.end, *(entry.colon for entry in flow.entries)]
        inner = (entry.value for entry in flow.entries)
        flow.has_comment = any("#" in text for text in outside) or any(isinstance(v, FlowText) and v.has_comment for v in inner)
        return flow

    def _flow_entry(self, event: Any, *, is_mapping: bool) -> tuple[FlowEntry, int]:
        """Return an entry and where it ends."""
        if not is_mapping:
            value, _, end = self._flow_value(event)
            return FlowEntry(value=value), end
        if type(event).__name__ != "ScalarEvent":
            raise Unusual("a key that is no scalar")
        key_end = self._at(event.end_mark)
        key_text = self._text[self._at(event.start_mark) : key_end]
        value, start, end = self._flow_value(next(self._events))
        if value is None:
            colon = re.match(r"\s*:", self._text[key_end:])
            end = key_end + (colon.end() if colon and key_end + colon.end() <= max(end, key_end) else 0)
            return FlowEntry(key=event.value, key_text=key_text, colon=self._text[key_end:end]), end
        return FlowEntry(key=event.value, key_text=key_text, colon=self._text[key_end:start], value=value), end

    def _flow_value(self, event: Any) -> tuple[ScalarText | FlowText | None, int, int]:
        start, end = self._at(event.start_mark), self._at(event.end_mark)
        if _is_nothing(event):
            return None, start, end
        node = self._node(event)
        assert not isinstance(node, Block)
        return node, start, start + len(flow_text(node))

    def _block(self, event: Any, *, is_mapping: bool) -> Block:
        column = event.start_mark.column
        block = Block(is_mapping=is_mapping, column=column)
        room = _Room(event.start_mark.line, event.start_mark.line, block)
        self._rooms.append(room)
        position = self._at(event.start_mark)
        while type(event := next(self._events)).__name__ not in ("MappingEndEvent", "SequenceEndEvent"):
            if is_mapping:
                part, position = self._entry(event)
            else:
                part, position = self._item(event, position, column)
            block.parts.append(part)
        room.last = max(line for line in self._code if line >= room.first) if self._code else room.first
        return block

    def _entry(self, event: Any) -> tuple[Part, int]:
        start, end = self._at(event.start_mark), self._at(event.end_mark)
        colon = re.match(r"[ \t]*:", self._text[end:])
        if type(event).__name__ != "ScalarEvent" or colon is None or event.end_mark.line != event.start_mark.line:
            raise Unusual("a key that does not stand on one line before a colon")
        part = Part(column=event.start_mark.column, key=event.value, key_text=self._text[start:end])
        self._begin(part, start)
        return part, self._fill(part, next(self._events), end + colon.end())

    def _item(self, event: Any, position: int, column: int) -> tuple[Part, int]:
        dash = _DASH.match(self._text, position)
        if dash is None:
            raise Unusual("an item without a dash")
        part = Part(column=column)
        self._begin(part, dash.end() - 1)
        return part, self._fill(part, event, dash.end())

    def _begin(self, part: Part, start: int) -> None:
        line = self._line(start)
        self._code.add(line)
        if not self._text[self._starts[line] : start].strip():
            self._anchors.append(_Anchor(line, part.column, part.before))

    def _fill(self, part: Part, event: Any, position: int) -> int:
        """Read the value behind a colon or dash; return where it ends."""
        line = self._line(position)
        if _is_nothing(event):
            part.note = self._rest(position)
            return position
        is_below = event.start_mark.line > line
        if is_below:
            part.note = self._rest(position)
        else:
            part.gap = self._text[position : self._at(event.start_mark)]
        is_block = type(event).__name__ != "ScalarEvent" and not event.flow_style
        if is_below and not is_block:
            part.is_below = True
            self._anchors.append(_Anchor(event.start_mark.line, event.start_mark.column, part.value_before))
        part.value = self._node(event)
        if isinstance(part.value, Block):
            return self._starts[max(self._code)] + len(self._lines[max(self._code)])
        text = node_text(part.value)
        end = self._at(event.start_mark) + len(text)
        if not (isinstance(part.value, ScalarText) and part.value.style in _BLOCK_STYLES):
            part.value_note = self._rest(end)
        return end

    def _rest(self, position: int) -> str:
        """Return the comment on the rest of a line, with the spaces before it; empty when there is none."""
        rest = self._text[position : _line_end(self._text, position)].rstrip()
        if rest.strip() and not rest.lstrip().startswith("#"):
            raise Unusual("something behind a value")
        return rest

    def _attach(self, root: Block) -> list[str]:
        """Assign each line outside the code to what it belongs to; return those of the file's head."""
        anchors = sorted(self._anchors, key=lambda anchor: anchor.line)
        last = len(self._lines) - 1 if not self._lines[-1].strip() else len(self._lines)
        number = self._marker + 1
        while number < last:
            if number in self._code:
                number += 1
                continue
            end = next((line for line in range(number, last) if line in self._code), last)
            following = next((anchor for anchor in anchors if anchor.line >= end), None) if end < last else None
            self._share(root, number, end, following)
            number = end
        return _head(root)

    def _share(self, root: Block, first: int, end: int, following: _Anchor | None) -> None:
        waiting: list[str] = []
        is_of_next = following is not None and first <= self._first_code()
        for number in range(first, end):
            text = self._lines[number].strip()
            if not text:
                waiting.append("")
                continue
            column = len(self._lines[number]) - len(self._lines[number].lstrip())
            block = self._open_block(root, first - 1, column)
            if is_of_next or (following is not None and (column <= following.column or block.column <= following.column)):
                is_of_next = True
                waiting.append(text)
                continue
            block.after += [*waiting, text]
            waiting = []
        if following is not None:
            following.lines += waiting

    def _first_code(self) -> int:
        return min(self._code)

    def _open_block(self, root: Block, line: int, column: int) -> Block:
        """Return the deepest block that the line is in and that begins no further right than the column."""
        within = [room.block for room in self._rooms if room.first <= line <= room.last and room.block.column <= column]
        return max(within, key=lambda block: block.column) if within else root

    def _at(self, mark: Any) -> int:
        return _offset(self._starts, mark)

    def _line(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1


def _head(root: Block) -> list[str]:
    """Take the file's own lines from those above the first key: all, or what an empty line parts from that key's."""
    before = root.parts[0].before
    blank = max((place for place, line in enumerate(before) if not line), default=len(before) - 1)
    root.parts[0].before = before[blank + 1 :]
    return before[: blank + 1]


def _is_nothing(event: Any) -> bool:
    return type(event).__name__ == "ScalarEvent" and not event.value and not event.style and _same(event)


def _same(event: Any) -> bool:
    start, end = event.start_mark, event.end_mark
    return bool((start.line, start.column) == (end.line, end.column))


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]


def _offset(starts: list[int], mark: Any) -> int:
    return int(starts[mark.line] + mark.column)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
