"""BS543: what a resident costs in a month beside what runs: the Lambda time of its sweeps. An estimate.

The Express machine around each sweep and EventBridge Scheduler cost less than a hundredth of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.model.address import RESIDENT
from bunsui.model.environment.resident import SWEEP_SECONDS
from bunsui.model.estimates.cost import Usage, estimate_cost
from bunsui.model.values import Value
from bunsui.plan.model import Action, Plan

CODE = "BS543"
_MONTH_SECONDS = 730 * 3600
_LOOK_SECONDS = 3.0
"""Of a look at some machines, the import of bunsui included where Lambda begins anew."""


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find a resident that is made."""
    for change in plan.pending:
        made = change.desired if change.action is Action.CREATE else None
        if made is not None and change.address.kind == FUNCTION and change.address.pipeline == RESIDENT:
            price = _price_words(estimate_cost(_usage(made.attributes), plan.scope.region).usd)
            yield Diagnostic(
                code=CODE,
                severity=Severity.INFO,
                summary=f"the resident looks every {SWEEP_SECONDS // 60} minutes and when a run ends: {price}",
                subject=str(change.address),
            )


def _price_words(usd: float | None) -> str:
    if usd is None:
        return "its price is not known in this region"
    runs = usd / (_MONTH_SECONDS / SWEEP_SECONDS) * 1000
    return f"about {usd:.2f} USD a month, and {runs:.2f} USD in 1,000 runs (an estimate)"


def _usage(attributes: Mapping[str, Value]) -> Usage:
    looks, memory = _MONTH_SECONDS / SWEEP_SECONDS, attributes.get("memory_mb")
    gigabytes = memory / 1024 if isinstance(memory, int) else 0.0
    return Usage(requests=looks, gb_seconds_x86_64=looks * _LOOK_SECONDS * gigabytes)
