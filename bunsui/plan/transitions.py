"""How many states one run of a machine enters, from its definition: what Step Functions bills for a standard workflow.

An estimate. Retries and failures are not counted, a loop is gone through once, and what a Map does for each item is counted
apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.model.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """Between how many states a run enters."""

    low: int
    high: int
    each_item: int = 0
    """How many more, at most, for each item of its Maps."""

    def __str__(self) -> str:
        """Return `12` or `12-15`, and `+ 3 an item`."""
        span = str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
        return f"{span} + {self.each_item} an item" if self.each_item else span


def transitions(definition: Value) -> Transitions:
    """Count the states of one run; nothing for what is no definition."""
    states = definition.get("States") if isinstance(definition, Mapping) else None
    start = definition.get("StartAt") if isinstance(definition, Mapping) else None
    if not isinstance(states, Mapping) or not isinstance(start, str):
        return Transitions(low=0, high=0)
    known: dict[str, Transitions] = {}
    for name in _ends_first(states, start):
        state = states[name]
        assert isinstance(state, Mapping)
        after = [known[after] for after in _next(state) if after in known]
        own = _own(state)
        known[name] = Transitions(
            low=own.low + min((item.low for item in after), default=0),
            high=own.high + max((item.high for item in after), default=0),
            each_item=own.each_item + max((item.each_item for item in after), default=0),
        )
    return known.get(start, Transitions(low=0, high=0))


def _own(state: Mapping[str, Value]) -> Transitions:
    if isinstance(branches := state.get("Branches"), (list, tuple)):
        inside = [transitions(branch) for branch in branches]
        return Transitions(
            low=1 + sum(item.low for item in inside),
            high=1 + sum(item.high for item in inside),
            each_item=sum(item.each_item for item in inside),
        )
    processor = transitions(state.get("ItemProcessor", state.get("Iterator")))
    return Transitions(low=1, high=1, each_item=processor.high + processor.each_item)


def _ends_first(states: Mapping[str, Value], start: str) -> Iterator[str]:
    """Return every state that is reached, after all that may follow it; a way back into a loop does not count."""
    seen: set[str] = set()
    waiting: list[tuple[str, bool]] = [(start, False)]
    while waiting:
        name, is_done = waiting.pop()
        if is_done:
            yield name
            continue
        state = states.get(name)
        if name in seen or not isinstance(state, Mapping):
            continue
        seen.add(name)
        waiting.append((name, True))
        waiting.extend((after, False) for after in _next(state))


def _next(state: Mapping[str, Value]) -> list[str]:
    choices = state.get("Choices")
    rules: Sequence[Value] = choices if isinstance(choices, (list, tuple)) else ()
    named = [state.get("Next"), state.get("Default"), *(rule.get("Next") for rule in rules if isinstance(rule, Mapping))]
    return [name for name in named if isinstance(name, str)]
