"""What time a scheduled run stands for: the machine and bunsui say the same, and both mean the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import jsonata

from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.start import session_expression
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Parameter, Pipeline, Schedule, SlotOffset
from bunsui.model.time_zones import slot_in
from bunsui.model.values import Expression
from bunsui.operations.registry import builtin_registry
from bunsui.operations.wait import WaitParams
from bunsui.sessions.payload import read_input
from bunsui.sessions.slots import business_date, rfc3339, shift_slot
from tests.executing import SCOPE

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Tokyo")
"""Clocks that change by an hour, by half an hour, at midnight, not at all."""


WHOLE = Parameter(name="all", type="object", schema={}, default=Expression("$session"), required=False)
"""Reads everything that a session says of itself."""


def pipeline(zone: str, *others: str, slot: SlotOffset | None = None, reads: bool = True) -> Pipeline:
    schedules = tuple(
        Schedule(id=f"s{n}", expression="rate(1 day)", timezone=other, slot=SlotOffset(days=-1))
        for n, other in enumerate(others)
    )
    parameters = (WHOLE,) if reads else ()
    made = Pipeline(name="p", path="p.yaml", timezone=zone, schedules=schedules, parameters=parameters)
    return replace(made, slot=slot or SlotOffset())


def session(made: Pipeline, about: dict[str, Any], *, started: str = "2026-11-23T16:00:00.123Z") -> dict[str, Any]:
    context = {"Execution": {"Name": "run-1", "StartTime": started}}
    states = {"input": {"session": about}, "context": context}
    found = jsonata.Jsonata.jsonata(session_expression(made)).evaluate(None, {"states": states})
    assert isinstance(found, dict)
    return found


def near_a_change(zone: str) -> st.SearchStrategy[datetime]:
    """Return instants within two days of a change of the clocks, or anywhere when there is none."""
    first = datetime(2024, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=day) for day in range(4 * 366)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    changes = [day for day, before, after in zip(days[1:], offsets, offsets[1:], strict=False) if before != after] or [first]
    minutes = st.integers(-2 * 1440, 2 * 1440)
    return st.builds(lambda change, by: change + timedelta(minutes=by), st.sampled_from(changes), minutes)


@settings(max_examples=12, deadline=None)
@given(zone=st.sampled_from(ZONES), data=st.data(), days=st.integers(-8, 8))
def test_days_of_an_offset_are_days_of_the_calendar_where_the_schedule_is(zone: str, data: st.DataObject, days: int) -> None:
    at = data.draw(near_a_change(zone))
    about: dict[str, Json] = {
        "schedule": "s0",
        "scheduled_at": rfc3339(at),
        "timezone": zone,
        "slot_offset_days": days,
        "slot_offset_seconds": 0,
    }
    found = session(pipeline("Asia/Kathmandu", zone), about)
    assert found["date"] == (at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)).isoformat()
    read = read_input({"session": about}, timezone="Asia/Kathmandu")
    assert read.slot is not None
    assert datetime.fromisoformat(found["slot"]) == read.slot
    assert business_date(read.slot, read.timezone) == found["date"]


@settings(max_examples=8, deadline=None)
@given(zone=st.sampled_from(ZONES), data=st.data(), days=st.integers(-3, 3), seconds=st.integers(-90_000, 90_000))
def test_the_machine_and_bunsui_shift_a_start_alike(zone: str, data: st.DataObject, days: int, seconds: int) -> None:
    at = data.draw(near_a_change(zone))
    offset = SlotOffset(days=days, seconds=seconds)
    found = session(pipeline(zone, slot=offset), {}, started=rfc3339(at))
    assert datetime.fromisoformat(found["slot"]) == shift_slot(at, offset, zone)


@settings(max_examples=20, deadline=None)
@given(day=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_weekday_and_month_are_those_of_the_date(day: date) -> None:
    found = session(pipeline("Asia/Tokyo"), {"date": day.isoformat()})
    assert (found["weekday"], found["month"]) == (f"{day:%A}", f"{day:%Y-%m}")


def test_the_day_before_is_meant_where_the_clocks_went_forward() -> None:
    # 00:30 on 9 March in New York. 24 hours earlier it was 23:30 on the 7th, since the 8th had 23 hours.
    at = datetime(2026, 3, 9, 4, 30, tzinfo=UTC)
    assert business_date(at - timedelta(hours=24), "America/New_York") == "2026-03-07"
    assert business_date(shift_slot(at, SlotOffset(days=-1), "America/New_York"), "America/New_York") == "2026-03-08"


@pytest.mark.parametrize(
    ("at", "day"),
    [("2026-03-28T23:30:00Z", "2026-03-28"), ("2026-03-29T22:30:00Z", "2026-03-29"), ("2026-10-25T23:30:00Z", "2026-10-25")],
)
def test_whole_days_that_a_schedule_of_the_first_contract_says_in_seconds_are_days_of_the_calendar(at: str, day: str) -> None:
    about: dict[str, Json] = {"schedule": "night", "scheduled_at": at, "slot_offset_seconds": -86_400}
    found = session(pipeline("Europe/Berlin", slot=SlotOffset(days=-1)), about)
    assert found["date"] == day
    read = read_input({"session": about}, timezone="Europe/Berlin")
    assert read.slot == datetime.fromisoformat(found["slot"])


def test_hours_that_a_schedule_says_stay_hours() -> None:
    made = replace(pipeline("Europe/Berlin"), schedules=(Schedule(
        id="s", expression="cron(30 0 * * ? *)", timezone="Europe/Berlin", slot=SlotOffset(seconds=-86_400)
    ),))  # fmt: skip
    made = replace(
        made, jobs=(Job(name="nap", operations=(Operation(id="nap", type="wait", params=WaitParams(duration="1s")),)),)
    )
    compiled = compile_pipeline(made, scope=SCOPE, registry=builtin_registry())
    (told,) = (found.attributes["input"] for found in compiled.resources if found.address.kind == "schedule")
    assert told["session"]["slot_offset_days"] == 0  # type: ignore[index,call-overload]


def test_a_schedule_overrides_the_slot_of_the_pipeline() -> None:
    made = pipeline("UTC", slot=SlotOffset(days=-1))
    told = {"scheduled_at": "2026-01-31T00:00:00Z", "slot_offset_days": 0, "slot_offset_seconds": 0}
    assert session(made, told)["date"] == "2026-01-31"
    assert session(made, {}, started="2026-01-31T00:00:00Z")["date"] == "2026-01-30"


def test_a_time_zone_that_no_schedule_has_counts_as_the_pipelines() -> None:
    told = {"scheduled_at": "2026-01-31T20:00:00Z", "timezone": "Mars/Olympus"}
    assert session(pipeline("Asia/Tokyo", "UTC"), told)["date"] == "2026-02-01"
    assert read_input({"session": told}, timezone="Asia/Tokyo").timezone == "Asia/Tokyo"


def test_a_machine_holds_no_more_of_the_calendar_than_its_pipeline_uses() -> None:
    plain = session_expression(pipeline("Asia/Tokyo", "Asia/Tokyo", reads=False))
    assert plain == session_expression(pipeline("Asia/Tokyo", reads=False))
    assert "weekday" not in plain
    assert "$east" not in plain
    assert "$east" in session_expression(pipeline("Europe/Berlin", "Europe/Berlin", reads=False))


def test_days_without_changes_of_the_clocks_are_hours() -> None:
    assert slot_in("Asia/Tokyo", SlotOffset(days=-1, seconds=60)) == SlotOffset(seconds=-86_340)
    assert slot_in("Europe/Berlin", SlotOffset(days=-1)) == SlotOffset(days=-1)
