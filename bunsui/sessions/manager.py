"""The rows of sessions, kept in step with Step Functions, which is the truth: the acts.

Every change is a conditional write along the table of allowed transitions. A row is written before its execution is started,
and an execution's name follows from session and attempt: whoever repeats a start that was cut short finds the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.command_line import command_line
from bunsui.errors import Missing, Refused
from bunsui.model.admission.concurrency import Concurrency
from bunsui.model.json import Json
from bunsui.model.session import Attempt, Custody, Session, SessionStatus, check_transition
from bunsui.ports.acts import ActRecord
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionClient, ExecutionRedriver, MapRunReader
from bunsui.ports.session_rows import SessionRepository
from bunsui.sessions.admission.line import LineSettings
from bunsui.sessions.adoption import kind_of
from bunsui.sessions.ids import execution_arn_of, execution_name, next_execution
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.payload import execution_input
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.slots import business_date
from bunsui.sessions.starts.acts import SessionActs
from bunsui.sessions.starts.settling import SettledStarts
from bunsui.sessions.starts.starting import SessionStarter, Start, as_unstarted
from bunsui.sessions.truth import UNKNOWN, with_attempts

_START_TIME = timedelta(minutes=2)
"""After this a row without an execution belongs to a start that never happened."""

SEEN_TIME = timedelta(minutes=5)
"""For so long after its start an execution may be unknown to a read: DescribeExecution is eventually consistent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What somebody wants to run."""

    machine: PipelineMachine
    params: Mapping[str, Json]
    slot: datetime
    started_by: str
    """The ARN of who wants it."""
    commit: str = ""
    how: str = "run"
    """One of `bunsui.model.session.BEGUN_BY`."""
    timezone: str = ""
    """In which the slot's date is told; empty: the pipeline's."""
    identity: str = ""
    """What the intent is known by, so that it is one session however often it is asked for; empty: each is another."""
    concurrency: Concurrency | None = None
    """How many sessions of the pipeline run at a time, as it is applied; None for as many as are started."""

    def new_session(self, session_id: str, *, at: datetime) -> Session:
        """Return the session that it is going to be, made at that time; nothing of it is started."""
        return Session(
            id=session_id,
            pipeline=self.machine.pipeline,
            status=SessionStatus.PENDING,
            slot=self.slot,
            date=business_date(self.slot, self.timezone or self.machine.timezone),
            params=self.params,
            started_by=self.started_by,
            created_at=at,
            commit=self.commit,
            identity=self.identity,
        )


class SessionManager:
    """Starts, follows, resumes and stops sessions."""

    def __init__(
        self,
        *,
        execution: ExecutionClient,
        sessions: SessionRepository,
        clock: Clock,
        acts: SessionActs,
        new_id: Callable[[], str],
        map_runs: MapRunReader | None = None,
        settled: SettledStarts | None = None,
        line: LineSettings | None = None,
    ) -> None:
        """Work on these rows and executions, and record the acts; `new_id` gives ULIDs, `settled`, `line` let starts wait."""
        self._line = line
        self._settled = settled or SettledStarts()
        self._execution = execution
        self._acts = acts
        self._sessions = sessions
        self._clock = clock
        self._new_id = new_id
        self._recorder = SessionRecorder(execution, sessions, map_runs)

    def create(self, intent: Intent) -> Session:
        """Write the row, start the execution, and give the running session; that which has the intent, where one has it."""
        session = intent.new_session(self._new_id(), at=self._clock.now())
        return self._starter(intent.machine.alias_arn).start(
            Start(
                session=session,
                target_arn=intent.machine.alias_arn,
                how=intent.how,
                actor=intent.started_by,
                inputs=lambda row, number: execution_input(row, number, is_raw=intent.machine.is_raw),
                is_new=True,
                concurrency=intent.concurrency,
            )
        )

    def resume(
        self,
        session: Session,
        machine: PipelineMachine,
        resume: Mapping[str, Json],
        *,
        actor: str = "",
        commit: str = "",
        concurrency: Concurrency | None = None,
    ) -> Session:
        """Start the next attempt of a session that ended badly, and give the running session (`SessionStarter.start`).

        Raises:
            InvalidInput: an execution of the session runs, somebody's redrive included.
            Conflict: somebody else acted on the session first.
            HeldBack: as many sessions of the pipeline run as `concurrency` says, and this one does not wait.

        """
        start = Start(
            session=session,
            target_arn=machine.alias_arn,
            how="resume",
            actor=actor,
            inputs=lambda row, number: execution_input(row, number, resume, is_raw=machine.is_raw),
            commit=commit,
            concurrency=concurrency,
        )
        return self._starter(machine.alias_arn).start(start)

    def redrive(
        self,
        session: Session,
        machine: PipelineMachine,
        execution: ExecutionRedriver,
        *,
        actor: str = "",
        concurrency: Concurrency | None = None,
    ) -> Session:
        """Revive the session's last execution, and return the session as it then stands (`SessionStarter.redrive`)."""
        return self._starter(machine.alias_arn).redrive(session, execution, actor=actor, concurrency=concurrency)

    def stop(self, session: Session, reason: str) -> Session:
        """Abort what runs of the session and give it as it then stands."""
        if session.standing.is_final and not session.running:
            check_transition(session.status, SessionStatus.CANCELLED)
        if not session.running:
            with self._acts.ending(self._begin_stop(session, None, reason)):
                return self._recorder.change(session, _without_claim)
        for attempt in {attempt.execution_arn: attempt for attempt in session.running}.values():
            with self._acts.ending(self._begin_stop(session, attempt, reason)):
                self._execution.stop(attempt.execution_arn, reason=reason)
        return self.sync(session)

    def hand(self, session: Session, custody: Custody | None, *, act: str, reason: str = "") -> Session:
        """Write who is on a session that ended badly, None for nobody any more, and return the session.

        Raises:
            Refused: since it was read, somebody took it or released it, or another attempt began.
            Unavailable: it cannot be recorded in the audit trail, so nothing was written.

        """

        def hand_row(row: Session) -> Session:
            if (row.standing, row.taken, len(row.attempts)) != (session.standing, session.taken, len(session.attempts)):
                raise Refused(
                    "session-changed",
                    "somebody else acted on the session first",
                    hint=f"Look at it again:\n  {command_line('show', session.id)}",
                    session=session.id,
                    status=row.standing.value,
                )
            return replace(row, custody=custody)

        last = session.latest
        begun = self._acts.begin(
            session,
            act,
            "",
            attempt=len(session.attempts),
            execution_arn=last.execution_arn if last is not None else "",
            reason=custody.note if custody is not None else reason,
        )
        with self._acts.ending(begun):
            return self._recorder.change(session, hand_row)

    def _begin_stop(self, session: Session, attempt: Attempt | None, reason: str) -> ActRecord:
        """Record that the attempt is about to be stopped; None: that the one that is claimed is not to start."""
        if attempt is not None:
            number, arn, call = attempt.number, attempt.execution_arn, "StopExecution"
        else:
            number, arn, call = len(session.attempts), session.claim.execution_arn if session.claim else "", ""
        return self._acts.begin(session, "stop", call, attempt=number, execution_arn=arn, reason=reason)

    def sync(self, session: Session, *, target_arn: str = "") -> Session:
        """Repair the row from the truth and give it; nothing is written when nothing changed.

        Its last execution is described, also of a session that has ended: somebody may have revived it. `target_arn` is the
        machine's or alias's ARN, needed only for rows whose start was cut short.
        """
        if target_arn and (session.claim is not None or session.status is SessionStatus.PENDING):
            session = self._sync_starting(session, target_arn)
        last = (session.latest,) if session.latest is not None else ()
        return self._sync_executions(session, (*session.running, *last))

    def _check(self, session: Session, target_arn: str) -> Session:
        """Repair the row from all of its executions: somebody may have revived one that is not the last."""
        return self._sync_executions(self.sync(session, target_arn=target_arn), session.attempts[:-1])

    def _sync_executions(self, session: Session, attempts: Sequence[Attempt]) -> Session:
        for arn in dict.fromkeys(attempt.execution_arn for attempt in attempts):
            session = self._sync_execution(session, arn)
        return session

    def _starter(self, target_arn: str) -> SessionStarter:
        return SessionStarter(
            execution=self._execution,
            sessions=self._sessions,
            clock=self._clock,
            acts=self._acts,
            check=lambda session: self._check(session, target_arn),
            settle=lambda pipeline: self._settled.wait(pipeline, self._clock),
            line=self._line,
        )

    def _sync_execution(self, session: Session, execution_arn: str) -> Session:
        try:
            execution = self._execution.describe(execution_arn)
        except Missing:
            return self._sync_missing(session, execution_arn)
        return self._recorder.take(session, execution, kind=kind_of(execution.name))

    def _sync_missing(self, session: Session, execution_arn: str) -> Session:
        """End the attempt of an execution that Step Functions does not know, once it is too old to be unknown by lag."""
        latest = next(
            (attempt for attempt in reversed(session.running) if attempt.execution_arn == execution_arn),
            None,
        )
        if latest is None or self._clock.now() - latest.started_at <= SEEN_TIME:
            return session
        gone = replace(
            latest,
            status=SessionStatus.FAILED,
            stopped_at=self._clock.now(),
            error=UNKNOWN,
            cause="Step Functions does not know this execution any more.",
        )
        return self._recorder.change(session, lambda row: with_attempts(row, [gone]))

    def _sync_starting(self, session: Session, target_arn: str) -> Session:
        """Look for the execution of a start that is claimed. One that is too old to be on its way is claimed no more."""
        number, claim = next_execution(session), session.claim
        arn = claim.execution_arn if claim is not None else ""
        arn = arn or execution_arn_of(target_arn, execution_name(session.pipeline, session.id, number))
        since = claim.at if claim is not None else session.created_at
        is_old = self._clock.now() - since > (_START_TIME if session.status is SessionStatus.PENDING else SEEN_TIME)
        try:
            execution = self._execution.describe(arn)
        except Missing:
            return self._recorder.change(session, as_unstarted) if is_old else session
        if claim is not None and execution.redrive_count < claim.redrive:
            return self._recorder.change(session, as_unstarted) if is_old else session
        return self._recorder.take(session, execution, kind=kind_of(execution.name))


def _without_claim(row: Session) -> Session:
    """Return the row of a session that is not to start: one that ended before stands as it did."""
    if row.status.is_final or row.running:
        return replace(row, claim=None)
    check_transition(row.status, SessionStatus.CANCELLED)
    return replace(row, claim=None, status=SessionStatus.CANCELLED)
