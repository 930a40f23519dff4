"""BS521: what comes near a quota of AWS, or goes beyond it, so that apply would be refused half-way.

Sources: the quota pages of IAM, Lambda, Step Functions and EventBridge Scheduler. Roles, trust policies and schedule groups may
be raised on request; the other ones may not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bunsui.asl.printing import DEFINITION_LIMIT_BYTES
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.values import Value, map_leaves
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.references import as_written

CODE = "BS521"

ROLES = 1_000
"""Roles of an account, by default."""
SCHEDULE_GROUPS = 500
"""Schedule groups of an account in a region, by default."""
INLINE_POLICY = 10_240
"""Characters of a role's inline policies together, white space not counted."""
TRUST_POLICY = 2_048
"""Characters of a trust policy, by default."""
ENVIRONMENT_BYTES = 4_096
"""All environment variables of a function together."""
TAGS = 50
"""Tags of a resource."""
_NEAR_PERCENT = 80
_UNKNOWN = "x" * 100
"""What a value that only apply can know counts: about an ARN."""
_WORKED_ON = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})

_SIZES: Mapping[tuple[str, str], tuple[str, int]] = {
    ("role", "policy"): ("characters of the inline policy", INLINE_POLICY),
    ("role", "trust"): ("characters of the trust policy", TRUST_POLICY),
    ("lambda_function", "environment"): ("bytes of environment variables", ENVIRONMENT_BYTES),
    ("state_machine", "definition"): ("bytes of the definition", DEFINITION_LIMIT_BYTES),
}


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find resources that are too large, or nearly; then kinds of which the project alone takes up most of the account's."""
    for change in plan.pending:
        if change.desired is not None and change.action in _WORKED_ON:
            yield from _of_one(change, change.desired.attributes)
    if any(change.action is Action.CREATE for change in plan.pending):
        yield from _of_all(plan)


def _of_one(change: ResourceChange, attributes: Mapping[str, Value]) -> Iterator[Diagnostic]:
    for (kind, name), (what, most) in _SIZES.items():
        if kind == change.address.kind and attributes.get(name):
            yield from _near(what, _size(attributes[name]), most, subject=str(change.address))
    tags = attributes.get("tags")
    if isinstance(tags, Mapping):
        yield from _near("tags, ours included", len(tags) + 4, TAGS, subject=str(change.address))


def _of_all(plan: Plan) -> Iterator[Diagnostic]:
    for kind, what, most in (
        ("role", "roles of this project alone", ROLES),
        ("schedule_group", "schedule groups of this project alone", SCHEDULE_GROUPS),
    ):
        count = sum(1 for change in plan.changes if change.desired is not None and change.address.kind == kind)
        yield from _near(what, count, most, subject="")


def _near(what: str, amount: int, most: int, *, subject: str) -> Iterator[Diagnostic]:
    if amount * 100 < most * _NEAR_PERCENT:
        return
    over = amount > most
    yield Diagnostic(
        code=CODE,
        severity=Severity.WARNING,
        summary=f"{amount:,} {what}; AWS takes {most:,}{'' if over else ', so it is nearly full'}",
        hint="Apply would fail there. Make it smaller, or have the quota raised first." if over else "",
        subject=subject,
    )


def _size(value: Value) -> int:
    plain = as_written(map_leaves(value, lambda leaf: leaf if isinstance(leaf, (str, int, float, type(None))) else _UNKNOWN))
    return len(json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode())
