"""BS526: a Map that calls a function more often at once than Lambda lets it run.

It needs to know what is reserved, which is asked only for the machines that change (`bunsui.plan.build.with_looked_up`).
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.state_machine import MACHINE
from bunsui.plan.fan_out import FanOut, fan_outs
from bunsui.plan.model import Plan

CODE = "BS526"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find Maps whose calls would be throttled, and those of which nobody could tell."""
    for change in plan.pending:
        if change.address.kind != MACHINE or change.desired is None:
            continue
        for call in fan_outs(change.desired.attributes.get("definition")):
            if call.function in plan.reserved:
                yield from _of(call, plan.reserved[call.function], subject=str(change.address))


def _of(call: FanOut, reserved: int | None, *, subject: str) -> Iterator[Diagnostic]:
    calls = f"{call.map} calls {call.state} up to {call.at_once:,} times at once"
    if reserved is None:
        yield Diagnostic(
            code=CODE,
            severity=Severity.INFO,
            summary=f"{calls}; what is reserved for its function is unknown",
            hint="Give the caller lambda:GetFunctionConcurrency, and plan again.",
            subject=subject,
        )
    elif reserved < call.at_once:
        yield Diagnostic(
            code=CODE,
            severity=Severity.WARNING,
            summary=f"{calls}, and its function runs {reserved:,} times at once at most: the other calls are throttled",
            hint=f"Set max_concurrency to {reserved:,} or less, or have more reserved for the function."
            if reserved
            else "A reserved concurrency of nothing switches the function off: raise it.",
            subject=subject,
        )
