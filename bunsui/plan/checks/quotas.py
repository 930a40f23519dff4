"""BS521: what comes near a quota of AWS, or goes beyond it, so that apply would be refused half-way.

How large and how many is the kinds' to say (`Attribute.limit`, `Kind.quota`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.constraints.tags import MOST, OWN, OWN_OF_FUNCTION
from bunsui.kinds.kind import Limit
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.registry import kinds
from bunsui.model.values import Value, map_leaves
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.references import as_written

CODE = "BS521"

TAGS = Limit(what="tags, ours included", most=MOST, is_fixed=True)
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
            yield from _near(
                attribute.limit,
                _size(attributes[attribute.name], unknown=_UNKNOWN),
                known=_size(attributes[attribute.name], unknown=""),
                subject=str(change.address),
            )
    tags = attributes.get("tags")
    if isinstance(tags, Mapping):
        count = len(tags) + (OWN_OF_FUNCTION if change.address.kind == FUNCTION else OWN)
        yield from _near(TAGS, count, known=count, subject=str(change.address))


def _of_all(plan: Plan) -> Iterator[Diagnostic]:
    for name, kind in kinds().items():
        if kind.quota is not None:
            count = sum(1 for change in plan.changes if change.desired is not None and change.address.kind == name)
            yield from _near(kind.quota, count, known=count, subject="")


def _near(limit: Limit, amount: int, *, known: int, subject: str) -> Iterator[Diagnostic]:
    """Yield the finding where the amount, estimated where apply alone knows, is near the limit; an error where what is known
    is beyond one that stands fast."""
    if amount * 100 < limit.most * _NEAR_PERCENT:
        return
    over = amount > limit.most
    yield Diagnostic(
        code=CODE,
        severity=Severity.ERROR if limit.is_fixed and known > limit.most else Severity.WARNING,
        summary=f"{amount:,} {limit.what}; AWS takes {limit.most:,}{'' if over else ', so it is nearly full'}",
        hint=_hint(limit) if over else "",
        subject=subject,
    )


def _hint(limit: Limit) -> str:
    raised = "; AWS raises this limit for nobody." if limit.is_fixed else ", or have the quota raised first."
    return f"Apply would fail there. Make it smaller{raised}"


def _size(value: Value, *, unknown: str) -> int:
    plain = as_written(map_leaves(value, lambda leaf: leaf if isinstance(leaf, (str, int, float, type(None))) else unknown))
    return len(json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode())
