"""What a request to a service needs of its caller: actions as IAM calls them, on resources as policies name them.

Source: the service authorization reference, by service; for Step Functions the developer guide, "Authorization for versions and
aliases".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote

from bunsui.emulator.access.bucket_content import is_absent, owner_of
from bunsui.emulator.access.conditions import Facts
from bunsui.emulator.access.object_keys import key_of_object, key_of_write
from bunsui.emulator.access.principals import Principal
from bunsui.emulator.access.signatures import Head, Signature

READ = frozenset(
    {
        "athena", "dynamodb", "ecs", "events", "firehose", "glue", "kinesis", "lambda", "logs", "monitoring", "s3",
        "secretsmanager", "sns", "sqs", "ssm", "states",
    }
)  # fmt: skip
"""Services whose operations IAM calls as they are called, or nearly so; as they are named in signatures."""
_BY_RESOURCE = frozenset({"dynamodb", "s3", "sns", "sqs"})
"""Those whose resource the request names as policies do, by the emulator's own reading."""
_ACTIONS: Mapping[str, str] = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sns:PublishBatch": "sns:Publish",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""Operations that IAM knows by the name of another one."""
_LOCAL_HOSTS = ("127.0.0.1", "localhost")
_STATEMENT = re.compile(
    r'\s*(?P<verb>SELECT|INSERT|UPDATE|DELETE)\b(?:.*?\b(?:FROM|INTO))?\s+"?(?P<table>[\w.-]+)', re.I | re.S
)
_PARTIQL = {"BatchExecuteStatement": "Statements", "ExecuteTransaction": "TransactStatements"}


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource."""

    action: str
    resource: str
    """An ARN; empty where the request does not tell it."""
    facts: Facts = field(default_factory=dict)
    perhaps: Sequence[Facts] = ({},)
    """What else conditions may ask for, where AWS says in no place how the request tells it: each way that it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A request of which nobody here can tell what it needs."""

    reason: str
    action: str = ""


def needs_of(service: str, principal: Principal, signature: Signature, head: Head, body: bytes) -> Sequence[Need] | Unreadable:
    """Return all that the request needs."""
    if service not in READ:
        return Unreadable(reason="the embedded AWS does not know what calls of this service need")
    host = head.headers.get("host", "").rpartition(":")
    if service == "s3" and (host[0] or host[2]) not in _LOCAL_HOSTS:
        return Unreadable(reason="the bucket is in the host's name")
    path, headers = unquote(head.path), dict(head.headers)
    named, query = action_of(service, head, body)
    if named is None:
        return Unreadable(reason="the embedded AWS does not know what this operation needs")
    action = _ACTIONS.get(named, named)
    at = _RequestPlace(region=signature.scope[1], account=principal.account)
    facts = {"aws:requestedregion": [at.region]}
    reader = _READERS.get(service)
    found = reader(action, at, path, query, headers, body, head.method) if reader else [Need(action, "")]
    if not found:
        return Unreadable(reason="the request does not name its resource as policies do", action=action)
    return [replace(one, facts={**facts, **one.facts}) for one in found]


def action_of(service: str, head: Head, body: bytes) -> tuple[str | None, dict[str, list[str]]]:
    """Return what IAM calls the operation, None where nobody knows, and the query with what a form has."""
    from ministack.core.iam_actions import extract_iam_action

    query = parse_qs(head.query, keep_blank_values=True)
    if head.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        query |= parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return extract_iam_action(service, head.method, unquote(head.path), dict(head.headers), body, query), query


@dataclass(frozen=True, slots=True, kw_only=True)
class _RequestPlace:
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        return resource if resource.startswith("arn:") else f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def _by_emulator(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    from ministack.core.iam_actions import extract_resource_arn

    service = action.partition(":")[0]
    resource = str(extract_resource_arn(service, method, path, headers, body, query, at.region, at.account))
    return [Need(action, resource if resource.startswith("arn:") else "")]


def _of_s3(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    from ministack.core.iam_actions import s3_additional_checks

    [first] = _by_emulator(action, at, path, query, headers, body, method)
    if action == "s3:ListBucket":
        first = Need(action, first.resource, {f"s3:{name}": _texts_of(query.get(name)) for name in ("prefix", "delimiter")})
    found = [first, *(Need(*one) for one in s3_additional_checks(method, path, headers, body, query))]
    absent = [_listing(one.resource) for one in found if one.action == "s3:GetObject" and is_absent(one.resource)]
    # What HEAD tells is not encrypted.
    keys = [] if method == "HEAD" else [need for one in found for need in _of_keys(one, at, query, headers)]
    return [_with_owner(one) for one in (*found, *absent)] + keys


def _with_owner(need: Need) -> Need:
    owner = owner_of(need.resource)
    return replace(need, facts={**need.facts, "aws:resourceaccount": [owner]}) if owner else need


def _of_keys(need: Need, at: _RequestPlace, query: Mapping[str, Any], headers: Mapping[str, str]) -> list[Need]:
    """Return what S3 asks KMS for in the caller's name; the parts of an upload are read again when they are put together."""
    actions: tuple[str, ...] = ()
    key = None
    if need.action == "s3:GetObject":
        actions, key = ("Decrypt",), key_of_object(need.resource)
    elif need.action == "s3:PutObject":
        is_in_parts = "uploads" in query or "uploadId" in query
        actions = ("GenerateDataKey", "Decrypt") if is_in_parts else ("GenerateDataKey",)
        key = key_of_write(need.resource, headers, at.account)
    if key is None:
        return []
    facts = {"kms:viaservice": [f"s3.{at.region}.amazonaws.com"], "kms:calleraccount": [at.account]}
    return [Need(f"kms:{action}", key.arn(at.region, at.account), facts) for action in actions]


def _listing(object_arn: str) -> Need:
    """Return what it takes to be told that an object is not there. Whether S3 asks for it with the key as the prefix or without
    one is said nowhere."""
    bucket, _, key = object_arn.partition("/")
    return Need("s3:ListBucket", bucket, perhaps=({"s3:prefix": []}, {"s3:prefix": [key]}))


def _of_dynamodb(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    from ministack.core.iam_actions import dynamodb_resource_arns, dynamodb_transaction_checks

    name = action.partition(":")[2]
    if name in ("TransactGetItems", "TransactWriteItems"):
        return [Need(*one) for one in dynamodb_transaction_checks(action, body, at.region, at.account)]
    if name == "ExecuteStatement" or name in _PARTIQL:
        request = _json(body)
        texts = [request] if name == "ExecuteStatement" else request.get(_PARTIQL[name]) or []
        return [need for one in texts for need in _of_partiql(str(one.get("Statement", "")), at)]
    resources = dynamodb_resource_arns(body, at.region, at.account)
    return [Need(action, one) for one in resources] or [Need(action, "")]


def _of_partiql(statement: str, at: _RequestPlace) -> list[Need]:
    found = _STATEMENT.match(statement)
    if found is None:
        return []
    return [Need(f"dynamodb:PartiQL{found['verb'].capitalize()}", at.arn("dynamodb", f"table/{found['table']}"))]


def _of_lambda(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    [need] = _by_emulator(action, at, path, query, headers, body, method)
    qualifier = (_texts_of(query.get("Qualifier")) or [""])[0]
    if need.resource.count(":") == 6 and qualifier:
        return [Need(action, f"{need.resource}:{qualifier}")]
    return [need]


def _of_states(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    request = _json(body)
    arn = str(request.get("stateMachineArn") or request.get("executionArn") or request.get("mapRunArn") or "")
    parts = arn.split(":")
    if len(parts) == 8 and parts[5] == "stateMachine":
        return [Need(action, ":".join(parts[:7]), {"states:statemachinequalifier": [parts[7]]})]
    return [Need(action, arn, {"states:statemachinequalifier": []})]


def _of_events(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    from ministack.core.iam_actions import eventbridge_resource_arns

    resources = eventbridge_resource_arns(body, at.region, at.account) if action == "events:PutEvents" else [""]
    return [Need(action, one) for one in resources]


def _of_ecs(
    action: str, at: _RequestPlace, path: str, query: Mapping[str, Any], headers: dict[str, str], body: bytes, method: str
) -> list[Need]:
    request = _json(body)
    if action != "ecs:RunTask":
        return [Need(action, "")]
    definition = str(request.get("taskDefinition", ""))
    named = definition if ":" in definition.rpartition("/")[2] else f"{definition}:0"  # the latest one, whatever its number
    resource = at.arn("ecs", named if named.startswith("arn:") else f"task-definition/{named}")
    cluster = str(request.get("cluster") or "default").rpartition("/")[2]
    run = Need(action, resource, {"ecs:cluster": [at.arn("ecs", f"cluster/{cluster}")]})
    if not request.get("tags"):
        return [run]
    # ECS developer guide, "Grant permission to tag resources on creation"; nobody knows the new task's id yet.
    return [run, Need("ecs:TagResource", at.arn("ecs", f"task/{cluster}/new"), {"ecs:createaction": ["RunTask"]})]


_READERS: Mapping[str, Any] = {
    **dict.fromkeys(_BY_RESOURCE, _by_emulator),
    "s3": _of_s3,
    "dynamodb": _of_dynamodb,
    "lambda": _of_lambda,
    "states": _of_states,
    "events": _of_events,
    "ecs": _of_ecs,
}


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _texts_of(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]
