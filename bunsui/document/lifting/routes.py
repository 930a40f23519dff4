"""Where states lead: the next one, where branches meet again, loops that ask until something is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.document.lifting.refusals import StaysRawError
from bunsui.model.json import Json

State = Mapping[str, Json]
Scope = Mapping[str, Json]
"""What has StartAt and States."""


def first_of(scope: Scope) -> str:
    """Return the first state's name."""
    return str(scope.get("StartAt", ""))


def state_of(scope: Scope, name: str) -> State:
    """Return a state. Raises StaysRawError."""
    states = scope.get("States")
    state = states.get(name) if isinstance(states, Mapping) else None
    if not isinstance(state, Mapping):
        raise StaysRawError("there is no such state", name)
    return state


def next_of(state: State) -> str | None:
    """Return what follows; None at the end."""
    said = state.get("Next")
    return said if isinstance(said, str) else None


def rules_of(state: State) -> tuple[Mapping[str, Json], ...]:
    """Return the rules of a Choice."""
    said = state.get("Choices")
    return tuple(one for one in said if isinstance(one, Mapping)) if isinstance(said, (list, tuple)) else ()


def followers(state: State) -> Iterator[str]:
    """Yield the states that may come next, errors aside."""
    if (following := next_of(state)) is not None and state.get("Type") != "Choice":
        yield following
    yield from (str(rule.get("Next")) for rule in rules_of(state))
    if isinstance(said := state.get("Default"), str):
        yield said


def states_after(scope: Scope, start: str, *, without: str | None = None) -> dict[str, int]:
    """Return the states that may come from `start` on, with how many steps away they are."""
    found: dict[str, int] = {}
    waiting = [(start, 0)]
    while waiting:
        name, steps = waiting.pop(0)
        if name in found or name == without:
            continue
        found[name] = steps
        waiting += [(one, steps + 1) for one in followers(state_of(scope, name))]
    return found


def meeting(scope: Scope, targets: tuple[str, ...]) -> str | None:
    """Return the first state that every way from the targets comes by, ways into a failure aside; None where there is none."""
    everywhere = [states_after(scope, target) for target in targets]
    going_on = [found for found in everywhere if any(_ends_well(state_of(scope, name)) for name in found)]
    if len(going_on) < 2:
        return None
    shared = [name for name in going_on[0] if all(name in found for found in going_on)]
    for name in sorted(shared, key=lambda one: (max(found[one] for found in going_on), one)):
        around = [one for target in targets for one in states_after(scope, target, without=name)]
        if not any(_ends_well(state_of(scope, one)) for one in around):
            return name
    return None


def _ends_well(state: State) -> bool:
    return state.get("End") is True or state.get("Type") == "Succeed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A Task, a Choice over its answer, a Wait that leads back."""

    choice: str
    wait: str
    seconds: int


def loop_at(scope: Scope, name: str) -> Loop | None:
    """Return the loop that the Task is asked in; None where there is none. Raises StaysRawError for a wait that varies."""
    after = next_of(state_of(scope, name))
    choice = state_of(scope, after) if after is not None else {}
    if after is None or choice.get("Type") != "Choice":
        return None
    for target in dict.fromkeys(followers(choice)):
        wait = state_of(scope, target)
        if wait.get("Type") == "Wait" and next_of(wait) == name:
            seconds = wait.get("Seconds")
            if not isinstance(seconds, int) or seconds < 1 or {"InputPath", "OutputPath"} & set(wait):
                raise StaysRawError("the wait of its loop is only known in the run", target)
            return Loop(choice=after, wait=target, seconds=seconds)
    return None
