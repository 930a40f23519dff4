"""Builds positioned data out of a YAML parser's events, refusing what a document of ours may not hold."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from bunsui.document.yaml.scalars import join_surrogates, plain_value
from bunsui.document.yaml.tree import DocumentNode, Mark
from bunsui.model.json import Json

LIMIT_DEPTH = 64
LIMIT_PARTS = 40_000
"""Events of the parser. A pipeline of a thousand jobs has about half as many."""
LIMIT_DEFINITION_PARTS = 200_000
"""Of a state machine definition, which may be a megabyte."""
LIMIT_LINES = 2_000_000
"""More than a file of the allowed size can have."""
_MOST_REFUSALS = 50


class Located(Exception):
    """A finding on its way out of the builder."""

    def __init__(self, code: str, summary: str, mark: Mark, hint: str = "") -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.mark = mark
        self.hint = hint


def too_deep(mark: Mark) -> Located:
    """Return the refusal of what opens one level too many."""
    return Located("BS009", f"the file is nested deeper than {LIMIT_DEPTH} levels", mark)


@dataclass(slots=True)
class _Open:
    """A container whose end has not come yet."""

    mark: Mark
    is_mapping: bool
    values: Any = None
    children: Any = None
    keys: dict[str, Mark] = field(default_factory=dict)
    key: str | None = None
    is_flow: bool = False


class Builder:
    """Takes events one by one. Keeps on after a finding where the structure is still clear."""

    def __init__(self, *, limit_parts: int) -> None:
        self._limit = limit_parts
        self.root: DocumentNode | None = None
        self.refusals: list[Located] = []
        self.last_mark = Mark(1, 1)
        self._open: list[_Open] = []
        self._events = 0
        self._documents = 0
        self._flows = 0
        self._quoted: list[tuple[Mark, Mark]] = []

    def take(self, event: Any) -> None:
        """Take one event.

        Raises:
            Located: when there is no use in going on.

        """
        self._events += 1
        start = event.start_mark
        mark = Mark(start.line + 1, start.column + 1)
        self.last_mark = mark
        if self._events > self._limit:
            raise Located("BS009", f"the file has more than {self._limit:,} parts", mark, "Split it into smaller files.")
        match type(event).__name__:
            case "ScalarEvent":
                self._check_decorations(event, mark)
                self._scalar(event, mark)
            case "MappingStartEvent" | "SequenceStartEvent" as name:
                self._check_decorations(event, mark)
                self._start(mark, is_mapping=name == "MappingStartEvent", is_flow=bool(event.flow_style))
            case "MappingEndEvent" | "SequenceEndEvent":
                self._end()
            case "AliasEvent":
                raise Located(
                    "BS007", f"aliases (*{event.anchor}) are not allowed", mark, "Write the value out where it is used."
                )
            case "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    raise Located("BS011", "the file holds a second document", mark, "One document a file: split it at `---`.")
            case _:
                pass  # the stream's start and end, and a document's end, say nothing

    def refuse_tabs(self, text: str) -> None:
        """Refuse tabs outside quotes, block texts and comments: parsers disagree about them, and nobody sees them.

        Call it after the last event, with the text that the events came from.

        """
        if "\t" not in text:
            return
        for number, line in enumerate(text.splitlines(), start=1):
            for column, character in enumerate(line, start=1):
                if character == "\t" and not self._is_quoted(Mark(number, column)):
                    if self._is_comment(number, line[: column - 1]):
                        break
                    self._refuse("BS005", "not valid YAML: a tab", Mark(number, column), "Write spaces; YAML takes no tabs.")

    def _is_quoted(self, mark: Mark) -> bool:
        place = bisect_right(self._quoted, (mark, Mark(LIMIT_LINES, 0))) - 1
        return place >= 0 and mark < self._quoted[place][1]

    def _is_comment(self, number: int, before: str) -> bool:
        return any(
            character == "#" and (column == 1 or before[column - 2] in " \t") and not self._is_quoted(Mark(number, column))
            for column, character in enumerate(before, start=1)
        )

    def _check_decorations(self, event: Any, mark: Mark) -> None:
        if event.anchor:
            self._refuse("BS007", f"anchors (&{event.anchor}) are not allowed", mark, "Remove it; there are no aliases either.")
        if event.tag is not None:
            self._refuse(
                "BS008", f"tags ({event.tag}) are not allowed", mark, "Remove the tag; quote the value when it is text."
            )

    def _scalar(self, event: Any, mark: Mark) -> None:
        text: str = event.value
        is_plain = event.style is None or event.style == ""
        if not is_plain:
            self._quoted.append((mark, Mark(event.end_mark.line + 1, event.end_mark.column + 1)))
        elif self._flows and "?" in text:
            # libyaml would take it, and Python's parser would not.
            self._refuse("BS005", "not valid YAML: a `?` in brackets or braces", mark, "Quote the text.")
        if self._wants_key():
            self._key(text, mark, is_plain=is_plain)
            return
        value: Json = text
        if not text.isascii():
            value = self._whole(text, mark)
        if is_plain:
            try:
                value = plain_value(text)
            except ValueError as error:
                self._refuse("BS013", str(error), mark, "Quote it when it is text.")
        self._add(DocumentNode(value, mark, is_plain=is_plain))

    def _whole(self, text: str, mark: Mark) -> str:
        try:
            return join_surrogates(text)
        except ValueError as error:
            self._refuse("BS013", f"the text holds {error}", mark, "Write the character itself.")
            return text

    def _wants_key(self) -> bool:
        return bool(self._open) and self._open[-1].is_mapping and self._open[-1].key is None

    def _key(self, text: str, mark: Mark, *, is_plain: bool) -> None:
        top = self._open[-1]
        text = self._whole(text, mark)
        if is_plain and not _is_text(text):
            self._refuse("BS010", f"the key {text or '(nothing)'} is not text", mark, f'Quote it: "{text}".')
        if text in top.keys:
            first = top.keys[text]
            self._refuse(
                "BS006",
                f"the key {text!r} stands here for the second time; the first is at line {first.line}, column {first.column}",
                mark,
                "Keep one of the two.",
            )
        top.key = text
        top.keys.setdefault(text, mark)

    def _start(self, mark: Mark, *, is_mapping: bool, is_flow: bool) -> None:
        if len(self._open) >= LIMIT_DEPTH:
            raise too_deep(mark)
        if self._wants_key():
            raise Located("BS010", "a list or mapping cannot be a key", mark, "Keys are text; quote it when braces are meant.")
        container: Any = {} if is_mapping else []
        children: Any = {} if is_mapping else []
        self._flows += is_flow
        self._open.append(_Open(mark, is_mapping, container, children, is_flow=is_flow))

    def _end(self) -> None:
        top = self._open.pop()
        self._flows -= top.is_flow
        self._add(DocumentNode(top.values, top.mark, top.children, top.keys if top.is_mapping else None))

    def _add(self, node: DocumentNode) -> None:
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if not top.is_mapping:
            top.values.append(node.value)
            top.children.append(node)
            return
        key = top.key
        assert key is not None
        if key not in top.values:
            top.values[key] = node.value
            top.children[key] = node
        top.key = None

    def _refuse(self, code: str, summary: str, mark: Mark, hint: str = "") -> None:
        refusal = Located(code, summary, mark, hint)
        if len(self.refusals) >= _MOST_REFUSALS:
            raise refusal
        self.refusals.append(refusal)


def _is_text(text: str) -> bool:
    try:
        return isinstance(plain_value(text), str)
    except ValueError:
        return False
