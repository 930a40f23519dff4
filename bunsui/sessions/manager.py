"""The rows of sessions, kept in step with Step Functions, which is the truth: the acts.

Every change is a conditional write along the table of allowed transitions. A row is written before its execution is started,
and an execution's name follows from session and attempt: whoever repeats a start that was cut short finds the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.command_line import command_line
from bunsui.errors import AccessDenied, Conflict, InvalidInput, Missing, Unsupported
from bunsui.model.json import Json
from bunsui.model.session import Attempt, Session, SessionStatus, check_transition
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.session_rows import SessionRepository
from bunsui.sessions.adoption import kind_of
from bunsui.sessions.ids import execution_arn_of, execution_name, next_execution
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.payload import execution_input
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.slots import business_date
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
    commit: str = ""


class SessionManager:
    """Starts, follows, resumes and stops sessions."""

    def __init__(
        self, *, execution: ExecutionClient, sessions: SessionRepository, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        """Work on these rows and executions; `new_id` gives ULIDs."""
        self._execution = execution
        self._sessions = sessions
        self._clock = clock
        self._new_id = new_id
        self._recorder = SessionRecorder(execution, sessions)

    def create(self, intent: Intent) -> Session:
        """Write the row, start the execution, and give the running session."""
        session = Session(
            id=self._new_id(),
            pipeline=intent.machine.pipeline,
            status=SessionStatus.PENDING,
            slot=intent.slot,
            date=business_date(intent.slot, intent.machine.timezone),
            params=intent.params,
            started_by=intent.started_by,
            created_at=self._clock.now(),
            commit=intent.commit,
        )
        payload = execution_input(session, 1, is_raw=intent.machine.is_raw)
        self._sessions.add(session)
        return self._start(session, intent.machine.alias_arn, number=1, kind="run", payload=payload)

    def resume(self, session: Session, machine: PipelineMachine, resume: Mapping[str, Json], *, commit: str = "") -> Session:
        """Start the next attempt of a session that ended badly, and give the running session.

        Only one of several resumes at the same time goes on: the others see an illegal transition or a Conflict. A resume that
        was cut short after its claim is taken up by the next one. Right before the start Step Functions is asked once more:
        of two executions of a session never both run by what is done here.

        Raises:
            InvalidInput: an execution of the session runs, somebody's redrive included.

        """
        number = next_execution(session)
        payload = execution_input(session, number, resume)
        if session.status is not SessionStatus.RECOVERING:
            check_transition(session.status, SessionStatus.RECOVERING)
            session = self._sessions.save(replace(session, status=SessionStatus.RECOVERING, commit=commit))
        session = self.sync(session)
        if session.running:
            raise still_running(session)
        if session.status is not SessionStatus.RECOVERING:  # somebody's redrive came between, and has ended
            raise Conflict(
                "session-changed",
                "somebody else acted on the session first",
                hint=f"Look at it again:\n  {command_line('show', session.id)}",
                session=session.id,
                status=session.status.value,
            )
        return self._start(session, machine.alias_arn, number=number, kind="resume", payload=payload)

    def stop(self, session: Session, reason: str) -> Session:
        """Abort what runs of the session and give it as it then stands."""
        if session.status.is_final and not session.running:
            check_transition(session.status, SessionStatus.CANCELLED)
        if not session.running:
            return self._recorder.change(session, lambda row: _with_status(row, SessionStatus.CANCELLED))
        for arn in dict.fromkeys(attempt.execution_arn for attempt in session.running):
            self._execution.stop(arn, reason=reason)
        return self.sync(session)

    def sync(self, session: Session, *, target_arn: str = "") -> Session:
        """Repair the row from the truth and give it; nothing is written when nothing changed.

        Its last execution is described, also of a session that has ended: somebody may have revived it. `target_arn` is the
        machine's or alias's ARN, needed only for rows whose start was cut short.
        """
        if session.status in (SessionStatus.PENDING, SessionStatus.RECOVERING) and target_arn:
            session = self._sync_starting(session, target_arn)
        last = (session.latest,) if session.latest is not None else ()
        for arn in dict.fromkeys(attempt.execution_arn for attempt in (*session.running, *last)):
            session = self._sync_execution(session, arn)
        return session

    def _start(self, session: Session, target_arn: str, *, number: int, kind: str, payload: Mapping[str, Json]) -> Session:
        name = execution_name(session.pipeline, session.id, number)
        try:
            arn = self._execution.start(target_arn, name=name, payload=payload)
        except (AccessDenied, Missing, Unsupported):
            self._recorder.change(session, lambda row: _with_status(row, SessionStatus.FAILED))
            raise
        except Conflict:
            arn = execution_arn_of(target_arn, name)  # a resume that was cut short had started it
        attempt = Attempt(
            number=number, execution_arn=arn, kind=kind, status=SessionStatus.RUNNING, started_at=self._clock.now()
        )
        return self._recorder.change(session, lambda row: with_attempts(row, [attempt]))

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
        number = next_execution(session)
        arn = execution_arn_of(target_arn, execution_name(session.pipeline, session.id, number))
        try:
            execution = self._execution.describe(arn)
        except Missing:
            is_old = self._clock.now() - session.created_at > _START_TIME
            if session.status is SessionStatus.PENDING and is_old:
                return self._recorder.change(session, lambda row: _with_status(row, SessionStatus.FAILED))
            return session
        return self._recorder.take(session, execution, kind=kind_of(execution.name))


def still_running(session: Session) -> InvalidInput:
    """Return the error for an act that needs a session of which nothing runs."""
    follow, stop = command_line("watch", session.id), command_line("stop", session.id)
    summary = "the session is still running"
    if session.latest is not None and session.latest.kind == "redrive":
        summary = "the session runs again: somebody redrove its execution"
    elif session.running and not set(session.running) & set(session.attempts):
        summary = "the schedule was delivered twice, and the second execution still runs"
    return InvalidInput(
        "still-running",
        summary,
        hint=f"Follow it, or stop it first:\n  {follow}\n  {stop}",
        session=session.id,
        execution=session.running[-1].execution_arn if session.running else None,
    )


def _with_status(row: Session, status: SessionStatus) -> Session:
    if row.status is status:
        return row
    check_transition(row.status, status)
    return replace(row, status=status)
