"""What RunTask does not take together is refused where it is written, with the key and the way out."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.operations.ecs.parameters import EcsTaskParams, Network, ProviderShare
from tests.unit.operations.harness import operation

TASK: dict[str, Any] = {"type": "ecs_task", "cluster": "etl", "task_definition": "load:7"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"launch": "ec2", "capacity": [{"provider": "x"}]}, "launch: what runs the task says capacity already"),
        ({"capacity": [{"provider": "x"}, {"provider": "x"}]}, "capacity: x is named twice"),
        ({"capacity": [{"provider": "x", "weight": 0}]}, "capacity: one provider at least needs a weight"),
        (
            {"capacity": [{"provider": "x", "base": 1}, {"provider": "y", "base": 1}]},
            "capacity: one provider at most has a base",
        ),
        ({"capacity": [{"provider": "FARGATE"}, {"provider": "x"}]}, "capacity: .* cannot be mixed"),
        ({"capacity": [{"provider": "FARGATE_SPOT"}]}, "network: a Fargate task needs subnets"),
        ({"launch": "ec2", "platform_version": "1.4.0"}, "platform_version: only Fargate has it"),
        ({"capacity": [{"provider": "x"}], "ephemeral_storage": 30}, "ephemeral_storage: only Fargate has it"),
        ({"launch": "ec2", "task_role": "load"}, "task_role: write the role's ARN"),
        ({"launch": "ec2", "container": {"name": "a"}, "containers": [{"name": "a"}]}, "containers: a is named twice"),
        ({"launch": "ec2", "exit_codes": {"3": "Busy"}}, "exit_codes: name the container"),
        (
            {"launch": "ec2", "container": {"name": "a"}, "exit_codes": {"0": "Busy"}},
            "exit_codes: 0 is no exit code of a failure",
        ),
        (
            {"launch": "ec2", "container": {"name": "a"}, "exit_codes": {"3": "States.ALL"}},
            "exit_codes: States.ALL has a meaning",
        ),
    ],
)
def test_what_runtask_does_not_take_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({**TASK, **given})


def test_who_runs_on_fargate_is_told_by_launch_or_by_the_first_provider() -> None:
    def fargate(**more: Any) -> bool:
        return EcsTaskParams(cluster="c", task_definition="t:1", **more).is_fargate

    network = Network(subnets=("subnet-1",))
    assert fargate(network=network)
    assert fargate(network=network, capacity=(ProviderShare(provider="FARGATE_SPOT"),))
    assert not fargate(launch="cluster")
    assert not fargate(capacity=(ProviderShare(provider="group"),))
