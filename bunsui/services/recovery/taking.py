"""Says who sees to a session that ended badly: others are told, `recover` leaves it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.model.session import Custody, Session, SessionStatus
from bunsui.services.session_context import SessionContext
from bunsui.sessions.starts.starting import still_running

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def read_until(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Return the instant that a person typed, in UTC: after so long (`4h`), the next time of the day (`18:00`), a day's end or
    an instant; times without an offset are in the zone.

    Raises:
        InvalidInput: it is none of these, or is over.

    """
    at = _instant(text.strip(), now.astimezone(zone))
    if at is None or at <= now:
        raise InvalidInput(
            "bad-until",
            "the time is over" if at is not None else "the time is none",
            hint="Write --until 4h, --until 18:00, --until 2026-01-31 or --until 2026-01-31T18:00.",
            until=text,
        )
    return at.astimezone(UTC)


def _instant(text: str, now: datetime) -> datetime | None:
    """Return the instant, None for a text that says none; `now` is in the zone that is meant."""
    if clock := _CLOCK.fullmatch(text):
        today = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return today if today > now else today + timedelta(days=1)
    try:
        return now + timedelta(seconds=parse_duration(text))
    except (ValueError, OverflowError):
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == len("2026-01-31"):
        at += timedelta(days=1)
    return at if at.tzinfo is not None else at.replace(tzinfo=now.tzinfo)


def look_before_taking(context: SessionContext, session: Session) -> Session:
    """Return the session as it stands now.

    Raises:
        InvalidInput: it goes on, or it succeeded: there is nothing to see to.

    """
    session = context.manager.sync(session, target_arn=context.machine(session.pipeline).alias_arn)
    if session.status is SessionStatus.SUCCEEDED:
        raise InvalidInput(
            "nothing-to-take",
            "the session succeeded: there is nothing to see to",
            hint=f"Look at it:\n  {command_line('show', session.id)}",
            session=session.id,
        )
    if not session.standing.is_final or session.running:
        raise still_running(session)
    return session


def is_others(context: SessionContext, session: Session) -> bool:
    """Tell whether another person is on it, whose time is not over."""
    taken, now = session.taken, context.ports.clock.now()
    is_person = taken is not None and taken.owner.startswith("arn:")
    return taken is not None and is_person and taken.owner != context.ports.caller_arn and not taken.is_overdue(now)


def take_session(context: SessionContext, session: Session, *, note: str, until: datetime | None) -> Session:
    """Write that the caller is on it, and return the session.

    Raises:
        Refused: somebody acted on it since it was looked at.

    """
    caller = context.ports.caller_arn
    return context.manager.hand(session, _custody(context, session, owner=caller, note=note, until=until), act="take")


def hand_over(context: SessionContext, session: Session, *, owner: str, note: str, seconds: int | None) -> Session:
    """Write who is to see to it, and return the session.

    Raises:
        Refused: somebody acted on it since it was looked at.

    """
    until = context.ports.clock.now() + timedelta(seconds=seconds) if seconds is not None else None
    return context.manager.hand(session, _custody(context, session, owner=owner, note=note, until=until), act="take")


def release_session(context: SessionContext, session: Session, *, note: str) -> Session:
    """Write that nobody is on it any more, and return the session.

    Raises:
        InvalidInput: nobody is.
        Refused: somebody acted on it since it was looked at.

    """
    if session.taken is None:
        hint = f"There is nothing to release; look at it:\n  {command_line('show', session.id)}"
        raise InvalidInput("not-taken", "nobody is on the session", hint=hint, session=session.id)
    return context.manager.hand(session, None, act="release", reason=note)


def _custody(context: SessionContext, session: Session, *, owner: str, note: str, until: datetime | None) -> Custody:
    return Custody(
        owner=owner,
        by=context.ports.caller_arn,
        at=context.ports.clock.now(),
        attempt=len(session.attempts),
        note=note,
        until=until,
    )
