"""What an execution's input says of its session, whoever wrote it, and what bunsui writes into one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Parameter
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.sessions.ids import derived_id, execution_arn_of, execution_name, next_execution, session_of
from bunsui.sessions.inputs import read_value
from bunsui.sessions.payload import LARGEST_INPUT, ReadInput, execution_input, input_bytes, kept_output, read_input

AT = datetime(2026, 1, 31, 3, tzinfo=UTC)
TEXT = "2026-01-31T03:00:00Z"
ULID = "01KBH3X2J4ABCDEFGHJKMNPQRS"
SPRING = {"scheduled_at": "2026-03-29T22:30:00Z", "timezone": "Europe/Berlin"}
"""A day after the clocks went forward."""
NOTHING = ReadInput(session_id="", params={}, slot=None, timezone="UTC", schedule="", started_by="")


def a_session(**more: Any) -> Session:
    usual: dict[str, Any] = {"params": {"day": "x"}, "slot": AT, "date": "2026-01-31", "started_by": "me"}
    return Session(id=ULID, pipeline="p", status=SessionStatus.PENDING, created_at=AT, **{**usual, **more})


def test_what_is_written_is_read_again() -> None:
    session = a_session()
    found = read_input(execution_input(session, 3))
    assert found == ReadInput(session_id=ULID, params={"day": "x"}, slot=AT, timezone="UTC", schedule="", started_by="me")
    written = execution_input(session, 3, {"jobs": {}})
    assert written["session"] == {
        "id": ULID, "attempt": 3, "slot": TEXT, "date": "2026-01-31", "scheduled_at": TEXT, "started_by": "me",
    }  # fmt: skip
    assert written["resume"] == {"jobs": {}}
    assert "resume" not in execution_input(session, 3, {})
    assert input_bytes(session, 3) == len(json.dumps(execution_input(session, 3)))
    assert input_bytes(a_session(params={"day": "ä"}), 1) == input_bytes(a_session(params={"day": "xx"}), 1)
    assert execution_input(session, 3, {"jobs": {}}, is_raw=True) == {"day": "x"}
    assert read_input({"day": "x"}, is_raw=True, timezone="Asia/Tokyo") == ReadInput(
        session_id="", params={"day": "x"}, slot=None, timezone="Asia/Tokyo", schedule="", started_by=""
    )


@pytest.mark.parametrize("value", [None, "x", [], {}, {"session": 3, "params": "x"}, {"session": {"id": 3, "schedule": None}}])
def test_what_says_nothing_is_read_as_nothing(value: Any) -> None:
    assert read_input(value) == NOTHING


@pytest.mark.parametrize(
    ("about", "zone", "slot"),
    [
        ({"slot": TEXT}, "UTC", AT),
        ({"slot": TEXT, "scheduled_at": "2020-01-01T00:00:00Z"}, "UTC", AT),
        ({"slot": "<aws.scheduler.scheduled-time>", "scheduled_at": TEXT}, "UTC", AT),
        ({"scheduled_at": TEXT}, "UTC", AT),
        ({"scheduled_at": TEXT, "slot_offset_days": -1}, "UTC", datetime(2026, 1, 30, 3, tzinfo=UTC)),
        ({"scheduled_at": TEXT, "slot_offset_seconds": -3600}, "UTC", datetime(2026, 1, 31, 2, tzinfo=UTC)),
        (
            {"scheduled_at": TEXT, "slot_offset_days": -1, "slot_offset_seconds": 60},
            "UTC",
            datetime(2026, 1, 30, 3, 1, tzinfo=UTC),
        ),
        (
            {**SPRING, "slot_offset_days": -1},
            "Europe/Berlin",
            datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        ),
        (
            {**SPRING, "slot_offset_seconds": -86400},
            "Europe/Berlin",
            datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
        ),
        (
            {**SPRING, "slot_offset_days": 0, "slot_offset_seconds": -86400},
            "Europe/Berlin",
            datetime(2026, 3, 28, 22, 30, tzinfo=UTC),
        ),
        ({"scheduled_at": TEXT, "slot_offset_days": "x", "slot_offset_seconds": None}, "UTC", AT),
        ({"scheduled_at": TEXT, "slot_offset_days": -10**9}, "UTC", AT),
        ({"scheduled_at": "yesterday", "slot_offset_days": -1}, "UTC", None),
        ({"timezone": "Asia/Tokyo"}, "Asia/Tokyo", None),
        ({"timezone": "Nowhere/Else"}, "UTC", None),
        ({"timezone": "../etc/passwd"}, "UTC", None),
        ({"timezone": 9}, "UTC", None),
    ],
)  # fmt: skip
def test_the_slot_is_the_one_that_is_said_or_the_scheduled_time_and_its_offset(
    about: dict[str, Any], zone: str, slot: datetime | None
) -> None:
    found = read_input({"session": about})
    assert (found.timezone, found.slot) == (zone, slot)
    assert read_input({"session": {**about, "schedule": "nightly"}}).schedule == "nightly"


def test_an_input_and_an_output_have_room_up_to_their_limits() -> None:
    frame = len('{"day": ""}')
    fits = a_session(params={"day": "x" * (LARGEST_INPUT - frame)})
    assert execution_input(fits, 1, is_raw=True) == fits.params
    with pytest.raises(InvalidInput) as refused:
        execution_input(a_session(params={"day": "x" * (LARGEST_INPUT - frame + 1)}), 1, is_raw=True)
    assert (refused.value.facts["size_bytes"], refused.value.facts["limit_bytes"]) == (
        str(LARGEST_INPUT + 1),
        str(LARGEST_INPUT),
    )
    umlauts = a_session(params={"day": "ä" * ((LARGEST_INPUT - frame) // 2)})
    assert execution_input(umlauts, 1, is_raw=True) == umlauts.params
    assert kept_output("x" * (128 * 1024 - 2)) is not None
    assert kept_output("x" * (128 * 1024 - 1)) is None


def test_a_sensitive_parameter_takes_a_reference_and_no_value() -> None:
    parameter = Parameter(name="token", type="string", schema={"type": "string"}, sensitive=True)
    reference = "arn:aws:ssm:eu-west-1:111111111111:parameter/token"
    assert read_value(parameter, reference) == reference
    with pytest.raises(ValueError, match="must be the ARN of a secret"):
        read_value(parameter, "hunter2")


MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"


def test_an_execution_lies_below_its_machine_whatever_started_it() -> None:
    expected = "arn:aws:states:eu-west-1:111111111111:execution:m:n"
    assert {execution_arn_of(f"{MACHINE}{tail}", "n") for tail in ("", ":live", ":7")} == {expected}
    with pytest.raises(InvalidInput) as refused:
        execution_arn_of("arn:aws:states:eu-west-1:111111111111:stateMachine", "n")
    assert refused.value.facts == {"arn": "arn:aws:states:eu-west-1:111111111111:stateMachine"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (execution_name("p", ULID, 2), (ULID, 2)),
        (execution_name("p" * 90, ULID, 12), (ULID, 12)),
        (f"a--b--{ULID}--3", (ULID, 3)),
        (f"{ULID}--3", None),
        (f"p--{ULID}--x", None),
        (f"p--{ULID}--", None),
        (f"p--{ULID[:-1]}--3", None),
        (f"p--{ULID}X--3", None),
        (f"p--{ULID[:-1]}U--3", None),
        ("by-hand", None),
    ],
)
def test_an_executions_name_tells_its_session_when_bunsui_gave_it(name: str, expected: tuple[str, int] | None) -> None:
    assert session_of(name) == expected
    assert len(name) <= 80


def attempt(name: str, redrive: int = 0) -> Attempt:
    arn = execution_arn_of(MACHINE, name)
    return Attempt(number=1, execution_arn=arn, kind="run", status=SessionStatus.FAILED, started_at=AT, redrive=redrive)


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ((), 1),
        ((attempt(execution_name("p", ULID, 1)),), 2),
        ((attempt(execution_name("p", ULID, 1)), attempt(execution_name("p", ULID, 1), redrive=1)), 2),
        ((attempt(execution_name("p", ULID, 4)),), 5),
        ((attempt("by-hand"),), 2),
        ((attempt("by-hand"), attempt("again")), 3),
        ((attempt(execution_name("p", ULID.replace("Q", "R"), 9)),), 2),
    ],
)
def test_the_next_execution_has_a_number_that_none_had(attempts: tuple[Attempt, ...], expected: int) -> None:
    assert next_execution(a_session(attempts=attempts)) == expected


def test_a_derived_id_tells_its_time_and_stands_for_its_parts() -> None:
    one = derived_id(AT, "a", "b")
    assert one == derived_id(AT, "a", "b") == "01KG8ZWEW0B6S73BGVQJRX67A1", "another id makes another session of what is known"
    assert len({one, derived_id(AT, "ab"), derived_id(AT, "a", "c"), derived_id(AT, "b", "a")}) == 4
    assert one[:10] == derived_id(AT, "other")[:10] < derived_id(datetime(2026, 1, 31, 3, 0, 1, tzinfo=UTC), "a")[:10]
    assert derived_id(datetime(1960, 1, 1, tzinfo=UTC), "a").startswith("0000000000")
