"""What a difference is: a flat, ordered list of changed places, each in a section that views group by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bunsui.model.values import Value


class Section(Enum):
    """Where in a resource a changed place lies."""

    ATTRIBUTE = "attribute"
    """A plain attribute; `subject` is its name."""
    MACHINE = "machine"
    """The definition's top level; `subject` is empty."""
    STATE = "state"
    """A state of a definition; `subject` is its name, wherever it is nested."""
    STATEMENT = "statement"
    """A statement of an IAM document; `subject` is its Sid or what it allows."""


class ChangeOperation(Enum):
    """What happened at a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """A state went into another scope, its content compared apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffItem:
    """One changed place."""

    section: Section
    subject: str
    path: tuple[str, ...]
    """Below the subject, such as `("Retry", "0", "MaxAttempts")`; empty when the subject itself was added or removed."""
    operation: ChangeOperation
    before: Value = None
    """Meaningless when added."""
    after: Value = None
    """Meaningless when removed. `Unknown` when known only after apply."""
    attribute: str = ""
    """The attribute of the resource in which this place lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDiff:
    """Everything that differs between two values of one resource; empty when they are the same."""

    items: tuple[DiffItem, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing differs."""
        return not self.items

    @property
    def attributes(self) -> frozenset[str]:
        """The names of the attributes that differ."""
        return frozenset(item.attribute for item in self.items)
