"""The business time of a run: the slot that it stands for, and which day that is where the pipeline lives."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bunsui.errors import InvalidInput
from bunsui.model.pipeline import SlotOffset

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_slot(text: str, timezone: str) -> datetime:
    """Return the slot that a person typed, in UTC.

    A day stands for its midnight, and a time without an offset for that time, both in the pipeline's time zone.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(
            "bad-slot",
            "the slot is not a day or an instant",
            hint="Write --slot 2026-01-31, --slot 2026-01-31T03:00 or --slot 2026-01-31T03:00:00+09:00.",
            slot=text,
        ) from error
    zoned = at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(timezone))
    return zoned.astimezone(UTC)


def shift_slot(at: datetime, offset: SlotOffset, timezone: str) -> datetime:
    """Return the slot of a start, in UTC: days by the calendar of the zone, then seconds.

    A day on which the clocks change has 23 or 25 hours, and the day before is meant all the same. Of a time that comes twice
    the first is meant. OverflowError beyond the years that there are.
    """
    if offset.days:
        zone = ZoneInfo(timezone)
        local = at.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=offset.days)
        at = local.replace(tzinfo=zone).astimezone(UTC)
    return at.astimezone(UTC) + timedelta(seconds=offset.seconds)


def business_date(slot: datetime, timezone: str) -> str:
    """Return the slot's day in the time zone of the start, `YYYY-MM-DD`."""
    return slot.astimezone(ZoneInfo(timezone)).date().isoformat()


def rfc3339(at: datetime) -> str:
    """Return an instant as the machine's input holds it: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: object) -> datetime | None:
    """Return an instant out of an execution's input, in UTC; None for what is not one."""
    if not isinstance(text, str) or not _DAY.match(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
