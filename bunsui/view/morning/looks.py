"""How runs that were due are worded: a symbol for each state, a time with its day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from bunsui.services.morning.expected import RunState
from bunsui.view.spans import Role

LOOKS: Mapping[RunState, tuple[str, Role]] = {
    RunState.FAILED: ("✗", Role.BAD),
    RunState.MISSING: ("!", Role.BAD),
    RunState.LATE: ("!", Role.WARN),
    RunState.STOPPED: ("■", Role.WARN),
    RunState.UNKNOWN: ("?", Role.WARN),
    RunState.RUNNING: ("●", Role.RUNNING),
    RunState.DUE: ("○", Role.MUTED),
    RunState.SKIPPED: ("-", Role.WARN),
    RunState.HELD: ("○", Role.MUTED),
    RunState.RAN: ("✓", Role.GOOD),
}
"""Symbol and role of each state, in the order of the page."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day_time(at: datetime, zone: tzinfo, now: datetime) -> str:
    """Return hours and minutes, behind the day when that is not today's."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    clock = local.strftime("%H:%M")
    if local.date() == today:
        return clock
    near = abs((local.date() - today).days) < len(_DAYS)
    return f"{_DAYS[local.weekday()] if near else local.date().isoformat()} {clock}"
