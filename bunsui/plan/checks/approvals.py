"""BS532: the first approvals of an account and region come with a key of KMS, which costs something each month."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.gates import opens_gates
from bunsui.plan.model import Plan

CODE = "BS532"

USD_A_MONTH = 1
"""A customer managed key of KMS, and 0.03 USD for 10,000 requests. AWS KMS pricing, as published in 2026."""


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find machines that open gates and did not before."""
    for change in plan.pending:
        if opens_gates(change.desired) and not opens_gates(change.actual):
            yield Diagnostic(
                code=CODE,
                severity=Severity.INFO,
                summary=(
                    "its approvals keep their task tokens in the table bunsui-approvals, under a key of KMS of its own:"
                    f" made once for account and region, about {USD_A_MONTH} USD a month (an estimate)"
                ),
                subject=str(change.address),
            )
