"""The place of each part of a YAML text, to the character: what is replaced, while the rest stays.

Only for a text that `read_document` takes: no anchors, aliases, tags or second documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bunsui.document.yaml.reader import parsed_events
from bunsui.document.yaml.tree import Path

_BREAK = re.compile(r"\r\n|\r|\n")
_COLON = re.compile(r"[ \t]*:")
_FLOW_COLON = re.compile(r"\s*:")
_DASH = re.compile(r"(?:\s|#[^\r\n]*)*-")
_HEADER = re.compile(r"[|>][-+0-9]*")
_COMMENT = re.compile(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*")


class NodeForm(Enum):
    """How a value is written."""

    NOTHING = "nothing"
    """Not at all: it is null."""
    SCALAR = "scalar"
    BLOCK_MAPPING = "block mapping"
    BLOCK_LIST = "block list"
    FLOW_MAPPING = "flow mapping"
    """In braces."""
    FLOW_LIST = "flow list"
    """In brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpan:
    """A value in the text, from `start` to before `end`; of a block without the line break behind it."""

    form: NodeForm
    start: int
    end: int
    style: str = ""
    """Of a scalar: empty for a plain one, else the quote, `|` or `>`."""
    entries: tuple[EntrySpan, ...] = ()

    @property
    def is_flow(self) -> bool:
        """True in brackets or braces."""
        return self.form in (NodeForm.FLOW_MAPPING, NodeForm.FLOW_LIST)

    @property
    def is_block(self) -> bool:
        """True for lines of entries or items."""
        return self.form in (NodeForm.BLOCK_MAPPING, NodeForm.BLOCK_LIST)

    @property
    def is_mapping(self) -> bool:
        """True for keys with values."""
        return self.form in (NodeForm.BLOCK_MAPPING, NodeForm.FLOW_MAPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySpan:
    """An entry of a mapping or an item of a list."""

    start: int
    """Of the key, the dash, or in brackets of the value."""
    marker_end: int
    """Behind the colon or the dash; the start in brackets."""
    value: NodeSpan
    key: str = ""
    key_end: int = 0

    @property
    def end(self) -> int:
        """Behind the value; behind the colon or dash where there is none."""
        return max(self.value.end, self.marker_end, self.key_end)


class UnusualForm(Exception):
    """The text is written in a form that is not edited, such as an explicit key (`? `)."""

    def __init__(self, reason: str, offset: int) -> None:
        """Say what form it is, and where in the text."""
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True, kw_only=True)
class SpannedText:
    """A text, without a byte order mark, with the place of each part."""

    text: str
    starts: tuple[int, ...]
    """Where each line begins."""
    root: NodeSpan
    placed_comments: tuple[tuple[int, str], ...]
    """All of them, in their order, with where each begins."""

    @property
    def comments(self) -> tuple[str, ...]:
        """Return all of them, in their order."""
        return tuple(comment for _, comment in self.placed_comments)

    @property
    def line_break(self) -> str:
        """Return the text's own."""
        found = _BREAK.search(self.text)
        return found[0] if found else "\n"

    def line_start(self, offset: int) -> int:
        """Return where the line begins that the place is in."""
        return self.starts[self.line_number(offset) - 1]

    def line_end(self, offset: int) -> int:
        """Return where the line ends, before its break."""
        found = _BREAK.search(self.text, offset)
        return found.start() if found else len(self.text)

    def line_number(self, offset: int) -> int:
        """Return the line of a place, from 1."""
        low, high = 0, len(self.starts)
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= offset else (low, middle)
        return low + 1

    def column(self, offset: int) -> int:
        """Return how far right a place is, from 0."""
        return offset - self.line_start(offset)

    def entry(self, path: Path) -> EntrySpan | None:
        """Return the entry or item that the path ends at; None where there is none, or for the root."""
        node, found = self.root, None
        for step in path:
            found = child_entry(node, step)
            if found is None:
                return None
            node = found.value
        return found

    def node(self, path: Path) -> NodeSpan | None:
        """Return the value at the path; None where there is none."""
        if not path:
            return self.root
        entry = self.entry(path)
        return entry.value if entry is not None else None


def child_entry(node: NodeSpan, step: str | int) -> EntrySpan | None:
    """Return the entry of a key, or the item of an index."""
    if isinstance(step, str):
        return next((entry for entry in node.entries if entry.key == step), None) if node.is_mapping else None
    is_there = not node.is_mapping and 0 <= step < len(node.entries)
    return node.entries[step] if is_there else None


def read_spans(text: str) -> SpannedText:
    """Return the text with the place of each part.

    Raises:
        UnusualForm: it has a form that is not edited.

    """
    reader = _SpanReader(text)
    root = reader.document()
    return SpannedText(text=text, starts=tuple(reader.starts), root=root, placed_comments=tuple(reader.comments()))


class _SpanReader:
    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._text = text
        self._events: Iterator[Any] = iter(parsed_events(text))
        self._scalars: list[tuple[int, int]] = []

    def document(self) -> NodeSpan:
        for event in self._events:
            match type(event).__name__:
                case "StreamStartEvent" | "DocumentStartEvent":
                    continue
                case "StreamEndEvent":
                    break
                case "ScalarEvent" if not event.value and not event.style:
                    break
                case _:
                    return self._node(event, self._at(event.start_mark))
        return NodeSpan(form=NodeForm.NOTHING, start=len(self._text), end=len(self._text))

    def comments(self) -> Iterator[tuple[int, str]]:
        position = 0
        for start, end in [*self._scalars, (len(self._text), len(self._text))]:
            for found in _COMMENT.finditer(self._text, position, start):
                yield found.start(), found[0].rstrip()
            position = max(position, end)

    def _node(self, event: Any, behind: int) -> NodeSpan:
        """Return the value of an event; `behind` is the end of what comes before it."""
        match type(event).__name__:
            case "ScalarEvent":
                return self._scalar(event, behind)
            case "MappingStartEvent":
                return self._flow(event, is_mapping=True) if event.flow_style else self._block_mapping(event)
            case "SequenceStartEvent":
                return self._flow(event, is_mapping=False) if event.flow_style else self._block_list(event)
            case other:
                raise UnusualForm(f"the text has a form that is not edited ({other})", behind)

    def _scalar(self, event: Any, behind: int) -> NodeSpan:
        start, end = self._at(event.start_mark), self._at(event.end_mark)
        style = event.style or ""
        if start == end and not style:
            return NodeSpan(form=NodeForm.NOTHING, start=behind, end=behind)
        if style in ("|", ">"):
            end, header = self._block_scalar_end(start, end)
            self._scalars.append((start, header))
            self._scalars.append((self._line_end(start), end))
        else:
            self._scalars.append((start, end))
        return NodeSpan(form=NodeForm.SCALAR, start=start, end=end, style=style)

    def _block_scalar_end(self, start: int, end: int) -> tuple[int, int]:
        """Return where the last line of a block scalar ends, and where its header does; empty lines below it are its own only
        with `+`."""
        header = _HEADER.match(self._text, start)
        assert header is not None
        stop = max(end, self._line_end(start))
        lines = self._text[start:stop]
        kept = lines.rstrip(" \t\r\n") if "+" not in header[0] else _without_last_break(lines)
        return max(start + len(kept), self._line_end(start)), header.end()

    def _block_mapping(self, event: Any) -> NodeSpan:
        start, entries = self._at(event.start_mark), []
        for key in self._inside():
            begin, end = self._at(key.start_mark), self._at(key.end_mark)
            colon = _COLON.match(self._text, end)
            if type(key).__name__ != "ScalarEvent" or colon is None or key.start_mark.line != key.end_mark.line:
                raise UnusualForm("a key that does not stand on one line before a colon", begin)
            self._scalars.append((begin, end))
            value = self._node(next(self._events), colon.end())
            entries.append(EntrySpan(start=begin, marker_end=colon.end(), value=value, key=key.value, key_end=end))
        return NodeSpan(
            form=NodeForm.BLOCK_MAPPING, start=start, end=entries[-1].end if entries else start, entries=tuple(entries)
        )

    def _block_list(self, event: Any) -> NodeSpan:
        start = position = self._at(event.start_mark)
        entries = []
        for item in self._inside():
            dash = _DASH.match(self._text, position)
            if dash is None:
                raise UnusualForm("an item without a dash", position)
            value = self._node(item, dash.end())
            entries.append(EntrySpan(start=dash.end() - 1, marker_end=dash.end(), value=value))
            position = entries[-1].end
        return NodeSpan(
            form=NodeForm.BLOCK_LIST, start=start, end=entries[-1].end if entries else start, entries=tuple(entries)
        )

    def _flow(self, event: Any, *, is_mapping: bool) -> NodeSpan:
        start, entries = self._at(event.start_mark), []
        for inner in self._inside():
            begin = self._at(inner.start_mark)
            if not is_mapping:
                if type(inner).__name__ == "MappingStartEvent" and self._text[begin] != "{":
                    raise UnusualForm("a key with its value in brackets, without braces", begin)
                value = self._node(inner, begin)
                entries.append(EntrySpan(start=begin, marker_end=begin, value=value))
                continue
            key_end = self._at(inner.end_mark)
            if type(inner).__name__ != "ScalarEvent" or self._text[begin : begin + 1] == "?":
                raise UnusualForm("a key that is no plain or quoted text", begin)
            self._scalars.append((begin, key_end))
            colon = _FLOW_COLON.match(self._text, key_end)
            marker_end = colon.end() if colon else key_end
            value = self._node(next(self._events), marker_end)
            entries.append(EntrySpan(start=begin, marker_end=marker_end, value=value, key=inner.value, key_end=key_end))
        form = NodeForm.FLOW_MAPPING if is_mapping else NodeForm.FLOW_LIST
        return NodeSpan(form=form, start=start, end=self._at(self._last.end_mark), entries=tuple(entries))

    def _inside(self) -> Iterator[Any]:
        """Yield the events of what the collection holds, up to its end, which `_last` then is."""
        while True:
            event = next(self._events)
            if type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                self._last = event
                return
            yield event

    def _at(self, mark: Any) -> int:
        return int(self.starts[mark.line] + mark.column)

    def _line_end(self, offset: int) -> int:
        found = _BREAK.search(self._text, offset)
        return found.start() if found else len(self._text)


def _without_last_break(text: str) -> str:
    for ending in ("\r\n", "\n", "\r"):
        if text.endswith(ending):
            return text.removesuffix(ending)
    return text
