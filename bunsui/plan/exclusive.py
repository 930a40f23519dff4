"""`lifecycle.exclusive`: what others put beside a resource is removed by the apply, since the file says that nothing may be.

What the plan named is removed, and nothing else; what no single call of AWS takes away is only told.
"""

from __future__ import annotations

from dataclasses import replace

from bunsui.diff.model import ChangeOperation, DiffItem, ResourceDiff, Section
from bunsui.model.beside import BesideOurs
from bunsui.plan.model import Action, Reason, ResourceChange, Risk

_MADE = frozenset({Action.NO_OP, Action.ADOPT, Action.UPDATE})
_ATTRIBUTE = "beside"


def removed_beside(change: ResourceChange) -> tuple[BesideOurs, ...]:
    """Return what the change takes away of what others put there."""
    if change.desired is None or change.actual is None or not change.desired.lifecycle.exclusive:
        return ()
    if change.action not in _MADE or change.reason in (Reason.UNREADABLE, Reason.INTERRUPTED):
        return ()
    return tuple(one for one in change.actual.beside if one.removal)


def removing_beside(change: ResourceChange) -> ResourceChange:
    """Return the change with what it takes away as places that differ; the same where that is nothing."""
    removed = removed_beside(change)
    if not removed:
        return change
    items = tuple(
        DiffItem(
            section=Section.ATTRIBUTE,
            subject=_ATTRIBUTE,
            path=(),
            operation=ChangeOperation.REMOVED,
            before=f"{one.what} {one.name}".strip(),
            after=None,
            attribute=_ATTRIBUTE,
        )
        for one in removed
    )
    is_new = change.action is not Action.UPDATE
    risks = list(Risk)
    return replace(
        change,
        action=Action.UPDATE,
        reason=Reason.BESIDE if is_new else change.reason,
        risk=max(change.risk, Risk.OVERWRITES_OUTSIDE_CHANGE, key=risks.index),
        diff=ResourceDiff(items=(*change.diff.items, *items)),
    )
