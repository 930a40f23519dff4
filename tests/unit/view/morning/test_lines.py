"""The morning page as lines: what went wrong comes first, each line with a command that works as it is."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bunsui.services.morning.page import Morning
from bunsui.view.morning.lines import morning_lines
from bunsui.view.spans import Role
from tests.fakes.scheduled_room import LONG_AGO, ScheduledRoom
from tests.fakes.session_room import PIPELINE, START

TOKYO = ZoneInfo("Asia/Tokyo")
NAMES = ("daily", "stock", "late", "gone", "paused", "poll")


def night() -> Morning:
    """A night of every kind: at 04:30 in Tokyo, from 02:00 on."""
    room = ScheduledRoom(*(replace(PIPELINE, name=name) for name in NAMES))
    half = room.schedule("cron(0/30 3-4 * * ? *)")
    room.schedule("cron(0 3 * * ? *)", pipeline="gone", name="nightly", params={"region": "us"})
    room.schedule("cron(25 4 * * ? *)", pipeline="late")
    paused = room.schedule("cron(0 3 * * ? *)", pipeline="paused")
    room.outside(replace(paused, is_enabled=False), LONG_AGO + timedelta(days=1), pipeline="paused")
    often = room.schedule("rate(10 minutes)", name="often", pipeline="poll", since=START - timedelta(minutes=1))
    stock = room.schedule("cron(0 3 * * ? *)", pipeline="stock")
    room.fire(half, START, failing="load")
    room.fire(stock, START, pipeline="stock", failing="load")
    for number in range(9):
        room.move_to(START + timedelta(minutes=10 * number))
        room.fire(often, room.clock.now(), pipeline="poll")
        if number in (3, 6):
            room.fire(half, room.clock.now())
    room.move_to(START + timedelta(minutes=90))
    room.fire(half, room.clock.now())
    return room.morning()


def test_the_page_of_a_night_tells_everything_once() -> None:
    told = "\n".join(item.text.rstrip() for item in morning_lines(night(), TOKYO, width=80))
    assert (
        re.sub("[0-9A-Z]{26}", "ID", told)
        == """\
sales in dev  embedded AWS, eu-west-1, commit abc123
since 02:00 (Asia/Tokyo): 18 expected, 2 failed, 1 missing, 1 late, 1 running, 1 due, 1 held, 11 ran

failed, by cause
  ✗ ValueError: no such region  [code]
      daily nightly 03:00 in load, stock nightly 03:00 in load
      bunsui show ID

missing: due, and not started
  ! gone nightly  03:00
      bunsui run gone --slot 2026-02-01T03:00:00+09:00 --param region=us
  the embedded AWS starts nothing while it does not run

late: due, and not started yet
  ! late nightly  04:25  5 min 00 s ago
      bunsui sessions --pipeline late

running
  ● daily nightly  04:30  for 0.0 s
      bunsui watch ID

due
  ○ poll often  about 04:30

held
  ○ paused nightly  03:00  switched off in AWS, not by bunsui
      bunsui plan paused

ran
     pipeline  schedule  last    took  notes
  ✓  daily     nightly   04:00  2.0 s  2 times
  ✓  poll      often     04:20  2.0 s  9 times

next
  about 04:40 poll often
  Mon 03:00   daily nightly
  Mon 03:00   gone nightly
  Mon 03:00   stock nightly
  Mon 04:25   late nightly

out of sync
  ≠ paused schedule nightly  switched off in AWS, not by bunsui
      bunsui plan paused
  written at 02:59 or before: poll often; of what was due earlier, only what ran is known
  files and AWS were not compared here:
      bunsui status"""
    )


def test_a_morning_without_schedules_says_that_nothing_was_expected() -> None:
    told = [item.text for item in morning_lines(ScheduledRoom().morning(), TOKYO)]
    assert told[1] == "since 02:00 (Asia/Tokyo): no schedule is applied, so nothing was expected"


def test_every_command_is_a_line_of_its_own_that_a_shell_takes() -> None:
    commands = [part.text for item in morning_lines(night(), TOKYO) for part in item.parts if part.role is Role.COMMAND]
    assert commands
    for command in commands:
        assert shlex.split(command)[0] == "bunsui"
