"""Looks at one session again and again, reading only what is new of its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bunsui.errors import CloudError, Missing
from bunsui.model.session import HistoryEvent, JobProgress, JobStatus, MapRunCounts, Session, SessionStatus
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionClient, MapRunReader
from bunsui.ports.monitoring import LogReader
from bunsui.sessions.explain import explain
from bunsui.sessions.manager import SessionManager
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.snapshot import Failure, SessionSnapshot
from bunsui.sessions.trace import Trace, read_trace, with_end


class SessionObserver:
    """Gives snapshots of one session; keeps its history between looks."""

    def __init__(
        self,
        *,
        manager: SessionManager,
        execution: ExecutionClient,
        logs: LogReader,
        clock: Clock,
        target_arn: str,
        order: Sequence[str] = (),
        hints: Mapping[str, str] | None = None,
        map_runs: MapRunReader | None = None,
    ) -> None:
        """Look with these ports. `order` is the order of the pipeline's jobs, `hints` are by error name."""
        self._manager = manager
        self._execution = execution
        self._logs = logs
        self._clock = clock
        self._target_arn = target_arn
        self._order = tuple(order)
        self._hints = dict(hints or {})
        self._map_runs = map_runs
        self._counts: dict[str, MapRunCounts] = {}
        """By ARN of the map run."""
        self._execution_arn = ""
        self._shape: MachineShape | None = None
        self._events: list[HistoryEvent] = []
        self._last: SessionSnapshot | None = None

    def look(self, session: Session) -> SessionSnapshot:
        """Repair the session's row and give everything that is known of it now; a failed one with its failure explained.

        A session that has ended is read once, when its history has its end: nothing changes until somebody resumes it.
        """
        session = self._manager.sync(session, target_arn=self._target_arn)
        last = self._last
        if last is not None and read_trace(self._events[-1:]).end is not None and _is_same(last.session, session):
            return replace(last, taken_at=self._clock.now())
        self._last = self._snapshot(session)
        return self._last

    def _snapshot(self, session: Session) -> SessionSnapshot:
        latest = session.latest
        if latest is None:
            jobs = tuple(JobProgress(name=name, status=_before_start(session)) for name in self._order)
            return SessionSnapshot(session=session, jobs=jobs, taken_at=self._clock.now())
        try:
            shape = self._read(latest.execution_arn)
        except Missing:
            return SessionSnapshot(session=session, jobs=(), taken_at=self._clock.now())
        events = with_end(self._events, latest)
        return SessionSnapshot(
            session=self._with_output(session),
            jobs=job_progress(shape, events, order=self._order, map_runs=self._counted(read_trace(events))),
            taken_at=self._clock.now(),
            failure=self._failure(session, shape, events),
            can_resume=not shape.is_raw,
        )

    def _read(self, execution_arn: str) -> MachineShape:
        if execution_arn != self._execution_arn or self._shape is None:
            self._shape = machine_shape(self._execution.definition(execution_arn))
            self._events = []
            self._execution_arn = execution_arn
        after = self._events[-1].id if self._events else 0
        self._events.extend(self._execution.history(execution_arn, after=after))
        return self._shape

    def _counted(self, trace: Trace) -> Mapping[str, MapRunCounts]:
        """Give the counts of all map runs, asking again for those that go on."""
        for arn in dict.fromkeys(visit.map_run_arn for visit in trace.visits if visit.map_run_arn):
            known = self._counts.get(arn)
            if self._map_runs is None or (known is not None and known.is_final):
                continue
            try:
                self._counts[arn] = self._map_runs.counts(arn)
            except CloudError:
                continue  # forgotten or forbidden: the job is told without its items
        return self._counts

    def _failure(self, session: Session, shape: MachineShape, events: Sequence[HistoryEvent]) -> Failure | None:
        latest = session.latest
        if latest is None or not session.status.is_final:
            return None
        trace = read_trace(events)
        return explain(
            latest,
            trace,
            shape,
            execution=self._execution,
            logs=self._logs,
            map_runs=self._map_runs,
            hints=self._hints,
        )

    def _with_output(self, session: Session) -> Session:
        """Take the output from the execution: the row keeps neither the order of its fields nor a large one."""
        if session.status is not SessionStatus.SUCCEEDED:
            return session
        return replace(session, output=self._execution.describe(self._execution_arn).output)


def _is_same(seen: Session, session: Session) -> bool:
    return (seen.id, seen.row_version, seen.status) == (session.id, session.row_version, session.status)


def _before_start(session: Session) -> JobStatus:
    return JobStatus.NOT_RUN if session.status.is_final else JobStatus.WAITING
