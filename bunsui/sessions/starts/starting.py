"""The one way in which bunsui starts an execution, whatever the command: what is to admit a start stands here.

Who wants to start something says it as a `Start`: for which session, by which door, who, and what is started. The attempt is
claimed in the row before anything starts, in one conditional write with the session's intent where it is a new one. The
execution's name follows from session and attempt, so that a start that is repeated, by whomever, runs once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from bunsui.command_line import command_line
from bunsui.errors import AccessDenied, BunsuiError, Conflict, InvalidInput, Missing, Refused, Unsupported
from bunsui.model.admission.concurrency import Concurrency
from bunsui.model.json import Json
from bunsui.model.session import Attempt, Claim, Session, SessionStatus, check_transition
from bunsui.ports.acts import ActRecord
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionClient, ExecutionRedriver
from bunsui.ports.session_rows import SessionRepository
from bunsui.sessions.admission.line import LineSettings
from bunsui.sessions.ids import execution_arn_of, execution_name, next_execution
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.starts.acts import SessionActs
from bunsui.sessions.starts.places import NO_PLACE, StartPlace, StartPlaces, is_taken
from bunsui.sessions.truth import with_attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start of an execution, as whoever admits it sees it."""

    session: Session
    """As its row stands; a new one has none yet."""
    target_arn: str
    """The machine, version or alias."""
    how: str
    """One of `bunsui.model.session.BEGUN_BY`."""
    actor: str
    """The ARN of who starts it."""
    inputs: Callable[[Session, int], Mapping[str, Json]]
    """Returns what the execution of that number is given."""
    is_new: bool = False
    """True when the session's row is still to be written."""
    commit: str = ""
    """Of the checkout, for the row of a session that goes on."""
    concurrency: Concurrency | None = None
    """How many sessions of the pipeline run at a time; None for as many as are started."""

    @property
    def number(self) -> int:
        """Return the number in the execution's name."""
        return next_execution(self.session)

    @property
    def name(self) -> str:
        """Return the execution's name, which is what makes a repeated start the same one."""
        return execution_name(self.session.pipeline, self.session.id, self.number)

    @property
    def payload(self) -> Mapping[str, Json]:
        """Return the execution's input."""
        return self.inputs(self.session, self.number)

    @property
    def execution_arn(self) -> str:
        """Return the ARN that the execution is going to have."""
        return execution_arn_of(self.target_arn, self.name)


class SessionStarter:
    """Starts executions of sessions. Several may work on the same rows: every write is conditional."""

    def __init__(
        self,
        *,
        execution: ExecutionClient,
        sessions: SessionRepository,
        clock: Clock,
        acts: SessionActs,
        check: Callable[[Session], Session],
        settle: Callable[[str], object],
        line: LineSettings | None = None,
    ) -> None:
        """Work on these rows and executions. `check` asks Step Functions how the session stands, and repairs its row; `settle`
        returns when AWS runs what was applied of a pipeline. `line` says how a start waits that finds no room."""
        self._settle = settle
        self._execution = execution
        self._sessions = sessions
        self._clock = clock
        self._acts = acts
        self._check = check
        self._recorder = SessionRecorder(execution, sessions)
        self._places = StartPlaces(
            settings=line, execution=execution, sessions=sessions, clock=clock, acts=acts, recorder=self._recorder
        )

    def start(self, start: Start) -> Session:
        """Claim the attempt, start its execution, and return the running session.

        Only one of several starts at the same time goes on: the others see a Conflict. One that was cut short after its claim
        is taken up by the next. Of a session that exists, Step Functions is asked once more right before: of two executions
        of a session never both run by what is done here.

        A new session whose intent somebody has already is that one: it is returned as it stands, and started if it never was.

        Raises:
            InvalidInput: an execution of the session runs, somebody's redrive included, or its input is too large.
            Conflict: somebody else acted on the session first.
            Unavailable: it cannot be recorded in the audit trail, so nothing was started.
            HeldBack: as many sessions of the pipeline run as may, and this one does not wait, or not any longer.

        """
        _ = start.payload  # what cannot be started is refused before anything is written
        self._settle(start.session.pipeline)
        if start.is_new:
            return self._start_new(start)
        if not start.session.status.is_final or start.session.running:
            raise still_running(start.session)  # nobody waits in line for that
        place = self._places.enter(start.session, start.execution_arn, start.concurrency)
        return self._begin(replace(start, session=self._claim_next(start)), place)

    def _start_new(self, start: Start) -> Session:
        """Start a new session, or that which has its intent."""
        known = self._find_known(start) if start.concurrency is not None else None
        if known is not None:
            return self._join(start, known)
        place = NO_PLACE
        try:
            place = self._places.enter_new(start.session, start.execution_arn, start.concurrency, how=start.how)
            claimed = self._places.store(replace(start.session, claim=self._claim(start)), place)
        except Conflict as error:
            place.leave()
            if not is_taken(error):
                raise
            return self._join(start, self._find_known(start))
        return claimed if claimed.attempts else self._begin(replace(start, session=claimed), place)

    def redrive(
        self, session: Session, execution: ExecutionRedriver, *, actor: str, concurrency: Concurrency | None = None
    ) -> Session:
        """Claim the next turn of the session's last execution, revive it, and return the session as it then stands.

        It is claimed as a start is. Step Functions itself revives no execution that runs, and one once for a token, which
        follows from the session and the turn: so a redrive that is repeated, by whomever, happens once.

        Raises:
            InvalidInput: an execution of the session runs, or none was started.
            Conflict: somebody else acts on the session.
            Refused: Step Functions does not redrive it; the error says why.
            Unavailable: it cannot be recorded in the audit trail, so nothing was done.
            HeldBack: as many sessions of the pipeline run as may, and this one does not wait, or not any longer.

        """
        session = self._check(session)
        last = session.latest
        if last is None:
            raise InvalidInput("nothing-to-redrive", "no execution of the session was started", session=session.id)
        if not session.status.is_final or session.running:
            raise still_running(session)
        place = self._places.enter(session, last.execution_arn, concurrency, redrive=last.redrive + 1)
        turn = Claim(
            how="redrive", actor=actor, at=self._clock.now(), execution_arn=last.execution_arn, redrive=last.redrive + 1
        )  # fmt: skip
        if session.claim is None:
            session = self._check(self._sessions.save(replace(session, claim=turn)))
        if session.running:
            raise still_running(session)
        if session.claim is None or session.claim.turn != turn.turn:
            raise _acted_first(session)
        begun = self._begin_act(session, "redrive", "RedriveExecution", last.execution_arn)
        try:
            with self._acts.ending(begun):
                execution.redrive(last.execution_arn, token=f"{session.id}-{last.number}-{turn.redrive}")
        except (AccessDenied, Missing, Refused):
            place.leave()
            self._recorder.change(session, as_unstarted)
            raise
        return self._check(session)

    def _claim_next(self, start: Start) -> Session:
        """Claim the next attempt of a session that exists."""
        session = start.session
        if not session.status.is_final or session.running:
            raise still_running(session)
        if session.claim is not None and session.claim.redrive:
            raise _acted_first(session)  # a redrive that is about to happen is no start to be taken up
        if session.claim is None:
            check_transition(session.status, SessionStatus.RUNNING)
            session = self._sessions.save(replace(session, claim=self._claim(start), commit=start.commit or session.commit))
        session = self._check(session)
        if session.running:
            raise still_running(session)
        if session.claim is None:  # somebody's redrive came between, and has ended
            raise _acted_first(session)
        return session

    def _claim(self, start: Start) -> Claim:
        return Claim(how=start.how, actor=start.actor, at=self._clock.now(), execution_arn=start.execution_arn)

    def _find_known(self, start: Start) -> Session | None:
        """Return the session that has the intent already; None where there is none."""
        intent = start.session.intent
        holder = self._sessions.intended([intent]).get(intent) if intent else None
        return self._sessions.get(holder) if holder is not None else None

    def _join(self, start: Start, found: Session | None) -> Session:
        """Return the session that has the intent already; one whose start never happened is started."""
        if found is None:
            raise Conflict("session-exists", "there is a session with this id already", session=start.session.id)
        if start.session.params != found.params:
            raise key_used(found, "params")
        if found.attempts:
            return found
        found = self._check(found)
        if found.attempts or found.status is SessionStatus.CANCELLED:
            return found
        start = replace(start, session=found)
        place = self._places.enter_new(found, start.execution_arn, start.concurrency, how=start.how)
        if start.concurrency is not None:
            found = self._places.store(replace(found, claim=self._claim(start)), place)
        if found.attempts:  # somebody else who waited for the same session started it
            return found
        return self._begin(replace(start, session=found), place)

    def _begin(self, start: Start, place: StartPlace = NO_PLACE) -> Session:
        session = start.session
        begun = self._begin_act(session, start.how, "StartExecution", start.execution_arn)
        try:
            with self._acts.ending(begun):
                arn = self._start_execution(start)
        except (AccessDenied, Missing, Unsupported):
            place.leave()
            self._recorder.change(session, as_unstarted)
            raise
        attempt = Attempt(
            number=start.number,
            execution_arn=arn,
            kind="resume" if start.number > 1 else "run",
            status=SessionStatus.RUNNING,
            started_at=self._clock.now(),
            how=start.how,
            actor=start.actor,
        )
        return self._recorder.change(session, lambda row: with_attempts(row, [attempt]))

    def _begin_act(self, session: Session, act: str, call: str, execution_arn: str) -> ActRecord:
        """Record what is about to be done; where that cannot be, the attempt is claimed no more."""
        try:
            return self._acts.begin(session, act, call, attempt=len(session.attempts) + 1, execution_arn=execution_arn)
        except BunsuiError:
            with suppress(BunsuiError):  # the next look at the session finds a claim of which nothing came
                self._recorder.change(session, as_unstarted)
            raise

    def _start_execution(self, start: Start) -> str:
        try:
            return self._execution.start(start.target_arn, name=start.name, payload=start.payload)
        except Conflict:
            return start.execution_arn  # a start that was cut short had started it


def as_unstarted(row: Session) -> Session:
    """Return the row of a start that did not happen: what ended stands as it did, a new one failed."""
    if row.claim is None and row.status is not SessionStatus.PENDING:
        return row
    return replace(row, claim=None, status=SessionStatus.FAILED if row.status is SessionStatus.PENDING else row.status)


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


def key_used(session: Session, differs: str) -> InvalidInput:
    """Return the error for a key by which something else is known already."""
    return InvalidInput(
        "key-used",
        "a session with this idempotency key was started before, with other values",
        hint=f"Take another key, or look at that session:\n  {command_line('show', session.id)}",
        session=session.id,
        differs=differs,
    )


def _acted_first(session: Session) -> Conflict:
    return Conflict(
        "session-changed",
        "somebody else acted on the session first",
        hint=f"Look at it again:\n  {command_line('show', session.id)}",
        session=session.id,
        status=session.standing.value,
    )
