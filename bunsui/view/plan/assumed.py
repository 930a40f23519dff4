"""What a plan says of resources that it did not read."""

from __future__ import annotations

from datetime import timedelta

from bunsui.plan.model import Plan, Reason

_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def assumed_words(plan: Plan) -> str:
    """Return how many were not read, and when they were last seen to be as applied; empty when all were read."""
    found = [change for change in plan.changes if change.reason is Reason.ASSUMED]
    if not found:
        return ""
    unread = [change.actual.unread for change in found if change.actual is not None and change.actual.unread]
    words = f"{len(found) - len(unread)} not read, assumed to be as last applied" if len(unread) < len(found) else ""
    if unread:
        believed = f"{len(unread)} machine{'s' if len(unread) != 1 else ''} not asked {unread[0]}"
        words = f"{words}, {believed}" if words else believed
    times = [change.actual.verified_at for change in found if change.actual is not None and change.actual.verified_at]
    if not times:
        return words
    oldest, newest = age(plan.as_of - min(times)), age(plan.as_of - max(times))
    return f"{words}, verified {oldest} ago" if oldest == newest else f"{words}, verified {newest} to {oldest} ago"


def age(passed: timedelta) -> str:
    """Return a time that passed in its largest unit, such as `2 h`."""
    for unit, name in _UNITS:
        if passed >= unit:
            return f"{passed // unit} {name}"
    return "less than 1 min"
