"""BS501: what a removal takes with it."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.registry import kinds
from bunsui.model.address import OWN_MACHINES
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS501"

_GOING = frozenset({Action.DELETE, Action.REPLACE})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find what is lost for good, one finding a pipeline: executions with their history, logs; the weightiest kind first. The
    environment's own machines keep nothing."""
    going: dict[str, dict[str, list[ResourceChange]]] = {}
    for change in plan.changes:
        holds_data = kind_named(change.address.kind).holds_data and change.address.pipeline not in OWN_MACHINES
        if change.action in _GOING and holds_data:
            going.setdefault(change.address.pipeline, {}).setdefault(change.address.kind, []).append(change)
    for by_kind in sorted(going.values(), key=lambda found: -max(kinds()[name].rank for name in found)):
        names = sorted(by_kind, key=lambda name: -kinds()[name].rank)
        losses = [loss(len(by_kind[name])) for name in names if (loss := kinds()[name].loss) is not None]
        subject = str(by_kind[names[0]][0].address)
        yield Diagnostic(code=CODE, severity=Severity.WARNING, summary=", ".join(losses), subject=subject)
