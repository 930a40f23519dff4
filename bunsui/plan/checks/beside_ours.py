"""BS534: what others put beside something of ours: policies on a role that bunsui made.

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
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS534"
POWERFUL = frozenset({"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"})
"""Managed policies of AWS that make of whoever has them what he wants; others are not read."""
_GONE = frozenset({Action.DELETE, Action.FORGET})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Tell what stands beside ours, the most powerful of each resource first."""
    for change in plan.changes:
        if change.actual is not None and change.action not in _GONE:
            for one in sorted(change.actual.beside, key=lambda one: (not _is_powerful(one), one.what, one.name)):
                yield _finding(change, one)


def _finding(change: ResourceChange, one: BesideOurs) -> Diagnostic:
    powerful = _is_powerful(one)
    gives = "gives power beyond data" if powerful else _says(one)
    removal = f"\n  {shlex.join(('aws', *one.removal))}" if one.removal else ""
    return Diagnostic(
        code=CODE,
        severity=Severity.WARNING if powerful else Severity.INFO,
        summary=f"{change.physical_name} carries the {one.what} {one.name}, which is not bunsui's; it {gives}",
        hint=f"bunsui leaves it there. If nobody needs it:{removal}" if removal else "bunsui leaves it there.",
        subject=str(change.address),
    )


def _is_powerful(one: BesideOurs) -> bool:
    if one.policy is None:
        return one.name.rpartition("/")[2] in POWERFUL and ":iam::aws:policy/" in one.name
    return any(gives_power(str(action), str(target)) for action, target in widens(None, one.policy))


def _says(one: BesideOurs) -> str:
    if one.policy is None:
        return "was not read"
    given = [f"{action} on {target}" for action, target in widens(None, one.policy)]
    if not given:
        return "allows nothing"
    return "allows " + ", ".join(given[:3]) + (f" and {len(given) - 3} more" if len(given) > 3 else "")
