"""Apply: makes the account what a plan says."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.apply.events import ApplyEvent
from bunsui.apply.executor import THREADS, Effects, execute
from bunsui.apply.stop import Stop
from bunsui.errors import Refused
from bunsui.plan.model import Plan
from bunsui.services.edges import ReconcileEdges


def apply_plan(plan: Plan, edges: ReconcileEdges, *, stop: Stop | None = None, threads: int = THREADS) -> Iterator[ApplyEvent]:
    """Carry out the plan; the last event is always `ApplyFinished`.

    The plan is checked before the first event is asked for: this call raises, and the iterator does not.

    Raises:
        Refused: the plan holds refusals or errors, the account is another one, or the state belongs to another project.

    """
    check_applicable(plan)
    edges.account_checked()
    edges.state.ensure()
    effects = Effects(providers=edges.providers, state=edges.state, clock=edges.clock)
    return execute(plan, effects, stop=stop if stop is not None else Stop(), threads=threads)


def check_applicable(plan: Plan) -> None:
    """Raise Refused, with the reason and what to do, when something forbids to apply the plan."""
    if plan.refused:
        first = plan.refused[0]
        more = f" and {len(plan.refused) - 1} more" if len(plan.refused) > 1 else ""
        raise Refused(
            "plan-refused",
            "the plan holds resources that are not ours to change",
            hint=first.note,
            resources=f"{first.address}{more}",
        )
    errors = [found for found in plan.diagnostics if found.is_error]
    if errors:
        raise Refused(
            "plan-has-errors",
            "the plan has findings that forbid an apply",
            hint=errors[0].hint or "Look at the findings of the plan.",
            findings=", ".join(dict.fromkeys(found.code for found in errors)),
        )
