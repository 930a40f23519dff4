"""Describes documents: JSON Schema, in the form in which it is published.

Objects are closed, so that a member nobody described is found by a validator; readers ignore members that they do not know.
Of an open shape less is said: the words of a list alone, and no more of numbers and instants than their types.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import EnumType
from typing import Any, TypeAlias, assert_never

from bunsui.codec.forms import (
    Constants,
    Form,
    ListOf,
    Nested,
    Noted,
    OrNull,
    ShapeMember,
    Single,
    TableOf,
    TupleOf,
    is_text,
    members,
)
from bunsui.codec.shape import Published, Shape
from bunsui.model.address import Address
from bunsui.model.json import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?[+-]\d{2}:\d{2}$"
"""RFC 3339 with an offset; validators need not know formats."""

_TYPES: Mapping[type, str] = {str: "string", Address: "string", bool: "boolean", int: "integer", float: "number"}

Schema: TypeAlias = dict[str, Json]


def schema_of(shape: type[Shape]) -> Schema:
    """Return what is said of a shape where it stands by itself; parts with a name are referred to."""
    published = shape.published
    found = _head(published)
    for item in members(shape):
        found[item.key] = _member(item, is_open=published.is_open)
    listed = {key: found[key] for key in published.schema_order} | found
    optional = {item.key for item in members(shape) if item.is_optional}
    return {
        "type": "object",
        **({"description": published.description} if published.description else {}),
        "required": [key for key in listed if key not in optional],
        **({} if published.is_open else {"additionalProperties": False}),
        "properties": listed,
        **published.keywords,
    }


def file_schema(title: str, shape: type[Shape], *parts: type[Shape]) -> Schema:
    """Return the schema of one kind of document as it stands in a file of its own, with the parts that it refers to."""
    found = schema_of(shape)
    definitions: Schema = {part.published.name: schema_of(part) for part in parts}
    return {"$schema": DRAFT, "title": title, "description": found["description"], **found, "$defs": definitions}


def _head(published: Published) -> Schema:
    """Return the members that every whole document begins with."""
    found: dict[str, Json] = {}
    if published.version is not None:
        found["format_version"] = _said({"const": published.version}, "The version of this format.", published)
    if published.kind:
        found["kind"] = _said({"const": published.kind}, "What the document is.", published)
    return found


def _said(schema: Schema, description: str, published: Published) -> Schema:
    return schema if published.is_open else {**schema, "description": description}


def _member(item: ShapeMember, *, is_open: bool) -> Schema:
    schema = _described(item.form, is_open=is_open)
    if not item.description or "description" in schema:
        return schema
    if not is_open:
        return {**schema, "description": item.description}
    first = dict(list(schema.items())[:1])
    return {**first, "description": item.description, **schema}


def _described(form: Form, *, is_open: bool) -> Schema:
    match form:
        case Single(kind):
            return _leaf(kind, is_open=is_open)
        case Constants(values):
            return {"const": values[0]} if len(values) == 1 else {"enum": list(values)}
        case ListOf(items):
            return {"type": "array", "items": _described(items, is_open=is_open)}
        case TupleOf(items):
            count = len(items)
            parts = [_described(item, is_open=is_open) for item in items]
            return {"type": "array", "prefixItems": parts, "minItems": count, "maxItems": count}
        case TableOf(values):
            return {"type": "object", "additionalProperties": _described(values, is_open=is_open)}
        case Nested((shape,)):
            return {"$ref": f"#/$defs/{shape.published.name}"} if shape.published.name else schema_of(shape)
        case Nested(shapes):
            return {"oneOf": [schema_of(shape) for shape in shapes]}
        case OrNull(inner):
            return _or_null(_described(inner, is_open=is_open))
        case Noted(inner, keywords):
            return {**({} if keywords.instead else _described(inner, is_open=is_open)), **keywords.words}
        case _:
            assert_never(form)


def _leaf(kind: Any, *, is_open: bool) -> Schema:
    if kind is datetime:
        return {"type": "string", "format": "date-time", **({} if is_open else {"pattern": _INSTANT})}
    if isinstance(kind, EnumType):
        return {**({} if is_open else {"type": "string"}), "enum": [word.value for word in list[Any](kind)]}
    if kind is int and not is_open:
        return {"type": "integer", "minimum": 0}
    return {"type": _TYPES[str if is_text(kind) else kind]} if kind is not Any else {}


def _or_null(schema: Schema) -> Schema:
    """Let null stand there as well; the description says what it means."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    nullable: Schema = {**schema, "type": [str(schema["type"]), "null"]}
    if isinstance(values := schema.get("enum"), list):
        nullable["enum"] = [*values, None]
    return nullable
