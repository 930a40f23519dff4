"""What AWS checks of each call: its actions and the resources that they are checked on.

Source: the Service Authorization Reference (actions, resource types, dependent actions) and, for tags in create calls, each
service's page on tag-on-create. A call that is not named here is checked by its own action on everything it names; `CHECKS`
has those that need more, or are checked on something else than they name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from bunsui.model.gates import APPROVALS_KEY, APPROVALS_TABLE
from bunsui.model.resource import Scope

Request = Mapping[str, Any]
PREFIXES = {"stepfunctions": "states", "resource-groups-tagging-api": "tag", "resourcegroupstaggingapi": "tag"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One action on one resource that a caller must be allowed."""

    action: str
    resource: str = "*"
    passed_to: str = ""
    """Of iam:PassRole, the service that the role is passed to."""
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The values of the condition keys that the call has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where calls are made, and the one thing that AWS has to look up for a check: where a role lies."""

    scope: Scope
    path_of: Callable[[str], str | None]
    """Returns a role's path; None for one that does not exist."""

    def arn(self, service: str, resource: str) -> str:
        region = "" if service == "iam" else self.scope.region
        return f"arn:aws:{service}:{region}:{self.scope.account}:{resource}"

    def role(self, name: str) -> str:
        """IAM knows no path of a role that is not there."""
        return self.arn("iam", f"role{self.path_of(name) or '/'}{name}")


def checks(account: Account, service: str, operation: str, request: Request) -> Iterator[Check]:
    """Everything that AWS checks before it carries out a call."""
    prefix = PREFIXES.get(service, service)
    more = CHECKS.get((service, operation))
    if more is not None:
        yield from more(account, request)
        return
    for resource in _RESOURCES.get(service, _anything)(account, request):
        yield Check(action=f"{prefix}:{operation}", resource=resource, context=_leading_keys(request))
        if resource.endswith(f"table/{APPROVALS_TABLE}"):
            yield _decrypted(account)


def _machine(account: Account, request: Request) -> Iterator[str]:
    names = ("stateMachineArn", "resourceArn", "stateMachineAliasArn", "stateMachineVersionArn", "executionArn", "mapRunArn")
    found = [str(request[name]) for name in names if name in request]
    yield from found or ["*"]


def _role(account: Account, request: Request) -> Iterator[str]:
    yield account.role(str(request["RoleName"])) if "RoleName" in request else "*"


def _function(account: Account, request: Request) -> Iterator[str]:
    name = request.get("FunctionName") or request.get("Resource")
    if not name:
        yield "*"
        return
    arn = str(name) if str(name).startswith("arn:") else account.arn("lambda", f"function:{name}")
    yield f"{arn}:{request['Qualifier']}" if "Qualifier" in request else arn


def _log_group(account: Account, request: Request) -> Iterator[str]:
    name = request.get("logGroupName")
    yield account.arn("logs", f"log-group:{name}") if name else str(request.get("resourceArn", "*"))


def _table(account: Account, request: Request) -> Iterator[str]:
    arn = account.arn("dynamodb", f"table/{request['TableName']}")
    yield f"{arn}/index/{request['IndexName']}" if "IndexName" in request else arn


def _schedule(account: Account, request: Request) -> Iterator[str]:
    if "ResourceArn" in request:
        yield str(request["ResourceArn"])
    elif "GroupName" in request and "Name" in request:
        yield account.arn("scheduler", f"schedule/{request['GroupName']}/{request['Name']}")
    elif "Name" in request:
        yield account.arn("scheduler", f"schedule-group/{request['Name']}")
    else:
        yield "*"


def _topic(account: Account, request: Request) -> Iterator[str]:
    named = account.arn("sns", str(request["Name"])) if "Name" in request else "*"
    yield str(request.get("TopicArn") or request.get("ResourceArn") or named)


def _rule(account: Account, request: Request) -> Iterator[str]:
    name = request.get("Rule") or request.get("Name")
    yield account.arn("events", f"rule/{name}") if name else str(request.get("ResourceARN", "*"))


def _bucket(account: Account, request: Request) -> Iterator[str]:
    yield f"arn:aws:s3:::{request['Bucket']}{'/' + request['Key'] if 'Key' in request else ''}"


def _anything(account: Account, request: Request) -> Iterator[str]:
    yield "*"


_RESOURCES: Mapping[str, Callable[[Account, Request], Iterator[str]]] = {
    "stepfunctions": _machine,
    "iam": _role,
    "lambda": _function,
    "logs": _log_group,
    "dynamodb": _table,
    "scheduler": _schedule,
    "sns": _topic,
    "events": _rule,
    "s3": _bucket,
}


_BUCKET_ACTIONS = {
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "ListObjectVersions": "ListBucketVersions",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
"""Calls of S3 whose action has another name."""


def _of_bucket(operation: str) -> Callable[[Account, Request], Iterator[Check]]:
    def found(account: Account, request: Request) -> Iterator[Check]:
        (arn,) = _bucket(account, request)
        yield Check(action=f"s3:{_BUCKET_ACTIONS[operation]}", resource=arn)

    return found


def _create_bucket(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _bucket(account, request)
    yield Check(action="s3:CreateBucket", resource=arn)
    if request.get("ObjectOwnership"):
        yield Check(action="s3:PutBucketOwnershipControls", resource=arn)
    if request.get("CreateBucketConfiguration", {}).get("Tags"):
        yield Check(action="s3:TagResource", resource=arn)


def _create_machine(account: Account, request: Request) -> Iterator[Check]:
    arn = account.arn("states", f"stateMachine:{request['name']}")
    yield Check(action="states:CreateStateMachine", resource=arn)
    if request.get("tags"):
        yield Check(action="states:TagResource", resource=arn)
    if request.get("publish"):
        yield Check(action="states:PublishStateMachineVersion", resource=arn)
    yield _passed(request["roleArn"], "states")


def _update_machine(account: Account, request: Request) -> Iterator[Check]:
    arn = str(request["stateMachineArn"])
    yield Check(action="states:UpdateStateMachine", resource=arn)
    if request.get("publish"):
        yield Check(action="states:PublishStateMachineVersion", resource=arn)
    if "roleArn" in request:
        yield _passed(request["roleArn"], "states")


def _create_alias(account: Account, request: Request) -> Iterator[Check]:
    for route in request["routingConfiguration"]:
        machine = str(route["stateMachineVersionArn"]).rpartition(":")[0]
        yield Check(action="states:CreateStateMachineAlias", resource=machine)


def _create_role(account: Account, request: Request) -> Iterator[Check]:
    arn = account.arn("iam", f"role{request.get('Path', '/')}{request['RoleName']}")
    yield Check(action="iam:CreateRole", resource=arn)
    if request.get("Tags"):
        yield Check(action="iam:TagRole", resource=arn)


def _create_function(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _function(account, request)
    yield Check(action="lambda:CreateFunction", resource=arn)
    if request.get("Tags"):
        yield Check(action="lambda:TagResource", resource=arn)
    yield _passed(request["Role"], "lambda")


def _configure_function(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _function(account, request)
    yield Check(action="lambda:UpdateFunctionConfiguration", resource=arn)
    if "Role" in request:
        yield _passed(request["Role"], "lambda")


def _create_log_group(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _log_group(account, request)
    yield Check(action="logs:CreateLogGroup", resource=arn)
    if request.get("tags"):
        yield Check(action="logs:TagResource", resource=arn)


def _write_schedule(operation: str) -> Callable[[Account, Request], Iterator[Check]]:
    def found(account: Account, request: Request) -> Iterator[Check]:
        (arn,) = _schedule(account, request)
        yield Check(action=f"scheduler:{operation}", resource=arn)
        yield _passed(request["Target"]["RoleArn"], "scheduler")

    return found


def _create_group(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _schedule(account, request)
    yield Check(action="scheduler:CreateScheduleGroup", resource=arn)
    if request.get("Tags"):
        yield Check(action="scheduler:TagResource", resource=arn)


def _delete_group(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _schedule(account, request)
    yield Check(action="scheduler:DeleteScheduleGroup", resource=arn)
    yield Check(action="scheduler:DeleteSchedule", resource=account.arn("scheduler", f"schedule/{request['Name']}/any"))


def _create_topic(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _topic(account, request)
    yield Check(action="sns:CreateTopic", resource=arn)
    if request.get("Tags"):
        yield Check(action="sns:TagResource", resource=arn)


def _put_rule(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _rule(account, request)
    yield Check(action="events:PutRule", resource=arn)
    if request.get("Tags"):
        yield Check(action="events:TagResource", resource=arn)


def _create_table(account: Account, request: Request) -> Iterator[Check]:
    (arn,) = _table(account, request)
    yield Check(action="dynamodb:CreateTable", resource=arn)
    if "Tags" in request:  # also for an empty list
        yield Check(action="dynamodb:TagResource", resource=arn)


def _transact(account: Account, request: Request) -> Iterator[Check]:
    actions = {"Put": "PutItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Update": "UpdateItem"}
    for item in request["TransactItems"]:
        for kind, part in item.items():
            (arn,) = _table(account, part)
            yield Check(action=f"dynamodb:{actions[kind]}", resource=arn, context=_leading_keys(part))
            if arn.endswith(f"table/{APPROVALS_TABLE}"):
                yield _decrypted(account)


def _leading_keys(request: Request) -> Mapping[str, Sequence[str]]:
    """Return the partitions that a call of DynamoDB names (developer guide, "Using IAM policy conditions")."""
    named = [request.get("Item", {}), request.get("Key", {})]
    found = [one["pk"]["S"] for one in named if isinstance(one, Mapping) and "pk" in one]
    if "KeyConditionExpression" in request:
        found.append(request["ExpressionAttributeValues"][":p"]["S"])
    return {"dynamodb:LeadingKeys": found} if found else {}


def _decrypted(account: Account) -> Check:
    """DynamoDB opens a table with a key of the account's as its caller (KMS developer guide, "How DynamoDB uses AWS KMS")."""
    context = {
        "kms:ViaService": [f"dynamodb.{account.scope.region}.amazonaws.com"],
        "kms:ResourceAliases": [APPROVALS_KEY],
    }
    return Check(action="kms:Decrypt", resource=account.arn("kms", "key/1234"), context=context)


def _answer(operation: str) -> Callable[[Account, Request], Iterator[Check]]:
    """A token is checked on the machine whose task waits for it; those of tests begin with its ARN."""

    def found(account: Account, request: Request) -> Iterator[Check]:
        yield Check(action=f"states:{operation}", resource=str(request["taskToken"]).partition("#")[0])

    return found


def _passed(role_arn: object, service: str) -> Check:
    return Check(action="iam:PassRole", resource=str(role_arn), passed_to=f"{service}.amazonaws.com")


CHECKS: Mapping[tuple[str, str], Callable[[Account, Request], Iterator[Check]]] = {
    **{("s3", name): _of_bucket(name) for name in _BUCKET_ACTIONS},
    ("s3", "CreateBucket"): _create_bucket,
    ("stepfunctions", "CreateStateMachine"): _create_machine,
    ("stepfunctions", "UpdateStateMachine"): _update_machine,
    ("stepfunctions", "CreateStateMachineAlias"): _create_alias,
    ("iam", "CreateRole"): _create_role,
    ("lambda", "CreateFunction"): _create_function,
    ("lambda", "UpdateFunctionConfiguration"): _configure_function,
    ("logs", "CreateLogGroup"): _create_log_group,
    ("scheduler", "CreateSchedule"): _write_schedule("CreateSchedule"),
    ("scheduler", "UpdateSchedule"): _write_schedule("UpdateSchedule"),
    ("scheduler", "CreateScheduleGroup"): _create_group,
    ("scheduler", "DeleteScheduleGroup"): _delete_group,
    ("sns", "CreateTopic"): _create_topic,
    ("events", "PutRule"): _put_rule,
    ("dynamodb", "CreateTable"): _create_table,
    ("dynamodb", "TransactWriteItems"): _transact,
    ("stepfunctions", "SendTaskSuccess"): _answer("SendTaskSuccess"),
    ("stepfunctions", "SendTaskFailure"): _answer("SendTaskFailure"),
}


def allows(policy: Mapping[str, Any], check: Check) -> bool:
    """Tell whether an identity policy of Allow statements lets a check pass."""
    for statement in policy["Statement"]:
        if check.action not in statement["Action"]:
            continue
        if not any(fnmatchcase(check.resource, pattern) for pattern in _listed(statement["Resource"])):
            continue
        passable = statement.get("Condition", {}).get("StringEquals", {}).get("iam:PassedToService")
        if passable is not None and check.passed_to not in _listed(passable):
            continue
        if all(_holds(operator, keys, check.context) for operator, keys in statement.get("Condition", {}).items()):
            return True
    return False


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a condition of texts holds: of several values all, or any; a key that the call has not is no reason for all
    of no values to fail."""
    several, _, plain = operator.rpartition(":")
    for key, wanted in keys.items():
        if key == "iam:PassedToService":
            continue
        found = [any(_same(plain, value, one) for one in _listed(wanted)) for value in context.get(key, ())]
        if not (all(found) if several == "ForAllValues" else any(found)):
            return False
    return True


def _same(operator: str, value: str, wanted: str) -> bool:
    return fnmatchcase(value, wanted) if operator == "StringLike" else value == wanted


def _listed(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else value
