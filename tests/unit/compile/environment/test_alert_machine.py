"""What the machine that words alerts says, run by the engine: the slot as bunsui reads it, and never more of an input."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.asl.validation.validate import validate
from bunsui.compile.alerts import facts
from bunsui.compile.environment.alert_machine import alert_machine, definition
from bunsui.engine.run import run
from bunsui.engine.status import Status
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import ALERTS, Address
from bunsui.model.alerts import Channel
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, RawDefinition, Schedule, SlotOffset
from bunsui.model.resource import DesiredResource
from bunsui.sessions.payload import read_input
from bunsui.sessions.slots import rfc3339
from tests.executing import SCOPE
from tests.faults.amount import ALL

KEY = "arn:aws:kms:us-east-1:000000000000:key/k"
GIVEN = "arn:aws:sns:us-east-1:000000000000:pager"
OURS = "arn:aws:sns:us-east-1:000000000000:tests--local--ops"
CHANNELS = {"ops": Channel(name="ops", key=KEY), "pager": Channel(name="pager", topic=GIVEN)}
ZONE = "America/New_York"
NIGHTLY = Schedule(id="nightly", expression="cron(0 3 * * ? *)", timezone="Europe/Berlin", slot=SlotOffset(days=-1))
ORDERS = Pipeline(name="orders", path="p.yaml", jobs=(), timezone=ZONE, owner="data", schedules=(NIGHTLY,))
ARN = "arn:aws:states:us-east-1:000000000000:execution:tests--local--orders:x"
STARTED = datetime(2026, 11, 30, 3, 0, 5, 250_000, tzinfo=UTC)
UNTOLD = "Slot: not told here"


@dataclass
class TopicStub:
    """Takes what is published; the first so many tries fail."""

    failures: int = 0
    error: str = "SNS.ThrottledException"
    taken: list[dict[str, Any]] = field(default_factory=list)

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        assert request.resource == "arn:aws:states:::sns:publish"
        if self.failures:
            self.failures -= 1
            report(TaskFailed(error=self.error, cause="as the test wants it"))
        else:
            assert isinstance(request.arguments, dict)
            self.taken.append(request.arguments)
            report(TaskSucceeded(output={}))
        return lambda: None


def told(payload: object, pipeline: Pipeline = ORDERS, *, arn: str = ARN, to: TopicStub | None = None) -> dict[str, Any]:
    """Return what is published of an execution with this input: a text as it is, JSON of everything else, None for none."""
    text = payload if isinstance(payload, str) or payload is None else json.dumps(payload)
    detail = {
        "executionArn": arn,
        "name": "x",
        "status": "FAILED",
        "startDate": round(STARTED.timestamp() * 1000),
        "input": text,
        "inputDetails": {"included": text is not None},
        "error": "Secret.Error",
        "cause": "secret",
    }
    event = json.dumps({"time": "2026-11-30T03:12:28Z", "detail": detail})
    given = json.loads(facts(CHANNELS["ops"], pipeline, SCOPE).replace("<aws.events.event.json>", event))
    publisher = to or TopicStub()
    result = run(definition(SCOPE), given, runner=publisher, kind="EXPRESS")
    assert result.status is Status.SUCCEEDED, result.cause
    (message,) = publisher.taken
    return message


def slot_line(payload: object, pipeline: Pipeline = ORDERS) -> str:
    (line,) = [line for line in told(payload, pipeline)["Message"].splitlines() if line.startswith("Slot: ")]
    return str(line)


def words(slot: datetime, zone: str) -> str:
    shown = slot.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    return f"Slot: {shown} in {zone} ({rfc3339(slot)})"


def test_a_message_names_pipeline_slot_execution_and_command() -> None:
    message = told({"session": {"slot": "2026-01-31T05:00:00Z", "date": "2026-01-31"}})
    assert message == {
        "TopicArn": OURS,
        "Subject": "orders FAILED in local of tests",
        "Message": "\n".join(
            [
                "Pipeline orders ended as FAILED, in local of tests.",
                "Slot: 2026-01-31 00:00:00 in America/New_York (2026-01-31T05:00:00Z)",
                "Execution: x",
                "Ended: 2026-11-30T03:12:28Z",
                "Owner: data",
                "The job that failed, the cause and what to do next, in the project's folder:",
                f"  bunsui -e local show {ARN}",
            ]
        ),
    }


@settings(max_examples=200 if ALL else 15, deadline=None)
@given(
    minutes=st.integers(28_401_120, 31_556_160),  # 2024 to 2029
    days=st.none() | st.integers(-8, 8),
    seconds=st.sampled_from([0, -7200, -86_400, 90]),
    zone=st.sampled_from([None, "Europe/Berlin"]),
)
def test_the_slot_of_a_schedule_is_the_one_that_bunsui_reads(
    minutes: int, days: int | None, seconds: int, zone: str | None
) -> None:
    at = datetime.fromtimestamp(60 * minutes, UTC)
    about: dict[str, Json] = {"schedule": "s", "scheduled_at": rfc3339(at), "slot_offset_seconds": seconds}
    about |= {} if days is None else {"slot_offset_days": days}
    about |= {} if zone is None else {"timezone": zone}
    read = read_input({"session": about}, timezone=ZONE)
    assert read.slot is not None
    assert slot_line({"session": about}) == words(read.slot, read.timezone)


def test_a_start_that_names_no_slot_has_that_of_its_start() -> None:
    whole = STARTED.replace(microsecond=0)
    by_start = ", by its start, since the input names none"
    assert slot_line({}) == words(whole, ZONE) + by_start
    assert slot_line([1]) == words(whole, ZONE) + by_start
    yesterday = replace(ORDERS, slot=SlotOffset(days=-1))
    assert slot_line("{}", yesterday) == words(whole.replace(day=29), ZONE) + by_start


@pytest.mark.parametrize(
    "session",
    [
        {"slot": "password"},
        {"slot": "2026-01-31T00:00:00Z secret"},
        {"slot": "2026-01-31\nsecret"},
        {"slot": "2026-99-99T00:00:00Z"},
        {"slot": "9" * 100_000},
        {"scheduled_at": "secret", "schedule": "secret"},
        {"scheduled_at": "2026-01-31T00:00:00Z", "slot_offset_days": 1e300},
        {"slot": "2026-01-31T00:00:00Z", "timezone": "secret"},
        {"slot": "2026-01-31T00:00:00Z", "timezone": "constructor"},
    ],
)
def test_nothing_of_an_input_is_shown_but_an_instant(session: Mapping[str, Json]) -> None:
    message = told({"session": {"id": "secret", "started_by": "secret", **session}, "params": {"token": "secret"}})
    assert UNTOLD in message["Message"]
    assert "Slot, where the schedule nightly started it: 1 day before" in message["Message"]
    assert "secret" not in json.dumps(message).casefold()
    assert "password" not in message["Message"]
    assert len(message["Message"]) < 1000


@pytest.mark.parametrize("payload", [None, "", "{bad", "null", '"text"', '{"session": []}', '{"session": {"slot": {}}}'])
def test_whatever_the_input_is_a_message_comes(payload: str | None) -> None:
    message = told(payload)
    assert "Pipeline orders ended as FAILED" in message["Message"]
    assert message["Message"].endswith(f"  bunsui -e local show {ARN}")


def test_an_input_that_is_not_in_the_event_is_called_too_large() -> None:
    assert slot_line(None).startswith(f"{UNTOLD}, since the input is larger than what AWS puts into its event")


def test_a_definition_of_its_own_is_given_no_slot() -> None:
    raw = replace(ORDERS, definition=RawDefinition(document={}, path="m.json"))
    assert slot_line({"session": {"slot": "2026-01-31T00:00:00Z"}}, raw).startswith(
        f"{UNTOLD}, since the input of a definition"
    )


def test_the_command_is_one_for_a_shell_whatever_the_execution_is_called() -> None:
    odd = ARN.replace(":x", ":it's (odd)!")
    command = told({}, arn=odd)["Message"].splitlines()[-1]
    assert shlex.split(command) == ["bunsui", "-e", "local", "show", odd]


def test_what_passes_is_tried_again_and_a_refusal_is_answered_by_the_message_without_a_slot() -> None:
    assert words(datetime(2026, 1, 31, tzinfo=UTC), ZONE) in told(
        {"session": {"slot": "2026-01-31T00:00:00Z"}}, to=TopicStub(failures=2)
    )["Message"]  # fmt: skip
    refused = TopicStub(failures=1, error="SNS.InvalidParameterException")
    assert UNTOLD in told({"session": {"slot": "2026-01-31T00:00:00Z"}}, to=refused)["Message"]


def test_a_subject_is_short_enough_for_sns() -> None:
    assert len(told({}, replace(ORDERS, name="o" * 120))["Subject"]) == 99


def test_step_functions_would_take_the_definition() -> None:
    assert list(validate(definition(SCOPE), kind="EXPRESS")) == []


def made() -> dict[Address, DesiredResource]:
    return {one.address: one for one in alert_machine(CHANNELS, SCOPE)[ALERTS]}


def statements(address: Address, document: str) -> list[dict[str, Any]]:
    policy: Any = made()[address].attributes[document]
    return list(policy["Statement"])


def test_the_machine_may_publish_to_the_topics_of_the_channels_and_use_their_keys_for_that() -> None:
    publish = {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [GIVEN, OURS]}
    condition = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": OURS}}
    keys = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": [KEY], "Condition": condition}
    found = statements(Address("role", ALERTS), "policy")
    assert sorted(found, key=str) == sorted([publish, keys], key=str)


def test_only_rules_of_the_environment_may_start_the_machine() -> None:
    (trusted,) = statements(Address("role", ALERTS, "rules"), "trust")
    assert trusted["Principal"] == {"Service": "events.amazonaws.com"}
    assert trusted["Condition"]["ArnLike"]["aws:SourceArn"].endswith(f":rule/{name_prefix(SCOPE)}*")
    (start,) = statements(Address("role", ALERTS, "rules"), "policy")
    assert start["Action"] == ["states:StartExecution"]
    assert start["Resource"][0] == "arn:aws:states:us-east-1:000000000000:stateMachine:tests--local--_alerts"


def test_the_machine_keeps_nothing_of_what_it_reads() -> None:
    machine = made()[Address("state_machine", ALERTS)]
    assert machine.attributes["type"] == "EXPRESS"
    logging: Any = machine.attributes["logging"]
    assert (logging["level"], logging["include_execution_data"]) == ("OFF", False)
