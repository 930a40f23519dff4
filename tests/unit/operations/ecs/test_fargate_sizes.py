"""A size that Fargate does not have is refused where it is written."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bunsui.operations.ecs.fargate_sizes import SIZES, check_fargate_size
from tests.unit.operations.harness import operation


@pytest.mark.parametrize(
    ("cpu", "memory", "refused"),
    [
        (256, 512, ""),
        (256, 2048, ""),
        (256, 1536, "512, 1024, 2048 MiB"),
        (256, 4096, "512, 1024, 2048 MiB"),
        (1024, 8192, ""),
        (1024, 1024, "2048 to 8192 in steps of 1024"),
        (8192, 17408, "16384 to 61440 in steps of 4096"),
        (16384, 122880, ""),
        (16384, 32769, "32768 to 122880 in steps of 8192"),
        (300, 512, "256, 512, 1024"),
        (300, None, "256, 512, 1024"),
        (None, 700, "512 is nearest"),
        (None, 30720, ""),
        (None, 245760, ""),
        (32768, 245760, ""),
        (None, None, ""),
    ],
)
def test_memory_goes_with_processors_as_fargate_has_them(cpu: int | None, memory: int | None, refused: str) -> None:
    if not refused:
        check_fargate_size(cpu, memory)
        return
    with pytest.raises(ValueError, match=refused):
        check_fargate_size(cpu, memory)


def test_the_table_is_awss() -> None:
    assert [(cpu, sizes[0], sizes[-1], len(sizes)) for cpu, sizes in SIZES.items()] == [
        (256, 512, 2048, 3),
        (512, 1024, 4096, 4),
        (1024, 2048, 8192, 7),
        (2048, 4096, 16384, 13),
        (4096, 8192, 30720, 23),
        (8192, 16384, 61440, 12),
        (16384, 32768, 122880, 12),
    ]


TASK: dict[str, Any] = {"type": "ecs_task", "cluster": "c", "task_definition": "load:7", "network": {"subnets": ["subnet-1"]}}


@pytest.mark.parametrize("where", [{}, {"launch": "fargate"}, {"capacity": [{"provider": "FARGATE_SPOT"}]}])
def test_a_task_on_fargate_is_held_against_it(where: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="2048 to 8192"):
        operation({**TASK, **where, "cpu": 1024, "memory": 1024})
    operation({**TASK, **where, "cpu": 1024, "memory": 2048})


@pytest.mark.parametrize("where", [{"launch": "ec2"}, {"launch": "cluster"}, {"capacity": [{"provider": "ours"}]}])
def test_instances_have_any_size(where: dict[str, Any]) -> None:
    operation({**TASK, **where, "cpu": 1000, "memory": 700})
