"""The shapes that a value may have by the schema: a text, a duration, one of a few, a list, a nested form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bunsui.document.schema.published import PLACEHOLDER_PATTERN, Schema
from bunsui.model.durations import DURATION_PATTERN
from bunsui.model.json import Json

_PLACEHOLDER = re.compile(PLACEHOLDER_PATTERN)
_EXPRESSION = re.compile(r"\s*\{%")


class FieldKind(Enum):
    """What a value is, and so by what it is entered."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "whole number"
    DURATION = "duration"
    EXPRESSION = "expression"
    CHOICE = "choice"
    """One of a few values."""
    SWITCH = "switch"
    """True or false."""
    LIST = "list"
    MAP = "map"
    """Keys that the user names, each with a value."""
    NESTED = "form"
    """Keys that the schema names: a form of its own."""
    ANYTHING = "any value"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueShape:
    """One shape that a value may have."""

    kind: FieldKind
    choices: tuple[Json, ...] = ()
    choice_words: tuple[str, ...] = ()
    """What each choice means; empty where the schema does not say."""
    examples: tuple[Json, ...] = ()
    pattern: str = ""
    """A regular expression that a text, or a key of a map, must match."""
    minimum: float | None = None
    maximum: float | None = None
    part: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The schema's own words, for what lies below."""

    @property
    def is_operation(self) -> bool:
        """True for an operation, whose `type` says which keys it has."""
        return "discriminator" in self.part

    @property
    def is_job(self) -> bool:
        """True for a job, which has the keys of its only operation, or a list of operations."""
        return isinstance(self.part.get("else"), Mapping)

    @property
    def words(self) -> str:
        """Return what the shape is called where several are to choose from."""
        named = self.part.get("title")
        return str(named) if named else self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapedPart:
    """A place in the schema."""

    shapes: tuple[ValueShape, ...]
    description: str = ""
    default: Json = None
    has_default: bool = False
    examples: tuple[Json, ...] = ()
    takes_placeholder: bool = False
    """True where `${…}` may stand instead, which is filled in at plan time."""

    def shape_of(self, value: Json) -> ValueShape | None:
        """Return the shape that a value has; None where it has none of them, or is a placeholder."""
        fitting = [shape for shape in self.shapes if _fits(shape, value)]
        if isinstance(value, Mapping) and value:
            return max(fitting, key=lambda shape: _nearness(shape, value), default=None)
        return fitting[0] if fitting else None


def is_placeholder(value: Json) -> bool:
    """Tell whether `${…}` stands in a text, for which anything may be filled in."""
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value))


def shaped_part(whole: Schema, part: Any) -> ShapedPart:
    """Return a place of the schema with the shapes that a value may have there."""
    resolved = resolve(whole, part)
    branches = list(_branches(whole, resolved))
    real = [one for one in branches if one.get("pattern") != PLACEHOLDER_PATTERN and one.get("type") != "null"]
    shapes = tuple(_shape(whole, one) for one in real)
    return ShapedPart(
        shapes=shapes,
        description=" ".join(str(resolved.get("description", "")).split()),
        default=resolved.get("default"),
        has_default="default" in resolved,
        examples=tuple(resolved.get("examples", ())) or tuple(one for shape in shapes for one in shape.examples),
        takes_placeholder=len(real) < len(branches),
    )


def resolve(whole: Schema, part: Any) -> Mapping[str, Any]:
    """Return a part of the schema with what it refers to; its own words count before that."""
    if not isinstance(part, Mapping):
        return {}
    found = part
    while "$ref" in found:
        target: Any = whole
        for step in str(found["$ref"]).split("/")[1:]:
            target = target[step]
        own = {key: value for key, value in found.items() if key != "$ref"}
        found = {**(target if isinstance(target, Mapping) else {}), **own}
    return found


def _branches(whole: Schema, part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a value may be, flat; conditions on which keys go together are no shapes."""
    for keyword in ("anyOf", "oneOf"):
        inner = [resolve(whole, one) for one in part.get(keyword, ())]
        if inner and not all(set(one) == {"required"} for one in inner):
            around = {key: value for key, value in part.items() if key not in (keyword, "description", "default", "examples")}
            for one in inner:
                fits = one.get("type") == "object" or "type" not in around
                yield from _branches(whole, {**(around if fits else {}), **one} if _is_mapping(one) else one)
            return
    yield part


def _is_mapping(part: Mapping[str, Any]) -> bool:
    return part.get("type") == "object"


def _shape(whole: Schema, part: Mapping[str, Any]) -> ValueShape:
    choices = tuple(part["enum"]) if "enum" in part else (part["const"],) if "const" in part else ()
    names = resolve(whole, part.get("propertyNames"))
    return ValueShape(
        kind=_kind(part),
        choices=choices,
        choice_words=tuple(str(one) for one in part.get("enumDescriptions", ())),
        examples=tuple(part.get("examples", ())),
        pattern=str(part.get("pattern", names.get("pattern", ""))),
        minimum=part.get("minimum"),
        maximum=part.get("maximum"),
        part=part,
    )


def _kind(part: Mapping[str, Any]) -> FieldKind:
    if "enum" in part or "const" in part:
        return FieldKind.CHOICE
    match part.get("type"):
        case "boolean":
            return FieldKind.SWITCH
        case "integer":
            return FieldKind.INTEGER
        case "number":
            return FieldKind.NUMBER
        case "array":
            return FieldKind.LIST
        case "string":
            pattern = str(part.get("pattern", ""))
            if pattern == DURATION_PATTERN:
                return FieldKind.DURATION
            return FieldKind.EXPRESSION if r"\{%" in pattern else FieldKind.TEXT
        case "object":
            return FieldKind.NESTED if part.get("properties") else FieldKind.MAP
        case _:
            return FieldKind.NESTED if part.get("properties") else FieldKind.ANYTHING


def _nearness(shape: ValueShape, value: Mapping[str, Json]) -> int:
    """Return how well a mapping's keys are those of the shape; 0 for a map, which takes any."""
    if shape.kind is not FieldKind.NESTED:
        return 0
    if shape.is_operation and "type" in value:
        return len(value)
    known = set(shape.part.get("properties", ())) & set(value)
    return 2 * len(known) - len(value)


def _fits(shape: ValueShape, value: Json) -> bool:
    match shape.kind:
        case FieldKind.ANYTHING:
            return True
        case FieldKind.CHOICE:
            return any(value == choice and type(value) is type(choice) for choice in shape.choices)
        case FieldKind.SWITCH:
            return isinstance(value, bool)
        case FieldKind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case FieldKind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case FieldKind.LIST:
            return isinstance(value, list)
        case FieldKind.MAP | FieldKind.NESTED:
            return isinstance(value, Mapping)
        case FieldKind.DURATION:
            return isinstance(value, str) and bool(re.search(DURATION_PATTERN, value))
        case FieldKind.EXPRESSION:
            return isinstance(value, str) and bool(_EXPRESSION.match(value))
        case FieldKind.TEXT:
            return isinstance(value, str)
