"""A look of the resident: at the machine of which an event tells, or at those of which something may have become of late.

Events of Step Functions are best effort: they come twice, late, out of order, or not at all. So an event is nothing but a
reason to look, and the sweep looks without one: at machines of which sessions run, those of which a schedule was to start
something, and in turn at the others, each within an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.model.environment.resident import EVENT, SWEEP, SWEEP_SECONDS
from bunsui.services.alerts.moments import is_to_be_judged
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import is_due, require_one_look
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.rounds import DESCRIBES_PER_SECOND, DescribeBudget, Round

WITHIN_SECONDS = 3600
"""Every machine is looked at as often as this, whatever the rows say of it."""
_SPENT_SECONDS = 100
"""For so long a sweep may describe executions at half of AWS's rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look came to."""

    cause: str
    """`sweep` or `event`."""
    machines: int
    """How many there are; of an event the one that it is about, or none where it is not of this environment."""
    visited: int
    news: int
    """Executions that were new or had changed."""
    left: int
    """Rows that are known from lists only; later looks ask for them."""
    problems: tuple[str, ...] = ()
    """A line for each machine that could not be looked at."""


def sweep(context: SessionContext) -> Look:
    """Look at what may have changed, and at what is to be judged. CloudError where no machine could be looked at."""
    machines = context.all_machines()
    budget = DescribeBudget(int(_SPENT_SECONDS * DESCRIBES_PER_SECOND / 2))
    done = context.rounds.visit(_to_visit(context, machines), budget)
    return _look(SWEEP, len(machines), done)


def look_at_event(context: SessionContext, machine_arn: str) -> Look:
    """Look at the machine that an event names. CloudError where it could not be looked at."""
    machines = [one for one in context.all_machines() if one.arn == machine_arn]
    return _look(EVENT, len(machines), context.rounds.visit(machines))


def _to_visit(context: SessionContext, machines: Sequence[PipelineMachine]) -> Sequence[PipelineMachine]:
    """Return those with open rows, those that were to start something or to have ended, those never looked at, and of the
    others those whose turn it is."""
    marks = context.ports.sessions.watermarks()
    looked_at = {one.arn: marks[one.arn].looked_at for one in machines if one.arn in marks}
    busy = context.rounds.open_rows(machines)
    turns = -(-len(machines) * SWEEP_SECONDS // WITHIN_SECONDS)
    in_turn = sorted(looked_at, key=lambda arn: looked_at[arn])[:turns]
    return [
        one
        for one in machines
        if one.pipeline in busy
        or one.arn not in looked_at
        or one.arn in in_turn
        or is_due(context, one, looked_at[one.arn])
        or is_to_be_judged(context, one, looked_at[one.arn])
    ]


def _look(cause: str, machines: int, done: Round) -> Look:
    failures = [visit for visit in require_one_look(done).visits if visit.error is not None]
    return Look(
        cause=cause,
        machines=machines,
        visited=len(done.visits) - len(failures),
        news=sum(visit.changes for visit in done.visits),
        left=done.undescribed,
        problems=tuple(f"{visit.pipeline}: {visit.why}" for visit in failures),
    )
