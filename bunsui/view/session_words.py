"""How sessions and jobs are worded: a symbol, a word and a role for each status; durations; instants in a time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bunsui.model.session import JobStatus, SessionStatus
from bunsui.view.spans import Role

SESSION_SYMBOLS: Mapping[SessionStatus, tuple[str, Role]] = {
    SessionStatus.PENDING: ("○", Role.MUTED),
    SessionStatus.RUNNING: ("●", Role.RUNNING),
    SessionStatus.RECOVERING: ("↻", Role.RUNNING),
    SessionStatus.SUCCEEDED: ("✓", Role.GOOD),
    SessionStatus.FAILED: ("✗", Role.BAD),
    SessionStatus.TIMED_OUT: ("✗", Role.BAD),
    SessionStatus.CANCELLED: ("■", Role.WARN),
}

JOB_SYMBOLS: Mapping[JobStatus, tuple[str, Role]] = {
    JobStatus.WAITING: ("○", Role.MUTED),
    JobStatus.RUNNING: ("●", Role.RUNNING),
    JobStatus.SUCCEEDED: ("✓", Role.GOOD),
    JobStatus.RESTORED: ("↺", Role.GOOD),
    JobStatus.SKIPPED: ("-", Role.MUTED),
    JobStatus.FAILED: ("✗", Role.BAD),
    JobStatus.STOPPED: ("■", Role.WARN),
    JobStatus.NOT_RUN: ("·", Role.MUTED),
}


def status_word(status: SessionStatus | JobStatus) -> str:
    """Give the status as people read it: `timed out`, not `timed_out`."""
    return str(status.value).replace("_", " ")


def duration(seconds: float | None) -> str:
    """Give a length of time in at most two units; empty for None."""
    if seconds is None:
        return ""
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    hours, minutes = divmod(whole // 60, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} d {hours % 24:02d} h"


def between(start: datetime | None, stop: datetime | None, *, now: datetime) -> timedelta | None:
    """Give the time from start to stop, or to now while it is still running; None before the start."""
    if start is None:
        return None
    return max((stop or now) - start, timedelta())


def zone_of(name: str) -> tzinfo:
    """Give the time zone of that IANA name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def zone_name(zone: tzinfo) -> str:
    """Give the zone's name, to be said once on a page."""
    return "UTC" if zone is UTC else str(zone)


def instant(at: datetime | None, zone: tzinfo) -> str:
    """Give an instant to the second in a zone, without naming the zone; empty for None."""
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def clock_time(at: datetime | None, zone: tzinfo) -> str:
    """Give only hours, minutes and seconds; empty for None."""
    return "" if at is None else at.astimezone(zone).strftime("%H:%M:%S")
