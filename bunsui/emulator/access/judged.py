"""Judges what a function calls by the policies of its role, which the emulator's IAM has; so is what a task of ECS calls.

Judged are services whose operations are called as IAM calls their actions, or nearly so. What cannot be judged is let through:
other services, calls that need the rights of other calls, a role that is not there or has policies that nobody can read, a
resource that has a policy of its own. Calls of Step Functions itself are not judged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from bunsui.emulator.access.check import Denied
from bunsui.emulator.access.permission import Ruling, denial, verdict
from bunsui.emulator.access.principals import STEP_FUNCTIONS, Principal
from bunsui.emulator.access.signatures import Head, Signature
from bunsui.emulator.internals import inner

JUDGED = frozenset(
    {
        "athena", "dynamodb", "events", "firehose", "glue", "kinesis", "lambda", "logs", "monitoring", "s3", "secretsmanager",
        "sns", "sqs", "ssm", "states",
    }
)  # fmt: skip
"""As they are named in signatures."""
_BY_RESOURCE = frozenset({"dynamodb", "s3", "sns", "sqs"})
"""Those whose resource the request names as policies do; of others only the action is judged."""
_ACTIONS: Mapping[str, str] = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sns:PublishBatch": "sns:Publish",
}
"""Operations that IAM knows by the name of another one (Service Authorization Reference)."""
_OF_OTHERS = frozenset(
    {
        "dynamodb:BatchExecuteStatement", "dynamodb:ExecuteStatement", "dynamodb:ExecuteTransaction",
        "dynamodb:TransactGetItems", "dynamodb:TransactWriteItems",
        "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem",
    }
)  # fmt: skip
"""Operations that need the rights of others, or rights on several resources."""
_LOCAL_HOSTS = ("127.0.0.1", "localhost")


def judge(principal: Principal, signature: Signature, head: Head, body: bytes) -> Denied | None:
    """Return why the role of a function or a task does not permit a call; None where it does, and where nobody can tell."""
    service = signature.scope[2]
    if not principal.role_arn or principal.arn.endswith(f"/{STEP_FUNCTIONS}") or service not in JUDGED:
        return None
    wanted = _read_request(principal.account, signature, head, body)
    policies = policies_of(principal.account, principal.role_arn.rpartition("/")[2]) if wanted is not None else None
    if wanted is None or policies is None:
        return None
    action, resource = wanted
    found = verdict(policies, action, resource)
    if found is Ruling.ALLOWED or (found is Ruling.NOT_ALLOWED and _has_policy(service, resource)):
        return None
    reason = "not-authorized" if service == "sns" else "not-permitted"
    return Denied(reason, denial(principal.arn, action, resource, found))


def _read_request(account: str, signature: Signature, head: Head, body: bytes) -> tuple[str, str] | None:
    """Return the action and the resource's ARN, which is empty where nobody knows it; None for what cannot be judged."""
    from ministack.core.iam_actions import extract_iam_action, extract_resource_arn

    _, region, service = signature.scope
    host = head.headers.get("host", "").rpartition(":")
    if service == "s3" and (host[0] or host[2]) not in _LOCAL_HOSTS:
        return None  # the bucket is in the host's name
    path, headers = unquote(head.path), dict(head.headers)
    query = parse_qs(head.query, keep_blank_values=True)
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        query |= parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    named = extract_iam_action(service, head.method, path, headers, body, query)
    if named is None or named in _OF_OTHERS:
        return None
    resource = ""
    if service in _BY_RESOURCE:
        resource = str(extract_resource_arn(service, head.method, path, headers, body, query, region, account))
    return _ACTIONS.get(named, named), resource if resource.startswith("arn:") else ""


def policies_of(account: str, role: str) -> Sequence[Mapping[str, Any]] | None:
    """Return the documents of the role's policies; None where there is no such role, or one cannot be read."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import request_scope
    from ministack.services import iam

    found = inner(iam, "_roles").get_scoped(account, None, role)
    if found is None:
        return None
    with request_scope(account, ""):
        attached = [inner(iam_evaluator, "_resolve_managed_policy_document")(arn, account) for arn in found["AttachedPolicies"]]
    try:
        read = [json.loads(one) if isinstance(one, str) else one for one in (*found["InlinePolicies"].values(), *attached)]
    except ValueError:
        return None
    return read if all(isinstance(one, Mapping) for one in read) else None


def _has_policy(service: str, resource: str) -> bool:
    """Tell whether the resource has a policy of its own, which may allow what the role's do not."""
    from ministack.core import iam_evaluator

    return bool(resource) and inner(iam_evaluator, "_resource_policy")(service, resource) is not None
