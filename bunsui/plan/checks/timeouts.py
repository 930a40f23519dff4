"""BS522: timeouts that can never do what they are there for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.values import Value
from bunsui.plan.definitions import every_state, is_function
from bunsui.plan.model import Plan

CODE = "BS522"

LONGEST_EXECUTION_SECONDS = 365 * 24 * 3600
"""Step Functions ends a standard execution after a year."""
LONGEST_FUNCTION_SECONDS = 900
"""Lambda ends a function after fifteen minutes."""
_NAMED = 5


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find timeouts longer than what ends the work anyway, on machines that are new or change."""
    for change in plan.pending:
        if change.desired is None:
            continue
        definition = change.desired.attributes.get("definition")
        if isinstance(definition, Mapping):
            for summary in _problems(definition):
                yield Diagnostic(
                    code=CODE,
                    severity=Severity.WARNING,
                    summary=summary,
                    hint="Shorten it, so that a hanging task is noticed and its retries and handlers get their turn.",
                    subject=str(change.address),
                )


def _problems(definition: Mapping[str, Value]) -> Iterator[str]:
    whole = _seconds(definition.get("TimeoutSeconds"))
    if whole is not None and whole > LONGEST_EXECUTION_SECONDS:
        yield "the machine's timeout is longer than a year, after which Step Functions ends every execution"
    tasks = [(name, state) for name, state in every_state(definition) if state.get("Type") == "Task"]
    timed = [(name, state, seconds) for name, state in tasks if (seconds := _seconds(state.get("TimeoutSeconds"))) is not None]
    if whole is not None:
        longer = [name for name, _, seconds in timed if seconds > whole]
        if longer:
            yield f"a task's timeout is longer than the whole machine's, which ends first: {_list_names(longer)}"
    slow = [name for name, state, seconds in timed if seconds > LONGEST_FUNCTION_SECONDS and is_function(state.get("Resource"))]
    if slow:
        yield f"Lambda ends a function after 15 minutes, and the task's timeout is longer: {_list_names(slow)}"


def _seconds(value: Value) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _list_names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
