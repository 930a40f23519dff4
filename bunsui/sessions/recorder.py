"""Writes what Step Functions says of executions into the rows of their sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from bunsui.command_line import command_line
from bunsui.errors import CloudError, Conflict, Missing, Unavailable
from bunsui.model.session import Attempt, HistoryEvent, MapRunCounts, Session, SessionStatus
from bunsui.ports.execution import Execution, ExecutionClient, ExecutionSummary, MapRunReader
from bunsui.ports.session_rows import SessionRepository
from bunsui.sessions.adoption import adopted_row, kind_of, with_input
from bunsui.sessions.explain import note_failure, root_cause
from bunsui.sessions.history.commits import CommitOf, no_commit
from bunsui.sessions.history.sensitive import Hidden, hidden_in_history, row_without
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.progress import COMPLETED, job_progress
from bunsui.sessions.remarks import NOTHING, Remarks, may_have_remarks, remarks_of
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import read_trace
from bunsui.sessions.truth import attempt_of, earlier_turns, is_news, lacks_turns, of_summary, with_duplicate, with_execution

_TRIES = 5
"""How often a write is repeated on the newer row when somebody else was first."""


class SessionRecorder:
    """Keeps rows in step with Step Functions. Several may work on the same rows: every write is conditional."""

    def __init__(
        self,
        execution: ExecutionClient,
        sessions: SessionRepository,
        map_runs: MapRunReader | None = None,
        commit_of: CommitOf = no_commit,
    ) -> None:
        """Work on these executions and rows; without `map_runs` items of distributed Maps are not counted. `commit_of` tells
        what sessions ran that began elsewhere."""
        self._execution = execution
        self._sessions = sessions
        self._map_runs = map_runs
        self._commit_of = commit_of
        self._shapes: dict[str, MachineShape] = {}
        """By the ARN of the machine's version."""

    def change(self, session: Session, change: Callable[[Session], Session]) -> Session:
        """Write the changed row; when somebody else wrote first, change theirs instead."""
        row = session
        for _ in range(_TRIES):
            changed = change(row)
            if changed == row:
                return row
            try:
                return self._sessions.save(changed)
            except Conflict:
                newer = self._sessions.get(session.id)
                if newer is None:
                    raise
                row = newer
        raise Unavailable(
            "session-busy",
            "the session's row keeps changing",
            hint=f"Somebody else acts on it: look again with\n  {command_line('show', session.id)}",
            session=session.id,
        )

    def take(self, session: Session, execution: Execution, *, kind: str = "run") -> Session:
        """Write what a described execution says into its session's row, with what its history has to add."""
        if not is_news(session, execution):
            return session
        earlier = self._earlier(execution, kind) if lacks_turns(session, execution) else ()
        told, hidden = self._told(execution)
        return self.change(
            session,
            lambda row: row_without(with_execution(row, execution, earlier=earlier, kind=kind, told=told), hidden),
        )

    def note(self, session_id: str, summary: ExecutionSummary, machine: PipelineMachine) -> None:
        """Write what a list says of an execution into its session's row, which is to be described later."""
        row, told = self._sessions.get(session_id), of_summary(summary, machine.arn)
        if row is None or not is_news(row, told):
            return
        ended = summary.status.is_final

        def noted(there: Session) -> Session:
            changed = with_execution(there, told, kind=kind_of(summary.name))
            return replace(changed, is_described=False) if ended and changed != there else changed

        self.change(row, noted)

    def adopt(self, summary: ExecutionSummary, machine: PipelineMachine, *, describes: bool) -> None:
        """Make a row for an execution that has none: whole, or what a list says of it, to be described later."""
        execution = of_summary(summary, machine.arn)
        if describes:
            try:
                execution = self._execution.describe(summary.arn)
            except Missing:  # a read that lags does not show it yet
                describes = False
        kind = kind_of(execution.name)
        row = adopted_row(execution, machine, is_described=describes)
        earlier = self._earlier(execution, kind) if execution.redrive_count and describes else ()
        told, hidden = self._told(execution) if describes else (NOTHING, ())
        row = self._with_commit(with_execution(row, execution, earlier=earlier, kind=kind, told=told))
        row = row_without(row, hidden)
        try:
            self._sessions.add(row)
        except Conflict:
            self._adopt_into(row, execution, kind)

    def describe(self, session: Session, machine: PipelineMachine) -> Session:
        """Ask for what a list did not say of the session's executions, and give the whole row."""
        row = session
        for arn in dict.fromkeys(attempt.execution_arn for attempt in (*session.attempts, *session.duplicates)):
            try:
                execution = self._execution.describe(arn)
            except Missing:
                continue
            row = self._filled(row, execution, machine)
        row = replace(row, is_described=True)
        for _ in range(_TRIES):
            holder = self._holder(row)
            if holder is not None:
                return self._merge(holder, row)
            try:
                return self._sessions.save(row)
            except Conflict:  # somebody else described it, or claimed its slot a moment ago
                newer = self._sessions.get(session.id)
                if newer is None or newer.is_described or newer.attempts != session.attempts:
                    return newer or session
                row = replace(row, row_version=newer.row_version)
        return session

    def _filled(self, row: Session, execution: Execution, machine: PipelineMachine) -> Session:
        kind = kind_of(execution.name)
        earlier = self._earlier(execution, kind) if lacks_turns(row, execution) else ()
        told, hidden = self._told(execution)
        filled = self._with_commit(with_execution(row, execution, earlier=earlier, kind=kind, told=told))
        filled = row_without(filled, hidden)
        return filled if filled.started_by else with_input(filled, execution, machine)

    def _with_commit(self, row: Session) -> Session:
        """Return a row of a session that began elsewhere with the commit that its machine's version was applied from."""
        return replace(row, commit=row.commit or self._commit_of(row.pipeline, row.version_arn))

    def _adopt_into(self, row: Session, execution: Execution, kind: str) -> None:
        """Record an execution whose row could not be added: it has one, or its slot has."""
        known = self._sessions.known([execution.arn]).get(execution.arn)
        if known is not None:
            return  # somebody else found it too
        holder = self._holder(row)
        if holder is not None:
            self.change(holder, lambda there: with_duplicate(there, row))
            return
        there = self._sessions.get(row.id)  # its start seemed not to have happened, or an older bunsui wrote it
        if there is not None and self.take(there, execution, kind=kind) == there:
            self._sessions.save(there)

    def _holder(self, row: Session) -> Session | None:
        """Return the other row that has the slot of this one's schedule."""
        holder = self._sessions.intended([row.intent]).get(row.intent, row.id)
        return self._sessions.get(holder) if holder != row.id else None

    def _merge(self, holder: Session, row: Session) -> Session:
        for _ in range(_TRIES):
            try:
                return self._sessions.merge(with_duplicate(holder, row), row)
            except Conflict:
                newer, still = self._sessions.get(holder.id), self._sessions.get(row.id)
                if newer is None or still is None:
                    return newer or row
                holder, row = newer, replace(row, row_version=still.row_version)
        return row

    def _earlier(self, execution: Execution, kind: str) -> Sequence[Attempt]:
        try:
            return earlier_turns(execution, self._execution.history(execution.arn), kind=kind)
        except CloudError:
            return ()  # the row then says that nobody saw their end

    def _told(self, execution: Execution) -> tuple[Remarks, Hidden]:
        """Return what the execution's history adds, and what of it no row may keep."""
        if execution.status in (SessionStatus.RUNNING, SessionStatus.CANCELLED):
            return NOTHING, ()
        try:
            shape = self._shape(execution)
            if execution.status is SessionStatus.SUCCEEDED and not may_have_remarks(shape):
                return NOTHING, ()
            events = self._execution.history(execution.arn)
        except CloudError:
            return NOTHING, ()  # the row stays right without; `show` looks again
        jobs = job_progress(shape, events, map_runs=self._counts(shape, events))
        remarks, hidden = remarks_of(shape, jobs, execution.status), hidden_in_history(shape, events)
        if execution.status is SessionStatus.SUCCEEDED:
            return remarks, hidden
        cause = root_cause(attempt_of(execution), read_trace(events), shape, execution=self._execution)
        completed = tuple(job.name for job in jobs if job.status in COMPLETED and not job.coarse)
        if cause.is_followed:
            hidden |= hidden_in_history(cause.found.shape, tuple(cause.found.trace.events.values()))
        return replace(remarks, failed_job=cause.first.job, failure=note_failure(cause, completed)), hidden

    def _counts(self, shape: MachineShape, events: Sequence[HistoryEvent]) -> Mapping[str, MapRunCounts]:
        """Return how many items failed in the distributed Maps that tolerate some: a call for each."""
        found: dict[str, MapRunCounts] = {}
        for visit in read_trace(events).visits if self._map_runs is not None else ():
            state = shape.states.get(visit.state)
            if self._map_runs is not None and visit.map_run_arn and state is not None and state.tolerates:
                with suppress(CloudError):  # forgotten or forbidden: it is not counted
                    found[visit.map_run_arn] = self._map_runs.counts(visit.map_run_arn)
        return found

    def _shape(self, execution: Execution) -> MachineShape:
        """Return what the execution runs; a version is asked for once, since it never changes and the call is scarce."""
        version = execution.version_arn
        if version not in self._shapes:
            shape = machine_shape(self._execution.definition(execution.arn))
            if not version:
                return shape
            self._shapes[version] = shape
        return self._shapes[version]
