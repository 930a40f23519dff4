"""What approvals need: of whoever applies, to make the table of task tokens and its key; of whoever approves, everything.

Of SendTaskSuccess and SendTaskFailure the Service Authorization Reference names no resource; IAM checks them on the state
machine all the same, which its refusals name and on which the CDK grants (`StateMachine.grantTaskResponse`).
https://github.com/aws/aws-cdk/pull/8486
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.dynamodb import TABLE_NAME
from bunsui.aws.grants import Grant, Purpose
from bunsui.model.gates import APPROVALS_KEY, APPROVALS_TABLE
from bunsui.model.json import Json

_STATE = (f"dynamodb:table/{TABLE_NAME}", f"dynamodb:table/{TABLE_NAME}/index/*")
_TOKENS = (f"dynamodb:table/{APPROVALS_TABLE}",)
_LOST = "pipelines with approvals are applied once somebody else has made the table and its key"
_BY_DYNAMODB: Mapping[str, Json] = {
    "ForAnyValue:StringEquals": {"kms:ResourceAliases": APPROVALS_KEY},
    "StringEquals": {"kms:ViaService": "dynamodb.{region}.amazonaws.com"},
}
"""The one key, and only where DynamoDB asks for its caller."""

APPROVAL_GRANTS: tuple[Grant, ...] = (
    Grant(
        sid="ApprovalsTable",
        purpose=Purpose.APPLY,
        service="dynamodb",
        operations=("CreateTable", "DescribeTable", "UpdateTimeToLive"),
        actions={"CreateTable": ("CreateTable", "TagResource")},
        on=_TOKENS,
        optional=_LOST,
    ),
    Grant(
        sid="ApprovalsKey",
        purpose=Purpose.APPLY,
        service="kms",
        operations=("CreateKey",),
        actions={"CreateKey": ("CreateKey", "TagResource")},
        optional=_LOST,
    ),
    Grant(
        sid="ApprovalsKeyName",
        purpose=Purpose.APPLY,
        service="kms",
        operations=("CreateAlias", "DescribeKey"),
        on=(f"kms:{APPROVALS_KEY}", "kms:key/*"),
        optional=_LOST,
    ),
    Grant(
        sid="ApprovalsKeyUse",
        purpose=Purpose.APPLY,
        service="kms",
        operations=("CreateGrant",),
        # what DynamoDB asks of who makes a table that the key encrypts
        actions={
            "CreateGrant": (
                "CreateGrant",
                "Decrypt",
                "DescribeKey",
                "Encrypt",
                "GenerateDataKey",
                "ReEncryptFrom",
                "ReEncryptTo",
            )
        },
        on=("kms:key/*",),
        condition={"StringEquals": {"kms:ViaService": "dynamodb.{region}.amazonaws.com"}},
        optional=_LOST,
    ),
    Grant(sid="ApproveAs", purpose=Purpose.APPROVE, service="sts", operations=("GetCallerIdentity",)),
    Grant(
        sid="ApproveSessions",
        purpose=Purpose.APPROVE,
        service="dynamodb",
        operations=("BatchGetItem", "GetItem", "PutItem", "Query", "TransactWriteItems"),
        actions={"TransactWriteItems": ("ConditionCheckItem", "DeleteItem", "PutItem")},
        on=_STATE,
    ),
    Grant(
        sid="ApproveTokens",
        purpose=Purpose.APPROVE,
        service="dynamodb",
        operations=("GetItem",),
        on=_TOKENS,
        condition={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["{project}#{environment}#*"]}},
    ),
    Grant(
        sid="ApproveKey",
        purpose=Purpose.APPROVE,
        service="kms",
        operations=("Decrypt",),
        on=("kms:key/*",),
        condition=_BY_DYNAMODB,
    ),
    Grant(
        sid="ApproveAnswer",
        purpose=Purpose.APPROVE,
        service="stepfunctions",
        operations=("SendTaskFailure", "SendTaskSuccess"),
        on=("states:stateMachine:{names}",),
    ),
    Grant(
        sid="ApproveMachines",
        purpose=Purpose.APPROVE,
        service="stepfunctions",
        operations=("ListExecutions",),
        on=("states:stateMachine:{names}",),
    ),
    Grant(
        sid="ApproveLook",
        purpose=Purpose.APPROVE,
        service="stepfunctions",
        operations=(
            "DescribeExecution",
            "DescribeMapRun",
            "DescribeStateMachineForExecution",
            "GetExecutionHistory",
            "ListExecutions",
        ),
        on=("states:execution:{names}", "states:mapRun:{names}"),
    ),
)
