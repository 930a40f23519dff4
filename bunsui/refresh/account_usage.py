"""How much of the account's quotas is used that a plan would use more of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bunsui.errors import CloudError
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.role import ROLE
from bunsui.kinds.schedule_group import SCHEDULE_GROUP
from bunsui.kinds.state_machine import MACHINE
from bunsui.plan.model import AccountRoom, Action, Plan
from bunsui.ports.account import AccountUsage

T = TypeVar("T")

_WRITTEN = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def account_room(plan: Plan, account: AccountUsage | None) -> AccountRoom:
    """Return what the account uses of the quotas that the plan's changes count in, at most one call for each but the lists of
    schedule groups and machines; nothing of those that nobody could tell. Nothing is decided by this."""
    if account is None:
        return AccountRoom()
    created = {change.address.kind for change in plan.pending if change.action is Action.CREATE}
    written = {change.address.kind for change in plan.pending if change.action in _WRITTEN}
    return AccountRoom(
        roles=_answer_of(account.roles) if ROLE in created else None,
        schedule_groups=_answer_of(account.schedule_groups) if SCHEDULE_GROUP in created else None,
        state_machines=_answer_of(account.state_machines) if MACHINE in created else None,
        functions=_answer_of(account.functions) if FUNCTION in written else None,
    )


def _answer_of(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except CloudError:
        return None
