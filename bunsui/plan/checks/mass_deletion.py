"""BS506: a plan that removes an unusual part of what is there, as after a checkout that lacks files."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan, Reason, ResourceChange

CODE = "BS506"

_ALWAYS_ALLOWED = 3
_ALLOWED_PERCENT = 10


def deletions(plan: Plan) -> int:
    """Count the resources that the plan deletes, or takes out of service so that a later one deletes them.

    Not counted are the end of what was retired before, which was counted then, and pipelines that got another name: these are
    there, as somebody said in so many words."""
    moved = {change.address.pipeline for change in plan.pending if change.reason is Reason.MOVED}
    return sum(1 for change in plan.changes if change.address.pipeline not in moved and _goes(change))


def _goes(change: ResourceChange) -> bool:
    if change.action is Action.DELETE:
        return change.retirement is None
    return change.retirement is not None and change.retirement.since is None


def allowed_deletions(plan: Plan) -> int:
    """Return how many deletions need no special permission: three, or a tenth of what is there."""
    there = sum(1 for change in plan.changes if change.actual is not None)
    return max(_ALWAYS_ALLOWED, there * _ALLOWED_PERCENT // 100)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find a plan that deletes more than is allowed without a word; one that wants nothing at all is a destroy."""
    count = deletions(plan)
    if count > allowed_deletions(plan) and any(change.desired is not None for change in plan.changes):
        yield Diagnostic(
            code=CODE,
            severity=Severity.WARNING,
            summary=f"{count} resources are removed, now or after their sessions: more than a tenth of what is there",
            hint=f"In CI this needs  --allow-deletes {count}",
        )
