"""Where a part of an expression stands in its text, found by the raw tree of `jsonata-python`.

A node's `position` is the offset behind its own token, so that its beginning is told by the token's length, and its end by the
bracket that closes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Span = tuple[int, int]
"""The offset of the first character, and that behind the last."""

_EMPTY_PREDICATE = re.compile(r"\s*\[\s*\]")
_OPENED = frozenset({"function", "partial", "block"})
_TOKENS = frozenset({"variable", "name", "value", "operator", "wildcard", "parent", "descendant"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """The text of an expression, with its brackets."""

    text: str
    closed: Mapping[int, int]
    """The offset behind an opening bracket -> that behind the one that closes it."""

    def span(self, node: Any) -> Span | None:
        """Return where a node stands; None where that cannot be told, as for a lambda."""
        start, end = self._start(node), self._end(node)
        return None if start is None or end is None else (start, end)

    def cut_out(self, span: Span) -> str:
        """Return what stands there."""
        return self.text[span[0] : span[1]]

    def _start(self, node: Any) -> int | None:
        match node.type:
            case "binary":
                return self._start(node.lhs)
            case "function" | "partial":
                return self._start(node.procedure)
            case "condition":
                return self._start(node.condition)
            case "block" | "unary":
                return int(node.position) - 1
            case "variable":
                return int(node.position) - len(node.value) - 1
            case "name" if self.text[node.position - 1] == "`":
                return int(node.position) - len(node.value) - 2
            case kind if kind in _TOKENS:
                shown = str(node.value).lower() if node.type == "value" else str(node.value)
                return int(node.position) - len("null" if node.value is None else shown)
            case _:
                return None

    def _end(self, node: Any) -> int | None:
        end = self._bare_end(node)
        if end is None:
            return None
        kept = _EMPTY_PREDICATE.match(self.text, end)
        return kept.end() if kept else end

    def _bare_end(self, node: Any) -> int | None:
        match node.type:
            case "binary" if node.value in ("[", "{"):
                return self.closed.get(node.position)
            case "binary" if node.value == "^":
                opened = self.text.find("(", node.position)
                return self.closed.get(opened + 1)
            case "binary":
                return self._end(node.rhs)
            case "condition":
                return self._end(node.then if node._else is None else node._else)  # noqa: SLF001 - it has no other name
            case "unary" if node.value == "-":
                return self._end(node.expression)
            case kind if kind in _OPENED or kind == "unary":
                return self.closed.get(node.position)
            case "string" | "number":
                return int(node.position)
            case kind if kind in _TOKENS:
                return int(node.position)
            case _:
                return None
