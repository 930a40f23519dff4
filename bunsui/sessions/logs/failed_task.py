"""What the task that failed logged of it, or its last lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.errors import CloudError
from bunsui.sessions.analysis import Origin
from bunsui.sessions.functions import functions_of, log_group_of
from bunsui.sessions.logs.called_work import CalledWork, Rivals, WorkReader
from bunsui.sessions.logs.calls import CallKind, TaskCall, calls_of, request_id_in
from bunsui.sessions.logs.task_logs import LATENESS, LogEntry, LogQuery, TaskLogReader
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import Trace
from bunsui.sessions.tracebacks import logged_traceback

_MOST_LINES = 200
_SHOWN_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFailure:
    """What a log tells of a failure."""

    job: str
    group: str
    """Where it was found: a log group, or the name of the container."""
    traceback: tuple[str, ...]
    last_lines: tuple[str, ...]


class FailedTaskLog:
    """Reads the log of the call that failed, and of no other."""

    def __init__(self, reader: TaskLogReader, work: WorkReader, *, until: datetime | None) -> None:
        """Read with these; `until` is when the execution ended."""
        self._reader = reader
        self._work = work
        self._until = until

    def read(
        self, origin: Origin, shape: MachineShape, trace: Trace, *, execution_arn: str, message: str
    ) -> LoggedFailure | None:
        """Return what the log says of the failure that began there; an error that ends in `message` is preferred. None when
        nothing was called, or nothing is there."""
        told: LoggedFailure | None = None
        for call in _candidates(origin, shape, trace):
            entries = self._entries(CalledWork(execution_arn=execution_arn, calls=(call,)), trace)
            if not entries:
                continue
            messages = [entry.message for entry in entries]
            told = LoggedFailure(
                job=call.job,
                group=log_group_of(call.target) or entries[-1].container,
                traceback=logged_traceback(messages, message),
                last_lines=tuple(line for text in messages[-_SHOWN_LINES:] for line in text.split("\n"))[-_SHOWN_LINES:],
            )
            if told.traceback:
                return told
        return told

    def _entries(self, work: CalledWork, trace: Trace) -> Sequence[LogEntry]:
        def rivals(one: CalledWork, start: datetime, end: datetime) -> Rivals:
            return self._work.rivals(one, [one.execution_arn], start=start, end=end)

        ended = trace.end.at if trace.end is not None else self._until
        now = (ended or work.calls[-1].started_at) + LATENESS
        try:
            return self._reader.read([work], LogQuery(limit=_MOST_LINES), now=now, rivals=rivals).entries
        except CloudError:
            return ()


def _candidates(origin: Origin, shape: MachineShape, trace: Trace) -> Iterable[TaskCall]:
    """Return the call that failed; where the history does not hold it, those that may be it."""
    visit = origin.visit
    made = [call for call in calls_of(shape, trace) if call.state == origin.state and visit and call.item == visit.item]
    return made[-1:] or _calls_in(origin, shape, trace)


def _calls_in(origin: Origin, shape: MachineShape, trace: Trace) -> Iterator[TaskCall]:
    """Return one call of each function that may have failed there, all under the request id that the error names."""
    visit, request_id = origin.visit, request_id_in(origin.cause)
    inside = shape.inside(origin.state)
    for function in functions_of(shape):
        if request_id and visit is not None and (function.state in inside or function.state == origin.state):
            yield TaskCall(
                job=function.job,
                state=function.state,
                item="",
                kind=CallKind.FUNCTION,
                target=function.name,
                started_at=visit.entered_at,
                ended_at=trace.end.at if trace.end is not None else None,
                is_answered=True,
                request_id=request_id,
            )
