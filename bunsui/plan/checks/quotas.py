"""BS521: what comes near a quota of AWS, or goes beyond it, so that apply would be refused half-way.

How large and how many is the kinds' to say (`Attribute.limit`, `Kind.quota`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.kind import Limit
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.registry import kinds
from bunsui.model.values import Value, map_leaves
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.references import as_written

CODE = "BS521"

TAGS = Limit(what="tags, ours included", most=50)
"""Of a resource."""
_NEAR_PERCENT = 80
_UNKNOWN = "x" * 100
"""What a value that only apply can know counts: about an ARN."""
_WORKED_ON = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find resources that are too large, or nearly; then kinds of which the project alone takes up most of the account's."""
    for change in plan.pending:
        if change.desired is not None and change.action in _WORKED_ON:
            yield from _of_one(change, change.desired.attributes)
    if any(change.action is Action.CREATE for change in plan.pending):
        yield from _of_all(plan)


def _of_one(change: ResourceChange, attributes: Mapping[str, Value]) -> Iterator[Diagnostic]:
    for attribute in kind_named(change.address.kind).attributes:
        if attribute.limit is not None and attributes.get(attribute.name):
            yield from _near(attribute.limit, _size(attributes[attribute.name]), subject=str(change.address))
    tags = attributes.get("tags")
    if isinstance(tags, Mapping):
        yield from _near(TAGS, len(tags) + 4, subject=str(change.address))


def _of_all(plan: Plan) -> Iterator[Diagnostic]:
    for name, kind in kinds().items():
        if kind.quota is not None:
            count = sum(1 for change in plan.changes if change.desired is not None and change.address.kind == name)
            yield from _near(kind.quota, count, subject="")


def _near(limit: Limit, amount: int, *, subject: str) -> Iterator[Diagnostic]:
    if amount * 100 < limit.most * _NEAR_PERCENT:
        return
    over = amount > limit.most
    yield Diagnostic(
        code=CODE,
        severity=Severity.WARNING,
        summary=f"{amount:,} {limit.what}; AWS takes {limit.most:,}{'' if over else ', so it is nearly full'}",
        hint="Apply would fail there. Make it smaller, or have the quota raised first." if over else "",
        subject=subject,
    )


def _size(value: Value) -> int:
    plain = as_written(map_leaves(value, lambda leaf: leaf if isinstance(leaf, (str, int, float, type(None))) else _UNKNOWN))
    return len(json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode())
