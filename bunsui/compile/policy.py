"""IAM documents: what a pipeline's machine, functions and schedules may do, and who may use their roles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.overlaps import without_overlaps

VERSION = "2012-10-17"

LOG_DELIVERY = Permission(
    actions=(
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ),
    resources=("*",),
)
"""What a machine that logs needs. These actions know no finer resource (developer guide, "Logging using CloudWatch
Logs")."""

TRACING = Permission(
    actions=(
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    resources=("*",),
)
"""What a machine that is traced needs; no finer resource either."""


def policy(permissions: Iterable[Permission]) -> dict[str, Any]:
    """Return the policy document: one statement for each set of resources and condition, its actions sorted; nothing twice."""
    actions: dict[str, set[str]] = {}
    parts: dict[str, tuple[list[Value], Mapping[str, Json]]] = {}
    for permission in without_overlaps(permissions):
        resources = sorted(dict.fromkeys(permission.resources), key=_sortable)
        key = json.dumps([[_sortable(resource) for resource in resources], permission.condition], sort_keys=True)
        parts.setdefault(key, (resources, permission.condition))
        actions.setdefault(key, set()).update(permission.actions)
    merged: dict[str, tuple[list[str], list[Value], Mapping[str, Json]]] = {}
    for key, (resources, condition) in parts.items():
        allowed = sorted(actions[key])
        same = json.dumps([allowed, condition], sort_keys=True)
        earlier = merged.get(same)
        together = sorted(dict.fromkeys([*(earlier[1] if earlier else []), *resources]), key=_sortable)
        merged[same] = (allowed, together, condition)
    statements = [_statement(allowed, together, condition) for _, (allowed, together, condition) in sorted(merged.items())]
    return {"Version": VERSION, "Statement": statements}


def _statement(actions: list[str], resources: list[Value], condition: Mapping[str, Json]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | ({"Condition": dict(condition)} if condition else {})


def _sortable(resource: Value) -> str:
    return f"{resource.address}#{resource.attribute}" if isinstance(resource, Reference) else str(resource)


def trust(service: str, *, scope: Scope | None = None, source_arns: Sequence[str] = ()) -> dict[str, Any]:
    """Return the trust policy for an AWS service; with a scope, only on behalf of that account and these sources (which keeps
    other accounts from using the service as a deputy)."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if scope is not None:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": scope.account},
            "ArnLike": {"aws:SourceArn": source_arns[0] if len(source_arns) == 1 else list(source_arns)},
        }
    return {"Version": VERSION, "Statement": [statement]}


def function_permissions(permissions: Iterable[Permission], log_group_arn: str) -> tuple[Permission, ...]:
    """Return what a function's role needs: its own permissions, and to write its log."""
    writing = Permission(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(f"{log_group_arn}:*",))
    return (writing, *permissions)


def start_permission(machine_arn: str, alias: str) -> Permission:
    """Return what a schedule's role needs: to start the machine through its alias."""
    return Permission(actions=("states:StartExecution",), resources=(machine_arn, f"{machine_arn}:{alias}"))
