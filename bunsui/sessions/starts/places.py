"""The slot that a start needs where its pipeline has a limit, with what its session's row says meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from bunsui.errors import BunsuiError, Conflict, HeldBack, Missing
from bunsui.model.admission.concurrency import QUEUE, Concurrency
from bunsui.model.admission.pools import SlotHolder
from bunsui.model.session import Session, SessionStatus, check_transition
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.session_rows import SessionRepository
from bunsui.sessions.admission.line import Entrant, LineSettings, StartLine
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.starts.acts import SessionActs

_BY_POLICY = ("run", "schedule")
"""By these doors new work comes, for which the pipeline's policy is meant. What somebody asks for that is to be done whenever
there is room (a resume, a redrive, a backfill) waits in line: it would be skipped by chance, or stop a newer run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPlace:
    """A slot that is held; none where there is no limit."""

    line: StartLine | None = None

    def leave(self) -> None:
        """Give it up: nothing was started."""
        if self.line is not None:
            self.line.leave()


NO_PLACE = StartPlace()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPlaces:
    """Gives slots to starts."""

    settings: LineSettings | None
    execution: ExecutionClient
    sessions: SessionRepository
    clock: Clock
    acts: SessionActs
    recorder: SessionRecorder

    def enter(self, session: Session, execution_arn: str, rule: Concurrency | None, *, redrive: int = 0) -> StartPlace:
        """Return a slot for a further attempt of the session, which stands as it does while it waits.

        Raises:
            HeldBack: there is none.

        """
        if rule is None:
            return NO_PLACE
        who = Entrant(
            pipeline=session.pipeline,
            session=session.id,
            execution_arn=execution_arn,
            redrive=redrive,
            rule=rule,
            forget=self._forget,
        )
        return self._take_place(who)

    def enter_new(self, session: Session, execution_arn: str, rule: Concurrency | None, *, how: str) -> StartPlace:
        """Return a slot for the first attempt of a session, which is queued while it waits.

        Raises:
            HeldBack: there is none.
            Conflict: another session has its intent since.

        """
        if rule is None:
            return NO_PLACE
        who = Entrant(
            pipeline=session.pipeline,
            session=session.id,
            execution_arn=execution_arn,
            rule=rule,
            policy=rule.policy if how in _BY_POLICY else QUEUE,
            begin_waiting=lambda: self._queue(session),
            is_wanted=lambda: not self._is_stopped(session.id),
            stop=lambda holder: self._stop(holder, session, rule),
            forget=self._forget,
        )
        with self._forgetting(session.id):
            return self._take_place(who)

    def store(self, claimed: Session, place: StartPlace) -> Session:
        """Store the row of a new session whose start is claimed: over the one that was queued, where it was.

        Raises:
            Conflict: another session has its intent.
            HeldBack: somebody stopped it at this moment.

        """
        row = self.sessions.get(claimed.id) if place.line is not None else None
        if row is None:
            self.sessions.add(claimed)
            return claimed
        stored = self.recorder.change(row, lambda row: _claim_queued(row, claimed))
        if stored.status is SessionStatus.CANCELLED:
            place.leave()
            raise HeldBack("stopped-in-line", "the session was stopped while it waited for a slot", session=stored.id)
        return stored

    def _take_place(self, who: Entrant) -> StartPlace:
        assert self.settings is not None, "whoever starts something says how it waits"
        line = StartLine(self.settings, execution=self.execution, clock=self.clock, who=who)
        line.enter()
        return StartPlace(line=line)

    def _queue(self, session: Session) -> None:
        """Write that the session waits."""
        if self.sessions.get(session.id) is None:
            check_transition(session.status, SessionStatus.QUEUED)
            self.sessions.add(replace(session, status=SessionStatus.QUEUED, claim=None))

    def _is_stopped(self, session_id: str) -> bool:
        row = self.sessions.get(session_id)
        return row is not None and row.status is SessionStatus.CANCELLED

    @contextmanager
    def _forgetting(self, session_id: str) -> Iterator[None]:
        """Let the session's row say so where nobody waits for it any more, an interruption included."""
        try:
            yield
        except HeldBack:
            self._forget(session_id)
            raise
        except BaseException:
            with suppress(BunsuiError):
                self._forget(session_id)
            raise

    def _forget(self, session_id: str) -> None:
        """Write that the start of a session that is queued did not happen."""
        row = self.sessions.get(session_id)
        if row is not None:
            self.recorder.change(row, _fail_queued)

    def _stop(self, holder: SlotHolder, newer: Session, rule: Concurrency) -> None:
        """Stop an execution that makes room for a newer run, as an act of who starts that."""
        row = self.sessions.get(holder.session)
        if row is None:
            return  # its row expired: it ends by itself, or by somebody's hand
        reason = f"replaced by session {newer.id}: at most {rule.limit} of {newer.pipeline} at a time"
        attempt = max(len(row.attempts), 1)
        begun = self.acts.begin(
            row, "stop", "StopExecution", attempt=attempt, execution_arn=holder.execution_arn, reason=reason
        )
        with suppress(Missing), self.acts.ending(begun):  # it is about to start: the next look finds it
            self.execution.stop(holder.execution_arn, reason=reason)


def is_taken(error: Conflict) -> bool:
    """Tell whether a conflict is that of an intent, and not of a pool on which many work."""
    return error.code != "pool-changed"


def _fail_queued(row: Session) -> Session:
    return replace(row, status=SessionStatus.FAILED) if row.status is SessionStatus.QUEUED else row


def _claim_queued(row: Session, claimed: Session) -> Session:
    """Return the row of a queued session with the claim; one that somebody else claimed or started stands."""
    if row.status is not SessionStatus.QUEUED:
        return row
    check_transition(row.status, SessionStatus.PENDING)
    return replace(row, status=SessionStatus.PENDING, claim=claimed.claim)
