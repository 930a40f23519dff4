"""When a schedule starts, as EventBridge Scheduler reads its expressions.

Source: "Schedule types in EventBridge Scheduler", AWS documentation: six fields, Sunday is 1, `L`, `W` and `#`; a local time
that daylight saving skips is not made up for, and one that it repeats fires once.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

START_PRECISION = timedelta(minutes=1)
"""Targets are invoked within the minute of their time."""

_LAST_YEAR = 2199
HORIZON_DAYS = 5 * 366
"""How far ahead is looked; every leap day is nearer."""

_RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
_NAMES = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name} | {
    name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)
}


def next_starts(expression: str, timezone: str, *, after: datetime, count: int = 1) -> tuple[datetime, ...]:
    """Return the next starts after an instant, aware UTC, earliest first; fewer when there are no more within five years.

    Empty for `rate(...)`, whose starts depend on when the schedule was made. The expression must be valid.
    """
    kind, _, rest = expression.partition("(")
    body = rest.rstrip(")")
    zone = ZoneInfo(timezone)
    match kind:
        case "at":
            at = datetime.fromisoformat(body).replace(tzinfo=zone).astimezone(UTC)
            return (at,) if at > after else ()
        case "cron":
            found: list[datetime] = []
            for at in _cron(body.split(), zone, after):
                if len(found) == count:
                    break
                found.append(at)
            return tuple(found)
        case _:
            return ()


def starts_between(expression: str, timezone: str, *, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield every start behind `after` and not behind `until`, aware UTC, earliest first.

    None for `rate(...)`, as in `next_starts`. The expression must be valid.
    """
    kind, _, rest = expression.partition("(")
    if kind != "cron":
        yield from (at for at in next_starts(expression, timezone, after=after) if at <= until)
        return
    zone = ZoneInfo(timezone)
    days = (until.astimezone(zone).date() - after.astimezone(zone).date()).days + 1
    yield from (at for at in _cron(rest.rstrip(")").split(), zone, after, days=days) if at <= until)


def rate_of(expression: str) -> timedelta | None:
    """Return the interval of `rate(5 minutes)`, in which a day has 24 hours; None for another expression."""
    found = _RATE.fullmatch(expression.strip())
    return timedelta(**{f"{found[2]}s": int(found[1])}) if found is not None else None


def starts_again(expression: str, timezone: str, *, after: datetime) -> bool:
    """Tell whether a schedule ever starts after an instant, until the last year that EventBridge Scheduler knows. The
    expression must be valid."""
    kind, _, rest = expression.partition("(")
    if kind == "rate" or next_starts(expression, timezone, after=after):
        return True
    if kind != "cron":
        return False
    days = (date(_LAST_YEAR, 12, 31) - after.date()).days
    return next(_cron(rest.rstrip(")").split(), ZoneInfo(timezone), after, days=days), None) is not None


def _cron(fields: list[str], zone: ZoneInfo, after: datetime, *, days: int = HORIZON_DAYS) -> Iterator[datetime]:
    minute, hour, of_month, month, of_week, year = fields
    minutes, hours = _numbers(minute, 0, 59), _numbers(hour, 0, 23)
    months, years = _numbers(month, 1, 12), _numbers(year, 1970, 2199)
    first = after.astimezone(zone).date()
    for offset in range(days):
        day = first + timedelta(days=offset)
        if day.month in months and day.year in years and _on(day, of_month, of_week):
            for local in (time(h, m) for h in sorted(hours) for m in sorted(minutes)):
                at = datetime.combine(day, local, zone).astimezone(UTC)
                exists = at.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, local)
                if exists and at > after:
                    yield at


def _on(day: date, of_month: str, of_week: str) -> bool:
    if of_month == "?":
        return any(_on_weekday(day, part) for part in of_week.split(","))
    return any(_on_day(day, part) for part in of_month.split(","))


def _on_day(day: date, field: str) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == last
    if field == "LW":
        return day == _nearest_weekday(day.replace(day=last))
    if field.endswith("W"):
        wanted = int(field[:-1])
        return wanted <= last and day == _nearest_weekday(day.replace(day=wanted))
    return day.day in _numbers(field, 1, 31)


def _on_weekday(day: date, field: str) -> bool:
    number = day.isoweekday() % 7 + 1
    if field == "L":
        return number == 7
    if found := re.fullmatch(r"(\w+)#(\d)", field):
        return number == _number(found[1]) and (day.day - 1) // 7 + 1 == int(found[2])
    if len(field) > 1 and field.endswith("L"):
        return number == _number(field[:-1]) and (day + timedelta(days=7)).month != day.month
    return number in _numbers(field, 1, 7)


def _nearest_weekday(day: date) -> date:
    """The working day nearest to this one, in the same month."""
    if day.isoweekday() == 6:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.isoweekday() == 7:
        next_day = day + timedelta(days=1)
        return next_day if next_day.month == day.month else day - timedelta(days=2)
    return day


def _numbers(field: str, low: int, high: int) -> frozenset[int]:
    result: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        else:
            left, dash, right = span.partition("-")
            first = _number(left)
            last = _number(right) if dash else high if step else first
        # A range may go over the end, such as FRI-MON.
        size = last - first if last >= first else last - first + high - low + 1
        result.update((first - low + offset) % (high - low + 1) + low for offset in range(0, size + 1, int(step or 1)))
    return frozenset(result)


def _number(text: str) -> int:
    return _NAMES.get(text.upper()) or int(text)
