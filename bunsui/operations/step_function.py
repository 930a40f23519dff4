"""`step_function`: runs a state machine that this project does not manage to its end, for its result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from bunsui.asl.model import code
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, AnyMapping, Known
from bunsui.operations.integrations.arns import EVENTS_ACTIONS, arn, events_rule
from bunsui.operations.integrations.executions import EVENTS_RULE, EXECUTION_HINTS, child_answer, machine_name, run_permissions

_MACHINE = re.compile(r"^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[^:\s]{1,80}(:[^:\s]{1,80})?$")

STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""An input field by which the console links a child to its parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFunctionParams:
    """Runs a state machine that this project does not manage, and waits for its result."""

    __pydantic_config__: ClassVar = CONFIG

    state_machine: Known
    """ARN of the state machine, with a version or alias at its end."""
    input: AnyMapping | None = None
    """Its input, a JSON object; `{}` when not given."""

    def __post_init__(self) -> None:
        """Demand a state machine's ARN."""
        if isinstance(self.state_machine, str) and not _MACHINE.match(self.state_machine):
            raise ValueError("state_machine: write the state machine's ARN; for a pipeline of this project use type: pipeline")


def _emit(params: StepFunctionParams, operation: Operation, context: EmitContext) -> Emitted:
    started_by = code("$states.context.Execution.Id")
    given: Json
    if params.input is None or isinstance(params.input, Mapping):
        fields = context.value(dict(params.input or {}))
        assert isinstance(fields, Mapping), "a mapping stays a mapping"
        given = {**fields, STARTED_BY: started_by}
    else:
        given = context.value(params.input)
    arguments: Json = {"StateMachineArn": context.value(params.state_machine), "Input": given}
    return task(operation, context, name="states:startExecution.sync:2", arguments=arguments, result="$states.result.Output")


def _permissions(params: StepFunctionParams, context: EmitContext) -> tuple[Permission, ...]:
    if isinstance(params.state_machine, str):
        return run_permissions(params.state_machine, context.scope)
    # The name, and with it the ARN of the executions, is not known before the apply.
    return (
        Permission(actions=("states:StartExecution",), resources=(params.state_machine,)),
        Permission(
            actions=("states:DescribeExecution", "states:StopExecution"),
            resources=(arn(context.scope, "states", "execution:*"),),
        ),
        Permission(actions=EVENTS_ACTIONS, resources=(events_rule(context.scope, EVENTS_RULE),)),
    )


def _findings(params: StepFunctionParams, operation: Operation) -> Sequence[Diagnostic]:
    machine = params.state_machine
    match = _MACHINE.match(machine) if isinstance(machine, str) else None
    if match is None or match.group(1):
        return ()
    name = machine_name(match.group())
    return (
        Diagnostic(
            code="BS271",
            severity=Severity.WARNING,
            summary=f"state machine {name} is not pinned to a version or alias",
            detail="A deployment of the child would change running sessions, and a resume could run another definition.",
            hint="Write the ARN of an alias or of a version: it ends in :ALIAS or :NUMBER.",
            pointer="/state_machine",
        ),
    )


TYPE = OperationType(
    name="step_function",
    summary="Runs a state machine that this project does not manage, and waits for its result",
    params=StepFunctionParams,
    emit=_emit,
    permissions=_permissions,
    result="The child's output.",
    findings=_findings,
    answer=child_answer,
    hints=EXECUTION_HINTS,
    example="""\
type: step_function
state_machine: arn:aws:states:us-east-1:111122223333:stateMachine:rates:live
input: {date: "{% $params.date %}"}
""",
)
