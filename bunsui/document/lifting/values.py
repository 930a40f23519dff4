"""What a state hands on, as far as the definition tells: fields by name, and references to what jobs give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bunsui.document.lifting.refusals import AnswerReadError, StaysRawError
from bunsui.model.json import Json, value_at

Steps: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOrigin:
    """Where a value comes from: the pipeline's input, an item, or an operation."""

    state: str = ""
    """The state whose result it is; empty for input and item."""
    job: str = ""
    operation: str = ""
    is_item: bool = False


INPUT = ValueOrigin()
ITEM = ValueOrigin(is_item=True)


@dataclass(frozen=True, slots=True)
class Referred:
    """A value that only the run knows, or a field of one."""

    origin: ValueOrigin
    steps: Steps = ()


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that the definition says."""

    value: Json


@dataclass(frozen=True, slots=True)
class Built:
    """An object: fields, laid over another object where there is one."""

    fields: tuple[tuple[str, Handed], ...]
    base: Handed | None = None
    answer_of: str = ""
    """The state whose call gave it, where more fields are there than are known."""

    def field(self, name: str) -> Handed | None:
        """Return what the field holds; None where it is not one of the fields."""
        return dict(self.fields).get(name)


@dataclass(frozen=True, slots=True)
class ListOfValues:
    """A list of known length."""

    items: tuple[Handed, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """An expression: its text, with values between."""

    parts: tuple[str | Handed, ...]


@dataclass(frozen=True, slots=True)
class TaskToken:
    """The token of a task that somebody sends back."""


Handed: TypeAlias = Referred | Literal | Built | ListOfValues | Computed | TaskToken


def object_of(fields: Mapping[str, Handed], base: Handed | None = None) -> Built:
    """Return an object of the fields."""
    return Built(tuple(fields.items()), base)


def read(value: Handed, steps: Steps) -> Handed:
    """Return what stands at the steps. Raises StaysRawError where nothing does."""
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(value, Referred):
        return replace(value, steps=(*value.steps, *steps))
    if isinstance(value, Literal):
        return _read_literal(value.value, steps)
    if isinstance(value, ListOfValues) and isinstance(first, int) and 0 <= first < len(value.items):
        return read(value.items[first], rest)
    if isinstance(value, Built) and isinstance(first, str):
        found = value.field(first)
        if found is not None:
            return read(found, rest)
        if value.base is not None:
            return read(value.base, steps)
        if value.answer_of:
            raise AnswerReadError(value.answer_of)
    if isinstance(value, Computed):
        return _step_of(value, steps)
    raise StaysRawError(f"it reads {_path_words(steps)}, which nothing before it gives")


def _step_of(value: Computed, steps: Steps) -> Computed:
    if not all(isinstance(step, str) and step.isidentifier() for step in steps):
        raise StaysRawError(f"it reads {_path_words(steps)} of a computed value")
    return Computed(("(", *value.parts, ")." + ".".join(map(str, steps))))


def _read_literal(value: Json, steps: Steps) -> Literal:
    for step in steps:
        is_there = isinstance(value, Mapping) if isinstance(step, str) else isinstance(value, (list, tuple))
        if not is_there or value_at(_as_list(value), (step,)) is None:
            raise StaysRawError(f"it reads {_path_words(steps)}, which nothing before it gives")
        value = value_at(_as_list(value), (step,))
    return Literal(value)


def _as_list(value: Json) -> Json:
    return [*value] if isinstance(value, tuple) else value


def write(value: Handed, steps: Steps, new: Handed) -> Handed:
    """Return the value with `new` at the steps. Raises StaysRawError where that cannot be said."""
    if not steps:
        return new
    first, rest = steps[0], steps[1:]
    if not isinstance(first, str):
        raise StaysRawError("a result is written into a place of a list")
    if isinstance(value, Literal) and isinstance(value.value, Mapping):
        value = object_of({name: Literal(one) for name, one in value.value.items()})
    if isinstance(value, Referred):
        value = Built((), value)
    if not isinstance(value, Built) or value.answer_of:
        if isinstance(value, Built):
            raise AnswerReadError(value.answer_of)
        raise StaysRawError("a result is written into what is no object")
    inner = value.field(first)
    if rest and inner is None:
        if value.base is not None:
            raise StaysRawError("a result is written below a field that may be there or not")
        inner = object_of({})
    fields = dict(value.fields)
    fields[first] = new if inner is None else write(inner, rest, new)
    return object_of(fields, value.base)


def _path_words(steps: Steps) -> str:
    return "$" + "".join(f".{step}" if isinstance(step, str) else f"[{step}]" for step in steps)
