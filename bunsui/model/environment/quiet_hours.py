"""Quiet hours of a channel: the part of each day in which its messages are held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bunsui.model.json import Json

TIME_OF_DAY_PATTERN = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"
"""`22:00`, for JSON Schemas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From a time of the day until the next time of another, by the clocks of a zone."""

    begins: str
    """`22:00`, the first minute that is quiet."""
    ends: str
    """`07:00`, the first minute that is not; behind midnight where it is earlier than `begins`."""
    timezone: str
    passing: tuple[str, ...] = ()
    """Events of which people are told all the same."""

    def hold(self, at: datetime) -> bool:
        """Tell whether the clocks show quiet hours at this instant."""
        shown = at.astimezone(ZoneInfo(self.timezone)).strftime("%H:%M")
        if self.begins < self.ends:
            return self.begins <= shown < self.ends
        return shown >= self.begins or shown < self.ends

    def release(self, at: datetime) -> datetime:
        """Return the first instant from this one on at which the clocks show no quiet hours, aware UTC."""
        moment = at.astimezone(UTC)
        while self.hold(moment):  # a minute at a time: clocks are changed within quiet hours
            moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return moment

    def entry(self) -> dict[str, Json]:
        """Return them as a file says them."""
        passing: dict[str, Json] = {"except": list(self.passing)} if self.passing else {}
        return {"from": self.begins, "to": self.ends, "timezone": self.timezone, **passing}


def read_quiet_hours(entry: Json, timezone: str) -> QuietHours | None:
    """Return what an entry says, `timezone` where it names none; None where it says nothing that can be read."""
    if not isinstance(entry, Mapping):
        return None
    begins, ends, zone, passing = entry.get("from"), entry.get("to"), entry.get("timezone", timezone), entry.get("except")
    if not (isinstance(begins, str) and isinstance(ends, str) and isinstance(zone, str)):
        return None
    names = passing if isinstance(passing, (list, tuple)) else ()
    return QuietHours(begins=begins, ends=ends, timezone=zone, passing=tuple(name for name in names if isinstance(name, str)))
