"""What Lambda reserves for the functions that changed machines call in a Map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bunsui.errors import CloudError
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.values import Reference
from bunsui.plan.fan_out import fan_outs
from bunsui.plan.model import Plan, ResourceChange
from bunsui.ports.functions import FunctionLimits

_ASKED = 20
"""How many functions are asked about in a plan."""
_QUALIFIER = re.compile(r"(:function:[^:]+|^[^:]+):[^:]+$")


def reserved_concurrency(plan: Plan, limits: FunctionLimits | None) -> Mapping[str | Reference, int | None]:
    """Return what is reserved, by the function as definitions name it; None where nobody could tell. Functions for which
    nothing is reserved are left out. Nothing is decided by this.
    """
    if limits is None:
        return {}
    result: dict[str | Reference, int | None] = {}
    for function, name in list(dict.fromkeys(_functions(plan)))[:_ASKED]:
        try:
            amount = limits.reserved(name)
        except CloudError:
            result[function] = None
            continue
        if amount is not None:
            result[function] = amount
    return result


def _functions(plan: Plan) -> Iterator[tuple[str | Reference, str]]:
    """Return each function that is called in a Map of a machine that changes, and the name under which Lambda knows it."""
    changes = {change.address: change for change in plan.changes}
    for change in plan.pending:
        if change.address.kind == MACHINE and change.desired is not None:
            for call in fan_outs(change.desired.attributes.get("definition")):
                name = _name(call.function, changes)
                if name is not None:
                    yield call.function, name


def _name(function: str | Reference, changes: Mapping[Address, ResourceChange]) -> str | None:
    """None for a function that is not there yet, for which nothing can be reserved."""
    if isinstance(function, str):
        return _QUALIFIER.sub(r"\1", function)
    change = changes.get(function.address)
    return change.actual.physical_name if change is not None and change.actual is not None else None
