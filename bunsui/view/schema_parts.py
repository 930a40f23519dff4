"""The parts of which the schemas of JSON output are made: closed objects and what stands in them, each with a description.

A member that is not listed as optional is always there. Objects are closed, so that a member nobody described is found by a
validator; readers ignore members that they do not know (see docs/reference/json-output.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bunsui.model.values import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"
FORMAT_VERSION = 1
"""Of the documents that `document` describes. Grows when a reader of the old format could misread the new one."""

_INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?[+-]\d{2}:\d{2}$"
"""RFC 3339 with an offset; validators need not know formats."""

Schema = dict[str, Json]


def document(kind: str, description: str, members: Mapping[str, Json], *, optional: Collection[str] = ()) -> Schema:
    """Describe a whole document: its version, its kind, and these members."""
    version: Json = {"const": FORMAT_VERSION, "description": "The version of this format."}
    head: dict[str, Json] = {"format_version": version, "kind": {"const": kind, "description": "What the document is."}}
    return closed(description, {**head, **members}, optional=optional)


def closed(description: str, members: Mapping[str, Json], *, optional: Collection[str] = ()) -> Schema:
    """Describe an object that has these members and no others."""
    return {
        "type": "object",
        "description": description,
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
        "properties": dict(members),
    }


def text(description: str) -> Schema:
    """Describe a text."""
    return {"type": "string", "description": description}


def choice(description: str, values: Iterable[str]) -> Schema:
    """Describe a text that is one of a few."""
    return {"type": "string", "enum": list(values), "description": description}


def flag(description: str) -> Schema:
    """Describe a boolean."""
    return {"type": "boolean", "description": description}


def whole(description: str) -> Schema:
    """Describe a count: a whole number from 0."""
    return {"type": "integer", "minimum": 0, "description": description}


def seconds(description: str) -> Schema:
    """Describe a duration in seconds, with a fraction. Less than 0 where a clock was set back meanwhile."""
    return {"type": "number", "description": description}


def moment(description: str) -> Schema:
    """Describe an instant, as RFC 3339 writes it with an offset."""
    return {"type": "string", "format": "date-time", "pattern": _INSTANT, "description": description}


def texts(description: str) -> Schema:
    """Describe a list of texts."""
    return {"type": "array", "items": {"type": "string"}, "description": description}


def listed(items: Json, description: str) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items, "description": description}


def pairs(description: str) -> Schema:
    """Describe a list of pairs of texts."""
    name: Json = {"type": "string"}
    pair: Json = {"type": "array", "prefixItems": [name, name], "minItems": 2, "maxItems": 2}
    return listed(pair, description)


def table(values: Json, description: str) -> Schema:
    """Describe an object whose keys are data."""
    return {"type": "object", "additionalProperties": values, "description": description}


def anything(description: str) -> Schema:
    """Describe a value whose shape is somebody else's."""
    return {"description": description}


def part(name: str) -> Schema:
    """Refer to a part that several documents share."""
    return {"$ref": f"#/$defs/{name}"}


def or_null(schema: Schema) -> Schema:
    """Let null stand there as well; the description says what it means."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    nullable: Schema = {**schema, "type": [str(schema["type"]), "null"]}
    if isinstance(values := schema.get("enum"), list):
        nullable["enum"] = [*values, None]
    return nullable
