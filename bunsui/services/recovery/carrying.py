"""Carries a recovery plan out, session by session: one that moved since is left as it is, and said.

Safe to kill and to repeat. An attempt is claimed before it starts, and its execution's name follows from session and attempt; a
redrive has a token of its own. Whoever carries out the same plan again finds what was started as sessions that moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from bunsui.errors import AccessDenied, BunsuiError, Conflict, HeldBack, InvalidInput, Refused
from bunsui.model.names import person
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.services.recovery.acts import act_on
from bunsui.services.recovery.planning import place_of
from bunsui.services.session_context import SessionContext
from bunsui.sessions.recovery.plan import RecoveryPlan, RecoveryTarget


class RecoveryStatus(Enum):
    """What became of a session of a plan."""

    STARTED = "started"
    MOVED = "moved"
    """It stands otherwise than when it was planned: somebody acted, this plan's own earlier run included."""
    HANDED_OVER = "handed-over"
    """Nothing was started: it waits for a person, who is named."""
    REFUSED = "refused"
    """It cannot be done as it was planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStep:
    """What became of one session."""

    session: str
    pipeline: str
    strategy: Strategy
    status: RecoveryStatus
    attempt: int
    """The attempt that runs now, or the last one."""
    why: str = ""
    """Why nothing was started, or for whom it waits; empty when something was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOutcome:
    """What became of a plan."""

    plan: RecoveryPlan
    steps: tuple[RecoveryStep, ...]

    def count(self, status: RecoveryStatus) -> int:
        """Return of how many sessions this became."""
        return sum(step.status is status for step in self.steps)


def carry_recovery(context: SessionContext, plan: RecoveryPlan, tell: Callable[[RecoveryStep], None]) -> RecoveryOutcome:
    """Act on every session of the plan, and tell of each; `tell` is called in the plan's order.

    Raises:
        Refused: the plan is for another place.
        AccessDenied: the caller may not do it; what was told before has been done.

    """
    _check_place(context, plan)
    context = replace(context, ports=replace(context.ports, acts=replace(context.ports.acts, under="recover")))
    steps = []
    for part, target in plan.work:
        found = context.ports.sessions.get(target.session)
        if found is None:
            step = _step(target, part.pipeline, part.strategy, RecoveryStatus.MOVED, why="its row is gone")
        else:
            session = context.manager.sync(found, target_arn=context.machine(part.pipeline).alias_arn)
            why = _tell_move(session, target)
            step = _step(target, part.pipeline, part.strategy, RecoveryStatus.MOVED, session, why)
            if not why:
                try:
                    started = act_on(context, session, part)
                    became = RecoveryStatus.STARTED if part.strategy.starts else RecoveryStatus.HANDED_OVER
                    why = "" if part.strategy.starts else _tell_custody(started)
                    step = _step(target, part.pipeline, part.strategy, became, started, why)
                except AccessDenied:
                    raise
                except (Conflict, HeldBack, InvalidInput, Refused) as error:
                    step = _step(target, part.pipeline, part.strategy, RecoveryStatus.REFUSED, session, _reason(error))
        steps.append(step)
        tell(step)
    return RecoveryOutcome(plan=plan, steps=tuple(steps))


def _step(
    target: RecoveryTarget,
    pipeline: str,
    strategy: Strategy,
    status: RecoveryStatus,
    session: Session | None = None,
    why: str = "",
) -> RecoveryStep:
    attempt = session.latest.number if session is not None and session.latest is not None else 0
    return RecoveryStep(
        session=target.session, pipeline=pipeline, strategy=strategy, status=status, attempt=attempt, why=why
    )  # fmt: skip


def _tell_move(session: Session, target: RecoveryTarget) -> str:
    """Return in words how the session moved since it was planned; empty when it stands as it did."""
    latest = session.latest
    turn = latest.turn if latest is not None else ("", 0)
    if session.status is SessionStatus.SUCCEEDED:
        return "it has succeeded since"
    if session.running:
        return "it runs again"
    taken = session.taken
    if taken is not None and taken.at != target.taken_at:
        return f"{person(taken.owner)} is on it since" if taken.owner else "it was handed over since"
    if turn != (target.execution_arn, target.redrive):
        return f"it has had another attempt since, which {session.status.value.replace('_', ' ')}"
    return ""


def _tell_custody(session: Session) -> str:
    """Return in words whom a session waits for."""
    taken = session.taken
    return f"waits for {person(taken.owner)}" if taken is not None and taken.owner else "waits for a person"


def _reason(error: BunsuiError) -> str:
    told = error.facts.get("reason") or error.facts.get("runs_too")
    return f"{error.summary}: {told}" if told else error.summary


def _check_place(context: SessionContext, plan: RecoveryPlan) -> None:
    here, planned = place_of(context), plan.place
    for what in ("account", "region", "project", "project_id", "environment"):
        before, now = getattr(planned, what), getattr(here, what)
        if before != now:
            raise Refused(
                "plan-of-another-place",
                f"the plan was made for another {what.replace('_', ' ')}",
                hint="Choose the plan's environment (--env, --profile), or plan again:\n  bunsui recover",
                planned=before,
                here=now,
            )
