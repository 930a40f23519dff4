"""Refusals of a first day, one a scenario: which call is refused how often, with which words, while what is done.

The codes are AWS's; the words are those that other deployers quote (`bunsui/aws/transient_errors.py` names them).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bunsui.emulator.lag.refusals import UNASSUMABLE
from tests.fakes.control_plane import ANOTHER_CHANGE, THROTTLED_TRANSACTION


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Answers that AWS gives to the first calls of an operation instead of doing them."""

    service: str
    """As boto3 calls it."""
    operation: str
    code: str
    message: str
    times: int = 1
    status: int = 400
    holding: str = ""
    """Only calls that hold this text."""
    fair_answer: Mapping[str, object] | None = None
    """No refusal, but this answer."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is done, and what is refused meanwhile."""

    refusals: Sequence[Refusal]
    command: Literal["apply", "destroy", "plan"] = "apply"
    after_apply: bool = False
    """The command comes after an apply, and for an apply after an edit of the function's code."""


def _all(service: str, operation: str) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(service=service, operation=operation, code=code, message=message) for code, message in UNASSUMABLE[service]
    )


def _other(service: str, operation: str, times: int = 1) -> Refusal:
    code, message = ANOTHER_CHANGE[service]
    return Refusal(service=service, operation=operation, code=code, message=message, times=times)


def _one(service: str, operation: str, code: str, message: str, *, times: int = 1, status: int = 400) -> Refusal:
    return Refusal(service=service, operation=operation, code=code, message=message, times=times, status=status)


_UNPERMITTED = "User: x is not authorized to perform: {} on resource: {} because no identity-based policy allows it"
_BACKUPS = ("ContinuousBackupsUnavailableException", "Backups are being enabled for the table. Please retry later")
SCENARIOS: Mapping[str, Scenario] = {
    "no service can assume a new role": Scenario(
        refusals=(
            *_all("lambda", "CreateFunction"),
            *_all("stepfunctions", "CreateStateMachine"),
            *_all("scheduler", "CreateSchedule"),
        )
    ),
    "backups are not there yet": Scenario(
        refusals=[_one("dynamodb", "UpdateContinuousBackups", *_BACKUPS, times=3)],
    ),
    "log groups are being changed": Scenario(refusals=[_other("logs", "CreateLogGroup"), _other("logs", "PutRetentionPolicy")]),
    "a log group is being changed when it goes": Scenario(
        refusals=[_other("logs", "DeleteLogGroup")], command="destroy", after_apply=True
    ),
    "a machine of the name is being deleted": Scenario(
        refusals=[
            _one("stepfunctions", "CreateStateMachine", "StateMachineDeleting", "State Machine is being deleted", times=2)
        ]
    ),
    "a schedule group of the name is being deleted": Scenario(
        refusals=[
            _one(
                "scheduler",
                "CreateScheduleGroup",
                "ConflictException",
                "Schedule group g is being deleted",
                times=2,
                status=409,
            )
        ]
    ),
    "the schedule group is not seen yet": Scenario(
        refusals=[
            _one("scheduler", "CreateSchedule", "ResourceNotFoundException", "Schedule group g does not exist.", status=404)
        ]
    ),
    "the role is not seen yet": Scenario(
        refusals=[_one("iam", "PutRolePolicy", "NoSuchEntity", "The role with name r cannot be found.", status=404)]
    ),
    "the version is not seen by its alias": Scenario(
        refusals=[_one("stepfunctions", "CreateStateMachineAlias", "ResourceNotFound", "Resource not found: arn")]
    ),
    "the new function is not seen by who waits for it": Scenario(
        refusals=[
            Refusal(
                service="lambda",
                operation="GetFunction",
                code="ResourceNotFoundException",
                message="Function not found: arn",
                status=404,
                holding="Qualifier=1",
            )
        ]
    ),
    "roles are being changed": Scenario(refusals=[_other("iam", "CreateRole"), _other("iam", "PutRolePolicy")]),
    "the policies of a role are not gone yet": Scenario(
        refusals=[_one("iam", "DeleteRole", "DeleteConflict", "Cannot delete entity, must delete policies first.", status=409)],
        command="destroy",
        after_apply=True,
    ),
    "the tags of a new machine are not seen yet": Scenario(
        refusals=[
            Refusal(service="stepfunctions", operation="ListTagsForResource", code="", message="", fair_answer={"tags": []})
        ]
    ),
    "a function is being updated": Scenario(
        refusals=[
            _other("lambda", "UpdateFunctionCode"),
            _other("lambda", "PublishVersion"),
            _other("lambda", "TagResource"),
        ],
        after_apply=True,
    ),
    "a machine is being changed": Scenario(refusals=[_other("stepfunctions", "CreateStateMachine")]),
    "the table has no capacity": Scenario(
        refusals=[
            Refusal(
                service="dynamodb",
                operation="TransactWriteItems",
                code=THROTTLED_TRANSACTION[0],
                message=THROTTLED_TRANSACTION[1],
                times=2,
                holding="inventory#",
            )
        ],
        after_apply=True,
    ),
    "an absent role may not be read": Scenario(
        refusals=[_one("iam", "GetRole", "AccessDenied", _UNPERMITTED.format("iam:GetRole", "role r"), times=99, status=403)]
    ),
    "the table may not be tagged": Scenario(
        refusals=[
            _one("dynamodb", "CreateTable", "AccessDeniedException", _UNPERMITTED.format("dynamodb:TagResource", "t"), times=1)
        ]
    ),
}


def answer_of(refusal: Refusal) -> bytes:
    """What comes over the wire."""
    if refusal.fair_answer is not None:
        body, status, kind = json.dumps(refusal.fair_answer), "200 OK", "application/x-amz-json-1.0"
    elif refusal.service == "iam":
        body = f"<ErrorResponse><Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error></ErrorResponse>"
        status, kind = f"{refusal.status} Refused", "text/xml"
    else:
        body = json.dumps({"__type": refusal.code, "message": refusal.message})
        status, kind = f"{refusal.status} Refused", "application/json"
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nx-amzn-ErrorType: {refusal.code}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()
