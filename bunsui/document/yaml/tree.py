"""A document that was read: plain data, and where each part of it stands in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.model.json import Json
from bunsui.model.outcomes import ClosingPhase

Path: TypeAlias = "tuple[str | int, ...]"
"""The way from a document's root to one of its parts: keys and list indexes."""


class Mark(NamedTuple):
    """A place in a text, line and column counted from 1."""

    line: int
    column: int
    file: str = ""
    """The file, where it is another one than the document's own."""


class DocumentNode(NamedTuple):
    """One value of the file with its place."""

    value: Json
    """The whole value as plain data."""
    mark: Mark
    children: Mapping[str, DocumentNode] | Sequence[DocumentNode] | None = None
    """None for scalars."""
    keys: Mapping[str, Mark] | None = None
    """Where each key of a mapping stands."""
    is_plain: bool = False
    """True for a scalar written without quotes."""
    origin: Path | None = None
    """Where the value stands in its file, when the document holds it in another place; what is inside stands below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One YAML or JSON file as positioned data."""

    file: str
    """Relative to the project's root, with `/`."""
    lines: Sequence[str]
    """The text, line by line, for excerpts."""
    root: DocumentNode
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By their names the lines of other files that parts of the document come from."""
    closing: Mapping[str, ClosingPhase] = field(default_factory=dict)
    """The jobs that stand in `on_failure` or `finally`, as far as they were written out."""

    @property
    def data(self) -> Json:
        """The whole document as plain data."""
        return self.root.value

    def node(self, path: Path) -> DocumentNode:
        """Return the node at the path, or the deepest one on the way to it."""
        node = self.root
        for step in path:
            child = _child(node, step)
            if child is None:
                return node
            node = child
        return node

    def at(self, path: Path) -> Position:
        """Return the place of the value at the path, or of the deepest existing part on the way to it."""
        return self._position(self.node(path).mark)

    def at_key(self, path: Path) -> Position:
        """Return the place of the key that the path ends with; of the value where the path ends in a list."""
        if path:
            keys = self.node(path[:-1]).keys
            last = path[-1]
            if keys is not None and isinstance(last, str) and last in keys:
                return self._position(keys[last])
        return self.at(path)

    def line(self, number: int) -> str:
        """Return the text of a line counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def finding(
        self,
        code: str,
        summary: str,
        path: Path,
        *,
        on_key: bool = False,
        severity: Severity = Severity.ERROR,
        detail: str = "",
        hint: str = "",
    ) -> Diagnostic:
        """Return a diagnostic about the part at the path, or about its key when `on_key`."""
        position = self.at_key(path) if on_key else self.at(path)
        lines = self.lines if position.file == self.file else self.others.get(position.file, ())
        return Diagnostic(
            code=code,
            severity=severity,
            summary=summary,
            position=position,
            detail=detail,
            hint=hint,
            pointer=pointer(self.origin(path)),
            excerpt=lines[position.line - 1] if 1 <= position.line <= len(lines) else "",
        )

    def origin(self, path: Path) -> Path:
        """Return the way to the part in its own file, which may be written in a shorter form than the document's."""
        node, found = self.root, path
        for length, step in enumerate(path, start=1):
            child = _child(node, step)
            if child is None:
                break
            node = child
            if node.origin is not None:
                found = (*node.origin, *path[length:])
        return found

    def _position(self, mark: Mark) -> Position:
        return Position(mark.file or self.file, mark.line, mark.column)


def mapping_node(
    mark: Mark, children: Mapping[str, DocumentNode], keys: Mapping[str, Mark], *, origin: Path | None = None
) -> DocumentNode:
    """Return a mapping of nodes that stand somewhere already."""
    return DocumentNode({key: child.value for key, child in children.items()}, mark, children, keys, origin=origin)


def list_node(mark: Mark, children: Sequence[DocumentNode], *, origin: Path | None = None) -> DocumentNode:
    """Return a list of nodes that stand somewhere already."""
    return DocumentNode([child.value for child in children], mark, children, origin=origin)


def pointer(path: Path) -> str:
    """Return the path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _child(node: DocumentNode, step: str | int) -> DocumentNode | None:
    children = node.children
    if isinstance(children, Mapping):
        return children.get(step) if isinstance(step, str) else None
    if children is not None and isinstance(step, int) and 0 <= step < len(children):
        return children[step]
    return None
