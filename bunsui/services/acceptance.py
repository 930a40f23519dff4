"""What somebody must have accepted before a plan is applied where nobody looks."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.errors import Refused
from bunsui.plan.checks.mass_deletion import allowed, deletions
from bunsui.plan.model import Plan, Reason

_OVERWRITTEN = frozenset({Reason.CONFLICT, Reason.REMOVED_AND_DRIFT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What was accepted on the command line."""

    outside_changes: bool = False
    """Changes made outside bunsui may be overwritten or deleted."""
    deletions: int = 0
    """How many resources may be deleted."""


def check_accepted(plan: Plan, accepted: Accepted) -> None:
    """Raise Refused when the plan needs an acceptance that was not given. Asked in CI; elsewhere a person looks at the plan."""
    overwritten = [change for change in plan.pending if change.reason in _OVERWRITTEN]
    if overwritten and not accepted.outside_changes:
        more = f" and {len(overwritten) - 1} more" if len(overwritten) > 1 else ""
        raise Refused(
            "outside-change-not-accepted",
            "the plan overwrites a change that somebody made outside bunsui",
            hint="Take the change over into the files, or accept its loss:  --accept-drift",
            resources=f"{overwritten[0].address}{more}",
        )
    count = deletions(plan)
    if count > max(allowed(plan), accepted.deletions):
        raise Refused(
            "deletions-not-allowed",
            "the plan deletes more than a tenth of what is there",
            hint=f"If the checkout is complete and this is meant:  --allow-deletes {count}",
            deletions=count,
            allowed=max(allowed(plan), accepted.deletions),
        )
