"""Check a saved plan before anything of it is done: against the checkout, and against the account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bunsui.errors import Refused
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Plan
from bunsui.plan.saved.check import Progress as Carried
from bunsui.plan.saved.check import check_saved_plan
from bunsui.plan.saved.saved_plan import SavedPlan, edited
from bunsui.project.compile import Compiler, compile_for_plan
from bunsui.project.repository import Repository
from bunsui.refresh.full import Progress, no_progress
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.plan import PlanOutcome, outcome_of, plan_project
from bunsui.services.plan_request import PlanRequest, Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A saved plan, compared with the checkout and the account of now."""

    outcome: PlanOutcome
    """What is still to be done."""
    stale: Mapping[str, Refused] = field(default_factory=dict)
    """The pipelines in which something moved, by name, each with the error."""
    shown: Callable[[Plan], None] = lambda plan: None
    """Raises Refused where the file shows something else than this plan."""
    is_untouched: bool = True
    """True when nothing was carried out yet, and nothing moved: else the rest may look different than the file shows."""

    def check_shown(self, plan: Plan) -> None:
        """Raise Refused, `plan-edited`, where the file shows something else than what is carried out of it."""
        if self.is_untouched:
            self.shown(plan)


def check_saved(
    saved: SavedPlan,
    repository: Repository,
    ports: ReconcilePorts,
    *,
    shown: Callable[[Plan], None] = lambda plan: None,
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> Checked:
    """Plan anew, and return the part that the saved plan names and that is still to be done. Nothing is written.

    `shown` raises Refused where the file shows something else than the plan that it is handed.

    Raises:
        Refused: the plan is for another place, is finished or edited, or the checkout says something else.

    """
    ports.account_checked()
    _check_place(saved, repository)
    carried = _carried_out(saved, ports)
    request = PlanRequest(
        exactly=saved.select,
        refresh=Refresh(saved.refresh),
        removal=Removal.AT_ONCE if saved.at_once else Removal.RETIRE,
    )
    outcome = plan_project(repository, ports, request, progress=progress, compiler=compiler)
    if outcome.plan is None:
        return Checked(outcome=outcome)
    _check_state(saved, outcome.plan)
    check = check_saved_plan(saved, outcome.plan, carried)
    stale = _with_who_moved_it(check.stale, saved, ports)
    is_untouched = change_digest(check.plan) == saved.digest
    return Checked(outcome=outcome_of(check.plan), stale=stale, shown=shown, is_untouched=is_untouched)


def _check_place(saved: SavedPlan, repository: Repository) -> None:
    scope = repository.scope
    here = {
        "account": (saved.account, scope.account),
        "region": (saved.region, scope.region),
        "project": (saved.project, scope.project),
        "project id": (saved.project_id, scope.project_id),
        "environment": (saved.environment, scope.environment),
    }
    for what, (before, found) in here.items():
        if before != found:
            raise Refused(
                "plan-of-another-place",
                f"the plan was made for another {what}",
                hint=f"Choose the plan's {what} (--env, --profile), or plan again:\n  bunsui plan --out plan.json",
                planned=before,
                here=found,
            )


def _carried_out(saved: SavedPlan, ports: ReconcilePorts) -> Carried:
    record = ports.ledger.log.of_plan(saved.id)
    if record is None:
        return Carried()
    if record.digest != saved.digest:
        raise edited("another plan was begun under its id", plan=saved.id)
    if record.outcome == "complete":
        raise Refused(
            "plan-finished",
            "the plan was carried out already",
            hint="To see whether anything is left to do:\n  bunsui plan",
            finished=record.ended_at.isoformat(timespec="seconds") if record.ended_at is not None else None,
            by=record.actor.who or None,
            link=record.actor.link or None,
        )
    return Carried(begun=True, pending=ports.ledger.journal.pending())


def _with_who_moved_it(stale: Mapping[str, Refused], saved: SavedPlan, ports: ReconcilePorts) -> dict[str, Refused]:
    """Return the errors with the latest apply since the plan was made, if there was one."""
    if not stale:
        return {}
    last = max(ports.ledger.log.applies(limit=5), key=lambda record: record.serial, default=None)
    if last is None or last.serial <= saved.mark.serial:
        since, link = "no apply: it was changed outside bunsui", None
    else:
        since, link = f"{last.operation} of {last.actor.who or 'somebody'}, {last.outcome}", last.actor.link or None
    return {
        name: Refused(error.code, error.summary, hint=error.hint, **error.facts, since=since, link=link)
        for name, error in stale.items()
    }


def _check_state(saved: SavedPlan, fresh: Plan) -> None:
    before, now = saved.mark, fresh.mark
    if (before.lineage and before.lineage != now.lineage) or before.serial > now.serial:
        raise Refused(
            "plan-of-another-state",
            "the state is not the one that the plan was made from: it was lost, replaced or restored",
            hint="Plan again:\n  bunsui plan --out plan.json",
            planned=f"{before.lineage} {before.serial}",
            here=f"{now.lineage} {now.serial}",
        )
