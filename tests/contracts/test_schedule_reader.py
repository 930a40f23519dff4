"""What a reader of schedules promises (`bunsui.ports.schedules.ScheduleReader`)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.aws.objects.schedule_lists import AwsScheduleReader
from bunsui.ports.schedules import ScheduleReader, ScheduleTimes
from bunsui.testkit.schedules import MemoryScheduleReader
from tests.contracts.conftest import CLOUDS, Cloud, opened

NIGHTLY = ScheduleTimes(
    expression="cron(0 3 * * ? *)",
    timezone="Asia/Tokyo",
    is_enabled=True,
    input={"session": {"scheduled_at": "<aws.scheduler.scheduled-time>"}},
)
PAUSED = ScheduleTimes(expression="rate(1 hour)", timezone="UTC", is_enabled=False, input={}, window=timedelta(minutes=15))


@dataclass(frozen=True)
class Stage:
    """A reader, and how somebody writes what it reads."""

    reader: ScheduleReader
    put: Callable[[str, str, ScheduleTimes], None]
    orders: str = field(default_factory=lambda: f"shop{secrets.token_hex(4)}--orders")
    """A group that nobody else uses: an emulator may have one account for all."""


@pytest.fixture(params=[*CLOUDS, "memory"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """Each implementation, without schedules."""
    if request.param == "memory":
        memory = MemoryScheduleReader()
        return Stage(memory, lambda group, name, times: memory.put(group, name, times, modified_at=datetime.now(UTC)))
    cloud = request.getfixturevalue("opened_cloud")
    return Stage(AwsScheduleReader(cloud.connection), lambda group, name, times: _write(cloud, group, name, times))


@pytest.fixture
def opened_cloud(request: pytest.FixtureRequest) -> object:
    """The emulator of the implementation that is tested."""
    name = request.node.callspec.params["stage"]
    with opened(name, request) as cloud:
        yield cloud


def _write(cloud: Cloud, group: str, name: str, times: ScheduleTimes) -> None:
    client = cloud.outsider("scheduler")
    if group not in [one["Name"] for one in client.list_schedule_groups()["ScheduleGroups"]]:
        client.create_schedule_group(Name=group)
    minutes = int(times.window.total_seconds() // 60)
    client.create_schedule(
        GroupName=group,
        Name=name,
        ScheduleExpression=times.expression,
        ScheduleExpressionTimezone=times.timezone,
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes} if minutes else {"Mode": "OFF"},
        State="ENABLED" if times.is_enabled else "DISABLED",
        Target={
            "Arn": f"arn:aws:states:eu-west-1:{cloud.scope.account}:stateMachine:m",
            "RoleArn": f"arn:aws:iam::{cloud.scope.account}:role/r",
            "Input": json.dumps(times.input),
        },
    )


def test_schedules_of_the_asked_groups_are_listed_with_whether_they_are_on(stage: Stage) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    stage.put(stage.orders, "nightly", NIGHTLY)
    stage.put(stage.orders, "hourly", PAUSED)
    stage.put(stage.orders + "-2", "nightly", NIGHTLY)
    found = stage.reader.list_schedules([stage.orders])
    assert {key: one.is_enabled for key, one in found.items()} == {
        (stage.orders, "nightly"): True,
        (stage.orders, "hourly"): False,
    }
    assert all(one.modified_at is not None and one.modified_at >= before for one in found.values())


def test_of_a_group_that_is_not_there_nothing_is_listed(stage: Stage) -> None:
    stage.put(stage.orders, "nightly", NIGHTLY)
    assert set(stage.reader.list_schedules([stage.orders + "-3", stage.orders])) == {(stage.orders, "nightly")}
    assert set(stage.reader.list_schedules([stage.orders + "-3", stage.orders, "a", "b", "c"])) == {(stage.orders, "nightly")}
    assert stage.reader.list_schedules([]) == {}


@pytest.mark.parametrize("times", [NIGHTLY, PAUSED])
def test_a_schedule_is_read_as_it_was_written(stage: Stage, times: ScheduleTimes) -> None:
    stage.put(stage.orders, "one", times)
    assert stage.reader.times(stage.orders, "one") == times


def test_a_schedule_that_is_not_there_is_none(stage: Stage) -> None:
    stage.put(stage.orders, "nightly", NIGHTLY)
    assert stage.reader.times(stage.orders, "other") is None
    assert stage.reader.times(stage.orders + "-3", "nightly") is None
