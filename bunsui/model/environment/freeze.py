"""Freeze windows: days on which an environment is not changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

FREEZE_PATTERN = r"^(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}$"
"""`MM-DD` for every year, `YYYY-MM-DD` for one."""

_YEARLY = len("12-25")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeWindow:
    """From the first day to the last, both included; with yearly days it may reach over the end of the year."""

    first: str
    """`MM-DD` or `YYYY-MM-DD`, in the project's time zone."""
    last: str
    """In the same form."""
    reason: str = ""

    def __str__(self) -> str:
        """Return it as people say it: `12-25 to 01-05 (year-end closing)`."""
        return f"{self.first} to {self.last}{f' ({self.reason})' if self.reason else ''}"

    def holds(self, day: date) -> bool:
        """Tell whether the day lies in it."""
        text = day.isoformat()
        if len(self.first) > _YEARLY:
            return self.first <= text <= self.last
        text = text[-_YEARLY:]
        if self.first <= self.last:
            return self.first <= text <= self.last
        return text >= self.first or text <= self.last


def frozen_at(windows: Iterable[FreezeWindow], at: datetime, zone: tzinfo) -> FreezeWindow | None:
    """Return the window that the instant lies in; None when nothing is frozen."""
    day = at.astimezone(zone).date()
    return next((window for window in windows if window.holds(day)), None)


def freeze_problem(first: str, last: str) -> str:
    """Tell what is wrong with two days that fit the pattern; empty when nothing is."""
    for text in (first, last):
        try:
            date.fromisoformat(text if len(text) > _YEARLY else f"2024-{text}")  # a leap year, so that 02-29 is a day
        except ValueError:
            return f"there is no day {text}"
    if len(first) != len(last):
        return "both days need a year, or neither"
    if len(first) > _YEARLY and first > last:
        return f"{first} comes after {last}"
    return ""
