"""What a session's own tasks logged: functions by request id, containers by task, child executions and items included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.model.session import Session
from bunsui.project.unknown_names import unknown_name
from bunsui.services.session_context import SessionContext
from bunsui.services.watch import AWS_SECONDS, LOCAL_SECONDS
from bunsui.sessions.functions import function_name
from bunsui.sessions.logs.called_work import CalledWork, Rivals, WorkReader
from bunsui.sessions.logs.task_logs import LATENESS, LogEntry, LogQuery, TaskLogReader, TaskLogs
from bunsui.sessions.shape import MachineShape

DEFAULT_LINES = 1000
"""The newest so many are shown where nobody says how many."""

_OVERLAP = timedelta(seconds=30)
"""How far a follower looks back: CloudWatch may show a line that long after a younger one."""
_WAIT_SECONDS = 1.0
_LOGGING = ("lambda:", "ecs:runTask", "states:startExecution", "aws-sdk:lambda:")
"""In the resource of a Task whose work may have a log."""


class SessionLogs:
    """The log of one session, to be read again and again; what was found before is not looked for again."""

    def __init__(self, context: SessionContext, session: Session) -> None:
        """Read the session's log; nothing is asked yet."""
        self._context = context
        self._session = session
        self._work = WorkReader(context.ports.execution, context.ports.map_runs)
        self._reader = TaskLogReader(context.ports.logs, context.ports.containers)
        self._is_forgotten = False
        self._seen: Counter[LogEntry] = Counter()
        self._is_begun = False

    @property
    def is_forgotten(self) -> bool:
        """True when Step Functions knows none of the session's executions any more, after a look."""
        return self._is_forgotten

    @property
    def has_more_items(self) -> bool:
        """True when a distributed foreach had more items than were looked at."""
        return self._work.has_more_items

    def read(self, query: LogQuery) -> TaskLogs:
        """Return the lines of all attempts, oldest first.

        Raises:
            InvalidInput: there is no such job or item, or the job calls nothing that has a log.

        """
        now = self._context.ports.clock.now()
        arns = [attempt.execution_arn for attempt in self._session.attempts]
        work = [found for arn in arns for found in self._work.work(arn)]
        self._is_forgotten = bool(arns) and not work
        _check(query, work, [self._work.shape(one.execution_arn) for one in work[:1]])
        mine = [one.execution_arn for one in work]

        def rivals(one: CalledWork, start: datetime, end: datetime) -> Rivals:
            return self._work.rivals(one, mine, start=start, end=end)

        return self._reader.read(work, query, now=now, rivals=rivals)

    def settled(self, query: LogQuery, *, waiting: Callable[[], None] = lambda: None) -> TaskLogs:
        """Return the lines, those that show up late included: of work that ended a moment ago the last ones are waited for,
        which `waiting` is told once."""
        found = self.read(query)
        told = False
        while found.missing_ends and self._may_be_late():
            if not told:
                waiting()
                told = True
            self._context.ports.clock.sleep(_WAIT_SECONDS)
            found = self.read(query)
        return found

    def follow(self, query: LogQuery) -> Iterator[TaskLogs]:
        """Return what there is, and then what is new, look by look, until the session has ended and its last lines are there.

        The first look keeps the query's limit. Lines that are equal are different lines.
        """
        context = self._context
        pause = LOCAL_SECONDS if context.repository.is_local else AWS_SECONDS
        target_arn = context.machine(self._session.pipeline).alias_arn
        while True:
            found = self.look(query, context.manager.sync(self._session, target_arn=target_arn))
            yield found
            if self.is_over(found):
                return
            context.ports.clock.sleep(pause)

    def look(self, query: LogQuery, session: Session) -> TaskLogs:
        """Return what is new since the look before, the first time what there is; `session` is the row as it stands now. Only
        the first look keeps the query's limit."""
        self._session = session
        if self._is_begun:
            since = max(entry.at for entry in self._seen) - _OVERLAP if self._seen else query.since
            query = replace(query, since=since, limit=None)
        found = self.read(query)
        fresh = _unseen(found.entries, self._seen)
        self._seen.update(fresh)
        if self._seen:
            since = max(entry.at for entry in self._seen) - _OVERLAP
            self._seen = Counter({entry: times for entry, times in self._seen.items() if entry.at >= since})
            self._is_begun = True
        return replace(found, entries=tuple(fresh))

    def is_over(self, found: TaskLogs) -> bool:
        """Tell after a look whether no further line is to be expected."""
        return self._session.standing.is_final and not (found.missing_ends and self._may_be_late())

    def _may_be_late(self) -> bool:
        latest = self._session.latest
        ended = latest.stopped_at if latest is not None else None
        return ended is not None and self._context.ports.clock.now() < ended + LATENESS


def instant_since(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Return the instant that a person means: `10m` is ten minutes ago, else a date or a time of ISO 8601, in `zone` when it
    names none.

    Raises:
        InvalidInput: it is neither.

    """
    try:
        return now - timedelta(seconds=abs(parse_duration(text)))
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        hint = "Write how long ago, such as 10m, or a time, such as 2026-01-31T06:00."
        raise InvalidInput("no-instant", "this is neither a duration nor a time", hint=hint, since=text) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _unseen(entries: Sequence[LogEntry], seen: Counter[LogEntry]) -> list[LogEntry]:
    """Return the entries without as many of each as were seen."""
    left = Counter(seen)
    fresh = []
    for entry in entries:
        if left[entry] > 0:
            left[entry] -= 1
        else:
            fresh.append(entry)
    return fresh


def _check(query: LogQuery, work: Sequence[CalledWork], shapes: Sequence[MachineShape]) -> None:
    if query.job and shapes:
        _check_job(query.job, shapes[0], [call.job for one in work for call in one.calls])
    items = dict.fromkeys(call.item for one in work for call in one.calls if call.item)
    if query.item and query.item not in items:
        see = command_line("logs", "SESSION")
        summary = "no item of that label was worked on"
        raise unknown_name("unknown-item", summary, what="item", name=query.item, known=list(items), see=see)


def _check_job(path: str, shape: MachineShape, called: Sequence[str]) -> None:
    """Refuse a job that is not there; of a pipeline that a job runs, PARENT/JOB, one that called nothing."""
    job, _, inner = path.partition("/")
    inside = sorted({one for one in called if one.startswith(f"{job}/")})
    if job not in shape.jobs or (inner and not any(one == path or one.startswith(f"{path}/") for one in inside)):
        see, known = command_line("graph", "PIPELINE"), inside if inner and job in shape.jobs else shape.jobs
        raise unknown_name("unknown-job", "the session has no such job", what="job", name=path, known=known, see=see)
    resources = [state.resource for state in shape.states_of(job)]
    if not any(function_name(resource) or any(word in resource for word in _LOGGING) for resource in resources):
        summary = "the job calls no function, no container and no pipeline, so that there is no log of its own"
        raise InvalidInput("no-task-log", summary, job=job)
