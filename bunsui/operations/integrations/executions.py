"""What it takes to run another state machine to its end: permissions and error hints.

Sources: Step Functions developer guide, "Start workflow executions from a task state" and "Authorization for versions and
aliases", by which IAM looks at the machine's own ARN, and at the version or alias only through a condition key.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import EVENTS_ACTIONS, events_rule

EVENTS_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"

EXECUTION_HINTS: Mapping[str, str] = {
    "StepFunctions.StateMachineDoesNotExistException": "The state machine, version or alias does not exist: apply it first.",
    "StepFunctions.ExecutionLimitExceededException": "Too many executions are open in this account and region.",
    "StepFunctions.AWSStepFunctionsException": "The child could not be started: the cause says why.",
    "States.TaskFailed": "The child execution failed; the cause holds its ARN, its error and its cause.",
    "States.Timeout": "The operation's `timeout` passed; the child was stopped.",
}


def child_answer(params: object, result: Json) -> Json:
    """Return what `startExecution.sync:2` answers for a child with this output."""
    return {"Output": result, "Status": "SUCCEEDED"}


def machine_name(machine_arn: str) -> str:
    """Return the state machine's name out of its ARN, or that of one of its versions or aliases."""
    return machine_arn.split(":")[6]


def run_permissions(machine_arn: str, scope: Scope) -> tuple[Permission, ...]:
    """Return what a role needs to start exactly this machine, version or alias, to follow its executions and to stop them."""
    parts = machine_arn.split(":")
    qualifier = parts[7:]
    condition: dict[str, Json] = {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": qualifier}} if qualifier else {}
    executions = ":".join([*parts[:5], "execution", machine_name(machine_arn), "*"])
    return (
        Permission(actions=("states:StartExecution",), resources=(":".join(parts[:7]),), condition=condition),
        Permission(actions=("states:DescribeExecution", "states:StopExecution"), resources=(executions,)),
        Permission(actions=EVENTS_ACTIONS, resources=(events_rule(scope, EVENTS_RULE),)),
    )
