"""What an account tells of its quotas, and ECS of task definitions."""

from __future__ import annotations

import json

import pytest

from bunsui.aws.account.task_definitions import EcsTaskDefinitions
from bunsui.aws.account.usage import AwsAccountUsage
from bunsui.errors import Unsupported
from bunsui.ports.account import TaskRoles
from tests.contracts.conftest import Cloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def test_roles_and_groups_are_counted_whoever_made_them(cloud: Cloud) -> None:
    usage, name = AwsAccountUsage(cloud.connection), f"{cloud.scope.project}-others"
    before = usage.roles(), usage.schedule_groups()
    cloud.connection.writer("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    cloud.connection.writer("scheduler").create_schedule_group(Name=name)
    assert usage.roles().used == before[0].used + 1
    assert usage.roles().most >= 1000
    assert usage.schedule_groups() == before[1] + 1


def test_what_functions_share_is_told(cloud: Cloud) -> None:
    if cloud.name == "moto":
        with pytest.raises(Unsupported):
            AwsAccountUsage(cloud.connection).functions()
        return
    found = AwsAccountUsage(cloud.connection).functions()
    assert 0 < found.unreserved <= found.at_once
    assert 0 <= found.code_bytes.used < found.code_bytes.most


def test_roles_of_a_task_definition_are_those_that_it_names(cloud: Cloud) -> None:
    family, account = f"{cloud.scope.project}-load", cloud.scope.account
    task, pull = (f"arn:aws:iam::{account}:role/{name}" for name in ("work", "pull"))
    register = cloud.connection.writer("ecs").register_task_definition
    containers = [{"name": "load", "image": "load:1", "memory": 128}]
    register(family=family, containerDefinitions=containers, taskRoleArn=task, executionRoleArn=pull)
    register(family=family, containerDefinitions=containers)
    definitions = EcsTaskDefinitions(cloud.connection)
    assert definitions.roles(f"{family}:1") == TaskRoles(task=task, execution=pull)
    assert definitions.roles(family) == TaskRoles()
    assert definitions.roles(f"{family}-none:1") is None
