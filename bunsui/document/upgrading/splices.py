"""Changes of single places of a text: what is put there, and what the file then says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bunsui.document.yaml.tree import Document, DocumentNode, Mark, Path
from bunsui.model.json import Json

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeStep:
    """One change of a file."""

    line: int
    """Of the file before the change, from 1."""
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Splice:
    """One change of a text."""

    start: int
    end: int
    text: str
    step: UpgradeStep
    path: Path
    """The place in the data that it changes."""
    value: Json
    """What stands there afterwards."""


@dataclass(frozen=True, kw_only=True)
class SplicedText:
    """A document with its text, without a byte order mark, in which places are found by their marks."""

    document: Document
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]

    @cached_property
    def _line_break(self) -> str:
        found = _BREAK.search(self.text)
        return found[0] if found else "\n"

    def offset(self, mark: Mark) -> int:
        """Return where the mark is in the text."""
        return self._starts[mark.line - 1] + mark.column - 1

    def replaced(self, node: DocumentNode, old: str, new: str, path: Path, summary: str) -> Iterator[Splice]:
        """Replace `old`, a part of a text that is written on one line, by `new`; nothing where it is not written so."""
        start = self.offset(node.mark)
        ending = _BREAK.search(self.text, start)
        at = self.text.find(old, start, ending.start() if ending else len(self.text))
        if at >= 0 and isinstance(node.value, str):
            step = UpgradeStep(line=node.mark.line, summary=summary)
            value = node.value.replace(old, new, 1)
            yield Splice(start=at, end=at + len(old), text=new, step=step, path=path, value=value)

    def added(self, node: DocumentNode, key: str, value: Json, path: Path, summary: str, *, beside: str) -> Iterator[Splice]:
        """Add a key to a mapping: in brackets before the key `beside`, else on a line of its own below that key's, whose value
        is a text on that line."""
        keys = node.keys or {}
        written = f"{key}: {_flow(value)}"
        step = UpgradeStep(line=keys[beside].line, summary=summary)
        if self.text[self.offset(node.mark)] == "{":
            at, text = self.offset(keys[beside]), f"{written}, "
        else:
            ending = _BREAK.search(self.text, self.offset(keys[beside]))
            at = ending.start() if ending else len(self.text)
            text = f"{self._line_break}{' ' * (keys[beside].column - 1)}{written}"
        yield Splice(start=at, end=at, text=text, step=step, path=(*path, key), value=value)


def apply_splices(text: str, splices: list[Splice]) -> str:
    """Return the text with the changes made, which do not overlap."""
    for splice in sorted(splices, key=lambda one: one.start, reverse=True):
        text = f"{text[: splice.start]}{splice.text}{text[splice.end :]}"
    return text


def expected_data(data: Json, splices: list[Splice]) -> Json:
    """Return what a file is to say after the changes."""
    for splice in splices:
        data = _put(data, splice.path, splice.value)
    return data


def children(node: DocumentNode | None) -> Mapping[str, DocumentNode]:
    """Return the entries of a mapping; none of anything else."""
    return node.children if node is not None and isinstance(node.children, Mapping) else {}


def _put(data: Json, path: Path, value: Json) -> Json:
    if not path:
        return value
    step, *rest = path
    if isinstance(data, list) and isinstance(step, int):
        return [_put(entry, tuple(rest), value) if index == step else entry for index, entry in enumerate(data)]
    if isinstance(data, Mapping) and isinstance(step, str):
        return {**data, step: _put(data.get(step), tuple(rest), value)}
    return data


def _flow(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
