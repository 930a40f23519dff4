"""BS505: a task that may hang for a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.definitions import every_state
from bunsui.plan.model import Plan

CODE = "BS505"

_BOUNDS = frozenset({"TimeoutSeconds", "TimeoutSecondsPath"})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find machines that change or are new, have no timeout as a whole, and have tasks without one."""
    for change in plan.pending:
        if change.desired is None:
            continue
        definition = change.desired.attributes.get("definition")
        if not isinstance(definition, Mapping) or "TimeoutSeconds" in definition:
            continue
        if change.desired.attributes.get("type") == "EXPRESS":
            continue  # Step Functions ends these after five minutes
        names = sorted(
            name for name, state in every_state(definition) if state.get("Type") == "Task" and not _BOUNDS & set(state)
        )
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"without any timeout, a task that hangs runs for a year: {', '.join(names[:5])}{more}",
                hint="Give the pipeline or these operations a `timeout`.",
                subject=str(change.address),
            )
