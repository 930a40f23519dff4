"""A plan as it was before somebody changed the account: what a digest that was reviewed before that still vouches for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from bunsui.model.resource import Scope
from bunsui.plan.digest import Row, change_row, digests_of, pipeline_digests, whole_digest
from bunsui.plan.model import Action, Plan, Reason, ResourceChange

_MOST_MOVED = 7
"""With more pipelines that moved than these, nothing is tried. Each may be as now, as it was without the outside change, or
without any change, so up to 2,187 digests are computed for seven."""

_NOTHING_TO_DO = frozenset({Reason.DRIFT, Reason.DELETED_OUTSIDE})
"""Changes that there would not be without the outside change."""
_OTHER_BEFORE = frozenset({Reason.CONFLICT, Reason.CONFIGURED_AND_DRIFT, Reason.REMOVED_AND_DRIFT, Reason.ALREADY_THERE})
"""Changes that there would be, too, from what was applied last."""
_IN_THE_WAY = frozenset({Reason.NOT_OURS, Reason.OBSERVED, Reason.UNREADABLE, Reason.TAKEN_OVER})
"""Refusals, and take-overs, that there would not be without somebody else's resource."""
_MOVED = _NOTHING_TO_DO | _OTHER_BEFORE | _IN_THE_WAY


def vouched_for(plan: Plan, whole: str) -> frozenset[str]:
    """Return the names of the pipelines that change as was reviewed under the digest of a whole plan, if what differs since is
    only the account: some pipelines were changed outside bunsui, or somebody's resource is in the way. Empty when it is not so.

    A digest proves it: the plan with those pipelines as they were last applied must have it.
    """
    now = pipeline_digests(plan)
    before = digests_of(_untouched_rows(plan))
    moved = sorted({change.address.pipeline for change in plan.pending if change.reason in _MOVED})
    if len(moved) > _MOST_MOVED:
        return frozenset()
    same = [digest for name, digest in now.items() if name not in moved]
    for were in product(*(dict.fromkeys((now[name], before.get(name), None)) for name in moved)):
        if whole_digest((*same, *(digest for digest in were if digest is not None))) == whole:
            differing = {name for name, digest in zip(moved, were, strict=True) if digest != now[name]}
            return frozenset(now.keys() - differing)
    return frozenset()


def _untouched_rows(plan: Plan) -> Iterator[Row]:
    for change in plan.pending:
        row = _row(change, plan.scope)
        if row is not None:
            yield row


def _row(change: ResourceChange, scope: Scope) -> Row | None:
    """Return what the change would contribute with the account as last applied; None when there would be no change."""
    if change.reason in _NOTHING_TO_DO:
        return None
    if change.reason in _OTHER_BEFORE and change.applied is not None:
        action = Action.UPDATE if change.action is Action.ADOPT else change.action
        return change_row(replace(change, action=action, actual=change.applied.as_actual(scope)))
    if change.reason is Reason.TAKEN_OVER or (change.reason in _IN_THE_WAY and change.action is Action.REFUSE):
        return change_row(replace(change, action=Action.CREATE, actual=None)) if change.applied is None else None
    return change_row(change)
