"""What whoever verifies references must be allowed: calls that read, each of which may be left out."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.grants import Grant, Purpose

_LOST = "references to {} count as not verified"


def _grant(sid: str, service: str, what: str, *operations: str, actions: Mapping[str, tuple[str, ...]] | None = None) -> Grant:
    return Grant(
        sid=f"Verify{sid}",
        purpose=Purpose.VERIFY,
        service=service,
        operations=operations,
        actions=actions or {},
        optional=_LOST.format(what),
    )


VERIFY_GRANTS: tuple[Grant, ...] = (
    Grant(sid="WhoAmIOfVerify", purpose=Purpose.VERIFY, service="sts", operations=("GetCallerIdentity",)),
    _grant("Functions", "lambda", "functions", "GetFunctionConfiguration"),
    _grant("Tasks", "ecs", "clusters and task definitions", "DescribeClusters", "DescribeTaskDefinition"),
    _grant("Tables", "dynamodb", "tables", "DescribeTable"),
    _grant("Buckets", "s3", "buckets", "HeadBucket", actions={"HeadBucket": ("ListBucket",)}),
    _grant("Queues", "sqs", "queues", "GetQueueUrl"),
    _grant("Topics", "sns", "topics", "GetTopicAttributes"),
    _grant("Secrets", "secretsmanager", "secrets", "DescribeSecret"),
    _grant("Parameters", "ssm", "parameters", "DescribeParameters"),
    _grant("Machines", "stepfunctions", "state machines", "DescribeStateMachine"),
    _grant(
        "Networks", "ec2", "subnets and security groups", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeSubnets"
    ),
    _grant(
        "Roles",
        "iam",
        "roles",
        *("GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"),
    ),
)
"""No value is read: neither of a secret, nor of a parameter, nor of an object."""
