"""Slots and business dates: what time a run stands for, and which day that is where the pipeline lives."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bunsui.errors import InvalidInput

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_slot(text: str, timezone: str) -> datetime:
    """Give the slot that a person typed, in UTC.

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


def business_date(slot: datetime, timezone: str) -> str:
    """Give the slot's day in the pipeline's time zone, `YYYY-MM-DD`."""
    return slot.astimezone(ZoneInfo(timezone)).date().isoformat()


def rfc3339(at: datetime) -> str:
    """Give an instant as the machine's input holds it: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: object) -> datetime | None:
    """Give an instant out of an execution's input, in UTC; None for what is not one."""
    if not isinstance(text, str) or not _DAY.match(text):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
