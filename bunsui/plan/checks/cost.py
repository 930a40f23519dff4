"""BS524: what a run costs in state transitions, before and after a change of the definition. An estimate."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.estimates.prices import prices_of
from bunsui.plan.model import Action, Plan
from bunsui.plan.transitions import Transitions, transitions

CODE = "BS524"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find machines whose runs enter more or fewer states than before."""
    prices = prices_of(plan.scope.region)
    price = prices.transition if prices is not None else None
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
                summary=f"a run enters about {after} states, before {before}{_price_words(before, after, price)}",
                subject=str(change.address),
            )


def _price_words(before: Transitions, after: Transitions, price: float | None) -> str:
    """Return what that costs, where the region's price is known."""
    if price is None:
        return " (without retries)"
    then, now = (f"{count.high * price * 1000:.2f}" for count in (before, after))
    return f": {now} USD in 1,000 runs, before {then} (an estimate, without retries)"
