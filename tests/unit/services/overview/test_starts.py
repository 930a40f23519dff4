"""When a pipeline starts next, as its schedules are in AWS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Reason, ResourceChange
from bunsui.services.overview.starts import NextRun, next_run
from tests.unit.services.overview.test_runs import START, session

NOW = datetime(2026, 1, 1, 6, 30, tzinfo=UTC)


def schedule(expression: str, **more: Any) -> ResourceChange:
    address = Address(pipeline="p", kind="schedule", name="nightly")
    attributes = {"expression": expression, "timezone": "UTC", "enabled": True, **more}
    actual = ActualResource(address=address, physical_name="p--nightly", attributes=attributes)
    return ResourceChange(
        address=address, physical_name="p--nightly", action=Action.NO_OP, reason=Reason.IN_SYNC, actual=actual
    )


def test_the_earliest_schedule_counts_as_it_is_in_aws() -> None:
    late, early = schedule("cron(0 9 * * ? *)"), schedule("cron(0 7 * * ? *)")
    assert next_run([late, early], (), now=NOW) == NextRun(at=NOW + timedelta(minutes=30))
    assert next_run([late, schedule("cron(0 7 * * ? *)", enabled=False)], (), now=NOW) == NextRun(
        at=NOW + timedelta(minutes=150)
    )
    assert next_run([], (), now=NOW) is None


def test_a_rate_is_reckoned_from_its_last_start_and_said_to_be() -> None:
    hourly = schedule("rate(1 hour)")
    by_hand = session(0, SessionStatus.SUCCEEDED)
    by_schedule = replace(by_hand, started_by="schedule nightly")
    assert next_run([hourly], [by_hand], now=NOW) is None
    assert next_run([hourly], [by_schedule], now=NOW) == NextRun(at=START + timedelta(hours=7), is_about=True)
