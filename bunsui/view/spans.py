"""Styled text without a terminal: spans with roles, which each face colours in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a piece of text is, so that a face can pick a style; text must be readable without any."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    ADOPT = "adopt"
    NAME = "name"
    BEFORE = "before"
    AFTER = "after"
    HINT = "hint"
    LINK = "link"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of one line. Its text is already safe."""

    text: str
    role: Role = Role.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output."""

    parts: tuple[Span, ...] = ()

    @classmethod
    def of(cls, *parts: tuple[str, Role] | str) -> Line:
        """Make a line of texts and (text, role) pairs; texts alone are plain."""
        return cls(tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts))

    @property
    def text(self) -> str:
        """The line without styles."""
        return "".join(part.text for part in self.parts)

    def indented(self, columns: int) -> Line:
        """Give the line moved to the right."""
        return Line((Span(" " * columns), *self.parts))


def plain(lines: list[Line] | tuple[Line, ...]) -> str:
    """Give lines as text without styles, trailing blanks removed, one final newline."""
    return "".join(line.text.rstrip() + "\n" for line in lines)
