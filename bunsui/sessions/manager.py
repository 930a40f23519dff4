"""The rows of sessions, kept in step with Step Functions, which is the truth.

Every change is a conditional write along the table of allowed transitions. A row is written before its execution is started,
and an execution's name follows from session and attempt: whoever repeats a start that was cut short finds the first one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.errors import AccessDenied, CloudError, Conflict, InvalidInput, Missing, Unavailable, Unsupported
from bunsui.model.session import Attempt, Session, SessionStatus, check_transition
from bunsui.model.values import Json
from bunsui.ports.clock import Clock
from bunsui.ports.execution import Execution, ExecutionClient
from bunsui.ports.storage import SessionQuery, SessionRepository
from bunsui.sessions.adoption import adopted, attempt_of
from bunsui.sessions.analysis import origin_of
from bunsui.sessions.ids import execution_name, session_of
from bunsui.sessions.machines import Machine
from bunsui.sessions.payload import execution_input
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.slots import business_date
from bunsui.sessions.trace import read_trace

_START_TIME = timedelta(minutes=2)
"""After this a row without an execution belongs to a start that never happened."""

_TRIES = 5
"""How often a write is repeated on the newer row when somebody else was first."""

_LARGEST_OUTPUT = 128 * 1024
"""Bytes of an output that a row keeps; a row has 400 KB for everything."""

_MOST_EXECUTIONS = 50
"""How many of a machine's latest executions are compared with the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What somebody wants to run."""

    machine: Machine
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

    def resume(self, session: Session, machine: Machine, resume: Mapping[str, Json], *, commit: str = "") -> Session:
        """Start the next attempt of a session that ended badly, and give the running session.

        Only one of several resumes at the same time goes on: the others see an illegal transition or a Conflict. A resume that
        was cut short after its claim is taken up by the next one.
        """
        number = (session.latest.number if session.latest else 0) + 1
        payload = execution_input(session, number, resume)
        if session.status is not SessionStatus.RECOVERING:
            check_transition(session.status, SessionStatus.RECOVERING)
            session = self._sessions.save(replace(session, status=SessionStatus.RECOVERING, commit=commit))
        return self._start(session, machine.alias_arn, number=number, kind="resume", payload=payload)

    def stop(self, session: Session, reason: str) -> Session:
        """Abort the running attempt and give the session as it then stands."""
        latest = session.latest
        if session.status.is_final:
            check_transition(session.status, SessionStatus.CANCELLED)
        if latest is not None and not latest.status.is_final:
            self._execution.stop(latest.execution_arn, reason=reason)
            return self.sync(session)
        return self._change(session, lambda row: _moved(row, SessionStatus.CANCELLED))

    def sync(self, session: Session, *, target_arn: str = "") -> Session:
        """Repair the row from the truth and give it; nothing is written when nothing changed.

        `target_arn` is the machine's or alias's ARN, needed only for rows whose start was cut short.
        """
        latest = session.latest
        if session.status is SessionStatus.RUNNING and latest is not None:
            return self._sync_running(session, latest)
        if session.status in (SessionStatus.PENDING, SessionStatus.RECOVERING) and target_arn:
            return self._sync_starting(session, target_arn)
        return session

    def sync_machine(self, machine: Machine) -> None:
        """Repair the rows of a pipeline: those that are not final, and executions that have none."""
        rows = self._sessions.find(SessionQuery(pipeline=machine.pipeline, limit=4 * _MOST_EXECUTIONS))
        for row in rows:
            if not row.status.is_final:
                self.sync(row, target_arn=machine.arn)
        known = {attempt.execution_arn for row in rows for attempt in row.attempts}
        starting = {row.id for row in rows if row.status in (SessionStatus.PENDING, SessionStatus.RECOVERING)}
        for summary in self._execution.executions(machine.arn, limit=_MOST_EXECUTIONS):
            named = session_of(summary.name)
            if summary.arn not in known and not (named and named[0] in starting):
                self._adopt(summary.arn, machine)

    def _start(self, session: Session, target_arn: str, *, number: int, kind: str, payload: Mapping[str, Json]) -> Session:
        name = execution_name(session.pipeline, session.id, number)
        try:
            arn = self._execution.start(target_arn, name=name, payload=payload)
        except (AccessDenied, Missing, Unsupported):
            self._change(session, lambda row: _moved(row, SessionStatus.FAILED))
            raise
        except Conflict:
            arn = _execution_arn(target_arn, name)  # a resume that was cut short had started it
        attempt = Attempt(
            number=number, execution_arn=arn, kind=kind, status=SessionStatus.RUNNING, started_at=self._clock.now()
        )
        return self._change(session, lambda row: _begun(row, attempt))

    def _sync_running(self, session: Session, latest: Attempt) -> Session:
        try:
            execution = self._execution.describe(latest.execution_arn)
        except Missing:
            gone = replace(
                latest,
                status=SessionStatus.FAILED,
                stopped_at=self._clock.now(),
                error="Execution.Unknown",
                cause="Step Functions does not know this execution any more.",
            )
            return self._change(session, lambda row: _ended(row, gone))
        if not execution.status.is_final:
            return session
        attempt = attempt_of(execution, number=latest.number, kind=latest.kind)
        failed_job = self._failed_job(execution)
        return self._change(session, lambda row: _ended(row, attempt, execution, failed_job=failed_job))

    def _sync_starting(self, session: Session, target_arn: str) -> Session:
        number = (session.latest.number if session.latest else 0) + 1
        arn = _execution_arn(target_arn, execution_name(session.pipeline, session.id, number))
        try:
            execution = self._execution.describe(arn)
        except Missing:
            is_old = self._clock.now() - session.created_at > _START_TIME
            if session.status is SessionStatus.PENDING and is_old:
                return self._change(session, lambda row: _moved(row, SessionStatus.FAILED))
            return session
        attempt = replace(
            attempt_of(execution, number=number, kind="run" if number == 1 else "resume"),
            status=SessionStatus.RUNNING,
            stopped_at=None,
            error="",
            cause="",
        )
        return self.sync(self._change(session, lambda row: _begun(row, attempt)))

    def _adopt(self, execution_arn: str, machine: Machine) -> None:
        try:
            execution = self._execution.describe(execution_arn)
        except Missing:
            return
        row = adopted(execution, pipeline=machine.pipeline, timezone=machine.timezone, is_raw=machine.is_raw)
        if row.status.is_final:
            row = replace(row, failed_job=self._failed_job(execution), output=_kept(row.output))
        try:
            self._sessions.add(row)
        except Conflict:
            return  # somebody else found it too, or a schedule was delivered twice: one session

    def _failed_job(self, execution: Execution) -> str:
        if execution.status in (SessionStatus.SUCCEEDED, SessionStatus.CANCELLED):
            return ""
        try:
            trace = read_trace(self._execution.history(execution.arn))
            shape = machine_shape(self._execution.definition(execution.arn))
        except CloudError:
            return ""  # the row stays right without the job's name; `show` looks again
        return origin_of(shape, trace, error=execution.error, cause=execution.cause).job

    def _change(self, session: Session, change: Callable[[Session], Session]) -> Session:
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
            hint=f"Somebody else acts on it: look again with\nbunsui show {session.id}",
            session=session.id,
        )


def _moved(row: Session, status: SessionStatus) -> Session:
    if row.status is status:
        return row
    check_transition(row.status, status)
    return replace(row, status=status)


def _begun(row: Session, attempt: Attempt) -> Session:
    if any(known.number == attempt.number for known in row.attempts):
        return row
    return replace(_moved(row, SessionStatus.RUNNING), attempts=(*row.attempts, attempt))


def _ended(row: Session, attempt: Attempt, execution: Execution | None = None, *, failed_job: str = "") -> Session:
    latest = row.latest
    if row.status is not SessionStatus.RUNNING or latest is None or latest.number != attempt.number:
        return row
    return replace(
        _moved(row, attempt.status),
        attempts=(*row.attempts[:-1], attempt),
        output=_kept(execution.output) if execution and attempt.status is SessionStatus.SUCCEEDED else None,
        version_arn=execution.version_arn if execution else row.version_arn,
        failed_job=failed_job,
    )


def _kept(output: Json) -> Json:
    """Give the output when it is small enough for the row; Step Functions keeps the whole."""
    return output if len(json.dumps(output)) <= _LARGEST_OUTPUT else None


def _execution_arn(target_arn: str, name: str) -> str:
    """Give the ARN that an execution of that name has: the machine's, without version or alias, and the name."""
    parts = target_arn.split(":")
    if len(parts) < 7:
        raise InvalidInput("bad-arn", "this is not the ARN of a state machine", arn=target_arn)
    return ":".join([*parts[:5], "execution", parts[6], name])
