"""What a session's own tasks logged: the log groups of the functions in the definition that it ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.errors import InvalidInput, Missing
from bunsui.model.session import Attempt, Session
from bunsui.services.desk import Desk
from bunsui.services.watch import AWS_SECONDS, LOCAL_SECONDS
from bunsui.sessions.functions import CalledFunction, functions_of
from bunsui.sessions.shape import machine_shape

_MARGIN = timedelta(seconds=2)
"""Functions log a little before and after what the history says."""

_LATENESS = timedelta(seconds=30)
"""CloudWatch may show a line that long after a younger one."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line that a task logged."""

    at: datetime
    job: str
    function: str
    stream: str
    message: str


def session_logs(
    desk: Desk, session: Session, *, job: str | None = None, since: datetime | None = None, limit: int = 1000
) -> Sequence[LogEntry]:
    """Give the lines of all attempts, oldest first; other sessions that ran at the same time write into the same groups.

    `since` leaves out what is older; `limit` is for each function and attempt, counted from the oldest.

    Raises:
        InvalidInput: there is no such job, or it calls no function.

    """
    entries: dict[LogEntry, None] = {}
    for attempt in session.attempts:
        functions = _functions(desk, attempt, job)
        if since is not None and attempt.stopped_at is not None and attempt.stopped_at + _MARGIN < since:
            continue
        start = max(attempt.started_at - _MARGIN, since or attempt.started_at - _MARGIN)
        entries.update(dict.fromkeys(_entries(desk, attempt, functions, start=start, limit=limit)))
    return sorted(entries, key=lambda entry: entry.at)


def follow_logs(desk: Desk, session: Session, *, job: str | None = None) -> Iterator[LogEntry]:
    """Give the lines so far, and then new ones as they come, until the session has ended."""
    seen: dict[LogEntry, None] = {}
    since: datetime | None = None
    pause = LOCAL_SECONDS if desk.repository.is_local else AWS_SECONDS
    target_arn = desk.machine(session.pipeline).alias_arn
    while True:
        session = desk.manager.sync(session, target_arn=target_arn)
        fresh = [entry for entry in session_logs(desk, session, job=job, since=since) if entry not in seen]
        yield from fresh
        seen.update(dict.fromkeys(fresh))
        if seen:
            since = max(entry.at for entry in seen) - _LATENESS
            seen = {entry: None for entry in seen if entry.at >= since}
        if session.status.is_final:
            return
        desk.edges.clock.sleep(pause)


def _entries(
    desk: Desk, attempt: Attempt, functions: Sequence[CalledFunction], *, start: datetime, limit: int
) -> Iterator[LogEntry]:
    until = attempt.stopped_at + _MARGIN if attempt.stopped_at else None
    groups = {function.log_group: function for function in functions}
    for group, function in groups.items():
        for line in desk.edges.logs.lines(group, start=start, end=until, limit=limit):
            yield LogEntry(line.at, function.job, function.name, line.stream, line.message)


def _functions(desk: Desk, attempt: Attempt, job: str | None) -> Sequence[CalledFunction]:
    try:
        shape = machine_shape(desk.edges.execution.definition(attempt.execution_arn))
    except Missing:
        return ()
    functions = functions_of(shape)
    if job is None:
        return functions
    if job not in shape.jobs:
        raise InvalidInput("unknown-job", "the session has no such job", job=job, jobs=", ".join(shape.jobs))
    chosen = [function for function in functions if function.job == job]
    if not chosen:
        raise InvalidInput("no-task-log", "the job calls no function, so that there is no log of its own", job=job)
    return chosen
