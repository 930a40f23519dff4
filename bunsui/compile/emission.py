"""Operations to states: one after the other, each repeated where it polls, every Task bounded in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bunsui.asl.model import Parallel, State, Task
from bunsui.compile.context import EmitScope, OperationContext, PriorOperations
from bunsui.compile.polling import emit_polled
from bunsui.compile.retries import default_retriers, fitting, fitting_all
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation


def emit_operations(
    site: EmitScope,
    operations: Sequence[Operation],
    *,
    names: Sequence[str],
    next_state: str | None,
    before: PriorOperations,
    finish: Callable[[str], Json] | None,
) -> tuple[str, dict[str, State]]:
    """Emit operations in sequence; give the entry's name and the states.

    `finish` gives the Output of the last one; None lets it record its result as the others do.
    """
    states: dict[str, State] = {}
    for index, operation in enumerate(operations):
        is_last = index == len(operations) - 1
        context = OperationContext(
            site=site,
            operation=operation,
            state=names[index],
            next=next_state if is_last else names[index + 1],
            before=before,
            finish=finish if is_last else None,
            emit=emit_operations,
        )
        states |= emit_operation(context)
        before = before.then(operation.id)
    return names[0], states


def emit_operation(context: OperationContext) -> dict[str, State]:
    """Emit one operation, repeated where it polls."""
    poll = context.operation.poll
    return _emit_once(context) if poll is None else emit_polled(context, poll, _emit_once)


def _emit_once(context: OperationContext) -> dict[str, State]:
    """Emit one operation, every Task with a timeout and with retries that fit what it calls."""
    operation = context.operation
    kind = context.site.setting.registry[operation.type]
    limit = operation.timeout_seconds or kind.default_timeout_seconds or 3600
    states: dict[str, State] = {}
    for name, state in kind.emit(operation.params, operation, context).items():
        if isinstance(state, Task):
            timeout = limit if state.timeout_seconds is None else state.timeout_seconds
            is_silent = operation.retry is None and not state.retry
            own = default_retriers(state.resource) if is_silent else fitting(state.retry, state.resource)
            state = replace(state, timeout_seconds=timeout, retry=own)
        elif isinstance(state, Parallel):
            state = replace(state, retry=fitting_all(state.retry, state))
        states[name] = state
    return states
