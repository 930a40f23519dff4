"""How sessions are worded, with their jobs: a symbol, a word and a role for each status; durations; instants in a time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bunsui.model.names import principal
from bunsui.model.session import OUTSIDE, Attempt, JobStatus, Session, SessionStatus
from bunsui.sessions.admission.line import WaitingNote
from bunsui.view.spans import Role

SESSION_SYMBOLS: Mapping[SessionStatus, tuple[str, Role]] = {
    SessionStatus.PENDING: ("○", Role.MUTED),
    SessionStatus.QUEUED: ("○", Role.MUTED),
    SessionStatus.RUNNING: ("●", Role.RUNNING),
    SessionStatus.WAITING: ("◌", Role.WARN),
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


def session_look(session: Session) -> tuple[str, str, Role]:
    """Return symbol, word and role of a session: one that succeeded without any of its last jobs, with warnings, or with
    failed items, does not look like any other success."""
    symbol, role = SESSION_SYMBOLS[session.standing]
    if session.status is SessionStatus.SUCCEEDED and session.skipped:
        return "-", "skipped", Role.WARN
    if session.status is SessionStatus.SUCCEEDED and (session.warned or session.tolerated):
        return "!", status_word(session.status), Role.WARN
    return symbol, status_word(session.standing), role


def origin_words(attempt: Attempt) -> str:
    """Return who began an attempt, and by which door where that is not what it is: `by Deploy/ann`; empty for nobody known."""
    match attempt.how:
        case "schedule":
            return attempt.actor
        case "outside":
            return OUTSIDE
        case "backfill":
            return f"backfill by {principal(attempt.actor)}"
        case _:
            return f"by {principal(attempt.actor)}" if attempt.actor else ""


def status_word(status: SessionStatus | JobStatus) -> str:
    """Return the status as people read it: `timed out`, not `timed_out`."""
    return str(status.value).replace("_", " ")


def duration(seconds: float | None) -> str:
    """Return a length of time in at most two units; empty for None."""
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
    """Return the time from start to stop, or to now while it is still running; None before the start."""
    if start is None:
        return None
    return max((stop or now) - start, timedelta())


def zone_of(name: str) -> tzinfo:
    """Return the time zone of that IANA name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def zone_name(zone: tzinfo) -> str:
    """Return the zone's name, to be said once on a page."""
    return "UTC" if zone is UTC else str(zone)


def instant(at: datetime | None, zone: tzinfo) -> str:
    """Return an instant to the second in a zone, without naming the zone; empty for None."""
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def clock_time(at: datetime | None, zone: tzinfo) -> str:
    """Return only hours, minutes and seconds; empty for None."""
    return "" if at is None else at.astimezone(zone).strftime("%H:%M:%S")


def waiting_text(note: WaitingNote, zone: tzinfo) -> str:
    """Return what a session waits for that found no free slot: `behind 2, oldest 01M8… since 02:10`."""
    oldest = f", oldest {note.oldest.session} since {clock_time(note.oldest.since, zone)}" if note.oldest is not None else ""
    return f"{note.pipeline} waits for a slot, {note.limit} at a time: behind {note.behind}{oldest}"
