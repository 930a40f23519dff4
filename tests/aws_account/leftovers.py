"""What a run left in the account: found by the names that it began with, removed, and looked for again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.aws_account.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of resource that is looked through."""

    name: str
    service: str
    names: Callable[[Any, str], Iterable[str]]
    """Client, part of a name -> the names or ARNs of those that hold it."""
    remove: Callable[[Any, str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found, `KIND NAME` each, and the kinds that could not be looked through, with the reason."""

    found: tuple[str, ...]
    unknown: tuple[str, ...]


def look(account: Account, part: str) -> Looked:
    """Return what carries `part` in its name."""
    found, unknown = [], []
    for kind in KINDS:
        try:
            found += [f"{kind.name} {name}" for name in kind.names(account.client(kind.service), part)]
        except (ClientError, BotoCoreError) as problem:
            unknown.append(f"{kind.name}: {problem}")
    return Looked(found=tuple(found), unknown=tuple(unknown))


def sweep(account: Account, part: str, *, seconds: float = 300.0) -> Looked:
    """Remove what carries `part` in its name, and return what is left; AWS removes some of it in its own time."""
    deadline = time.monotonic() + seconds
    while True:
        for kind in KINDS:
            client = account.client(kind.service)
            try:
                for name in list(kind.names(client, part)):
                    _removed(kind, client, name)
            except (ClientError, BotoCoreError):
                continue
        left = look(account, part)
        if not left.found or time.monotonic() > deadline:
            return left
        time.sleep(5.0)


def _removed(kind: Kind, client: Any, name: str) -> None:
    try:
        kind.remove(client, name)
    except (ClientError, BotoCoreError):
        return  # it is looked for again, and told when it stays


def _paged(client: Any, call: str, key: str, **more: Any) -> Iterator[Any]:
    if not client.can_paginate(call):
        yield from getattr(client, call)(**more)[key]
        return
    for page in client.get_paginator(call).paginate(**more):
        yield from page.get(key, ())


def _named(call: str, key: str, field: str, given: str = "", **more: Any) -> Callable[[Any, str], Iterator[str]]:
    """Return what lists names: those whose `field` holds the part, told by the field `given`."""

    def names(client: Any, part: str) -> Iterator[str]:
        for one in _paged(client, call, key, **more):
            if part in (one[field] if field else one):
                yield one[given or field] if field else one

    return names


def _roles(client: Any, part: str) -> Iterator[str]:
    for role in _paged(client, "list_roles", "Roles"):
        if part in role["RoleName"] or part in role["Path"]:
            yield role["RoleName"]


def _remove_role(client: Any, name: str) -> None:
    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        client.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    client.delete_role(RoleName=name)


def _remove_bucket(client: Any, name: str) -> None:
    for version in _paged(client, "list_object_versions", "Versions", Bucket=name):
        client.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
    for one in _paged(client, "list_objects_v2", "Contents", Bucket=name):
        client.delete_object(Bucket=name, Key=one["Key"])
    client.delete_bucket(Bucket=name)


def _remove_rule(client: Any, name: str) -> None:
    if targets := client.list_targets_by_rule(Rule=name)["Targets"]:
        client.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
    client.delete_rule(Name=name)


def _remove_definition(client: Any, arn: str) -> None:
    client.deregister_task_definition(taskDefinition=arn)
    client.delete_task_definitions(taskDefinitions=[arn])


KINDS = (
    Kind(
        name="schedule group",
        service="scheduler",
        names=_named("list_schedule_groups", "ScheduleGroups", "Name"),
        remove=lambda client, name: client.delete_schedule_group(Name=name),
    ),
    Kind(
        name="state machine",
        service="stepfunctions",
        names=_named("list_state_machines", "stateMachines", "name", "stateMachineArn"),
        remove=lambda client, name: client.delete_state_machine(stateMachineArn=name),
    ),
    Kind(
        name="function",
        service="lambda",
        names=_named("list_functions", "Functions", "FunctionName"),
        remove=lambda client, name: client.delete_function(FunctionName=name),
    ),
    Kind(name="role", service="iam", names=_roles, remove=_remove_role),
    Kind(
        name="log group",
        service="logs",
        names=_named("describe_log_groups", "logGroups", "logGroupName"),
        remove=lambda client, name: client.delete_log_group(logGroupName=name),
    ),
    Kind(
        name="table",
        service="dynamodb",
        names=_named("list_tables", "TableNames", ""),
        remove=lambda client, name: client.delete_table(TableName=name),
    ),
    Kind(name="bucket", service="s3", names=_named("list_buckets", "Buckets", "Name"), remove=_remove_bucket),
    Kind(
        name="cluster",
        service="ecs",
        names=_named("list_clusters", "clusterArns", ""),
        remove=lambda client, name: client.delete_cluster(cluster=name),
    ),
    Kind(
        name="task definition",
        service="ecs",
        names=_named("list_task_definitions", "taskDefinitionArns", ""),
        remove=_remove_definition,
    ),
    Kind(
        name="topic",
        service="sns",
        names=_named("list_topics", "Topics", "TopicArn"),
        remove=lambda client, name: client.delete_topic(TopicArn=name),
    ),
    Kind(name="rule", service="events", names=_named("list_rules", "Rules", "Name"), remove=_remove_rule),
)
"""All that a run makes, in an order in which it can be removed; bunsui's own tables apart, which the walk looks after."""
