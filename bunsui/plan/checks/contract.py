"""BS449: machines that change because a newer bunsui gives the same file another meaning."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.failures import contract_of
from bunsui.plan.model import Action, Plan

CODE = "BS449"

_MEANINGS = {
    2: "an output that is absent fails its job, conditions are true or false, items are a list, and a job that reacts to a "
    "failure leaves the session failed unless it says handles: true",
}
"""Contract -> what is new in it."""
_NAMED = 5


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find machines whose contract grows; one finding for all of them, since it is one reason."""
    found: dict[tuple[int, int], list[str]] = {}
    for change in plan.pending:
        if change.action is not Action.UPDATE or change.desired is None or change.actual is None:
            continue
        before = contract_of(change.actual.attributes.get("definition"))
        after = contract_of(change.desired.attributes.get("definition"))
        if 0 < before < after:
            found.setdefault((before, after), []).append(change.address.pipeline)
    for (before, after), names in found.items():
        shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        news = "; ".join(_MEANINGS[step] for step in range(before + 1, after + 1) if step in _MEANINGS)
        yield Diagnostic(
            code=CODE,
            severity=Severity.INFO,
            summary=f"machines get contract {after}, before {before}: every pipeline changes once ({shown})",
            detail=f"New: {news}." if news else "",
            hint="Sessions that run go on as they began; they are shown, resumed and redriven as before.",
        )
