"""The slots of a pipeline between two days: those of its schedule, or one for each day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Pipeline, Schedule, SlotOffset
from bunsui.model.starts import next_starts
from bunsui.sessions.slots import business_date, shift_slot

MOST_SLOTS = 20_000
"""Slots that one backfill may have."""

_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")
_AT_ONCE = 500
_NO_OFFSET = SlotOffset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some days, the first and the last included."""

    first: date
    last: date


def parse_days(text: str) -> Days:
    """Return the days of `2026-01-01..2026-01-31`, or of one day alone; InvalidInput for anything else."""
    found = _SPAN.fullmatch(text.strip())
    try:
        days = Days(first=date.fromisoformat(found[1]), last=date.fromisoformat(found[2] or found[1])) if found else None
    except ValueError:
        days = None
    if days is None or days.last < days.first:
        raise InvalidInput(
            "bad-days",
            "these are not days, the first and the last",
            hint="Write them as 2026-01-01..2026-01-31; one day is 2026-01-31.",
            days=text,
        )
    return days


def slots_between(pipeline: Pipeline, days: Days, schedule: Schedule | None) -> tuple[datetime, ...]:
    """Return the slots whose business date is one of the days, in UTC, earliest first.

    Of a schedule they are those that its starts have, by the calendar of its own time zone; a start that daylight saving
    skips has none. Without a schedule each day has one, its midnight in the pipeline's time zone.

    Raises:
        InvalidInput: there are more than `MOST_SLOTS`.

    """
    found: dict[datetime, None] = {}
    for slot in _of_schedule(pipeline, days, schedule) if schedule is not None else _midnights(days, pipeline.timezone):
        found[slot] = None
        if len(found) > MOST_SLOTS:
            raise InvalidInput(
                "too-many-slots",
                "these are more slots than one backfill has",
                hint="Take fewer days at a time.",
                pipeline=pipeline.name,
                limit=MOST_SLOTS,
            )
    return tuple(found)


def _midnights(days: Days, timezone: str) -> Iterator[datetime]:
    zone = ZoneInfo(timezone)
    for number in range((days.last - days.first).days + 1):
        yield shift_slot(datetime.combine(days.first + timedelta(days=number), time(), zone), _NO_OFFSET, timezone)


def _of_schedule(pipeline: Pipeline, days: Days, schedule: Schedule) -> Iterator[datetime]:
    offset = schedule.slot or pipeline.slot
    slack = timedelta(days=abs(offset.days) + 2, seconds=abs(offset.seconds))
    after = datetime.combine(days.first, time(), ZoneInfo(schedule.timezone)) - slack
    end = datetime.combine(days.last, time(), ZoneInfo(schedule.timezone)) + slack
    while starts := next_starts(schedule.expression, schedule.timezone, after=after, count=_AT_ONCE):
        for start in starts:
            slot = shift_slot(start, offset, schedule.timezone)
            if days.first.isoformat() <= business_date(slot, schedule.timezone) <= days.last.isoformat():
                yield slot
        after = starts[-1]
        if after > end:
            return
