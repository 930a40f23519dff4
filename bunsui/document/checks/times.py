"""Times of schedules, checked as EventBridge Scheduler reads them: expressions and time zones.

Source: "Schedule types in EventBridge Scheduler", AWS documentation.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple


class TimeProblem(NamedTuple):
    """What is wrong with a time zone or a schedule."""

    summary: str
    hint: str = ""


@lru_cache(maxsize=512)
def timezone_problem(name: str) -> TimeProblem | None:
    """Return what is wrong with an IANA time zone name; None when there is such a zone."""
    from zoneinfo import ZoneInfo, available_timezones  # deferred: `--help` needs no time zones

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = _zone_hint(name, available_timezones())
        return TimeProblem(f"there is no time zone {name}", hint)
    return None


_ABBREVIATED: Mapping[str, str] = {
    "ACST": "Australia/Adelaide", "AEDT": "Australia/Sydney", "AEST": "Australia/Sydney", "AKST": "America/Anchorage",
    "AST": "America/Halifax", "AWST": "Australia/Perth", "BRT": "America/Sao_Paulo", "BST": "Europe/London",
    "CDT": "America/Chicago", "CEST": "Europe/Berlin", "CST": "America/Chicago", "EDT": "America/New_York",
    "EEST": "Europe/Athens", "HKT": "Asia/Hong_Kong", "ICT": "Asia/Bangkok", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul", "MDT": "America/Denver", "MSK": "Europe/Moscow", "NZDT": "Pacific/Auckland",
    "NZST": "Pacific/Auckland", "PDT": "America/Los_Angeles", "PHT": "Asia/Manila", "PKT": "Asia/Karachi",
    "PST": "America/Los_Angeles", "SAST": "Africa/Johannesburg", "SGT": "Asia/Singapore", "WIB": "Asia/Jakarta",
}  # fmt: skip
"""What people most often mean by abbreviations that are no names of zones; some stand for several."""
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?([+-])0?([0-9]|1[0-4])(?::?00)?", re.IGNORECASE)


def _zone_hint(name: str, known: Collection[str]) -> str:
    """An abbreviation looks like other abbreviations, and an offset like UTC, which is the one zone that is not meant."""
    written = name.strip()
    meant = _ABBREVIATED.get(written.upper())
    if meant is not None:
        return f"{written} is an abbreviation, which may stand for several zones. Write the zone's name, such as {meant}."
    offset = _OFFSET.fullmatch(written)
    if offset is not None:
        turned = f"Etc/GMT{'-' if offset.group(1) == '+' else '+'}{offset.group(2)}"
        also = f", or {turned}, whose sign is the other way round" if turned in known else ""
        return f"{written} is an offset, not a zone. Write the zone's name, such as Asia/Tokyo{also}."
    if written.isupper() and len(written) <= 5:
        return f"{written} is an abbreviation. Write the zone's name, such as Asia/Tokyo or UTC."
    near = difflib.get_close_matches(written, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else "Write an IANA name such as Asia/Tokyo or UTC."


_NUMBERED = {
    "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10, "NOV": 11, "DEC": 12,
    "SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7,
}  # fmt: skip


class _CronField(NamedTuple):
    name: str
    low: int
    high: int


_FIELDS = (
    _CronField("minute", 0, 59),
    _CronField("hour", 0, 23),
    _CronField("day of month", 1, 31),
    _CronField("month", 1, 12),
    _CronField("day of week", 1, 7),
    _CronField("year", 1970, 2199),
)
_RATE = re.compile(r"^([1-9][0-9]{0,4}) (minute|hour|day)s?$")
_AT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$")
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4


def cron_problem(text: str) -> TimeProblem | None:
    """Return what is wrong with six AWS cron fields; None when nothing is."""
    cleaned = text.strip()
    wrapped = re.fullmatch(r"cron\((.*)\)", cleaned)
    if wrapped:
        return TimeProblem("write the six fields alone, without cron( )", f'cron: "{wrapped.group(1)}"')
    fields = cleaned.split()
    if len(fields) == 5:
        return TimeProblem("AWS cron has six fields, and this has five", f'In AWS\'s form: "{_six(fields)}"')
    if cleaned in _MACROS:
        return TimeProblem(f"AWS cron knows no {cleaned}", f'In AWS\'s form: "{_MACROS[cleaned]}"')
    if len(fields) != len(_FIELDS):
        hint = "minute, hour, day of month, month, day of week, year."
        return TimeProblem(f"AWS cron has six fields, and this has {len(fields)}", hint)
    for field, said in zip(_FIELDS, fields, strict=True):
        if not _is_field(said.upper(), field):
            return TimeProblem(
                f"{said} cannot be the {field.name} of AWS cron", f"From {field.low} to {field.high}, with , - / or *."
            )
    if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
        return TimeProblem("exactly one of day of month and day of week must be ?", _one_day(fields))
    return None


def numbered_weekday(text: str) -> TimeProblem | None:
    """Return what is doubtful about a day of the week written as a number: 1 is Sunday in AWS cron, and Monday elsewhere.
    None for a name, or where the cron is wrong anyway."""
    fields = text.split()
    if cron_problem(text) is not None or not re.search(r"(?<![#/\w])[1-7](?![\w])", fields[_DAY_OF_WEEK]):
        return None
    said = fields[_DAY_OF_WEEK]
    named = _named_days(said, _AWS_DAYS)
    meant = " ".join([*fields[:_DAY_OF_WEEK], named, *fields[_DAY_OF_WEEK + 1 :]])
    elsewhere = _named_days(said, (*_AWS_DAYS[1:], _AWS_DAYS[0]))
    return TimeProblem(
        f"{said} is {named} in AWS cron, where 1 is Sunday",
        f'Write the name: "{meant}"; or {elsewhere}, if the number is of a cron where 1 is Monday.',
    )


_AWS_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def _named_days(field: str, days: Sequence[str]) -> str:
    return re.sub(r"(?<![#/\w])([1-7])(?=L?(?:\W|$))", lambda match: days[int(match.group(1)) - 1], field)


_MACROS = {
    "@hourly": "0 * * * ? *",
    "@daily": "0 0 * * ? *",
    "@midnight": "0 0 * * ? *",
    "@weekly": "0 0 ? * SUN *",
    "@monthly": "0 0 1 * ? *",
    "@yearly": "0 0 1 1 ? *",
    "@annually": "0 0 1 1 ? *",
}
"""What crontab calls them (crontab(5))."""
_SHORT_RATE = re.compile(r"([1-9][0-9]{0,4})\s*(m|h|d)[a-z]*")
_NAMED_RATES = {"hourly": "1 hour", "daily": "1 day"}


def _one_day(fields: Sequence[str]) -> str:
    """Return the fields with `?` where nothing is said of the day."""
    told = list(fields)
    if told[_DAY_OF_WEEK] in ("*", "?"):
        told[_DAY_OF_WEEK] = "?"
        told[_DAY_OF_MONTH] = "*" if told[_DAY_OF_MONTH] == "?" else told[_DAY_OF_MONTH]
    elif told[_DAY_OF_MONTH] == "*":
        told = [*_six(told[:5]).split()[:5], told[5]]
    else:
        return "AWS cron cannot mean both a day of the month and one of the week: write two schedules."
    return f'Write "{" ".join(told)}".'


def _meant_rate(text: str) -> str:
    found = _SHORT_RATE.fullmatch(text.lower())
    if found is None:
        return _NAMED_RATES.get(text.lower(), "")
    unit = {"m": "minute", "h": "hour", "d": "day"}[found[2]]
    return f"{found[1]} {unit}" + ("" if found[1] == "1" else "s")


def rate_problem(text: str) -> TimeProblem | None:
    """Return what is wrong with a rate such as `1 hour`; None when nothing is."""
    cleaned = re.sub(r"^rate\((.*)\)$", r"\1", text.strip())
    match = _RATE.match(cleaned)
    if match is None or cleaned != text.strip():
        meant = _meant_rate(cleaned)
        hint = f"Write {meant}." if meant else "Write a number and minutes, hours or days, such as 1 hour or 15 minutes."
        return TimeProblem(f"{text} is not a rate", hint)
    return None


def at_problem(text: str) -> TimeProblem | None:
    """Return what is wrong with an instant; None when nothing is."""
    hint = "Write it without a zone, such as 2026-01-31T03:00:00; timezone: says which zone."
    if not _AT.match(text):
        return TimeProblem(f"{text} is not an instant that a schedule takes", hint)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return TimeProblem(f"there is no such day or time: {text}", hint)
    return None


def _six(fields: list[str]) -> str:
    """Return AWS's form of five Unix cron fields: `?` for one of the days, and days by name, since their numbers differ."""
    minute, hour, day, month, weekday = fields
    if weekday in ("*", "?"):
        weekday, day = "?", ("*" if day == "?" else day)
    else:
        day = "?"
        weekday = re.sub(r"(?<![0-9/#])([0-7])(?![0-9])", lambda match: _AWS_DAYS[int(match.group(1)) % 7], weekday)
    return f"{minute} {hour} {day} {month} {weekday} *"


def _is_field(said: str, field: _CronField) -> bool:
    is_day = field.name.startswith("day")
    if said == "?":
        return is_day
    return all(_is_entry(entry, field, is_day=is_day) for entry in said.split(","))


def _is_entry(entry: str, field: _CronField, *, is_day: bool) -> bool:
    if is_day and entry in ("L", "LW"):
        return entry == "L" or field.high == 31
    if field.high == 31 and entry.endswith("W"):
        return _number(entry[:-1], field) is not None
    if field.high == 7 and entry.endswith("L"):
        return _number(entry[:-1], field) is not None
    if field.high == 7 and "#" in entry:
        day, _, week = entry.partition("#")
        return _number(day, field) is not None and week in ("1", "2", "3", "4", "5")
    base, slash, step = entry.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return False
    if base == "*":
        return True
    low, dash, high = base.partition("-")
    first, last = _number(low, field), _number(high, field) if dash else None
    return first is not None and (not dash or (last is not None and first <= last))


def _number(text: str, field: _CronField) -> int | None:
    is_named = (field.name == "month" and _NUMBERED.get(text) and text in list(_NUMBERED)[:12]) or (
        field.name == "day of week" and text in list(_NUMBERED)[12:]
    )
    number = _NUMBERED[text] if is_named else int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
    return number if number is not None and field.low <= number <= field.high else None
