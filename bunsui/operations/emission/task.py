"""The Task state that most operations become."""

from __future__ import annotations

from bunsui.asl.model import Task
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted
from bunsui.operations.integrations.arns import integration

DEFAULT_TIMEOUT_SECONDS = 3600
"""Step Functions' own default is three years, so every Task gets a limit."""


def task(
    operation: Operation,
    context: EmitContext,
    *,
    name: str,
    arguments: Json,
    result: str,
    default_timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS,
) -> Emitted:
    """Return the one Task that calls the integration `name`, such as `lambda:invoke`, and records `result`, JSONata over
    `$states.result`."""
    timeout = operation.timeout_seconds
    state = Task(
        resource=integration(context.scope, name),
        arguments=arguments,
        output=context.output(result),
        retry=context.retry,
        catch=context.catch,
        timeout_seconds=default_timeout_seconds if timeout is None else timeout,
        heartbeat_seconds=operation.heartbeat_seconds,
        next=context.next,
    )
    return {context.state: state}
