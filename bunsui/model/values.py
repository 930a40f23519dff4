"""Values: JSON, and the few things that are not JSON yet.

A `Value` is JSON whose leaves may also be an `Expression` (evaluated in the run), a `Reference` (known after apply), `Unknown`
(will change, value not known), or `Sensitive` (never shown). Mappings are plain dicts by convention never mutated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bunsui.model.address import Address
from bunsui.model.json import Json

__all__ = ["Expression", "Reference", "Sensitive", "Unknown", "Value", "leaves", "map_leaves"]

Value: TypeAlias = (
    "None | bool | int | float | str | Expression | Reference | Unknown | Sensitive | Sequence[Value] | Mapping[str, Value]"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A JSONata expression, evaluated by Step Functions in the run."""

    text: str
    """What stands between `{%` and `%}`, stripped. Still in bunsui's names (`$jobs`, `$ops`, ...) until it is compiled."""
    place: str = field(default="", compare=False, repr=False)
    """Where its author wrote it, as `file:line:column`; empty for expressions that are made."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of another resource that is known only after that resource was written."""

    address: Address
    attribute: str
    """The name of an output of the resource's kind, such as `version_arn`."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that will be known after apply."""

    why: str = "known after apply"


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A value that is compared but never shown, printed or stored."""

    value: Json

    def __repr__(self) -> str:
        """Hide the value, also from debuggers and logs."""
        return "Sensitive(…)"


_LEAVES = frozenset({str, int, float, bool, type(None), Expression, Reference, Unknown, Sensitive})


def map_leaves(value: Value, change: Callable[[Value], Value]) -> Value:
    """Rebuild the value with every leaf replaced by `change(leaf)`; containers and key order are kept."""
    if type(value) in _LEAVES:  # asked first: asking for an abstract Mapping takes ten times as long
        return change(value)
    if isinstance(value, (dict, Mapping)):
        return {key: map_leaves(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [map_leaves(item, change) for item in value]
    return change(value)


def leaves(value: Value) -> Iterator[Value]:
    """Return every leaf of the value, depth first, in order."""
    found: list[Value] = []
    _gather(value, found)
    return iter(found)


def _gather(value: Value, found: list[Value]) -> None:
    if type(value) in _LEAVES:
        found.append(value)
    elif isinstance(value, (dict, Mapping)):
        for item in value.values():
            _gather(item, found)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _gather(item, found)
    else:
        found.append(value)
