"""Roles that a call hands over to a service: whoever does so needs `iam:PassRole` for each of them.

Sources: IAM user guide, "Grant a user permissions to pass a role to an AWS service"; the pages on IAM policies of each
integration in the Step Functions developer guide, by which the role is passed to the service named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bunsui.model.json import Json
from bunsui.model.values import Value
from bunsui.operations.contract import Permission

_ROLE = re.compile(r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")
_PASSED_TO: Mapping[str, str] = {
    "appflow": "appflow",
    "batch": "batch",
    "bedrock": "bedrock",
    "codebuild": "codebuild",
    "databrew": "databrew",
    "datasync": "datasync",
    "ecs": "ecs-tasks",
    "eks": "eks",
    "emr-serverless": "emr-serverless",
    "emrserverless": "emr-serverless",
    "firehose": "firehose",
    "glue": "glue",
    "lambda": "lambda",
    "mediaconvert": "mediaconvert",
    "pipes": "pipes",
    "sagemaker": "sagemaker",
    "scheduler": "scheduler",
    "transcribe": "transcribe",
}
"""Service of a call -> what the role is passed to, for the condition; other services are not named, and the ARN alone holds."""
_NOT_PASSED = frozenset({"emr-containers", "emrcontainers", "kms", "lakeformation", "s3", "secretsmanager"})
"""Services whose arguments name roles that they are not handed: principals, and roles of pods."""


def passed_roles(action: str, arguments: Value) -> tuple[Permission, ...]:
    """Return the permission to pass the roles that stand in the arguments; nothing where none does."""
    service = action.partition(":")[0]
    found = tuple(dict.fromkeys(_roles(arguments))) if service not in _NOT_PASSED else ()
    if not found:
        return ()
    to = _PASSED_TO.get(service)
    condition: dict[str, Json] = {"StringEquals": {"iam:PassedToService": f"{to}.amazonaws.com"}} if to else {}
    return (Permission(actions=("iam:PassRole",), resources=found, condition=condition),)


def _roles(value: Value) -> Iterator[str]:
    if isinstance(value, str) and _ROLE.match(value):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _roles(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _roles(item)
