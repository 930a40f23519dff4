"""Collect what compiled pipelines name that bunsui does not make."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bunsui.compile.pipeline import CompiledPipeline
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.role import ROLE
from bunsui.model.gates import APPROVALS_TABLE, STATE_TABLE
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Value
from bunsui.ports.account import ReferredObject
from bunsui.project.compile import CompiledProject

SUBNET, SECURITY_GROUP = "subnet", "security group"
_ARNS: Mapping[str, re.Pattern[str]] = {
    "function": re.compile(r"(arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+(?::[\w$-]+)?)(?::\*)?"),
    "cluster": re.compile(r"(arn:[\w-]+:ecs:[\w-]+:\d+:cluster/[\w-]+)"),
    "task definition": re.compile(r"(arn:[\w-]+:ecs:[\w-]+:\d+:task-definition/[\w-]+(?::\d+)?)(?::\*)?"),
    "table": re.compile(r"(arn:[\w-]+:dynamodb:[\w-]+:\d+:table/[\w.-]+)(?:/index/.*)?"),
    "bucket": re.compile(r"(arn:[\w-]+:s3:::[a-z0-9.-]+)(?:/.*)?"),
    "queue": re.compile(r"(arn:[\w-]+:sqs:[\w-]+:\d+:[\w.-]+)"),
    "topic": re.compile(r"(arn:[\w-]+:sns:[\w-]+:\d+:[\w.-]+)"),
    "secret": re.compile(r"(arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:[\w/+=.@!-]+?)(?:-\?{6}|\*)?"),
    "parameter": re.compile(r"(arn:[\w-]+:ssm:[\w-]+:\d+:parameter/[\w/.-]+)"),
    "state machine": re.compile(r"(arn:[\w-]+:states:[\w-]+:\d+:stateMachine:[\w-]+)(?::\*)?"),
}
"""The resources of a policy that name one object, by the object's kind; what follows the object is left out."""
KINDS = (*_ARNS, SUBNET, SECURITY_GROUP)
_NETWORKS = {"Subnets": SUBNET, "SecurityGroups": SECURITY_GROUP}
_ATTRIBUTES = {"subnets": SUBNET, "security_groups": SECURITY_GROUP}
_IDS = re.compile(r"(?:subnet|sg)-[0-9a-f]+")
_ROLE = re.compile(r"arn:[\w-]+:iam::\d+:role/[\w+=,.@/-]+")
_OWN_TABLES = frozenset({STATE_TABLE, APPROVALS_TABLE})


def referred_objects(project: CompiledProject, scope: Scope) -> Mapping[ReferredObject, Sequence[str]]:
    """Return what the pipelines name, each with the names of those that do, in order.

    Policies tell: the compiler derives from each operation what its machine and functions need, on which resource. What
    bunsui makes itself is left out, and what only a run knows."""
    ours = {resource.physical_name for resource in project.resources} | _OWN_TABLES
    found: dict[ReferredObject, list[str]] = defaultdict(list)
    for name, compiled in sorted(project.pipelines.items()):
        if not compiled.definition:
            continue
        for one in dict.fromkeys((*_in_policies(compiled), *_in_networks(compiled, scope))):
            if name_of(one) not in ours:
                found[one].append(name)
    return {one: found[one] for one in sorted(found)}


def name_of(one: ReferredObject) -> str:
    """Return an object's name without what stands before it in an ARN."""
    resource = one.name.split(":", 5)[-1]
    if one.kind in ("function", "state machine", "secret"):
        return resource.split(":")[1]
    return resource.partition("/")[2] or resource


def passed_roles(compiled: CompiledPipeline) -> Iterator[tuple[str, str]]:
    """Yield the roles of others that the pipeline's roles hand over, each with the service that it is handed to."""
    for statement in (one for role in _roles(compiled) for one in _statements(role)):
        services = _list(_below(statement.get("Condition"), "StringEquals", "iam:PassedToService"))
        if "iam:PassRole" in _list(statement.get("Action")):
            for arn in _list(statement.get("Resource")):
                if isinstance(arn, str) and _ROLE.fullmatch(arn):
                    yield from ((arn, service) for service in services if isinstance(service, str))


def _in_policies(compiled: CompiledPipeline) -> Iterator[ReferredObject]:
    for statement in (one for role in _roles(compiled) for one in _statements(role)):
        for text in _list(statement.get("Resource")):
            for kind, pattern in _ARNS.items() if isinstance(text, str) else ():
                if (match := pattern.fullmatch(str(text))) is not None:
                    yield ReferredObject(kind=kind, name=match[1])


def _roles(compiled: CompiledPipeline) -> Sequence[DesiredResource]:
    """Return the roles of the pipeline, those included that somebody else makes, as they would have to be."""
    made = [resource for resource in compiled.resources if resource.address.kind == ROLE]
    return [*made, *(given.needs for given in compiled.given_roles)]


def _statements(role: DesiredResource) -> Iterator[Mapping[str, Value]]:
    for statement in _list(_below(role.attributes.get("policy"), "Statement")):
        if isinstance(statement, Mapping):
            yield statement


def _below(value: Value, *names: str) -> Value:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _in_networks(compiled: CompiledPipeline, scope: Scope) -> Iterator[ReferredObject]:
    yield from _networks_below(compiled.definition, scope)
    for resource in compiled.resources:
        if resource.address.kind == FUNCTION:
            yield from _ids({kind: resource.attributes.get(name) for name, kind in _ATTRIBUTES.items()})


def _networks_below(value: Value, scope: Scope) -> Iterator[ReferredObject]:
    """Yield where tasks run: clusters, which no policy names, and networks."""
    if isinstance(value, Mapping):
        cluster = value.get("Cluster")
        if isinstance(cluster, str) and "TaskDefinition" in value and not cluster.startswith("{%"):
            arn = f"arn:{scope.partition}:ecs:{scope.region}:{scope.account}:cluster/{cluster}"
            yield ReferredObject(kind="cluster", name=cluster if cluster.startswith("arn:") else arn)
        network = value.get("AwsvpcConfiguration")
        if isinstance(network, Mapping):
            yield from _ids({kind: network.get(name) for name, kind in _NETWORKS.items()})
        for child in value.values():
            yield from _networks_below(child, scope)
    elif isinstance(value, (list, tuple)):
        for child in value:
            yield from _networks_below(child, scope)


def _ids(named: Mapping[str, Value]) -> Iterator[ReferredObject]:
    for kind, values in named.items():
        for one in _list(values):
            if isinstance(one, str) and _IDS.fullmatch(one):
                yield ReferredObject(kind=kind, name=one)


def _list(value: Value) -> Sequence[Value]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
