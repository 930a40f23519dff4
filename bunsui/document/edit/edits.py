"""Edits of a document as values: what is set, inserted, removed, moved or renamed, and at which path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json


class WrittenAs(Enum):
    """How a new mapping or list is written."""

    AUTO = "auto"
    """As what was there; new ones in brackets or braces where they are short and hold only scalars."""
    BLOCK = "block"
    """On lines of its own. What it holds is written as with `AUTO`."""
    FLOW = "flow"
    """In brackets or braces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """Set the value of the place. Keys on the way that are not there are made; an index must be there."""

    path: Path
    value: Json
    order: tuple[str, ...] = ()
    """The order of the keys of the mapping that the last key is added to; at the end where the key is not among them."""
    written: WrittenAs = WrittenAs.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertItem:
    """Put an item into a list, before the one with the index; at the end where the index is the length."""

    path: Path
    """Of the list. One that is not there, or is null, is made."""
    index: int
    value: Json
    written: WrittenAs = WrittenAs.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertKey:
    """Put a key into a mapping, before the one at the index; at the end without one."""

    path: Path
    """Of the mapping. One that is not there, or is null, is made."""
    key: str
    value: Json
    index: int | None = None
    written: WrittenAs = WrittenAs.AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveValue:
    """Remove a key with its value, or an item. What is empty afterwards is written `{}` or `[]`."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveValue:
    """Move a key with its value, or an item, to another place among its neighbours; the comments directly above go with it."""

    path: Path
    index: int
    """Where it stands afterwards, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameKey:
    """Rename a key. What refers to it elsewhere stays."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSequence:
    """Several edits, one after the other, each over what the one before left: all of them, or none."""

    edits: tuple[DocumentEdit, ...]


DocumentEdit: TypeAlias = SetValue | InsertItem | InsertKey | RemoveValue | MoveValue | RenameKey | EditSequence
