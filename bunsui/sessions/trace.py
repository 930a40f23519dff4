"""A history read as visits to states: when each was entered and left, how often it was tried, how it failed.

Built on what AWS documents for GetExecutionHistory: every event names the one before it in its own branch. Where an endpoint
leaves that out, an event belongs to the state that was entered last and is still open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bunsui.model.failures import named
from bunsui.model.json import Json
from bunsui.model.remarks import WARNED
from bunsui.model.session import Attempt, HistoryEvent, SessionStatus

ENDS: Mapping[str, SessionStatus] = {
    "ExecutionSucceeded": SessionStatus.SUCCEEDED,
    "ExecutionFailed": SessionStatus.FAILED,
    "ExecutionTimedOut": SessionStatus.TIMED_OUT,
    "ExecutionAborted": SessionStatus.CANCELLED,
}

TRIES = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")
"""With each of these a try of a state's work begins."""
_SUCCESSES = ("TaskSucceeded", "LambdaFunctionSucceeded", "ActivitySucceeded", "ParallelStateSucceeded", "MapStateSucceeded")
_FAILURES = frozenset(
    {
        "TaskFailed",
        "TaskStartFailed",
        "TaskSubmitFailed",
        "TaskTimedOut",
        "LambdaFunctionFailed",
        "LambdaFunctionScheduleFailed",
        "LambdaFunctionStartFailed",
        "LambdaFunctionTimedOut",
        "ActivityFailed",
        "ActivityScheduleFailed",
        "ActivityTimedOut",
        "EvaluationFailed",
        "MapRunFailed",
    }
)
_ABOUT_MAPS = ("MapIteration", "MapState")
"""How the types of events begin that belong to a Map itself and not to one of its items."""
_SILENT_FAILURES = ("ParallelStateFailed", "MapStateFailed", "FailStateEntered")
"""Failures whose events hold no error of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTry:
    """One failure of a state's work."""

    event_id: int
    at: datetime
    error: str
    cause: str
    event: str = ""
    """The type of the event."""
    service: str = ""
    """As the Task's resource names it, such as `lambda` or `aws-sdk:s3`; empty where the event names none."""
    action: str = ""
    """Such as `invoke` or `runTask.sync`."""


@dataclass(slots=True, kw_only=True)
class StateVisit:
    """One time that a state was entered. Filled while the history is read, then left alone."""

    state: str
    type: str
    """Task, Parallel and so on."""
    entered_id: int
    entered_at: datetime
    exited_at: datetime | None = None
    output_text: str = ""
    """JSON text of the exit event; empty before it."""
    warning: str = ""
    """What it warned of when it was left."""
    tries: int = 0
    """Of a Task, and of a Parallel that was tried again; 0 for any other."""
    failures: list[FailedTry] = field(default_factory=list)
    is_failing: bool = False
    """True when the last thing that its work did was to fail."""
    has_started_inside: bool = False
    """True when the history says that a Parallel or Map began its inner work."""
    items_total: int | None = None
    items_done: int = 0
    map_run_arn: str = ""
    """Of a distributed Map, whose items have histories of their own."""
    item: str = ""
    """The label of the item that it works on, or its index where it has none; of nested Maps the innermost. Empty outside of
    one, and where events do not name the one before them."""

    @property
    def is_caught(self) -> bool:
        """True when it failed and the machine went on by a Catch."""
        return self.is_failing and self.exited_at is not None

    def output(self) -> Json:
        """Return the parsed output; None before the exit and for text that is not JSON (cut by the service)."""
        return parsed(self.output_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A history, read."""

    visits: tuple[StateVisit, ...]
    """In order of entry."""
    owners: Mapping[int, StateVisit]
    """Event id -> the visit that it belongs to."""
    events: Mapping[int, HistoryEvent]
    input: Json
    """What the execution was given."""
    status: SessionStatus | None
    """How it ended, None while it runs."""
    end: HistoryEvent | None
    is_chained: bool
    """True when every event names the one before it."""

    def visits_to(self, state: str) -> list[StateVisit]:
        """Return the visits to a state, in order of entry."""
        return [visit for visit in self.visits if visit.state == state]


def read_trace(events: Sequence[HistoryEvent]) -> Trace:
    """Read a history, oldest event first. What an endpoint records after the execution's end is left out."""
    end = _end(events)
    reader = _TraceReader()
    for event in events:
        reader.take(event)
        if event is end:
            break
    first = events[0] if events and events[0].type == "ExecutionStarted" else None
    return Trace(
        visits=tuple(reader.visits),
        owners=reader.owners,
        events={event.id: event for event in events},
        input=parsed(text_of(first, "input")) if first else None,
        status=ENDS[end.type] if end else None,
        end=_named(end) if end is not None else None,
        is_chained=all(event.previous_id for event in events if event.id > 2),
    )


def with_end(events: Sequence[HistoryEvent], attempt: Attempt) -> Sequence[HistoryEvent]:
    """Return the events, ended as the attempt is where the history lacks the end: an emulator that was killed writes none."""
    if not attempt.status.is_final or _end(events) is not None:
        return events
    last = events[-1] if events else None
    number = last.id if last is not None else 0
    at = attempt.stopped_at or (last.at if last is not None else attempt.started_at)
    kind = next(name for name, status in ENDS.items() if status is attempt.status)
    details = {"error": attempt.error, "cause": attempt.cause}
    return [*events, HistoryEvent(id=number + 1, previous_id=number, type=kind, at=at, details=details)]


def parsed(text: str) -> Json:
    """Return JSON text as a value; None when it is empty or was cut."""
    if not text:
        return None
    try:
        value: Json = json.loads(text)
    except ValueError:
        return None
    return value


def text_of(event: HistoryEvent, name: str) -> str:
    """Return a text of the event's details; empty when it is not there."""
    value = event.details.get(name)
    return value if isinstance(value, str) else ""


def _warning(variables: Json) -> str:
    """Return the message among the variables that a state assigned, each of which is JSON text; empty when there is none."""
    for name, text in variables.items() if isinstance(variables, Mapping) else ():
        if name.startswith(WARNED) and isinstance(text, str):
            told = parsed(text)
            return told if isinstance(told, str) else text
    return ""


def kept_error(data: Json, job: str) -> tuple[str, str] | None:
    """Return error and cause of a job's caught failure from the machine's data; None when it holds none. Machines of the first
    contract keep them as Step Functions spells them."""
    errors = data.get("errors") if isinstance(data, Mapping) else None
    kept = errors.get(job) if isinstance(errors, Mapping) else None
    if not isinstance(kept, Mapping):
        return None
    error, cause = kept.get("error", kept.get("Error")), kept.get("cause", kept.get("Cause"))
    return (error, cause if isinstance(cause, str) else "") if isinstance(error, str) else None


def _end(events: Sequence[HistoryEvent]) -> HistoryEvent | None:
    """Return the first end after which nobody redrove the execution."""
    found: HistoryEvent | None = None
    for event in events:
        if event.type == "ExecutionRedriven":
            found = None
        elif event.type in ENDS and found is None:
            found = event
    return found


def _named(end: HistoryEvent) -> HistoryEvent:
    """Return the end with the error's own name, where an expression threw it."""
    error, cause = named(text_of(end, "error"), text_of(end, "cause"))
    return replace(end, details={**end.details, "error": error, "cause": cause}) if error else end


@dataclass(slots=True, kw_only=True)
class _Item:
    """One iteration of a Map. Its label stands in what its first state was given: bunsui's machines hand it to each item."""

    index: int
    label: str = ""

    def named_by(self, entry: HistoryEvent) -> str:
        """Return its label as far as it is known from its states up to this one."""
        if not self.label:
            given = parsed(text_of(entry, "input"))
            label = given.get("label") if isinstance(given, Mapping) else None
            self.label = label if isinstance(label, str) and label else str(self.index)
        return self.label


class _TraceReader:
    """Reads events one by one and remembers which visit each belongs to."""

    def __init__(self) -> None:
        self.visits: list[StateVisit] = []
        self.owners: dict[int, StateVisit] = {}
        self._open: dict[str, list[StateVisit]] = {}
        self._items: dict[int, _Item] = {}
        """The innermost item that an event belongs to, by the event's id."""

    def take(self, event: HistoryEvent) -> None:
        visit = self._visit(event)
        item = self._item(event, visit)
        if item is not None:
            self._items[event.id] = item
        if visit is None:
            return
        self.owners[event.id] = visit
        if visit.entered_id == event.id and item is not None:
            visit.item = item.named_by(event)
        _note(visit, event)

    def _item(self, event: HistoryEvent, visit: StateVisit | None) -> _Item | None:
        """Return the innermost item that the event belongs to, by the chain of events."""
        if event.type == "MapIterationStarted":
            index = event.details.get("index")
            return _Item(index=index if isinstance(index, int) else 0)
        if event.type.startswith(_ABOUT_MAPS) and visit is not None and visit.entered_id != event.id:
            return self._items.get(visit.entered_id)
        return self._items.get(event.previous_id)

    def _visit(self, event: HistoryEvent) -> StateVisit | None:
        if event.type.endswith("StateEntered"):
            return self._enter(event)
        if event.type.endswith("StateExited"):
            return self._exit(event)
        return self._owner(event)

    def _enter(self, event: HistoryEvent) -> StateVisit:
        name = text_of(event, "name")
        kind = event.type.removesuffix("StateEntered")
        visit = StateVisit(state=name, type=kind, entered_id=event.id, entered_at=event.at)
        self.visits.append(visit)
        self._open.setdefault(name, []).append(visit)
        return visit

    def _exit(self, event: HistoryEvent) -> StateVisit | None:
        name = text_of(event, "name")
        candidates = self._open.get(name, [])
        before = self.owners.get(event.previous_id)
        visit = before if before in candidates else (candidates[-1] if candidates else None)
        if visit is None:
            return None
        candidates.remove(visit)
        visit.exited_at = event.at
        visit.output_text = text_of(event, "output")
        visit.warning = _warning(event.details.get("assignedVariables"))
        return visit

    def _owner(self, event: HistoryEvent) -> StateVisit | None:
        named = text_of(event, "name") if event.type.startswith("MapIteration") else text_of(event, "state")
        if named and self._open.get(named):
            return self._open[named][-1]
        if event.type.startswith(("ParallelState", "MapState")):
            return self._container(event)
        return self.owners.get(event.previous_id) or self._last_open()

    def _container(self, event: HistoryEvent) -> StateVisit | None:
        """Return the innermost open Parallel or Map of the event's kind that was entered before what the event follows."""
        kind = "Map" if event.type.startswith("MapState") else "Parallel"
        before = self.owners.get(event.previous_id)
        if before is not None and before.type == kind and before.exited_at is None:
            return before
        limit = before.entered_id if before is not None else event.id
        found = [visit for visit in self.visits if visit.type == kind and visit.exited_at is None and visit.entered_id <= limit]
        return found[-1] if found else before

    def _last_open(self) -> StateVisit | None:
        for visit in reversed(self.visits):
            if visit.exited_at is None:
                return visit
        return None


def _note(visit: StateVisit, event: HistoryEvent) -> None:
    if event.type in TRIES:
        visit.tries += 1
    elif event.type in _SUCCESSES:
        visit.is_failing = False
    elif event.type in _FAILURES:
        visit.is_failing = True
        error, cause = named(text_of(event, "error") or _unnamed_error(event.type), text_of(event, "cause"))
        visit.failures.append(
            FailedTry(
                event_id=event.id,
                at=event.at,
                error=error,
                cause=cause,
                event=event.type,
                service=text_of(event, "resourceType"),
                action=text_of(event, "resource"),
            )
        )
    elif event.type in _SILENT_FAILURES:
        visit.is_failing = True
    elif event.type in ("ParallelStateStarted", "MapStateStarted"):
        if visit.has_started_inside and event.type == "ParallelStateStarted":
            visit.tries = max(visit.tries, 1) + 1
        visit.has_started_inside = True
        length = event.details.get("length")
        visit.items_total = length if isinstance(length, int) else None
        visit.items_done = 0
    elif event.type == "MapRunStarted":
        visit.map_run_arn = text_of(event, "mapRunArn")
    elif event.type in ("MapIterationSucceeded", "MapIterationFailed"):
        visit.items_done += 1


def _unnamed_error(event_type: str) -> str:
    return "States.Timeout" if event_type.endswith("TimedOut") else "States.TaskFailed"
