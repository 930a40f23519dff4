"""What the planner takes for granted where nobody says anything: nothing, but for these."""

from __future__ import annotations

from datetime import timedelta

from bunsui import plan as room
from bunsui.model.lifecycle import Lifecycle
from bunsui.plan.model import Risk
from tests.unsaid import assumptions


def test_nothing_is_taken_for_granted_but_this() -> None:
    assert assumptions(room) == {
        "AuthorDiff.is_whole": True,
        "Facts.kept_for": timedelta(days=14),
        "Facts.refresh": "full",
        "PipelineFacts.enabled": True,
        "Plan.complete": True,
        "Plan.refresh": "full",
        "PlanHead.order": (0, 0),
        "PlanMarker.digest": "withdrawn",
        "ResourceChange.risk": Risk.NONE,
        "RetirementPolicy.kept_for": timedelta(days=14),
        "_hash.lifecycle": Lifecycle(),
    }
