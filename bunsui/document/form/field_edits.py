"""Edits that a form makes: a field set or unset, an entry added, a job added, renamed or given another type."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.edit.edits import (
    DocumentEdit,
    EditSequence,
    InsertItem,
    InsertKey,
    MoveValue,
    RemoveValue,
    SetValue,
    WrittenAs,
)
from bunsui.document.form.form import Form
from bunsui.document.form.schema_keys import keys_of, part_at
from bunsui.document.schema.published import Schema
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json


def set_field(form: Form, key: str | int, value: Json) -> DocumentEdit:
    """Return the edit that gives a field a value, the key put in the schema's order where it is new."""
    return SetValue(path=(*form.path, key), value=value, order=form.order)


def unset_field(form: Form, key: str | int) -> DocumentEdit:
    """Return the edit that takes a field away, so that its default holds."""
    return RemoveValue(path=(*form.path, key))


def add_entry(form: Form, key: str, value: Json) -> DocumentEdit:
    """Return the edit that adds an entry to a map, at its end."""
    is_wide = isinstance(value, Mapping) and bool(value) and form.path in (("jobs",), ("functions",))
    return InsertKey(path=form.path, key=key, value=value, written=WrittenAs.BLOCK if is_wide else WrittenAs.AUTO)


def add_item(form: Form, value: Json, index: int | None = None) -> DocumentEdit:
    """Return the edit that adds an item to a list, at its end without an index."""
    return InsertItem(path=form.path, index=len(form.fields) if index is None else index, value=value)


def move_entry(path: Path, index: int) -> DocumentEdit:
    """Return the edit that moves an entry or item to another place among its neighbours."""
    return MoveValue(path=path, index=index)


def add_job(name: str, job: Mapping[str, Json], index: int | None = None) -> DocumentEdit:
    """Return the edit that adds a job, on lines of its own; before the one at the index, else at the end."""
    return InsertKey(path=("jobs",), key=name, value=dict(job), index=index, written=WrittenAs.BLOCK)


def change_type(schema: Schema, data: Json, path: Path, name: str) -> DocumentEdit:
    """Return the edit that gives a job or operation another type: keys that the new one does not have go."""
    part, value = part_at(schema, data, path)
    shape = part.shape_of(value)
    found: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
    if shape is None:
        return SetValue(path=(*path, "type"), value=name)
    keys = keys_of(schema, shape, {**found, "type": name})
    gone = [key for key in found if key not in keys.parts]
    removed = tuple(RemoveValue(path=(*path, key)) for key in gone)
    return EditSequence(edits=(SetValue(path=(*path, "type"), value=name, order=tuple(keys.parts)), *removed))
