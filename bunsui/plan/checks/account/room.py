"""BS535: the account, whoever uses it, has no room for what apply would write.

Sources: "IAM and AWS STS quotas"; "Quotas for Amazon EventBridge Scheduler"; "Step Functions service quotas"; Lambda developer
guide, "Configuring reserved concurrency" (100 stay for functions without a reservation). Of an account that may have fewer than
100 calls at once Lambda keeps them all: "below its minimum value of [50]" and "[10]" (aws-samples/s3-to-lambda-patterns 36,
awslabs/fhir-works-on-aws-deployment 691).
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.constraints.account import KEPT_UNRESERVED
from bunsui.kinds.kind import Limit
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.role import ROLE
from bunsui.kinds.schedule_group import SCHEDULE_GROUP
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.values import Value
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.ports.account import FunctionUsage

CODE = "BS535"

_FULL_PERCENT = 95
_RAISE = (
    "Remove what nobody needs, or have it raised in Service Quotas of this account and region first: apply would fail there."
)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find quotas of the account that the plan's changes would go beyond."""
    room = plan.account
    if room.roles is not None:
        yield from _check_count(plan, ROLE, "roles", used=room.roles.used, most=room.roles.most)
    for kind, what, used in (
        (SCHEDULE_GROUP, "schedule groups", room.schedule_groups),
        (MACHINE, "state machines", room.state_machines),
    ):
        quota = kind_named(kind).quota
        if used is not None and isinstance(quota, Limit):
            yield from _check_count(plan, kind, f"{what} (unless more were granted)", used=used, most=quota.most)
    if room.functions is not None:
        yield from _check_reserved(plan, room.functions)
        yield from _check_code(room.functions)


def _check_count(plan: Plan, kind: str, what: str, *, used: int, most: int) -> Iterator[Diagnostic]:
    more = sum(1 for change in plan.pending if change.address.kind == kind and change.action is Action.CREATE)
    if more and used + more > most:
        yield _finding(f"{more:,} more are created, and the account has {used:,} of {most:,} {what}", hint=_RAISE)


def _check_reserved(plan: Plan, functions: FunctionUsage) -> Iterator[Diagnostic]:
    """Count in the order in which apply works: what is given back first may not be there yet."""
    kept = min(KEPT_UNRESERVED, functions.at_once)
    left = functions.unreserved - kept
    for change in plan.pending:
        more = _more_reserved(change)
        left -= more
        if more > 0 and left < 0:
            yield _finding(
                f"{more:,} more are reserved for the function, and the account has {max(left + more, 0):,} to reserve: of "
                f"{functions.at_once:,} calls at once Lambda keeps {kept:,} for functions without a reservation",
                hint="Lower reserved_concurrency, or have the quota Concurrent executions raised: apply would fail there.",
                subject=str(change.address),
            )


def _more_reserved(change: ResourceChange) -> int:
    if change.address.kind != FUNCTION or change.desired is None:
        return 0
    had = change.actual.attributes.get("reserved_concurrency") if change.actual is not None else None
    return _whole(change.desired.attributes.get("reserved_concurrency")) - _whole(had)


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _check_code(functions: FunctionUsage) -> Iterator[Diagnostic]:
    code = functions.code_bytes
    if code.used * 100 >= code.most * _FULL_PERCENT:
        told = f"the code of the account's functions takes {_gib(code.used)} of {_gib(code.most)} GiB, all versions together"
        yield _finding(told, hint=_RAISE)


def _gib(amount: int) -> str:
    return f"{amount / 2**30:.1f}"


def _finding(summary: str, *, hint: str, subject: str = "") -> Diagnostic:
    return Diagnostic(code=CODE, severity=Severity.WARNING, summary=summary, hint=hint, subject=subject)
