"""A definition made ready to run: states looked up once, retriers and catchers read, query languages settled."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bunsui.asl.validation.views import FLOWING, TYPES
from bunsui.engine.shapes import problems
from bunsui.errors import InvalidInput
from bunsui.model.json import Json

__all__ = ["CatchRule", "Program", "ProgramGraph", "RetryRule", "State", "prepare"]

KINDS = frozenset(TYPES)
JSONPATH = "JSONPath"
JSONATA = "JSONata"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """One entry of Retry, defaults filled in."""

    errors: tuple[str, ...]
    interval_seconds: float = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: float | None = None
    full_jitter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchRule:
    """One entry of Catch."""

    errors: tuple[str, ...]
    next: str
    fields: Mapping[str, Any]
    """The entry as written: ResultPath, Output and Assign are read from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state."""

    name: str
    kind: str
    fields: Mapping[str, Any]
    """The state as written."""
    jsonata: bool
    next: str | None
    retry: tuple[RetryRule, ...] = ()
    catch: tuple[CatchRule, ...] = ()
    branches: tuple[ProgramGraph, ...] = ()
    """A Parallel's branches, or a Map's only processor."""
    reads_context: bool = True
    """False when no field can mention the context object."""
    distributed: bool = False
    """A Map whose iterations are executions of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramGraph:
    """A scope of states."""

    start_at: str
    states: Mapping[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A whole definition."""

    graph: ProgramGraph
    timeout_seconds: float | None = None
    definition: Mapping[str, Any] = field(default_factory=dict)


def prepare(definition: Json | Program) -> Program:
    """Make a definition ready. Raises InvalidInput when it cannot be run at all; the validator says more and better."""
    if isinstance(definition, Program):
        return definition
    if not isinstance(definition, Mapping):
        raise InvalidInput("definition-invalid", "The definition is not a JSON object")
    return _prepare_text(json.dumps(definition, ensure_ascii=False))


@lru_cache(maxsize=256)
def _prepare_text(text: str) -> Program:
    definition = json.loads(text)
    language = definition.get("QueryLanguage", JSONPATH)
    timeout = definition.get("TimeoutSeconds")
    return Program(
        graph=_graph(definition, language, "the definition"),
        timeout_seconds=timeout if isinstance(timeout, (int, float)) and not isinstance(timeout, bool) else None,
        definition=definition,
    )


def _refused_error(where: str, problem: str) -> InvalidInput:
    return InvalidInput(
        "definition-invalid", "The definition cannot be run", hint="Run bunsui validate on it.", where=where, problem=problem
    )


def _graph(scope: Any, language: str, where: str) -> ProgramGraph:
    states = scope.get("States") if isinstance(scope, Mapping) else None
    if not isinstance(states, Mapping) or not states:
        raise _refused_error(where, "it has no States")
    start = scope.get("StartAt")
    if not isinstance(start, str) or start not in states:
        raise _refused_error(where, "StartAt names no state")
    made = {name: _state(name, fields, language) for name, fields in states.items()}
    for state in made.values():
        targets = [state.next, *(rule.next for rule in state.catch), *_choice_targets(state)]
        for target in targets:
            if target is not None and target not in made:
                raise _refused_error(state.name, f"there is no state {target!r} in its scope")
    return ProgramGraph(start_at=start, states=made)


def _choice_targets(state: State) -> list[str]:
    if state.kind != "Choice":
        return []
    if "Choices" not in state.fields:
        raise _refused_error(state.name, "it has no Choices")
    targets = [str(rule["Next"]) for rule in state.fields["Choices"]]
    return [*targets, str(state.fields["Default"])] if "Default" in state.fields else targets


def _state(name: str, fields: Any, language: str) -> State:
    kind = fields.get("Type") if isinstance(fields, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise _refused_error(name, "its Type is unknown")
    for field_name in problems(fields):
        raise _refused_error(name, f"its field {field_name} cannot be used")
    own = fields.get("QueryLanguage", language)
    following = fields.get("Next")
    if kind in FLOWING and following is None and fields.get("End") is not True:
        raise _refused_error(name, "it has neither Next nor End")
    if kind == "Task" and "Resource" not in fields:
        raise _refused_error(name, "it has no Resource")
    processor = fields.get("ItemProcessor", fields.get("Iterator", {})) if kind == "Map" else {}
    config = processor.get("ProcessorConfig", {})
    return State(
        name=name,
        kind=kind,
        fields=fields,
        jsonata=own == JSONATA,
        next=following if fields.get("End") is not True else None,
        retry=tuple(_retry(rule, name) for rule in fields.get("Retry", [])),
        catch=tuple(_catch(rule, name) for rule in fields.get("Catch", [])),
        branches=_branches(kind, fields, language, name),
        reads_context=_mentions_context(fields),
        distributed=isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED",
    )


def _branches(kind: str, fields: Mapping[str, Any], language: str, name: str) -> tuple[ProgramGraph, ...]:
    if kind == "Parallel":
        branches = fields.get("Branches")
        if not isinstance(branches, list) or not branches:
            raise _refused_error(name, "it has no Branches")
        return tuple(_graph(branch, language, name) for branch in branches)
    if kind == "Map":
        return (_graph(fields.get("ItemProcessor", fields.get("Iterator")), language, name),)
    return ()


def _retry(rule: Mapping[str, Any], name: str) -> RetryRule:
    numbers = ("IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds")
    for key in numbers:
        value = rule.get(key)
        if key in rule and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
            raise _refused_error(name, f"{key} of its Retry is no number, or a negative one")
    return RetryRule(
        errors=tuple(rule["ErrorEquals"]),
        interval_seconds=rule.get("IntervalSeconds", 1),
        max_attempts=rule.get("MaxAttempts", 3),
        backoff_rate=rule.get("BackoffRate", 2.0),
        max_delay_seconds=rule.get("MaxDelaySeconds"),
        full_jitter=rule.get("JitterStrategy") == "FULL",
    )


def _catch(rule: Mapping[str, Any], name: str) -> CatchRule:
    if not isinstance(rule.get("Next"), str):
        raise _refused_error(name, "a Catch has no Next")
    return CatchRule(errors=tuple(rule["ErrorEquals"]), next=rule["Next"], fields=rule)


def _mentions_context(fields: Mapping[str, Any]) -> bool:
    own = {key: value for key, value in fields.items() if key not in {"Branches", "ItemProcessor", "Iterator"}}
    text = json.dumps(own)
    return "$$" in text or "context" in text or _STATES_AS_A_WHOLE.search(text) is not None


_STATES_AS_A_WHOLE = re.compile(r"\$states(?!\.(?:input|result|errorOutput)\b)")
"""`$states` otherwise than by one of the fields that are not the context object."""
