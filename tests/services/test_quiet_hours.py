"""Quiet hours of a channel: what is held, what comes in its place, what is told all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bunsui.model.alerts import Alert
from bunsui.model.environment.quiet_hours import QuietHours
from bunsui.ports.notifications import Notification
from bunsui.services.alerts.ports import AlertPorts
from bunsui.services.morning.ports import MorningPorts
from bunsui.services.resident.turn import take_turn
from tests.fakes.session_room import START
from tests.fakes.watched_night import WatchedNight
from tests.services.alerts_law import check_night

TOKYO = ZoneInfo("Asia/Tokyo")


def hours(begins: timedelta, ends: timedelta, passing: tuple[str, ...] = ()) -> QuietHours:
    shown = [(START + ahead).astimezone(TOKYO).strftime("%H:%M") for ahead in (begins, ends)]
    return QuietHours(begins=shown[0], ends=shown[1], timezone="Asia/Tokyo", passing=passing)


class QuietNight(WatchedNight):
    """The channel `oncall` is quiet from the beginning on; `sales` is not."""

    def __init__(self, seed: int = 1, *, until: float = 5, passing: tuple[str, ...] = (), **named: Any) -> None:
        super().__init__(seed, **named)
        self.quiet = {"oncall": hours(timedelta(minutes=-1), timedelta(hours=until), passing)}

    def wait(self, minutes: float) -> None:
        until = self.clock.now() + timedelta(minutes=minutes)
        while self.clock.now() < until:
            self.clock.sleep(300)
            self.turn({"cause": "sweep"}, is_calm=True)

    def run(self, failing: str = "") -> None:
        due = START + timedelta(minutes=30 * round((self.clock.now() - START) / timedelta(minutes=30)))
        self.fire(self.times, due, failing=failing)

    def told(self, channel: str = "oncall") -> list[tuple[datetime, Notification]]:
        return self.channels[channel].sends

    @property
    def subjects(self) -> list[str]:
        return [one.subject.partition(" in ")[0] for _, one in self.told()]


FAILED = (Alert(event="failed", notify=("oncall", "sales")),)


@pytest.fixture
def night() -> QuietNight:
    found = QuietNight(alerts=FAILED)
    found.turn({"cause": "sweep"}, is_calm=True)
    return found


def test_what_is_held_is_told_once_when_they_end_with_all_that_happened(night: QuietNight) -> None:
    for _ in range(4):
        night.run(failing="load")
        night.wait(60)
    assert night.told() == []
    assert len(night.told("sales")) == 4
    night.wait(90)
    [(at, message)] = night.told()
    ends = START + timedelta(hours=5)
    assert ends <= at <= ends + timedelta(minutes=5)
    assert any(line.startswith("That happened 4 times since") for line in message.lines), message.lines
    assert "That happened once since the message of" in str(night.told("sales")[-1][1].lines)


def test_what_works_again_before_they_end_is_one_message_that_tells_both(night: QuietNight) -> None:
    night.run(failing="load")
    night.wait(60)
    night.run()
    night.wait(60)
    assert night.told() == []
    night.wait(240)
    [(_, message)] = night.told()
    assert message.subject.startswith("daily succeeds again")
    assert message.lines[0].startswith("It had failed once since")
    assert message.lines[1].startswith("The job load failed: ")
    assert dict(message.facts)["Failed session"] == dict(night.told("sales")[0][1].facts)["Session"]
    assert "Nobody was told here before: the channel has quiet hours." in message.lines
    assert [one.subject.partition(" in ")[0] for _, one in night.told("sales")] == ["daily failed", "daily succeeds again"]
    assert not any("quiet hours" in line for _, one in night.told("sales") for line in one.lines)


def test_events_that_pass_are_told_at_once_as_is_that_they_ended() -> None:
    night = QuietNight(alerts=FAILED, passing=("failed",))
    night.turn({"cause": "sweep"}, is_calm=True)
    night.run(failing="load")
    night.wait(30)
    night.run()
    night.wait(30)
    assert night.subjects == ["daily failed", "daily succeeds again"]


def test_what_was_told_before_they_began_is_said_to_be_the_message_before() -> None:
    night = QuietNight(alerts=FAILED)
    night.quiet = {"oncall": hours(timedelta(minutes=45), timedelta(hours=5))}
    night.turn({"cause": "sweep"}, is_calm=True)
    night.run(failing="load")
    night.wait(60)
    for _ in range(3):
        night.run(failing="load")
        night.wait(60)
    night.wait(90)
    (first, _), (_, second) = night.told()
    assert first < START + timedelta(minutes=10)
    assert "That happened 3 times since the message of" in str(second.lines)


def test_a_channel_that_took_nothing_is_tried_again_behind_quiet_hours() -> None:
    night = QuietNight(alerts=FAILED)
    night.quiet = {"oncall": hours(timedelta(minutes=4), timedelta(hours=3))}
    night.turn({"cause": "sweep"}, is_calm=True)
    night.run(failing="load")
    night.clock.sleep(60)
    _refuse_once(night)
    night.wait(60)
    assert (night.told(), [one.tries for one in night.store.open_deliveries()]) == ([], [1])
    night.wait(150)
    [(at, _)] = night.told()
    assert START + timedelta(hours=3) <= at <= START + timedelta(hours=3, minutes=5)


def test_a_message_has_its_whole_day_behind_quiet_hours() -> None:
    night = QuietNight(until=23, alerts=FAILED)
    night.turn({"cause": "sweep"}, is_calm=True)
    night.run(failing="load")
    night.wait(22 * 60 + 50)
    _refuse_once(night, 20)
    [held] = night.store.open_deliveries()
    night.clock.sleep(2 * 3600)
    night.turn({"cause": "sweep"}, is_calm=True)
    assert [one.key for _, one in night.told()] == [held.notification.key]


def _refuse_once(night: QuietNight, times: int = 1) -> None:
    """One look in which the channel takes nothing."""
    channel = night.channels["oncall"]
    channel.refuses = times
    ports = AlertPorts(
        store=night.store,
        morning=MorningPorts(state=night.state, schedules=night.reader),
        channels=night.channels,
        quiet=night.quiet,
    )
    take_turn(night.context, ports, {"cause": "sweep"})
    channel.refuses = 0


@pytest.mark.parametrize("seed", range(6))
def test_the_law_of_nights_holds_with_quiet_hours(seed: int) -> None:
    night = QuietNight(seed, until=6)
    night.play()
    check_night(night)
    assert all(at >= START + timedelta(hours=6) - timedelta(minutes=2) for at, _ in night.told())
    assert not [
        one for one in night.store.open_deliveries() if one.not_before is not None and one.not_before > night.clock.now()
    ]
