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
        meant = _meant_duration(cleaned)
        example = meant or "a number and one of w, d, h, m, s, such as 90s or 1h30m"
        raise ValueError(f"{text!r} is not a duration: write {example}")
    parts = [(int(count), unit) for count, unit in _PART.findall(cleaned)]
    sizes = [SECONDS[unit] for _, unit in parts]
    if any(later >= earlier for earlier, later in itertools.pairwise(sizes)):
        raise ValueError(f"{text!r} repeats or mixes up units: write the largest first, such as 1h30m")
    total = sum(count * SECONDS[unit] for count, unit in parts)
    return -total if cleaned.startswith("-") else total


_WORDED = re.compile(r"(?i)(\d{1,9})\s*(w|d|h|m|s)(?:eeks?|ays?|rs?|ours?|ins?|inutes?|ecs?|econds?)?")
_ISO = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?")
_CLOCK = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})")


def _meant_duration(text: str) -> str:
    """Return the duration that a text of another form says, such as `5 minutes`, `PT5M` or `00:05:00`; empty for none."""
    worded, iso, clock = _WORDED.fullmatch(text), _ISO.fullmatch(text), _CLOCK.fullmatch(text)
    if worded:
        return f"{int(worded[1])}{worded[2].lower()}"
    if iso and any(iso.groups()):
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
    elif clock:
        days, (hours, minutes, seconds) = 0, (int(part) for part in clock.groups())
    else:
        return ""
    return format_duration(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


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
