"""What `bunsui ci` did or found as JSON documents."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Keywords, Shape, member
from bunsui.services.ci.comment import Posted
from bunsui.services.ci.digest import ReviewedPlan

_NUMBER = "The number of the pull request (merge request)."
_Whole: TypeAlias = Annotated[int, Keywords({"type": "integer"}, instead=True)]
_BECAME = Keywords({"enum": [posted.value for posted in Posted]}, instead=True)


class PlanCommentDocument(Shape, kind="plan-comment"):
    """Of `ci comment`: what became of the plan's comment."""

    pull_request: _Whole = member(_NUMBER)
    comment: Annotated[Posted, _BECAME] = member("What became of it.")


class ReviewedPlanDocument(ShapeOf[ReviewedPlan], kind="reviewed-plan"):
    """Of `ci digest`: what was reviewed in the pull request whose merge made this commit."""

    pull_request: _Whole = member(_NUMBER, of="number")
    digest: str = member("For `apply --digest`.")
    pipelines: tuple[str, ...] = member("Those that were planned; empty when all were.", of="select")
