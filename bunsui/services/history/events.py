"""What a session went through, event by event: the histories of its executions, with those below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bunsui.command_line import command_line
from bunsui.errors import CloudError, Missing
from bunsui.model.failures import named
from bunsui.model.json import Json
from bunsui.model.references import HIDDEN, hide_values
from bunsui.model.session import HistoryEvent, Session
from bunsui.project.unknown_names import unknown_name
from bunsui.services.history.job_runs import label_of, no_such_execution, sensitive_values
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.children import DEEPEST, MOST_CHILDREN
from bunsui.sessions.history.event_data import event_data
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.history.sensitive import text_without
from bunsui.sessions.logs.calls import CallKind, calls_of, map_runs_of
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import TRIES, StateVisit, Trace, read_trace, text_of
from bunsui.sessions.tracebacks import message_of

MOST_ITEMS = 10
"""Items of one run of a distributed Map whose histories are read: those that failed, then the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """One event of one execution. Of inputs and outputs there is no more than what a call was given or answered, without what
    is sensitive."""

    at: datetime
    execution: int
    """From 1, the session's first: this one, or the one below which it happened."""
    id: int
    type: str
    """As AWS names it, such as `TaskFailed`."""
    job: str
    """Behind the jobs that run what it belongs to: PARENT/JOB. Empty for what belongs to none."""
    state: str
    """Empty for what belongs to none."""
    item: str
    """The label of the item that the state works on; empty outside of a foreach."""
    error: str
    message: str
    """The line of the cause that says what happened; empty without an error."""
    execution_arn: str
    """Where it happened: in the session's own execution, or in one below it."""
    number_of_try: int = 0
    """Which try of its state it belongs to, from 1; 0 for what belongs to none."""
    data: Json = None
    """What a call was given or answered, or the execution; None for an event that tells of neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRuns:
    """Executions below a job whose events are not told."""

    job: str
    count: int | None
    """How many; None where nobody says."""
    example: str
    """The ARN of one of them, or of the run of the Map that they are items of."""
    is_map_run: bool = False
    """True where `example` is the run of a Map."""
    is_gone: bool
    """True where Step Functions does not tell of them (any more); else they are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    """What a session's executions went through."""

    events: tuple[SessionEvent, ...]
    """In order of time; those of an execution in its own order."""
    forgotten: tuple[int, ...] = ()
    """Executions that Step Functions does not know any more."""
    unread: tuple[UnreadRuns, ...] = ()


def session_events(
    context: SessionContext,
    session: Session,
    *,
    job: str = "",
    execution: int | None = None,
    reader: HistoryReader | None = None,
) -> EventList:
    """Return the events of the session's executions and of those that their jobs started, nested pipelines and items of
    distributed Maps, in order of time: those of one execution where asked, or of one job and what is below it, which is
    PARENT/JOB in a pipeline that a job runs. `reader` knows what was read before.

    Raises:
        NotFound: no execution has such a job.
        InvalidInput: there is no execution of that number.

    """
    arns = list(dict.fromkeys(attempt.execution_arn for attempt in session.attempts))
    if execution is not None and not 1 <= execution <= len(arns):
        raise no_such_execution(session, execution, len(arns))
    walk, found, forgotten = _Walk(context, job, reader), list[SessionEvent](), list[int]()
    for number, arn in enumerate(arns, 1):
        if execution not in (None, number):
            continue
        try:
            found += walk.read(_Place(arn=arn, number=number))
        except Missing:
            forgotten.append(number)
    if job and job not in walk.jobs and not forgotten:
        see, above = command_line("show", session.id), job.rpartition("/")[0]
        known = [path.rpartition("/")[2] for path in walk.jobs if path.rpartition("/")[0] == above]
        raise unknown_name("unknown-job", "the session has no such job", what="job", name=job, known=known, see=see)
    events, hidden = sorted(found, key=lambda one: one.at), walk.hidden | frozenset(sensitive_values(context, session))
    if hidden:
        events = [replace(one, message=text_without(one.message, hidden), data=hide_values(one.data, hidden)) for one in events]
    return EventList(events=tuple(events), forgotten=tuple(forgotten), unread=tuple(walk.unread))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An execution and where it stands below the session's own."""

    arn: str
    number: int
    above: str = ""
    """The path of the job that runs it."""
    item: str = ""
    map_run_arn: str = ""
    """Of an item of a distributed Map, whose execution runs a part of the machine above it."""
    is_closed: bool = False
    """True where the job that it is an item of has sensitive outputs, which its own definition does not say."""
    depth: int = 0

    def path(self, job: str) -> str:
        """Return the path of a job in it."""
        return self.above if self.map_run_arn else "/".join(filter(None, (self.above, job)))


class _Walk:
    """Reads executions, each with those that its jobs started, as far as they may hold what is asked for."""

    def __init__(self, context: SessionContext, job: str, reader: HistoryReader | None) -> None:
        self._job = job
        self._map_runs = context.ports.map_runs
        self._reader = reader or HistoryReader(context.ports.execution)
        self.jobs: dict[str, None] = {}
        self.unread: list[UnreadRuns] = []

    @property
    def hidden(self) -> frozenset[str | int | float]:
        """What of it is shown nowhere."""
        return self._reader.hidden

    def read(self, place: _Place) -> list[SessionEvent]:
        """Return the events of an execution, those below it behind the event that began them. Missing, or another CloudError,
        when it cannot be read itself."""
        shape, trace = self._reader.shape(place.arn), read_trace(self._reader.events(place.arn))
        if not place.map_run_arn:
            self.jobs |= dict.fromkeys(map(place.path, shape.jobs))
        begun = {str(one.details.get("mapRunArn")): one.id for one in trace.events.values() if one.type == "MapRunStarted"}
        inside: dict[int, list[SessionEvent]] = {}
        for below, unread in self._below(shape, trace, place):
            if below is not None:
                try:
                    inside.setdefault(begun.get(below.map_run_arn, 0), []).extend(self.read(below))
                except CloudError:
                    unread = UnreadRuns(job=below.above, count=1, example=below.arn, is_gone=True)
            if unread is not None:
                self.unread.append(unread)
        found: list[SessionEvent] = []
        for one in _events(trace, shape, place):
            found += [one] if not self._job or _is_below(one.job, self._job) else []
            found += inside.get(one.id, ())
        return [*found, *inside.get(0, ())]

    def _below(self, shape: MachineShape, trace: Trace, place: _Place) -> Iterator[tuple[_Place | None, UnreadRuns | None]]:
        """Yield the executions that the jobs started, and what is not read of them."""
        for job, map_run_arn in map_runs_of(shape, trace):
            if self._may_hold(path := place.path(job)):
                is_closed = place.is_closed or bool(shape.sensitive.get(job))
                inside = replace(place, above=path, depth=place.depth + 1, map_run_arn=map_run_arn, is_closed=is_closed)
                yield from self._items(inside)
        started: dict[str, dict[str, str]] = {}
        for call in calls_of(shape, trace):
            if call.kind is CallKind.EXECUTION and call.child_arn and self._may_hold(place.path(call.job)):
                started.setdefault(place.path(call.job), {})[call.child_arn] = call.item
        for path, items in started.items():
            read = list(items.items())[-MOST_CHILDREN:] if place.depth < DEEPEST else []
            if len(read) < len(items):
                yield None, UnreadRuns(job=path, count=len(items) - len(read), example=next(iter(items)), is_gone=False)
            for arn, item in read:
                child = _Place(arn=arn, number=place.number, above=path, item=item or place.item, depth=place.depth + 1)
                yield child, None

    def _items(self, place: _Place) -> Iterator[tuple[_Place | None, UnreadRuns | None]]:
        """Yield executions of a distributed Map's items."""
        map_run_arn = place.map_run_arn
        gone = UnreadRuns(job=place.above, count=None, example=map_run_arn, is_map_run=True, is_gone=True)
        if self._map_runs is None:
            yield None, gone
            return
        try:
            total = self._map_runs.counts(map_run_arn).total
            failed = self._map_runs.failed_children(map_run_arn, limit=MOST_ITEMS)
            latest = self._map_runs.children(map_run_arn, limit=MOST_ITEMS)
            names = {child.arn: child.name for child in (*failed, *latest)}
            read = list(names.items())[:MOST_ITEMS]
            for arn, name in read:
                label = label_of(self._reader.events(arn)) or name
                yield replace(place, arn=arn, item=label), None
        except CloudError:
            yield None, gone
            return
        if total > len(read):
            yield (
                None,
                UnreadRuns(job=place.above, count=total - len(read), example=map_run_arn, is_map_run=True, is_gone=False),
            )

    def _may_hold(self, path: str) -> bool:
        """Tell whether what a job started may hold events that are asked for."""
        return not self._job or _is_below(path, self._job) or _is_below(self._job, path)


def _is_below(path: str, job: str) -> bool:
    return path == job or path.startswith(f"{job}/")


def _events(trace: Trace, shape: MachineShape, place: _Place) -> Iterator[SessionEvent]:
    tries: Counter[int] = Counter()
    for event in trace.events.values():
        visit = trace.owners.get(event.id)
        number = visit.entered_id if visit is not None else 0
        tries[number] += event.type in TRIES
        error, cause = named(text_of(event, "error"), text_of(event, "cause"))
        job, item = _job(visit, shape), visit.item if visit is not None else _item(event)
        yield SessionEvent(
            at=event.at,
            execution=place.number,
            id=event.id,
            type=event.type,
            job=place.path(job),
            state=visit.state if visit is not None else text_of(event, "name"),
            item=item or place.item,
            error=error,
            message=message_of(cause, "") if error else "",
            execution_arn=place.arn,
            number_of_try=tries[number] if visit is not None else 0,
            data=_data(event, is_closed=place.is_closed or bool(shape.sensitive.get(job))),
        )


def _data(event: HistoryEvent, *, is_closed: bool) -> Json:
    """Return what the event tells of; of a job with sensitive outputs nobody can say of which part of it these were made."""
    told = event_data(event)
    return HIDDEN if is_closed and told is not None else told


def _job(visit: StateVisit | None, shape: MachineShape) -> str:
    state = shape.states.get(visit.state) if visit is not None else None
    return state.job if state is not None else ""


def _item(event: HistoryEvent) -> str:
    index = event.details.get("index")
    return str(index) if isinstance(index, int) else ""
