"""What an apply says of its deletions when it begins, so that the next plan knows of them, also where it was killed."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.model.json import Json
from bunsui.plan.model import Action, Plan

DELETES = "deletes"
"""The fact of an apply's record that says how many objects it was to delete."""


def deletion_facts(plan: Plan) -> Mapping[str, Json]:
    """Return what the record of an apply of this plan says; nothing where it deletes nothing."""
    count = sum(1 for change in plan.pending if change.action in (Action.DELETE, Action.REPLACE))
    return {DELETES: count} if count else {}
