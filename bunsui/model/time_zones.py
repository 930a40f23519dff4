"""Changes of the clocks, as a machine needs them: AWS evaluates JSONata, which knows no time zones by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from bunsui.model.pipeline import SlotOffset

_FIRST_YEAR, _LAST_YEAR = 2020, 2040
DAY_SECONDS = 86_400


def slot_in(timezone: str, slot: SlotOffset) -> SlotOffset:
    """Return the offset without days of the calendar where all days have 24 hours."""
    if len(transitions(timezone)) > 1:
        return slot
    return SlotOffset(seconds=slot.seconds + slot.days * DAY_SECONDS)


@lru_cache(maxsize=64)
def transitions(timezone: str) -> tuple[tuple[int, int], ...]:
    """Return the changes of a time zone from 2020 to 2040 as (milliseconds since 1970, minutes east of UTC), the first at 0.

    AWS evaluates JSONata, which knows no time zones by name.
    """
    zone = _zone(timezone)
    instant = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    end = datetime(_LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    current = _minutes(zone, instant)
    found = [(0, current)]
    while instant < end:
        following = instant + timedelta(days=1)
        minutes = _minutes(zone, following)
        if minutes != current:
            low, high = instant, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if _minutes(zone, middle) == current else (low, middle)
            exact = high.replace(second=0, microsecond=0)
            found.append((int(exact.timestamp() * 1000), minutes))
            current = minutes
        instant = following
    return tuple(found)


def _zone(timezone: str) -> ZoneInfo:
    """Return the time zone from the package that bunsui depends on, not from the machine: every machine compiles the same
    table."""
    file = files("tzdata").joinpath("zoneinfo", *timezone.split("/"))
    if not file.is_file():
        return ZoneInfo(timezone)
    with file.open("rb") as opened:
        return ZoneInfo.from_file(opened, key=timezone)


def _minutes(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None, "a zone always has an offset"
    return round(offset.total_seconds() / 60)
