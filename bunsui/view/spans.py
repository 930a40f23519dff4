"""Styled text without colours: lines of spans, each with the role that it plays; a face maps roles to colours.

Every text goes through `safe()` on its way into a span, so that a face may print spans without looking at them again, as long
as it does not read them as markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bunsui.view.safe import Safe, safe


class Role(Enum):
    """What a piece of text is for. Text must read the same without it."""

    PLAIN = "plain"
    TEXT = PLAIN
    MUTED = "muted"
    """What a reader may skip."""
    STRONG = "strong"
    """Headings."""
    NAME = "name"
    """The name of a thing."""
    GOOD = "good"
    OK = GOOD
    RUNNING = "running"
    LINK = "link"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    REFUSE = "refuse"
    DRIFT = "drift"
    """What somebody changed outside."""
    BEFORE = "before"
    """An old value."""
    AFTER = "after"
    """A new value."""
    RISK = "risk"
    BAD = "bad"
    ERROR = BAD
    WARN = "warn"
    WARNING = WARN
    INFO = "info"
    HINT = "hint"
    """The next thing to do."""
    COMMAND = "command"
    """A command to copy, as `bunsui.command_line` writes it; the face adds the global options."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; make it with `span`."""

    text: Safe
    role: Role = Role.TEXT


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output; make it with `line` or `Line.of`."""

    parts: tuple[Span, ...] = ()
    indent: int = 0
    """Columns to the left of the first span."""

    @classmethod
    def of(cls, *parts: tuple[str, Role] | str) -> Line:
        """Return a line of (text, role) pairs, made safe; texts alone are plain."""
        return cls(tuple(span(part) if isinstance(part, str) else span(*part) for part in parts))

    @property
    def text(self) -> str:
        """The line as plain text, indented."""
        return " " * self.indent + "".join(part.text for part in self.parts)

    def indented(self, columns: int) -> Line:
        """Return the same line, that many columns further right."""
        return Line(parts=self.parts, indent=self.indent + columns)


def span(text: object, role: Role = Role.TEXT, *, limit: int = 2000) -> Span:
    """Return the text as a span, made safe and cut with `…` at `limit` characters."""
    return Span(safe(text, limit=limit), role)


def line(*parts: Span | str, indent: int = 0) -> Line:
    """Return a line of the parts; plain strings become spans of the role TEXT."""
    return Line(parts=tuple(part if isinstance(part, Span) else span(part) for part in parts), indent=indent)


def plain(lines: Iterable[Line]) -> str:
    """Return the lines as text without any style, each ended by a newline."""
    return "".join(f"{item.text.rstrip()}\n" for item in lines)
