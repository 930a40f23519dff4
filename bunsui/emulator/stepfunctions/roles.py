"""What roles permit, as Step Functions asks it for itself: before it makes a machine, and before it hands a role on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.store.arns import Location

Facts = Mapping[str, Sequence[str]]
"""What is known for conditions, by condition key in lower case."""

_RULES: Mapping[str, str] = {
    "arn:aws:states:::states:startExecution.sync": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    "arn:aws:states:::states:startExecution.sync:2": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    "arn:aws:states:::ecs:runTask.sync": "StepFunctionsGetEventsForECSTaskRule",
}
"""The rule of EventBridge by which Step Functions learns of the end of what it waits for, by the Task's resource: of those that
are served here (developer guide, IAM policies of each integration)."""
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


class Roles(Protocol):
    """Judges roles by the IAM of the embedded AWS."""

    def refusal(self, role_arn: str, account: str, action: str, resource: str, facts: Facts) -> str:
        """Return AWS's words for what a role does not permit; empty where it does, and where nobody can tell."""
        ...

    def distrusts(self, role_arn: str, account: str, services: Sequence[str], facts: Facts) -> bool:
        """Tell whether a role certainly lets none of the services assume it."""
        ...


class EveryRole:
    """Judges nothing: where there is no IAM."""

    def refusal(self, role_arn: str, account: str, action: str, resource: str, facts: Facts) -> str:
        """Refuse nothing."""
        return ""

    def distrusts(self, role_arn: str, account: str, services: Sequence[str], facts: Facts) -> bool:
        """Trust everybody."""
        return False


def check_machines_role(
    roles: Roles, location: Location, machine_arn: str, *, role_arn: str, definition: str, logs: bool
) -> None:
    """Check what Step Functions checks of a role before it makes or changes a machine.

    Raises ApiError in AWS's words: lumigo-io/lumigo-CLI issue 83, aws/aws-cdk issue 26432, nasa/cumulus pull request 2693.
    """
    account = location.account
    services = ("states.amazonaws.com", f"states.{location.region}.amazonaws.com")
    if roles.distrusts(role_arn, account, services, {"aws:sourcearn": [machine_arn], "aws:sourceaccount": [account]}):
        told = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the"
        raise ApiError("AccessDeniedException", f"{told} provided role.")
    if logs and roles.refusal(role_arn, account, "logs:CreateLogDelivery", "*", {}):
        raise ApiError("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination")
    for rule in sorted({_RULES[one] for one in _resources_in(json.loads(definition)) if one in _RULES}):
        arn = f"arn:aws:events:{location.region}:{account}:rule/{rule}"
        if any(roles.refusal(role_arn, account, action, arn, {}) for action in _RULE_ACTIONS):
            raise ApiError("AccessDeniedException", f"'{role_arn}' is not authorized to create managed-rule.")


def _resources_in(definition: Any) -> Iterator[str]:
    """Yield the resources of all Task states, those of branches and items included."""
    states = definition.get("States") if isinstance(definition, Mapping) else None
    for state in states.values() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        if state.get("Type") == "Task":
            yield str(state.get("Resource", ""))
        for inner in (*(state.get("Branches") or ()), state.get("ItemProcessor"), state.get("Iterator")):
            yield from _resources_in(inner)
