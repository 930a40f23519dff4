"""What the tasks of an execution answered, try by try, read from its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.model.durations import format_duration
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.services.testing.machine_under_test import MachineUnderTest
from bunsui.sessions.trace import StateVisit, Trace, parsed, text_of

_PASSING = frozenset({"stackTrace", "trace", "requestId"})
"""Fields of a function's error that say where and when, not what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One answer of a task."""

    state: str
    item: tuple[int, ...]
    answer: Mapping[str, Json]


def read_tries(
    past: MachineUnderTest, trace: Trace, events: Sequence[HistoryEvent], *, place: tuple[int, ...] = ()
) -> Iterator[Try]:
    """Return what tasks answered, in the order in which they were asked; `place` is that of the item of a distributed Map whose
    own history it is."""
    own: dict[int, list[HistoryEvent]] = {}
    for event in events:
        owner = trace.owners.get(event.id)
        if owner is not None:
            own.setdefault(owner.entered_id, []).append(event)
    for visit in trace.visits:
        state = past.shape.states.get(visit.state)
        if state is None or state.type != "Task":
            continue
        item = place + _item(past, trace, visit)
        asked: HistoryEvent | None = None
        is_waiting = True
        for event in own.get(visit.entered_id, ()):
            if event.type.endswith("Scheduled"):
                asked, is_waiting = event, True
            elif asked is not None and (answer := _answer(event)) is not None:
                seconds = round((event.at - asked.at).total_seconds())
                timed = {**answer, "after": format_duration(seconds)} if seconds and "never" not in answer else answer
                yield Try(state=visit.state, item=item, answer=timed)
                asked, is_waiting = None, False
        if is_waiting:  # at work when something else ended the execution
            yield Try(state=visit.state, item=item, answer={"never": True})


def _answer(event: HistoryEvent) -> dict[str, Json] | None:
    if event.type.endswith("Succeeded"):
        return {"answer": parsed(text_of(event, "output"))}
    if event.type.endswith("TimedOut"):
        return {"never": True}
    if event.type.endswith("Failed"):
        cause = _cause(text_of(event, "cause"))
        told: dict[str, Json] = {"error": text_of(event, "error") or "States.TaskFailed"}
        return {**told, "cause": cause} if cause else told
    return None


def _cause(text: str) -> Json:
    """Return the cause as a person would write it: as JSON where it is an object, without what differs from run to run."""
    value = parsed(text)
    return {key: item for key, item in value.items() if key not in _PASSING} if isinstance(value, Mapping) else text


def _item(past: MachineUnderTest, trace: Trace, visit: StateVisit) -> tuple[int, ...]:
    """Return the iterations around a visit, outermost Map first: an iteration's events lead back to its start, and from there
    to the iteration before it, so that the nearest one of each Map counts."""
    nearest: dict[str, int] = {}
    event = trace.events.get(visit.entered_id)
    while event is not None and event.previous_id:
        event = trace.events.get(event.previous_id)
        if event is not None and event.type == "MapIterationStarted":
            index = event.details.get("index", 0)
            nearest.setdefault(str(event.details.get("name")), index if isinstance(index, int) else 0)
    maps = [name for name in past.shape.states[visit.state].containers if past.shape.states[name].type == "Map"]
    return tuple(nearest[name] for name in maps if name in nearest)
