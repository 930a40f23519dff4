"""Who sees to a session that ended badly, in words."""

from __future__ import annotations

from datetime import datetime, tzinfo

from bunsui.model.names import person
from bunsui.model.session import Custody, Session
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role, Span, span

_BY_HAND = "waits for a person"
"""Where nobody is named."""


def custody_mark(session: Session, now: datetime) -> str:
    """Return in a few words who is on a session, for lists; empty for nobody."""
    taken = session.taken
    if taken is None:
        return ""
    who = safe(person(taken.owner)) if taken.owner else ""
    if taken.is_overdue(now):
        return f"{who} overdue".lstrip()
    return f"{who} on it" if who else _BY_HAND


def custody_line(custody: Custody, *, now: datetime, zone: tzinfo) -> Line:
    """Return who is on a session, since when, until when, and the note."""
    who = f"{safe(person(custody.owner))} is on it" if custody.owner else "nobody is named, and it waits for a person"
    overdue = custody.is_overdue(now)
    until = "" if custody.until is None else f", {'was to be done by' if overdue else 'until'} {instant(custody.until, zone)}"
    return Line.of(
        (who, Role.NAME),
        f" since {instant(custody.at, zone)}",
        (until, Role.BAD if overdue else Role.PLAIN),
        (f": {safe(custody.note)}" if custody.note else "", Role.PLAIN),
    )


def custody_fact(session: Session, *, now: datetime, zone: tzinfo) -> Span | None:
    """Return the same as one value of a page; None for nobody."""
    taken = session.taken
    if taken is None:
        return None
    text = custody_line(taken, now=now, zone=zone).text
    return span(text, Role.BAD if taken.is_overdue(now) else Role.NAME, limit=400)
