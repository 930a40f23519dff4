"""What a change may do to people who rely on the resource."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diff.model import ResourceDiff
from bunsui.kinds.kind import Effect
from bunsui.kinds.registry import kind as kind_named
from bunsui.plan.model import OUTSIDE_CHANGES, Action, Reason, Risk

_EFFECTS: Mapping[Effect, Risk] = {
    Effect.COSMETIC: Risk.COSMETIC,
    Effect.NEW_SESSIONS: Risk.NEW_SESSIONS_ONLY,
    Effect.RUNNING_SESSIONS: Risk.AFFECTS_RUNNING_SESSIONS,
}

_MILDEST_FIRST = tuple(Risk)


def risk_of(kind: str, action: Action, reason: Reason, diff: ResourceDiff, *, widened: bool, by_sessions: bool) -> Risk:
    """Return the gravest risk of a change; `widened` says that it allows what was not allowed before, and of a create that it
    gives power. What is not used `by_sessions` cannot change how one goes."""
    match action:
        case Action.CREATE:
            if reason in OUTSIDE_CHANGES:
                return Risk.OVERWRITES_OUTSIDE_CHANGE
            return Risk.GRANTS_POWER if widened else Risk.NONE
        case Action.NO_OP | Action.ADOPT | Action.FORGET | Action.REFUSE:
            return Risk.NONE
        case Action.RETIRE:
            return Risk.RETIRES
        case Action.DELETE:
            return Risk.DESTROYS
        case Action.REPLACE:
            return Risk.REPLACES
        case Action.UPDATE:
            changed = [attribute for attribute in kind_named(kind).attributes if attribute.name in diff.attributes]
            risks = [_EFFECTS[attribute.effect if by_sessions else Effect.COSMETIC] for attribute in changed]
            if reason in OUTSIDE_CHANGES:
                risks.append(Risk.OVERWRITES_OUTSIDE_CHANGE)
            if widened:
                risks.append(Risk.WIDENS_PERMISSIONS)
            return max(risks, key=_MILDEST_FIRST.index, default=Risk.NONE)
