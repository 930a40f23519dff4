"""The histories of a session's executions, event by event, each with the job that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bunsui.command_line import command_line
from bunsui.errors import Missing
from bunsui.model.failures import named
from bunsui.model.session import HistoryEvent, Session
from bunsui.project.unknown_names import unknown_name
from bunsui.services.history.job_runs import no_such_execution
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.operation_runs import operation_runs
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import StateVisit, Trace, read_trace, text_of
from bunsui.sessions.tracebacks import message_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """One event of one execution, without inputs and outputs, which may hold what nobody should see."""

    at: datetime
    execution: int
    """From 1, the session's first."""
    id: int
    type: str
    """As AWS names it, such as `TaskFailed`."""
    job: str
    """Empty for what belongs to none."""
    state: str
    """Empty for what belongs to none."""
    item: str
    """The label of the item that the state works on; empty outside of a foreach."""
    error: str
    message: str
    """The line of the cause that says what happened; empty without an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList:
    """What a session's executions went through."""

    events: tuple[SessionEvent, ...]
    forgotten: tuple[int, ...] = ()
    """Executions that Step Functions does not know any more."""


def session_events(context: SessionContext, session: Session, *, job: str = "", execution: int | None = None) -> EventList:
    """Return the events of the session's executions, oldest first: those of one execution where asked, or of one job, which is
    PARENT/JOB in a pipeline that a job runs.

    Raises:
        NotFound: no execution has such a job.
        InvalidInput: there is no execution of that number.

    """
    arns = list(dict.fromkeys(attempt.execution_arn for attempt in session.attempts))
    if execution is not None and not 1 <= execution <= len(arns):
        raise no_such_execution(session, execution, len(arns))
    reader, names = HistoryReader(context.ports.execution), job.split("/") if job else []
    found: list[SessionEvent] = []
    forgotten: list[int] = []
    jobs: dict[str, None] = {}
    for number, arn in enumerate(arns, 1):
        if execution not in (None, number):
            continue
        try:
            inner = _below(reader, arn, names[:-1])
            shape, events = (reader.shape(inner), reader.events(inner)) if inner else (None, ())
        except Missing:
            forgotten.append(number)
            continue
        if shape is not None:
            jobs |= dict.fromkeys(shape.jobs)
            found += _events(read_trace(events), shape, number)
    if job and names[-1] not in jobs and not forgotten:
        see = command_line("show", session.id)
        raise unknown_name("unknown-job", "the session has no such job", what="job", name=job, known=jobs, see=see)
    kept = [replace(one, job=job) for one in found if one.job == names[-1]] if job else found
    return EventList(events=tuple(kept), forgotten=tuple(forgotten))


def _below(reader: HistoryReader, execution_arn: str, parents: Sequence[str]) -> str:
    """Return the execution that these jobs started, each below the one before: the latest; empty where one started none."""
    for job in parents:
        trace = read_trace(reader.events(execution_arn))
        started = [run.child_arn for run in operation_runs(reader.shape(execution_arn), trace, job) if run.child_arn]
        if not started:
            return ""
        execution_arn = started[-1]
    return execution_arn


def _events(trace: Trace, shape: MachineShape, execution: int) -> Iterator[SessionEvent]:
    for event in trace.events.values():
        visit = trace.owners.get(event.id)
        error, cause = named(text_of(event, "error"), text_of(event, "cause"))
        yield SessionEvent(
            at=event.at,
            execution=execution,
            id=event.id,
            type=event.type,
            job=_job(visit, shape),
            state=visit.state if visit is not None else text_of(event, "name"),
            item=visit.item if visit is not None else _item(event),
            error=error,
            message=message_of(cause, "") if error else "",
        )


def _job(visit: StateVisit | None, shape: MachineShape) -> str:
    state = shape.states.get(visit.state) if visit is not None else None
    return state.job if state is not None else ""


def _item(event: HistoryEvent) -> str:
    index = event.details.get("index")
    return str(index) if isinstance(index, int) else ""
