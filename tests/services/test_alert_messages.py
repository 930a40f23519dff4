"""What a message says, and what it never says."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bunsui.model.json import Json
from bunsui.model.session import FailureNote, Session, SessionStatus
from bunsui.ports.notifications import Notification
from bunsui.services.alerts.redaction import cause_line, redacted_sentence
from bunsui.testkit.execution import Script
from tests.fakes.session_room import START
from tests.fakes.watched_night import WatchedNight

CANARY = "hunter2-CANARY-9f81"
CASES = Path(__file__).parent.parent / "cases" / "alert-messages.txt"


class Leaky(WatchedNight):
    """Whatever a session has holds the canary: what it is given, what fails, what comes out."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.outputs = {"extract": {"files": [CANARY], "unread": CANARY}, "load": {"rows": CANARY}}

    def script(self, payload: Mapping[str, Json]) -> Script:
        made = super().script(payload)
        cause = f'{{"errorType": "Oops", "errorMessage": "token {CANARY} of \'{CANARY}\' at s3://{CANARY}/x is {CANARY}"}}'
        return replace(made, cause=cause if made.error else "", output={"load": CANARY} if not made.error else None)


def shown(one: Notification) -> str:
    facts = [f"{name}: {value}" for name, value in one.facts]
    links = [f"{link.label}: {link.url}" for link in one.links]
    return "\n".join([f"[{one.severity.value}] {one.subject}", *one.lines, *facts, *links])


def messages(night: WatchedNight) -> list[Notification]:
    return [one for _, one in night.channels["oncall"].sends]


def told(night: WatchedNight, hours: float) -> None:
    for _ in range(round(hours * 12)):
        night.clock.sleep(300)
        night.turn({"cause": "sweep"}, is_calm=True)


def test_nothing_of_inputs_outputs_and_errors_is_in_any_message() -> None:
    night = Leaky()
    night.turn({"cause": "sweep"}, is_calm=True)
    for number, failing in enumerate(("load", "extract", "", "load")):
        night.fire(night.schedule_times(), START + timedelta(minutes=30 * number), failing=failing)
        told(night, 0.75)
    told(night, 1.5)
    texts = [repr(one) for one in messages(night)]
    assert {one.subject.split(" in ")[0] for one in messages(night)} >= {"daily failed", "daily succeeds again"}
    assert [text for text in texts if CANARY in text or "hunter2" in text or "9f81" in text] == []


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("could not convert string to float: 'NA'", "could not convert string to float: …"),
        ("no such region jp-secret", "no such region …"),
        ("password: hunter two", "password … two"),
        ("connect to postgres://u:p@db/x failed", "connect to … failed"),
        ("AKIAIOSFODNN7EXAMPLE is expired", "… is expired"),
        ("took 3.5 s of 2 s", "took … s of … s"),
        ("api_key=abc", "…"),
        ("", ""),
    ],
)
def test_of_a_sentence_is_told_what_is_the_same_each_time(message: str, said: str) -> None:
    row = Session(
        id="1", pipeline="p", status=SessionStatus.FAILED, slot=START, date="", params={"region": "jp-secret"},
        started_by="", created_at=START,
    )  # fmt: skip
    assert redacted_sentence(message, row) == said
    note = FailureNote(fingerprint="f", error_class="code", error="not a name: " + message, message=message)
    assert cause_line(note, row).startswith("[code]")


def test_each_kind_of_message_reads_well(request: pytest.FixtureRequest) -> None:
    """The texts stand in tests/cases/alert-messages.txt."""
    night = WatchedNight(1)
    times = night.schedule_times()
    night.turn({"cause": "sweep"}, is_calm=True)
    night.fire(times, START, failing="load")
    told(night, 0.6)  # the second run never begins
    night.fire(times, START + timedelta(minutes=60), failing="load")
    told(night, 1.5)
    night.fire(times, START + timedelta(minutes=120))
    told(night, 0.2)
    text = "\n\n".join(shown(one) for one in messages(night)) + "\n"
    if request.config.getoption("--update-cases"):
        CASES.write_text(text, encoding="utf-8")
    assert text == CASES.read_text(encoding="utf-8")


def test_the_command_of_a_message_is_one_that_the_shell_takes_whole() -> None:
    night = WatchedNight(1)
    night.turn({"cause": "sweep"}, is_calm=True)
    night.fire(night.schedule_times(), START, failing="load")
    told(night, 0.1)
    [message] = messages(night)
    words = shlex.split(message.lines[-1])
    [row] = night.sessions.find_prefix("0")
    assert words == ["bunsui", "-e", "dev", "show", row.id]
