"""`pipeline`: runs another pipeline of this project to its end, for its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.asl.model import code
from bunsui.model.json import Json
from bunsui.model.names import ID_PATTERN
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, AnyMapping
from bunsui.operations.integrations.executions import EXECUTION_HINTS, child_answer, run_permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineParams:
    """Runs another pipeline of this project and waits for its result."""

    __pydantic_config__: ClassVar = CONFIG

    pipeline: Annotated[str, Field(pattern=ID_PATTERN)]
    """Name of the other pipeline."""
    params: AnyMapping = field(default_factory=dict)
    """Its parameters by name."""


def _emit(params: PipelineParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: Json = {"StateMachineArn": context.pipeline_arn(params.pipeline), "Input": _input(params, context)}
    return task(operation, context, name="states:startExecution.sync:2", arguments=arguments, result="$states.result.Output")


def _input(params: PipelineParams, context: EmitContext) -> Json:
    defaults = context.raw_input(params.pipeline)
    if defaults is not None:
        if isinstance(params.params, Mapping):
            return context.value({**defaults, **params.params})
        return code(f"$merge([{context.expression(defaults)}, {context.expression(params.params)}])")
    slot = context.expression(Expression("$session.slot"))
    resume = context.child_resume(params.pipeline, params.params)
    return {
        "params": context.value(params.params),
        # As one expression, since a key whose value is undefined vanishes from an object but fails as a field of its own.
        "session": code(f"{{'slot': {slot}, 'started_by': $states.context.Execution.Id}}"),
        "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": code("$states.context.Execution.Id"),
        **({"resume": resume} if resume is not None else {}),
    }


def _permissions(params: PipelineParams, context: EmitContext) -> tuple[Permission, ...]:
    return run_permissions(context.pipeline_arn(params.pipeline), context.scope)


TYPE = OperationType(
    name="pipeline",
    summary="Runs another pipeline of this project and waits for its result",
    params=PipelineParams,
    emit=_emit,
    permissions=_permissions,
    result="The other pipeline's output: the declared outputs of its last jobs by job.",
    calls_pipelines=lambda params: (params.pipeline,),
    child_params=("pipeline", "params"),
    answer=child_answer,
    hints=EXECUTION_HINTS,
    example='type: pipeline\npipeline: rates\nparams: {date: "{% $params.date %}"}\n',
)
