"""Each key of `ecs_task` is an argument of RunTask, `arguments` the rest; what the machine's role needs for it."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.operations.ecs.request import said_twice, with_arguments
from tests.unit.operations.harness import evaluated, kind_of, needs, operation, the_task

TASK: dict[str, Any] = {"type": "ecs_task", "cluster": "etl", "task_definition": "load:7", "launch": "cluster"}
ROLE = "arn:aws:iam::111122223333:role/{}"
TASKS = "arn:aws:ecs:us-east-1:111122223333:task/etl/*"


def request(**more: Any) -> Any:
    return evaluated(the_task({**TASK, **more}).arguments, params={"day": "d"})


def test_a_cluster_that_decides_itself_is_told_nothing() -> None:
    assert request() == {"Cluster": "etl", "TaskDefinition": "load:7"}


def test_capacity_providers_stand_instead_of_a_launch_type() -> None:
    shares = [{"provider": "FARGATE_SPOT", "weight": 3}, {"provider": "FARGATE", "base": 1}]
    made = evaluated(the_task({**TASK, "launch": None, "capacity": shares, "network": {"subnets": ["s"]}}).arguments)
    assert "LaunchType" not in made
    assert made["CapacityProviderStrategy"] == [
        {"CapacityProvider": "FARGATE_SPOT", "Weight": 3, "Base": 0},
        {"CapacityProvider": "FARGATE", "Weight": 1, "Base": 1},
    ]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"platform_version": "1.4.0"}, {"PlatformVersion": "1.4.0"}),
        ({"cpu": 1024, "memory": 2048}, {"Overrides": {"Cpu": "1024", "Memory": "2048"}}),
        ({"ephemeral_storage": 100}, {"Overrides": {"EphemeralStorage": {"SizeInGiB": 100}}}),
        ({"task_role": ROLE.format("a")}, {"Overrides": {"TaskRoleArn": ROLE.format("a")}}),
        ({"execution_role": ROLE.format("b")}, {"Overrides": {"ExecutionRoleArn": ROLE.format("b")}}),
        ({"tags": {"day": "{% $params.day %}"}}, {"Tags": [{"Key": "day", "Value": "d"}]}),
        ({"propagate_tags": True}, {"PropagateTags": "TASK_DEFINITION"}),
        ({"group": "{% 'g-' & $params.day %}"}, {"Group": "g-d"}),
        (
            {"container": {"name": "a", "memory": 64}, "containers": [{"name": "b", "environment": {"X": "1"}}]},
            {
                "Overrides": {
                    "ContainerOverrides": [
                        {"Name": "a", "Memory": 64},
                        {"Name": "b", "Environment": [{"Name": "X", "Value": "1"}]},
                    ]
                }
            },
        ),
        (
            {"cpu": 256, "arguments": {"EnableExecuteCommand": True, "Overrides": {"Memory": "512"}}},
            {"EnableExecuteCommand": True, "Overrides": {"Cpu": "256", "Memory": "512"}},
        ),
    ],
)
def test_each_key_is_its_argument(given: dict[str, Any], made: dict[str, Any]) -> None:
    assert request(**given) == {"Cluster": "etl", "TaskDefinition": "load:7", **made}


@pytest.mark.parametrize(
    ("given", "twice"),
    [
        ({"group": "g", "arguments": {"Group": "h"}}, ("Group", "group")),
        ({"cpu": 256, "arguments": {"Overrides": {"Cpu": "512"}}}, ("Overrides.Cpu", "cpu")),
        ({"arguments": {"LaunchType": "EC2"}}, ("LaunchType", "launch")),
        (
            {"container": {"name": "a"}, "arguments": {"Overrides": {"ContainerOverrides": []}}},
            ("Overrides.ContainerOverrides", "container"),
        ),
        ({"cpu": 256, "arguments": {"Overrides": {"Memory": "512"}}}, None),
    ],
)
def test_what_another_key_says_is_not_overruled(given: dict[str, Any], twice: Any) -> None:
    made = operation({**TASK, **given})
    params: Any = made.params
    assert said_twice(params) == twice
    found = [one.pointer for one in kind_of(made).findings(made.params, made) if one.code == "BS278"]
    assert found == ([] if twice is None else [f"/arguments/{twice[0].replace('.', '/')}"])


def test_what_is_merged_leaves_the_rest_alone() -> None:
    assert with_arguments({"a": {"b": 1}, "c": 2}, {"a": {"d": 3}}) == {"a": {"b": 1, "d": 3}, "c": 2}


@pytest.mark.parametrize(
    ("given", "action", "resources"),
    [
        (
            {"task_role": ROLE.format("a"), "execution_role": ROLE.format("b")},
            "iam:PassRole",
            (ROLE.format("a"), ROLE.format("b")),
        ),
        ({"roles": [ROLE.format("c")]}, "iam:PassRole", (ROLE.format("c"),)),
        ({"arguments": {"Overrides": {"TaskRoleArn": ROLE.format("d")}}}, "iam:PassRole", (ROLE.format("d"),)),
        ({"tags": {"a": "b"}}, "ecs:TagResource", (TASKS,)),
        ({"propagate_tags": True}, "ecs:TagResource", (TASKS,)),
        ({"arguments": {"EnableECSManagedTags": True}}, "ecs:TagResource", (TASKS,)),
        ({}, "ecs:TagResource", None),
        ({}, "iam:PassRole", None),
    ],
)
def test_the_machines_role_may_what_the_keys_ask_for(given: dict[str, Any], action: str, resources: Any) -> None:
    found = [permission.resources for permission in needs({**TASK, **given}) if action in permission.actions]
    assert found == ([] if resources is None else [resources])
