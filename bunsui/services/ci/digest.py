"""Find what was reviewed: the digest in the comment of the pull request whose merge made a commit."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.errors import Refused
from bunsui.plan.marker import PlanMarker
from bunsui.ports.forge import Forge, MergedRequest
from bunsui.services.apply.request import read_digest
from bunsui.services.ci.comment import of_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedPlan:
    """What may be applied without asking."""

    number: int
    """The pull request in which it was shown."""
    digest: str
    """As `bunsui apply --digest` takes it."""
    select: tuple[str, ...]
    """The pipelines that were planned; empty when all were."""


def reviewed_plan(forge: Forge, commit: str, plan: tuple[str, str]) -> ReviewedPlan:
    """Return what was reviewed of the plan of a project and environment.

    Raises:
        Refused: `not-merged`, `no-reviewed-plan`, `reviewed-plan-withdrawn`, `reviewed-plan-outdated`.
        InvalidInput: `not-a-digest`, for a comment that somebody edited.

    """
    merged = max(forge.merged_as(commit), key=lambda request: request.number, default=None)
    if merged is None:
        raise Refused(
            "not-merged",
            "no merged pull request made this commit, so nothing of it was reviewed",
            hint="Apply by hand what was pushed without one, or open a pull request:\n  bunsui apply",
            commit=commit,
        )
    marker = _marker(forge, merged, plan)
    if marker.head is None or marker.head.commit != merged.head:
        planned = marker.head.commit if marker.head is not None else "unknown"
        raise _refused_error("reviewed-plan-outdated", "the comment is of another commit than was merged", merged, planned)
    if marker.is_withdrawn:
        raise _refused_error("reviewed-plan-withdrawn", "the plan in the pull request could not be applied", merged)
    read_digest(marker.digest)
    return ReviewedPlan(number=merged.number, digest=marker.digest, select=marker.select)


def _marker(forge: Forge, merged: MergedRequest, plan: tuple[str, str]) -> PlanMarker:
    found = of_plan(forge.comments(merged.number), plan)
    if not found:
        raise _refused_error("no-reviewed-plan", "the pull request has no comment of ours with a plan of this project", merged)
    return max(found, key=lambda comment: comment.rank(merged.head)).marker


def _refused_error(code: str, summary: str, merged: MergedRequest, planned: str | None = None) -> Refused:
    return Refused(
        code,
        summary,
        hint="Review what would change now, and apply it by hand:\n  bunsui apply",
        pull_request=merged.number,
        merged=merged.head,
        planned=planned,
    )
