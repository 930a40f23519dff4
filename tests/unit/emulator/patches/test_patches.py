"""The pure parts of the corrections to the emulator, and what happens when it changes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.emulator.patches import apply_patches
from bunsui.emulator.patches.functions import error_payload
from bunsui.emulator.patches.pages import in_pages, paged_roles
from bunsui.emulator.patches.schedules import last_round, next_in_zone, with_context


def test_a_correction_that_no_longer_fits_is_told_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    def outdated() -> None:
        raise AttributeError("module has no attribute '_inner'")

    with caplog.at_level(logging.WARNING):
        applied = apply_patches({"outdated": outdated, "fine": lambda: None})

    assert applied == ("fine",)
    assert "'outdated'" in caplog.text


def test_a_handlers_exception_keeps_its_name_message_and_stack() -> None:
    answer = {"status": "error", "error": "id", "type": "KeyError", "stack": ["  File ..."]}

    assert error_payload({"errorMessage": "id", "errorType": "Runtime.HandlerError"}, answer, "r") == {
        "errorMessage": "id",
        "errorType": "KeyError",
        "stackTrace": ["  File ..."],
        "requestId": "r",
    }


def test_a_timeout_stays_a_timeout() -> None:
    body = {"errorMessage": "Task timed out after 3.00 seconds", "errorType": "Sandbox.Timedout"}

    told = {**body, "errorMessage": "RequestId: r Error: Task timed out after 3.00 seconds"}
    assert error_payload(body, {"status": "error"}, "r") == told


def test_a_message_that_only_looks_like_a_failed_start_is_kept() -> None:
    body = {"errorMessage": "Worker init failed: out of memory", "errorType": "RuntimeError"}

    assert error_payload(body, {}, "r") == {**body, "requestId": "r"}


def test_the_context_of_a_schedule_is_filled_in() -> None:
    text = json.dumps({"at": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>", "n": 1})

    assert json.loads(with_context(text, {"Time": 1_767_225_600.9, "Resources": ["arn:x"]})) == {
        "at": "2026-01-01T00:00:00Z",
        "by": "arn:x",
        "n": 1,
    }


def test_a_schedule_tells_when_it_was_due() -> None:
    due = datetime(2026, 1, 1, 3, tzinfo=ZoneInfo("Asia/Tokyo"))

    assert with_context("<aws.scheduler.scheduled-time>", {"Time": 0.0}, due=due) == "2025-12-31T18:00:00Z"


def next_at_three(_fields: object, after: datetime) -> datetime:
    """Three o'clock every day, as the emulator counts: in UTC only."""
    assert after.tzinfo is UTC
    today = after.replace(hour=3, minute=0, second=0, microsecond=0)
    return today if today > after else today + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        (None, datetime(2026, 1, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, 3, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 1, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, 18, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 1, 1, 18, tzinfo=UTC), datetime(2026, 1, 2, 18, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_is_that_of_the_schedules_zone(zone: str | None, after: datetime, expected: datetime) -> None:
    assert next_in_zone(next_at_three, None, after, ZoneInfo(zone) if zone else None) == expected


@given(st.floats(0, 1e9), st.floats(60, 1e6), st.floats(0, 1e9))
def test_the_last_round_of_a_rate_is_less_than_a_round_ago(made: float, interval: float, elapsed: float) -> None:
    last = last_round(made, interval, made + elapsed)

    assert made <= last
    assert -1e-3 <= made + elapsed - last <= interval + 1e-3


def test_a_list_that_is_longer_than_a_page_goes_on() -> None:
    def whole(query: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        return 200, {}, json.dumps({"Schedules": list(range(250))[: query["MaxResults"]]}).encode()

    found: list[int] = []
    token: str | None = None
    sizes: list[int] = []
    while not sizes or token is not None:
        _, _, body = in_pages(whole, "Schedules")({"NextToken": token} if token else {})
        answer = json.loads(body)
        found += answer["Schedules"]
        sizes.append(len(answer["Schedules"]))
        token = answer.get("NextToken")
    assert (found, sizes) == (list(range(250)), [100, 100, 50])


def test_roles_come_in_pages_of_the_size_that_was_asked_for() -> None:
    everything = [f"role-{number:03}" for number in range(250)]

    def whole(query: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        return 200, {}, (",".join(query["only"]) + "|<IsTruncated>false</IsTruncated>").encode()

    def only(names: Sequence[str], ask: Callable[[Mapping[str, Any]], Any], query: Mapping[str, Any]) -> Any:
        return ask({**query, "only": names})

    page = paged_roles(whole, lambda prefix: everything, only, filters=["Role"])
    found: list[str] = []
    marker: str | None = ""
    while marker is not None:
        _, _, body = page({"MaxItems": ["120"], **({"Marker": [marker]} if marker else {}), "Filter.member.1": ["Role"]})
        names, _, rest = body.decode().partition("|")
        found += names.split(",")
        marker = rest.partition("<Marker>")[2].partition("</Marker>")[0] or None
    assert found == everything
