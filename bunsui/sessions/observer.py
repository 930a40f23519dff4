"""Observe one session again, as often as asked: only what is new of its history is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bunsui.errors import CloudError, Missing
from bunsui.model.pipeline import NOTHING_SAID, About
from bunsui.model.session import FailedItem, HistoryEvent, JobProgress, JobStatus, MapRunCounts, Session, SessionStatus
from bunsui.ports.clock import Clock
from bunsui.ports.execution import Execution, ExecutionClient, MapRunReader
from bunsui.ports.monitoring import ContainerLogs, LogReader
from bunsui.sessions.authored import Authored, in_authors_words
from bunsui.sessions.explain import HintsOf, explain, item_label, machine_name_of, no_hints
from bunsui.sessions.history.attempts import MOST_ATTEMPTS, attempt_jobs, turn_events
from bunsui.sessions.history.children import child_runs
from bunsui.sessions.history.gates import gate_standings
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.history.sensitive import snapshot_without
from bunsui.sessions.manager import SessionManager
from bunsui.sessions.progress import job_progress, shown_progress
from bunsui.sessions.remarks import remarks_of
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.snapshot import AttemptJobs, SessionFailure, SessionSnapshot
from bunsui.sessions.trace import Trace, read_trace, with_end
from bunsui.sessions.tracebacks import error_of, message_of

_MOST_ITEMS = 5
"""Failed items of a distributed foreach whose errors are asked for: a call each."""
_REVIVAL_TIME = timedelta(seconds=15)
"""So often a session that has ended is asked for: somebody may have redriven it."""


class SessionObserver:
    """Returns snapshots of one session; keeps its history between looks."""

    def __init__(
        self,
        *,
        manager: SessionManager,
        execution: ExecutionClient,
        logs: LogReader,
        clock: Clock,
        target_arn: str,
        order: Sequence[str] = (),
        hints: HintsOf = no_hints,
        pipeline_of: Callable[[str], str] = machine_name_of,
        map_runs: MapRunReader | None = None,
        containers: ContainerLogs | None = None,
        about: About = NOTHING_SAID,
        closing: Sequence[str] = (),
        described: Mapping[str, str] | None = None,
        authored: Authored | None = None,
    ) -> None:
        """Look with these ports. `order` is the order of the pipeline's jobs, `authored` is by job,
        `closing` the jobs of on_failure and finally, `described` what the file says of jobs."""
        self._about = about
        self._closing = tuple(closing)
        self._described = dict(described or {})
        self._authored = dict(authored or {})
        self._manager = manager
        self._execution = execution
        self._logs = logs
        self._clock = clock
        self._target_arn = target_arn
        self._order = tuple(order)
        self._hints = hints
        self._pipeline_of = pipeline_of
        self._map_runs = map_runs
        self._containers = containers
        self._counts: dict[str, MapRunCounts] = {}
        """By ARN of the map run."""
        self._failed: dict[str, tuple[FailedItem, ...]] = {}
        """By ARN of a map run that has ended."""
        self._execution_arn = ""
        self._events: Sequence[HistoryEvent] = ()
        self.reader = HistoryReader(execution)
        """Holds the histories that were read."""
        self._last: SessionSnapshot | None = None
        self._synced_at: datetime | None = None

    def look(self, session: Session) -> SessionSnapshot:
        """Repair the session's row and give everything that is known of it now; a failed one with its failure explained.

        A session that has ended is read once, when its history has its end: nothing changes until somebody resumes or redrives
        it, for which Step Functions is asked now and then.
        """
        now = self._clock.now()
        if not session.standing.is_final or self._synced_at is None or now - self._synced_at >= _REVIVAL_TIME:
            session, self._synced_at = self._manager.sync(session, target_arn=self._target_arn), now
        last = self._last
        if last is not None and read_trace(self._events[-1:]).end is not None and _is_same(last.session, session):
            return replace(last, taken_at=self._clock.now())
        self._last = self._snapshot(session)
        return self._last

    def _snapshot(self, session: Session) -> SessionSnapshot:
        latest = session.latest
        if latest is None:
            jobs = tuple(JobProgress(name=name, status=_before_start(session)) for name in self._order)
            return SessionSnapshot(session=session, jobs=jobs, taken_at=self._clock.now(), about=self._about)
        try:
            shape = self._read(latest.execution_arn)
        except Missing:
            return SessionSnapshot(session=session, jobs=(), taken_at=self._clock.now(), about=self._about)
        return self._tell(session, shape, with_end(self._events, latest))

    def look_back(self, session: Session, number: int) -> SessionSnapshot:
        """Return what an earlier attempt of the session came to: nothing is repaired, and a history is read once.

        Raises:
            Missing: Step Functions has forgotten its execution.

        """
        attempt = session.attempts[number - 1]
        shape, events = self.reader.shape(attempt.execution_arn), self.reader.events(attempt.execution_arn)
        note = session.failure if number == len(session.attempts) else None
        then = replace(
            session, attempts=session.attempts[:number], status=attempt.status, failure=note, claim=None, custody=None
        )
        seen = self._tell(then, shape, with_end(turn_events(attempt, events), attempt))
        own = attempt_jobs(attempt, shape, events, order=self._order).jobs if attempt.redrive else seen.jobs
        return snapshot_without(replace(seen, jobs=own or (), compared=()), self.reader.hidden)

    def _tell(self, session: Session, shape: MachineShape, events: Sequence[HistoryEvent]) -> SessionSnapshot:
        """Return what the events tell of the session's latest attempt."""
        counts = self._counted(read_trace(events))
        progress = job_progress(shape, events, order=self._order, map_runs=counts, failed=self._failed_items())
        jobs = tuple(
            replace(job, cause=in_authors_words(job.cause, job.name, self._authored)) for job in shown_progress(shape, progress)
        )
        gates = gate_standings(events)
        told = remarks_of(shape, jobs, session.status).on(self._with_output(session))
        snapshot = SessionSnapshot(
            session=replace(told, gates=tuple(one.gate for one in gates if one.outcome == "open")),
            gates=gates,
            jobs=jobs,
            taken_at=self._clock.now(),
            failure=self._failure(session, shape, events),
            about=self._about,
            closing=self._closing,
            described=self._described,
            can_resume=not shape.is_raw,
            children=tuple(child_runs(self.reader, shape, read_trace(events), pipeline_of=self._pipeline_of)),
            compared=tuple(self._compare_attempts(session)),
        )
        return snapshot_without(snapshot, self.reader.hidden)

    def _read(self, execution_arn: str) -> MachineShape:
        shape = self.reader.shape(execution_arn)
        self._execution_arn = execution_arn
        self._events = self.reader.events(execution_arn, renew=True)
        return shape

    def _compare_attempts(self, session: Session) -> Iterator[AttemptJobs]:
        """Return how the jobs went in the latest attempts. What ended before the latest execution is read once."""
        if len(session.attempts) < 2:
            return
        for attempt in session.attempts[-MOST_ATTEMPTS:]:
            try:
                shape, events = self.reader.shape(attempt.execution_arn), self.reader.events(attempt.execution_arn)
            except CloudError:
                yield AttemptJobs(number=attempt.number, jobs=None)  # forgotten or forbidden
                continue
            ended = with_end(events, attempt) if attempt.execution_arn == self._execution_arn else events
            yield attempt_jobs(attempt, shape, ended, order=self._order)

    def _counted(self, trace: Trace) -> Mapping[str, MapRunCounts]:
        """Return the counts of all map runs, asking again for those that go on."""
        for arn in dict.fromkeys(visit.map_run_arn for visit in trace.visits if visit.map_run_arn):
            known = self._counts.get(arn)
            if self._map_runs is None or (known is not None and known.is_final):
                continue
            try:
                self._counts[arn] = self._map_runs.counts(arn)
            except CloudError:
                continue  # forgotten or forbidden: the job is told without its items
        return self._counts

    def _failed_items(self) -> Mapping[str, tuple[FailedItem, ...]]:
        """Return the first items that failed, of the map runs that have ended: each costs a call, once."""
        for arn, counts in self._counts.items():
            if self._map_runs is None or arn in self._failed or not counts.is_final or not counts.failed:
                continue
            try:
                children = self._map_runs.failed_children(arn, limit=_MOST_ITEMS)
                self._failed[arn] = tuple(_failed_item(self._execution.describe(child.arn)) for child in children)
            except CloudError:
                self._failed[arn] = ()  # forgotten or forbidden: they are counted only
        return self._failed

    def _failure(self, session: Session, shape: MachineShape, events: Sequence[HistoryEvent]) -> SessionFailure | None:
        latest = session.latest
        if latest is None or not session.standing.is_final:
            return None
        trace = read_trace(events)
        return explain(
            latest,
            trace,
            shape,
            execution=self._execution,
            logs=self._logs,
            map_runs=self._map_runs,
            containers=self._containers,
            hints=self._hints,
            pipeline_of=self._pipeline_of,
            authored=self._authored,
        )

    def _with_output(self, session: Session) -> Session:
        """Take the output from the execution: the row keeps neither the order of its fields nor a large one."""
        if session.status is not SessionStatus.SUCCEEDED:
            return session
        try:
            execution = self._execution.describe(self._execution_arn)
        except Missing:
            return session
        # A read that lags may not know the end yet, which the row has
        return replace(session, output=execution.output) if execution.status is SessionStatus.SUCCEEDED else session


def _failed_item(execution: Execution) -> FailedItem:
    error = error_of(execution.cause, execution.error)
    return FailedItem(label=item_label(execution), error=error, message=message_of(execution.cause, error))


def _is_same(seen: Session, session: Session) -> bool:
    return (seen.id, seen.row_version, seen.standing) == (session.id, session.row_version, session.standing)


def _before_start(session: Session) -> JobStatus:
    return JobStatus.NOT_RUN if session.standing.is_final else JobStatus.WAITING
