"""What is done about one failed session: the strategy, the reason.

A redrive runs what ran before, definition and code, so that it suits failures that lay outside of both. A resume runs what is
applied now, after the completed jobs. Where nothing changed and the failure is one of the code, neither helps.
Source of AWS's rules: Step Functions developer guide, "Redriving state machine executions".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bunsui.errors import InvalidInput
from bunsui.model.recovery import Strategy
from bunsui.model.session import FailureNote, Session, SessionStatus
from bunsui.sessions.failures.recurrence import Recurrence

REDRIVABLE_FOR = timedelta(days=14)
"""For so long after its end an execution can be redriven."""
ACTS = tuple(strategy for strategy in Strategy if strategy is not Strategy.LEAVE)


def read_strategy(text: str) -> Strategy:
    """Return the strategy of that name.

    Raises:
        InvalidInput: there is none.

    """
    found = next((one for one in ACTS if one.value == text.lower()), None)
    if found is None:
        words = ", ".join(one.value for one in ACTS)
        raise InvalidInput("unknown-strategy", "there is no such strategy", hint=f"One of: {words}", strategy=text)
    return found


class AppliedChange(Enum):
    """How what is applied now differs from what the session ran."""

    NONE = "nothing was applied since"
    SOME = "another version is applied now"
    UNKNOWN = "nobody can tell what it ran"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCase:
    """What decides about a session."""

    session: Session
    is_raw: bool
    """True for a machine without guards before its states."""
    change: AppliedChange
    recurrence: Recurrence
    """Of the failure, as things stand: PASSING too where something that matters changed."""
    fixed: str = ""
    """What changed that matters to the failure; empty for nothing."""
    obstacle: str = ""
    """Why nothing can be started; empty when something can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done, and why."""

    strategy: Strategy
    reason: str


def choose_strategy(case: RecoveryCase, *, now: datetime, wish: Strategy | None = None) -> Decision:
    """Decide by the person's wish, then by what kind of failure it was."""
    if case.obstacle:
        return Decision(strategy=Strategy.LEAVE, reason=case.obstacle)
    claim = case.session.claim
    if claim is not None:
        started = Strategy.REDRIVE if claim.redrive else _from_now(case)
        return Decision(strategy=started, reason="its next attempt was claimed and did not start: it is taken up")
    if wish is not None:
        return _by_wish(case, wish, now)
    note = case.session.failure
    if case.session.status is SessionStatus.CANCELLED:
        return Decision(strategy=Strategy.LEAVE, reason="somebody stopped it")
    if note is None:
        return Decision(strategy=Strategy.LEAVE, reason="nobody has looked why it failed")
    if case.recurrence is Recurrence.CERTAIN:
        told = f"nothing that {note.place or 'it'} does has changed since: {case.recurrence.value}"
        return Decision(strategy=Strategy.LEAVE, reason=told)
    return _by_failure(case, note, now)


def why_not_redriven(session: Session, now: datetime) -> str:
    """Return why Step Functions does not redrive the session's last execution; empty when it may. What only Step Functions
    knows, such as the length of the history, it says when it is asked."""
    last = session.latest
    if last is None:
        return "no execution of it was started"
    if last.status is SessionStatus.SUCCEEDED or not last.status.is_final:
        return f"its execution is {last.status.value}"
    if last.stopped_at is None or now - last.stopped_at > REDRIVABLE_FOR:
        return "its execution ended more than 14 days ago"
    return ""


def _by_failure(case: RecoveryCase, note: FailureNote, now: datetime) -> Decision:
    again = _from_now(case)
    if case.fixed:
        return Decision(strategy=again, reason=case.fixed)
    if case.recurrence is Recurrence.UNLESS_MENDED:
        return Decision(strategy=again, reason=f"nothing that {note.place or 'it'} does has changed: {case.recurrence.value}")
    kind = note.error_class
    why_not = why_not_redriven(case.session, now)
    if not why_not and case.change is not AppliedChange.NONE:
        why_not = f"it runs what ran before, and {case.change.value}"
    if not why_not:
        return Decision(
            strategy=Strategy.REDRIVE, reason=f"{kind} lies outside of code and definition, and {case.change.value}"
        )
    return Decision(strategy=again, reason=f"{kind} lies outside of code and definition; no redrive: {why_not}")


def _by_wish(case: RecoveryCase, wish: Strategy, now: datetime) -> Decision:
    if wish is Strategy.REDRIVE and (why_not := why_not_redriven(case.session, now)):
        return Decision(strategy=Strategy.LEAVE, reason=f"redrive, asked for, cannot be: {why_not}")
    if wish is Strategy.REDRIVE and case.change is AppliedChange.SOME:
        return Decision(strategy=wish, reason=f"asked for; it runs what ran before, though {case.change.value}")
    if wish is Strategy.RESUME and case.is_raw:
        return Decision(strategy=Strategy.LEAVE, reason="a raw pipeline has no guards before its states: redrive or restart it")
    return Decision(strategy=wish, reason="asked for")


def _from_now(case: RecoveryCase) -> Strategy:
    return Strategy.RESTART if case.is_raw else Strategy.RESUME
