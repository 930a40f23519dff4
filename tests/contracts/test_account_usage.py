"""What an account tells of its quotas, and ECS of task definitions."""

from __future__ import annotations

import json

import pytest

from bunsui.aws.account.task_definitions import EcsTaskDefinitions
from bunsui.aws.account.usage import AwsAccountUsage
from bunsui.errors import Unsupported
from bunsui.ports.account import TaskRoles
from tests.contracts.conftest import Cloud

EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18
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


def test_machines_are_counted_whoever_made_them(cloud: Cloud) -> None:
    usage, name = AwsAccountUsage(cloud.connection), f"{cloud.scope.project}-others"
    before = usage.state_machines()
    trust = json.dumps(TRUST).replace("ecs-tasks", "states")
    role = cloud.connection.writer("iam").create_role(RoleName=f"{name}-m", AssumeRolePolicyDocument=trust)
    definition = json.dumps({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}})
    make = cloud.connection.writer("stepfunctions").create_state_machine
    make(name=name, definition=definition, roleArn=role["Role"]["Arn"])
    assert usage.state_machines() == before + 1


def test_lambda_keeps_a_hundred_calls_at_once_unreserved(cloud: Cloud) -> None:
    if cloud.name == "moto":
        pytest.skip("moto takes any reservation")
    client, name = cloud.connection.writer("lambda"), f"{cloud.scope.project}-reserved"
    role = f"arn:aws:iam::{cloud.scope.account}:role/r"
    client.create_function(FunctionName=name, Role=role, Runtime="python3.12", Handler="a.b", Code={"ZipFile": EMPTY_ZIP})
    free = AwsAccountUsage(cloud.connection).functions().unreserved - 100
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=free)
    try:
        with pytest.raises(client.exceptions.InvalidParameterValueException, match=r"below its minimum value of \[100\]"):
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=free + 1)
        assert client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == free
        found = AwsAccountUsage(cloud.connection).functions()
        assert (found.at_once, found.unreserved) == (1000, 100)
    finally:
        client.delete_function(FunctionName=name)


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
