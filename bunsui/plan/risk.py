"""What a change may do to people who rely on the resource."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diff.model import ResourceDiff
from bunsui.plan.comparison import widens_permissions
from bunsui.plan.model import Action, Reason, Risk

_COSMETIC = frozenset({"tags", "description", "retention_days"})
"""Attributes whose change no session notices."""

_IN_PLACE: Mapping[str, Risk] = {
    "state_machine": Risk.NEW_SESSIONS_ONLY,
    "lambda_function": Risk.NEW_SESSIONS_ONLY,
    "schedule": Risk.NEW_SESSIONS_ONLY,
    "schedule_group": Risk.NEW_SESSIONS_ONLY,
    "log_group": Risk.COSMETIC,
}
"""What an update in place does, by kind: running executions keep their definition and their function's version. Every other
kind, roles above all, is felt at once by what runs."""

_MILDEST_FIRST = tuple(Risk)


def risk_of(*, kind: str, action: Action, reason: Reason, diff: ResourceDiff) -> Risk:
    """Give the gravest risk of a change."""
    match action:
        case Action.NO_OP | Action.CREATE | Action.ADOPT | Action.FORGET | Action.REFUSE:
            return Risk.NONE
        case Action.DELETE:
            return Risk.DESTROYS
        case Action.REPLACE:
            return Risk.REPLACES
        case Action.UPDATE:
            cosmetic = diff.attributes <= _COSMETIC
            risks = [Risk.COSMETIC if cosmetic else _IN_PLACE.get(kind, Risk.AFFECTS_RUNNING_SESSIONS)]
            if reason is Reason.CONFLICT:
                risks.append(Risk.OVERWRITES_OUTSIDE_CHANGE)
            if widens_permissions(kind, diff):
                risks.append(Risk.WIDENS_PERMISSIONS)
            return max(risks, key=_MILDEST_FIRST.index)
