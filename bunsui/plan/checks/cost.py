"""BS524: what a run costs in state transitions, before and after a change of the definition. An estimate."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan
from bunsui.plan.transitions import Transitions, transitions

CODE = "BS524"

USD_A_TRANSITION = 0.000_025
"""Standard workflows in us-east-1, beyond the free tier. AWS Step Functions pricing, as published in early 2026; it differs a
little between regions."""


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find machines whose runs enter more or fewer states than before."""
    for change in plan.pending:
        if change.action is not Action.UPDATE or change.desired is None or change.actual is None:
            continue
        if change.desired.attributes.get("type") == "EXPRESS" or "definition" not in change.desired.attributes:
            continue
        before = transitions(change.actual.attributes.get("definition"))
        after = transitions(change.desired.attributes["definition"])
        if before != after and before.high:
            yield Diagnostic(
                code=CODE,
                severity=Severity.INFO,
                summary=(
                    f"a run enters about {after} states, before {before}: {_price_words(after)} USD in 1,000 runs, "
                    f"before {_price_words(before)} (an estimate, without retries)"
                ),
                subject=str(change.address),
            )


def _price_words(count: Transitions) -> str:
    return f"{count.high * USD_A_TRANSITION * 1000:.2f}"
