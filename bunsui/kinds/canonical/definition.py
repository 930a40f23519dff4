"""State machine definitions as JSON: their states wherever they are nested, and their canonical form.

Works on any definition, compiled or raw, in both query languages, and also on one that AWS would refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.kinds.canonical.json import canonical_json, encoded, read_object
from bunsui.model.values import Value

SCOPES = ("Branches", "ItemProcessor", "Iterator")
"""Fields of a state that hold states."""

_HANDLERS = ("Retry", "Catch")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedState:
    """A state and where it stands."""

    name: str
    scope: tuple[str, ...]
    """Names and fields that lead to it, such as `("Fan out", "Branches", "0")`; empty at the top."""
    fields: Mapping[str, Value]
    """The state without the states inside it; what is left of an inner scope (`StartAt`, `ProcessorConfig`) is kept."""


def placed_states(definition: Mapping[str, Value]) -> Iterator[PlacedState]:
    """Return every state of the definition, outer before inner, in the order of the document."""
    yield from _below(definition, ())


def definition_of(value: Value) -> Mapping[str, Value]:
    """Return the definition as an object, parsed when it is text; empty when it is none."""
    parsed = read_object(value)
    return parsed if isinstance(parsed, Mapping) else {}


def machine_fields(definition: Mapping[str, Value]) -> dict[str, Value]:
    """Return what stands at the top of a definition beside its states: StartAt, TimeoutSeconds and so on."""
    return {key: value for key, value in definition.items() if key != "States"}


def canonical_definition(value: Value) -> Value:
    """Return a definition in canonical form: parsed when it is text, keys sorted, `2.0` as `2`, error names in order.

    What is no definition at all comes back as `canonical_json` gives it.
    """
    parsed = read_object(value)
    if not isinstance(parsed, Mapping):
        return canonical_json(parsed)
    return canonical_json(_with_sorted_errors(parsed))


def _below(scope: Mapping[str, Value], path: tuple[str, ...]) -> Iterator[PlacedState]:
    states = scope.get("States")
    if not isinstance(states, Mapping):
        return
    for name, state in states.items():
        if not isinstance(state, Mapping):
            yield PlacedState(name=name, scope=path, fields={"": state})
            continue
        yield PlacedState(name=name, scope=path, fields={key: _without_states(key, item) for key, item in state.items()})
        for where, inner in _inner_scopes(state):
            yield from _below(inner, (*path, name, *where))


def _inner_scopes(state: Mapping[str, Value]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Value]]]:
    for key in SCOPES:
        inner = state.get(key)
        if isinstance(inner, Mapping):
            yield (key,), inner
        elif isinstance(inner, (list, tuple)):
            for index, branch in enumerate(inner):
                if isinstance(branch, Mapping):
                    yield (key, str(index)), branch


def _without_states(key: str, value: Value) -> Value:
    if key not in SCOPES:
        return value
    if isinstance(value, Mapping):
        return _bare(value)
    if isinstance(value, (list, tuple)):
        return [_bare(branch) if isinstance(branch, Mapping) else branch for branch in value]
    return value


def _bare(scope: Mapping[str, Value]) -> Value:
    # Only a mapping of states is left out: anything else under that key is not seen by the walk and must not vanish.
    return {key: value for key, value in scope.items() if key != "States" or not isinstance(value, Mapping)}


def _with_sorted_errors(scope: Mapping[str, Value]) -> dict[str, Value]:
    states = scope.get("States")
    if not isinstance(states, Mapping):
        return dict(scope)
    return {**scope, "States": {name: _sorted_state(state) for name, state in states.items()}}


def _sorted_state(state: Value) -> Value:
    if not isinstance(state, Mapping):
        return state
    result: dict[str, Value] = {}
    for key, value in state.items():
        if key in _HANDLERS and isinstance(value, (list, tuple)):
            result[key] = [_sorted_handler(item) for item in value]
        elif key in SCOPES and isinstance(value, Mapping):
            result[key] = _with_sorted_errors(value)
        elif key in SCOPES and isinstance(value, (list, tuple)):
            result[key] = [_with_sorted_errors(item) if isinstance(item, Mapping) else item for item in value]
        else:
            result[key] = value
    return result


def _sorted_handler(handler: Value) -> Value:
    if not isinstance(handler, Mapping):
        return handler
    errors = handler.get("ErrorEquals")
    if not isinstance(errors, (list, tuple)):
        return handler
    return {**handler, "ErrorEquals": sorted(errors, key=encoded)}
