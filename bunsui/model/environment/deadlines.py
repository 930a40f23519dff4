"""By when a run is to have started, or to have succeeded: a time of the day, or so long after the run was due."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bunsui.model.durations import parse_duration

DEADLINE_PATTERN = r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|(?:[0-9]{1,4}[dhm])(?: ?[0-9]{1,4}[dhm])*)$"
"""`06:00`, or a duration such as `90m`, for JSON Schemas."""
LONGEST = timedelta(days=1)
"""The next time of the day is never further away, and no duration may be."""
_OF_DAY = re.compile(r"([0-9]{2}):([0-9]{2})")


def deadline_after(text: str, due: datetime, timezone: str) -> datetime:
    """Return the deadline of a run that was due then, aware UTC: the next such time of the day in the zone, or that much later.

    A time of the day that a change of the clock skips counts as if the clock had not been changed, one that comes twice the
    first time. ValueError for a text that is neither.
    """
    found = _OF_DAY.fullmatch(text)
    if found is None:
        return due.astimezone(UTC) + timedelta(seconds=parse_duration(text))
    zone, of_day = ZoneInfo(timezone), time(int(found[1]), int(found[2]))
    day = due.astimezone(zone).date()
    first = (datetime.combine(day + timedelta(days=ahead), of_day, zone).astimezone(UTC) for ahead in range(3))
    return next(at for at in first if at > due)
