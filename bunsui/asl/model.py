"""State machine definitions as values, in JSONata query language.

Expressions stand in the model as JSON strings `{% ... %}`, as Step Functions wants them; `code()` makes one. `next=None` means
that the state ends its scope (`End: true`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bunsui.model.json import Json


def code(expression: str) -> str:
    """Return the JSONata expression as Step Functions reads it."""
    return "{% " + expression + " %}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """One entry of a Task's, Parallel's or Map's Retry."""

    errors: tuple[str, ...]
    interval_seconds: int
    max_attempts: int
    """Retries after the first try; 0 means do not retry these errors."""
    backoff_rate: float = 2.0
    max_delay_seconds: int | None = None
    full_jitter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """One entry of Catch."""

    errors: tuple[str, ...]
    next: str
    output: Json = None
    assign: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Shapes data."""

    output: Json = None
    """None means that the input passes through."""
    assign: Mapping[str, Json] | None = None
    next: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Calls a service."""

    resource: str
    arguments: Json = None
    output: Json = None
    assign: Mapping[str, Json] | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    next: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Waits for a time or until an instant; exactly one is given, as a number, a timestamp or an expression."""

    seconds: int | str | None = None
    timestamp: str | None = None
    output: Json = None
    assign: Mapping[str, Json] | None = None
    next: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a Choice."""

    condition: str
    """An expression, made by `code`."""
    next: str
    output: Json = None
    assign: Mapping[str, Json] | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Picks the first rule whose condition holds."""

    rules: tuple[Rule, ...]
    default: str | None = None
    output: Json = None
    """Used when no rule matched."""
    assign: Mapping[str, Json] | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed:
    """Ends the scope well."""

    output: Json = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Ends the execution badly; error and cause may be expressions."""

    error: str
    cause: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A scope of states: a Parallel's branch or a Map's processor."""

    start_at: str
    states: Mapping[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Runs branches side by side and joins their outputs."""

    branches: tuple[Branch, ...]
    output: Json = None
    assign: Mapping[str, Json] | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """What a Map has whose items are executions of their own."""

    label: str
    """Stands in the ARNs of the children: 40 characters at most, unique in the machine."""
    reader: Mapping[str, Json] | None = None
    """ItemReader, instead of the Map's items."""
    batcher: Mapping[str, Json] | None = None
    """ItemBatcher."""
    tolerated_count: Json = None
    tolerated_percentage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Runs a processor once for each item, inline or distributed."""

    items: Json
    """None where a reader gives them."""
    processor: Branch
    distribution: Distribution | None = None
    """None for an inline Map."""
    item_selector: Json = None
    max_concurrency: int = 0
    output: Json = None
    assign: Mapping[str, Json] | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    next: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawState:
    """A state that is passed through untouched, fields in their order."""

    fields: Mapping[str, Json]


State: TypeAlias = Pass | Task | Wait | Choice | Succeed | Fail | Parallel | Map | RawState


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine:
    """A whole definition."""

    start_at: str
    states: Mapping[str, State] = field(default_factory=dict)
    comment: str = ""
    timeout_seconds: int | None = None
