"""BS534: what others put beside something of ours: policies and permissions, triggers, aliases, subscriptions.

It is told with every plan, in sync or not, and neither removed nor asked for: organisations attach policies of their own. How
loud depends on what it gives.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.diff.powers import gives_power
from bunsui.diff.widening import widens
from bunsui.model.beside import BesideOurs
from bunsui.plan.exclusive import removed_beside
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS534"
POWERFUL = frozenset({"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"})
"""Managed policies of AWS that make of whoever has them what he wants; others are not read."""
_GONE = frozenset({Action.DELETE, Action.FORGET})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Tell what stands beside ours, the riskiest of each resource first."""
    for change in plan.changes:
        if change.actual is not None and change.action not in _GONE:
            removed = removed_beside(change)
            beside = [one for one in change.actual.beside if one not in removed]  # the plan shows what it removes
            for one in sorted(beside, key=lambda one: (not is_risky(one), one.what, one.name)):
                yield _finding(change, one)


def is_risky(one: BesideOurs) -> bool:
    """Tell whether it gives power beyond data, opens something to strangers, or changes what runs."""
    if one.effect:
        return one.is_risky
    if one.policy is None:
        return one.name.rpartition("/")[2] in POWERFUL and ":iam::aws:policy/" in one.name
    return any(gives_power(str(action), str(target)) for action, target in widens(None, one.policy))


def _finding(change: ResourceChange, one: BesideOurs) -> Diagnostic:
    risky = is_risky(one)
    effect = one.effect or ("gives power beyond data" if risky else _allows(one))
    removal = f"\n  {shlex.join(('aws', *one.removal))}" if one.removal else ""
    name = f" {one.name}" if one.name else ""
    return Diagnostic(
        code=CODE,
        severity=Severity.WARNING if risky else Severity.INFO,
        summary=f"{change.physical_name} carries the {one.what}{name}, which is not bunsui's; it {effect}",
        hint=f"bunsui leaves it there. If nobody needs it:{removal}" if removal else "bunsui leaves it there.",
        subject=str(change.address),
    )


def _allows(one: BesideOurs) -> str:
    if one.policy is None:
        return "was not read"
    given = [f"{action} on {target}" for action, target in widens(None, one.policy)]
    if not given:
        return "allows nothing"
    return "allows " + ", ".join(given[:3]) + (f" and {len(given) - 3} more" if len(given) > 3 else "")
