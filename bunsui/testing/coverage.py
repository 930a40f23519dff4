"""What the tests of a pipeline took of its machine: which states, and which ways out of Choice states.

In a compiled machine only what the pipeline says counts: the states of jobs, without the guard's ways for restored jobs,
without those for items that were done, and without what bunsui adds around them (names that begin with `_`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bunsui.compile.foreach.recognized import is_recognizing
from bunsui.compile.restoring import is_restoring
from bunsui.model.json import Json

Decision = tuple[str, "int | None"]
"""A Choice state and the place of the rule that it took; None stands for the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way out of a Choice state."""

    state: str
    place: int | None
    """The rule's place; None stands for the default."""
    label: str
    """The rule's comment, or where it leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What there is, and what of it was not taken."""

    pipeline: str
    states: int
    ways: int
    missed_states: tuple[str, ...] = ()
    """In the order of the definition."""
    missed_ways: tuple[Way, ...] = ()

    @property
    def taken_states(self) -> int:
        """How many states were entered."""
        return self.states - len(self.missed_states)

    @property
    def taken_ways(self) -> int:
        """How many ways were taken."""
        return self.ways - len(self.missed_ways)


def coverage(
    pipeline: str, definition: Mapping[str, Json], *, entered: Iterable[str], decisions: Iterable[Decision]
) -> Coverage:
    """Return the coverage of a definition by all runs together."""
    is_compiled = definition.get("StartAt") == "_start"
    found = [(name, state) for name, state in _states(definition) if not (is_compiled and _is_added(name, state))]
    ways = [way for name, state in found for way in _ways(name, state, is_compiled=is_compiled)]
    went, took = frozenset(entered), frozenset(decisions)
    return Coverage(
        pipeline=pipeline,
        states=len(found),
        ways=len(ways),
        missed_states=tuple(name for name, _ in found if name not in went),
        missed_ways=tuple(way for way in ways if (way.state, way.place) not in took),
    )


def _is_added(name: str, state: Mapping[str, Json]) -> bool:
    return name.startswith("_") or is_restoring(state) or is_recognizing(state)


def _states(scope: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        yield name, state
        branches = state.get("Branches")
        inner = [*(branches if isinstance(branches, (list, tuple)) else ()), state.get("ItemProcessor"), state.get("Iterator")]
        for part in inner:
            if isinstance(part, Mapping):
                yield from _states(part)


def _ways(name: str, state: Mapping[str, Json], *, is_compiled: bool) -> Iterator[Way]:
    if state.get("Type") != "Choice":
        return
    rules = state.get("Choices")
    for place, rule in enumerate(rules if isinstance(rules, (list, tuple)) else ()):
        if isinstance(rule, Mapping) and not (is_compiled and "$resume." in str(rule.get("Condition", ""))):
            yield Way(state=name, place=place, label=str(rule.get("Comment") or f"to {rule.get('Next')}"))
    if "Default" in state:
        yield Way(state=name, place=None, label=f"default, to {state['Default']}")
