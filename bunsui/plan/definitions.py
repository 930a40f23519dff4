"""Walks state machine definitions as they stand in resources: plain JSON, which may hold references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.model.values import Value

_INVOKE = ":states:::lambda:invoke"


def is_function(resource: Value) -> bool:
    """Tell whether a Task's resource calls a function and waits for its answer."""
    return isinstance(resource, str) and (resource.endswith(_INVOKE) or ":lambda:" in resource.partition(":states:")[0])


def every_state(definition: Value) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Return all states with their names, in order, nested ones after their holder; none when it is no definition."""
    if not isinstance(definition, Mapping) or not isinstance(states := definition.get("States"), Mapping):
        return
    for name, state in states.items():
        if not isinstance(state, Mapping):
            continue
        yield name, state
        branches = state.get("Branches")
        scopes = list(branches) if isinstance(branches, (list, tuple)) else []
        for scope in [*scopes, state.get("ItemProcessor"), state.get("Iterator")]:
            yield from every_state(scope)
