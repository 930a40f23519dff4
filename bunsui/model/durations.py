"""Durations and sizes as people write them: a number and a unit, several in a row for durations.

Units are demanded, since `timeout: 5` is read as minutes by one half of the readers and as seconds by the other.
"""

from __future__ import annotations

import itertools
import re

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Seconds in each unit of a duration."""

BYTES = {
    "B": 1,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "TiB": 1024**4,
}
"""Bytes in each unit of a size."""

DURATION_PATTERN = r"^-?(?:[0-9]{1,9}[wdhms])(?: ?[0-9]{1,9}[wdhms])*$"
"""What `parse_duration` takes, for JSON Schemas."""

SIZE_PATTERN = r"^[0-9]{1,12}(?:\.[0-9]{1,3})? ?(?:B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$"
"""What `parse_size` takes, for JSON Schemas."""

_DURATION = re.compile(DURATION_PATTERN)
_PART = re.compile(r"([0-9]+)([wdhms])")
_SIZE = re.compile(r"^([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([A-Za-z]+)$")


def parse_duration(text: str) -> int:
    """Give the seconds of a duration such as `90s`, `1h30m`, `2d 4h` or `-1d`.

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


def format_duration(seconds: int) -> str:
    """Give the shortest text that `parse_duration` reads back to the same number, such as `1h30m`."""
    if seconds == 0:
        return "0s"
    rest = abs(seconds)
    text = "-" if seconds < 0 else ""
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, SECONDS[unit])
        if count:
            text += f"{count}{unit}"
    return text


def parse_size(text: str) -> int:
    """Give the bytes of a size such as `512 MiB`, `1.5GB` or `200 B`.

    Raises ValueError without a unit, with an unknown one, or when it is not a whole number of bytes.
    """
    cleaned = text.strip()
    if re.fullmatch(r"[0-9.]+", cleaned):
        raise ValueError(f"{cleaned} has no unit: write {cleaned} MiB or {cleaned} MB")
    match = _SIZE.match(cleaned)
    if match is None:
        raise ValueError(f"{text!r} is not a size: write a number and a unit, such as 512 MiB")
    whole, fraction, unit = match.groups()
    if unit not in BYTES:
        near = next((known for known in BYTES if known.lower() == unit.lower()), None)
        raise ValueError(f"{unit} is not a unit of size: {f'write {near}' if near else 'write ' + ', '.join(BYTES)}")
    digits = fraction or ""
    scaled, rest = divmod(int(whole + digits) * BYTES[unit], int(10 ** len(digits)))
    if rest:
        raise ValueError(f"{text!r} is not a whole number of bytes")
    return scaled
