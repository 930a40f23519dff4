"""Saved plans: a promise that is checked against the checkout and the account before anything of it is done."""

from __future__ import annotations

from bunsui.errors import Refused
from bunsui.plan.model import Plan
from bunsui.plan.promise import Progress as Carried
from bunsui.plan.promise import promised
from bunsui.plan.saved import SavedPlan, edited
from bunsui.services.compiled import Compiler, compile_for_plan
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.plan import PlanOutcome, plan_project
from bunsui.services.reading import Progress, no_progress
from bunsui.services.refresh import Refresh


def check_saved(
    saved: SavedPlan,
    repository: Repository,
    edges: ReconcileEdges,
    *,
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> PlanOutcome:
    """Plan anew, and give the part that the saved plan promised and that is still to be done. Nothing is written.

    Raises:
        Refused: the plan is for another place, is finished, stale or edited, or the checkout says something else.

    """
    edges.account_checked()
    _check_place(saved, repository)
    carried = _carried_out(saved, edges)
    refresh = Refresh(saved.refresh)
    outcome = plan_project(
        repository,
        edges,
        exactly=saved.select,
        refresh=refresh,
        at_once=saved.at_once,
        progress=progress,
        compiler=compiler,
    )
    if outcome.plan is None:
        return outcome
    _check_state(saved, outcome.plan)
    try:
        plan = promised(saved, outcome.plan, carried)
    except Refused as error:
        raise _with_who_moved_it(error, saved, edges) from None
    return PlanOutcome(plan=plan, diagnostics=plan.diagnostics)


def _check_place(saved: SavedPlan, repository: Repository) -> None:
    scope = repository.scope
    here = {
        "account": (saved.account, scope.account),
        "region": (saved.region, scope.region),
        "project": (saved.project, scope.project),
        "project id": (saved.project_id, scope.project_id),
        "environment": (saved.environment, scope.environment),
    }
    for what, (planned, found) in here.items():
        if planned != found:
            raise Refused(
                "plan-of-another-place",
                f"the plan was made for another {what}",
                hint=f"Choose the plan's {what} (--env, --profile), or plan again:\n  bunsui plan --out plan.json",
                planned=planned,
                here=found,
            )


def _carried_out(saved: SavedPlan, edges: ReconcileEdges) -> Carried:
    record = edges.ledger.log.of_plan(saved.id)
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
    return Carried(begun=True, pending=edges.ledger.journal.pending())


def _with_who_moved_it(error: Refused, saved: SavedPlan, edges: ReconcileEdges) -> Refused:
    """Give the error of a stale plan with the latest apply since the plan was made, if there was one."""
    if error.code != "plan-stale":
        return error
    last = max(edges.ledger.log.applies(limit=5), key=lambda record: record.serial, default=None)
    if last is None or last.serial <= saved.mark.serial:
        since, link = "no apply: it was changed outside bunsui", None
    else:
        since, link = f"{last.operation} of {last.actor.who or 'somebody'}, {last.outcome}", last.actor.link or None
    return Refused(error.code, error.summary, hint=error.hint, **error.facts, since=since, link=link)


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
