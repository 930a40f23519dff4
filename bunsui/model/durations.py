"""Durations as people write them: a number and a unit, several in a row.

Units are demanded, since `timeout: 5` is read as minutes by one half of the readers and as seconds by the other.
"""

from __future__ import annotations

import itertools
import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Seconds in each unit of a duration."""

DURATION_PATTERN = r"^-?(?:[0-9]{1,9}[wdhms])(?: ?[0-9]{1,9}[wdhms])*$"
"""What `parse_duration` takes, for JSON Schemas."""


_DURATION = re.compile(DURATION_PATTERN)
_PART = re.compile(r"([0-9]+)([wdhms])")


def parse_duration(text: str) -> int:
    """Return the seconds of a duration such as `90s`, `1h30m`, `2d 4h` or `-1d`.

    Raises ValueError without a unit, with an unknown one, or with units that do not go from large to small.
    """
    cleaned = text.strip()
    if re.fullmatch(r"-?[0-9]+", cleaned):
        raise ValueError(f"{cleaned} has no unit: write {cleaned}s, {cleaned}m or {cleaned}h")
    if not _DURATION.match(cleaned):
        raise ValueError(f"{text!r} is not a duration: write a number and one of w, d, h, m, s, such as 90s or 1h30m")
    parts = [(int(count), unit) for count, unit in _PART.findall(cleaned)]
    sizes = [SECONDS[unit] for _, unit in parts]
    if any(later >= earlier for earlier, later in itertools.pairwise(sizes)):
        raise ValueError(f"{text!r} repeats or mixes up units: write the largest first, such as 1h30m")
    total = sum(count * SECONDS[unit] for count, unit in parts)
    return -total if cleaned.startswith("-") else total


def parse_offset(text: str) -> tuple[int, int]:
    """Return the days and the seconds of a duration: `-1d` is (-1, 0), `1w 2h` is (7, 7200). A day of the calendar has 23 hours
    where clocks go forward.

    Raises ValueError as `parse_duration` does.
    """
    total = parse_duration(text)
    days = sum(int(count) * SECONDS[unit] // SECONDS["d"] for count, unit in _PART.findall(text) if unit in "wd")
    signed = -days if text.strip().startswith("-") else days
    return signed, total - signed * SECONDS["d"]


def format_duration(seconds: int) -> str:
    """Return the shortest text that `parse_duration` reads back to the same number, such as `1h30m`."""
    if seconds == 0:
        return "0s"
    rest = abs(seconds)
    text = "-" if seconds < 0 else ""
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, SECONDS[unit])
        if count:
            text += f"{count}{unit}"
    return text
