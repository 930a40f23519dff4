from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import InvalidInput
from bunsui.model.names import EXECUTION_NAME_LIMIT
from bunsui.model.pipeline import SlotOffset
from bunsui.sessions.ids import derived_id, execution_name, session_of
from bunsui.sessions.slots import business_date, parse_instant, parse_slot, rfc3339, shift_slot

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def test_a_day_is_its_midnight_in_the_pipelines_zone() -> None:
    assert parse_slot("2026-02-01", "Asia/Tokyo") == datetime(2026, 1, 31, 15, tzinfo=UTC)


def test_a_time_with_an_offset_stays_what_it_is() -> None:
    assert parse_slot("2026-01-31T03:00:00+09:00", "America/New_York") == datetime(2026, 1, 30, 18, tzinfo=UTC)


def test_anything_else_is_refused_with_the_forms_that_work() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_slot("yesterday", "UTC")
    assert "--slot 2026-01-31" in caught.value.hint
    assert (caught.value.code, caught.value.facts) == ("bad-slot", {"slot": "yesterday"})
    assert parse_slot(" 2026-01-31T03:00 ", "UTC") == datetime(2026, 1, 31, 3, tzinfo=UTC)


def test_the_business_date_is_the_day_where_the_pipeline_lives() -> None:
    assert business_date(datetime(2026, 1, 31, 18, tzinfo=UTC), "Asia/Tokyo") == "2026-02-01"


@given(INSTANTS)
def test_an_instant_survives_the_machines_input(at: datetime) -> None:
    assert parse_instant(rfc3339(at)) == at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-01-31", 0), ("2026-01-31T03:00:00", 3), ("2026-01-31T03:00:00Z", 3), ("2026-01-31T03:00:00+02:00", 1)],
)
def test_an_instant_without_an_offset_is_utc(text: str, hour: int) -> None:
    found = parse_instant(text)
    assert found == datetime(2026, 1, 31, hour, tzinfo=UTC)
    assert found.tzinfo is UTC


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("at", "days", "seconds", "slot"),
    [
        ((3, 9, 5), -1, 0, (3, 8, 6)),
        ((3, 9, 5), 0, -86_400, (3, 8, 5)),
        ((3, 7, 6), 1, 0, (3, 8, 6)),
        ((3, 8, 6), 1, 0, (3, 9, 5)),
        ((10, 31, 5), 1, 3_600, (11, 1, 6)),
        ((11, 1, 6), 0, 0, (11, 1, 6)),
        ((11, 2, 6), -1, 0, (11, 1, 5)),
    ],
)
def test_days_of_a_slot_are_those_of_the_calendar_and_seconds_are_seconds(
    at: tuple[int, int, int], days: int, seconds: int, slot: tuple[int, int, int]
) -> None:
    """The clocks change on 8 March and 1 November 2026; of the hour that comes twice the first is meant."""
    found = shift_slot(datetime(2026, *at, tzinfo=UTC), SlotOffset(days=days, seconds=seconds), NEW_YORK)
    assert found == datetime(2026, *slot, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", [None, 3, "", "<aws.scheduler.scheduled-time>", "2026-99-99T00:00:00Z", "20260131"])
def test_what_is_not_an_instant_is_none(text: object) -> None:
    assert parse_instant(text) is None


@given(INSTANTS, INSTANTS)
def test_derived_ids_sort_by_time_and_are_the_same_for_the_same_parts(first: datetime, second: datetime) -> None:
    assert derived_id(first, "a", "b") == derived_id(first, "a", "b")
    assert derived_id(first, "a", "b") != derived_id(first, "ab")
    if second - first >= timedelta(milliseconds=2):
        assert derived_id(first, "x") < derived_id(second, "y")


@given(st.from_regex(r"\A[A-Za-z][A-Za-z0-9_]{0,63}\Z"), INSTANTS, st.integers(1, 999))
def test_an_executions_name_fits_and_tells_its_session(pipeline: str, at: datetime, attempt: int) -> None:
    session_id = derived_id(at, pipeline)
    name = execution_name(pipeline, session_id, attempt)
    assert len(name) <= EXECUTION_NAME_LIMIT
    assert session_of(name) == (session_id, attempt)


@pytest.mark.parametrize("name", ["by-hand", "a--b--1", "p--01KBH3X2J4ABCDEFGHJKMNPQRI--1", "p--01KBH3X2J4ABCDEFGHJKMNPQR--1"])
def test_other_names_tell_nothing(name: str) -> None:
    assert session_of(name) is None
