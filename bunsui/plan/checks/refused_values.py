"""BS540: what AWS would refuse to write, known beforehand (`bunsui.kinds.constraints`)."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.constraints.of_kind import broken_constraints
from bunsui.plan.model import Action, Plan

CODE = "BS540"

_WRITTEN = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find values that no service takes, most of which came from outside the files: those stand in no finding of validate.
    What all resources of a pipeline have alike is told once; sizes of a value as a whole are BS521's."""
    told: set[tuple[str, str]] = set()
    for change in plan.pending:
        if change.desired is None or change.action not in _WRITTEN:
            continue
        for broken in broken_constraints(change.address.kind, change.desired.attributes):
            once = change.address.pipeline, broken.summary
            if broken.member and once not in told:
                told.add(once)
                yield Diagnostic(
                    code=CODE,
                    severity=Severity.ERROR,
                    summary=broken.summary,
                    hint=broken.hint,
                    subject=str(change.address),
                )
