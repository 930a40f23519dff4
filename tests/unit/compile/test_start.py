"""The first states: session, time zones, parameters and their checks, evaluated with jsonata-python."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import jsonata

from bunsui.asl.model import Choice, Pass
from bunsui.compile.start import START, start_states
from bunsui.model.json import Json
from bunsui.model.pipeline import Parameter, Pipeline
from bunsui.model.time_zones import transitions
from bunsui.model.values import Expression, Value

CONTEXT = {"Execution": {"Name": "run-1", "StartTime": "2026-11-23T16:00:00.123Z"}}


def pipeline(*parameters: Parameter, timezone: str = "UTC") -> Pipeline:
    return Pipeline(name="p", path="p.yaml", timezone=timezone, parameters=parameters)


def evaluated(text: Json, **variables: Any) -> Any:
    assert isinstance(text, str)
    assert text.startswith("{%")
    return jsonata.Jsonata.jsonata(text[2:-2].strip()).evaluate(None, variables)


def session(payload: dict[str, Any], timezone: str = "UTC") -> dict[str, Any]:
    start = start_states(pipeline(timezone=timezone), first="a.guard", errors=False)[START]
    assert isinstance(start, Pass)
    assert start.assign is not None
    found = evaluated(start.assign["session"], states={"input": payload, "context": CONTEXT})
    assert isinstance(found, dict)
    return found


def test_a_start_with_nothing_takes_what_the_execution_knows() -> None:
    assert session({}) == {
        "id": "run-1",
        "attempt": 1,
        "slot": "2026-11-23T16:00:00.123Z",
        "date": "2026-11-23",
        "scheduled_at": "2026-11-23T16:00:00.123Z",
        "started_by": "console",
    }


def test_a_schedule_gives_slot_and_date_in_the_time_zone() -> None:
    scheduled = {"schedule": "nightly", "scheduled_at": "2026-11-23T18:00:00Z", "slot_offset_seconds": -86400}
    found = session({"session": scheduled}, "Asia/Tokyo")
    assert (found["slot"], found["date"]) == ("2026-11-22T18:00:00.000Z", "2026-11-23")
    assert (found["scheduled_at"], found["started_by"]) == ("2026-11-23T18:00:00Z", "schedule nightly")


def test_what_a_session_manager_gives_is_kept() -> None:
    given_session = {"id": "01J", "attempt": 3, "slot": "2026-01-01T00:00:00Z", "date": "2025-12-31", "started_by": "arn:me"}
    found = session({"session": {**given_session, "scheduled_at": None}})
    assert {key: found[key] for key in given_session} == given_session


@pytest.mark.parametrize("timezone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
@settings(max_examples=25, deadline=None)
@given(seconds=st.integers(1_578_000_000, 2_240_000_000))
def test_the_date_is_that_of_the_time_zone(timezone: str, seconds: int) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    found = session({"session": {"slot": instant.isoformat(timespec="seconds").replace("+00:00", "Z")}}, timezone)
    assert found["date"] == instant.astimezone(ZoneInfo(timezone)).date().isoformat()


def test_the_changes_of_a_time_zone_are_exact_to_the_minute() -> None:
    found = transitions("Europe/Berlin")
    at = datetime.fromtimestamp(found[1][0] / 1000, UTC)
    assert (at, found[0][1], found[1][1]) == (datetime(2020, 3, 29, 1, tzinfo=UTC), 60, 120)
    assert len(found) == 1 + 2 * 21
    assert all(timedelta(days=100) < timedelta(milliseconds=b[0] - a[0]) for a, b in itertools.pairwise(found[1:]))
    assert transitions("Asia/Tokyo") == ((0, 540),)


def problem(parameter: Parameter, payload: dict[str, Any]) -> str | None:
    """Return what the parameter check says of a start with these parameters."""
    states = start_states(pipeline(parameter), first="a.guard", errors=False)
    start, check = states[START], states["_check"]
    assert isinstance(start, Pass)
    assert isinstance(check, Choice)
    assert start.assign is not None
    params = evaluated(start.assign["params"], states={"input": payload})
    for rule in check.rules:
        holds = evaluated(rule.condition, params=params)
        assert isinstance(holds, bool), rule.condition
        if holds:
            assert rule.next == "_invalid"
            assert isinstance(rule.output, dict)
            return str(evaluated(rule.output["problem"], params=params))
    assert check.default == "a.guard"
    return None


def parameter(kind: str = "string", *, default: Value = None, required: bool = True, **schema: Json) -> Parameter:
    return Parameter(name="x", type=kind, schema=schema, default=default, required=required)


@pytest.mark.parametrize(
    ("found", "given_params", "words"),
    [
        (parameter(), {"x": "a"}, None),
        (parameter(), {}, "parameter x is required"),
        (parameter(), {"x": 1}, "parameter x must be a string"),
        (parameter(), {"x": "a", "y": 1, "z": 2}, "unknown parameter y, z"),
        (parameter("integer"), {"x": 2}, None),
        (parameter("integer"), {"x": 2.5}, "parameter x must be an integer"),
        (parameter("integer"), {"x": "2"}, "parameter x must be an integer"),
        (parameter("integer", minimum=1), {"x": 0}, "parameter x must be at least 1"),
        (parameter("number", maximum=1.5), {"x": 2}, "parameter x must be at most 1.5"),
        (parameter("boolean"), {"x": False}, None),
        (parameter("array"), {"x": [1]}, None),
        (parameter("object"), {"x": []}, "parameter x must be an object"),
        (parameter(enum=["jp", "us"]), {"x": "us"}, None),
        (parameter(enum=["jp", "us"]), {"x": "eu"}, "parameter x must be one of jp, us"),
        (parameter(enum=["jp"]), {"x": "jp"}, None),
        (parameter(format="date"), {"x": "2026-01-31"}, None),
        (parameter(format="date"), {"x": "31.1.2026"}, "parameter x must be a date such as 2026-01-31"),
        (parameter(default="d", required=False), {}, None),
        (parameter(default=None, required=False, enum=["a"]), {}, None),
        (parameter("integer", default=None, required=False, minimum=1), {"x": 0}, "parameter x must be at least 1"),
    ],
)
def test_parameters_are_checked_and_named(found: Parameter, given_params: dict[str, Any], words: str | None) -> None:
    assert problem(found, {"params": given_params}) == words


def test_defaults_that_read_the_session_come_one_state_later() -> None:
    dated = Parameter(name="date", type="string", schema={}, default=Expression("$session.date"), required=False)
    states = start_states(pipeline(dated), first="a.guard", errors=True)
    params = states["_params"]
    assert isinstance(params, Pass)
    assert params.assign is not None
    assert params.output == {"jobs": {}, "status": {}, "errors": {}}
    given_params: dict[str, Any] = {"input": {"params": {}}}
    assert evaluated(params.assign["params"], states=given_params, session={"date": "2026-01-31"}) == {"date": "2026-01-31"}
