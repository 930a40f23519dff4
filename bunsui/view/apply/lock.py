"""Who holds the lock, for somebody who waits for it or breaks it."""

from __future__ import annotations

from datetime import datetime

from bunsui.apply.lease import Waiting
from bunsui.command_line import command_line
from bunsui.ports.ledger import LockRecord
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, Span, line, span


def waiting_line(waiting: Waiting, now: datetime) -> Line:
    """Return one line for somebody who waits: who, where, since when, and whether he shows signs of life."""
    record = waiting.record
    parts = [span("… waiting for the lock: ", Role.WARN), *holder_spans(record, now)]
    silent = waiting.unchanged_seconds
    if silent > record.lease_seconds / 2:
        left = max(0.0, record.lease_seconds - silent)
        parts.append(span(f"; no sign of life, it will be taken over in {duration(left)}", Role.MUTED))
    return line(*parts)


def holder_spans(record: LockRecord, now: datetime) -> tuple[Span, ...]:
    """Return who holds the lock, in words."""
    age = duration(max(0.0, (now - record.since).total_seconds()))
    who = record.actor.who or "somebody"
    where = f" on {record.actor.host}" if record.actor.host else ""
    link = (span(f"  {record.actor.link}", Role.LINK),) if record.actor.link else ()
    return (span(record.operation, Role.STRONG), span(f" of {who}{where} for {age}"), *link)


def waiting_story(waiting: Waiting, now: datetime, *, patience_seconds: float) -> tuple[Line, ...]:
    """Return all there is to know for somebody who waits: who holds the lock, whether he lives, how long it takes, what to
    do."""
    record = waiting.record
    silent = waiting.unchanged_seconds
    left = duration(max(0.0, record.lease_seconds - silent))
    seen = "last sign of life seen" if silent < record.lease_seconds / 2 else "silent since"
    facts = {
        "works": record.operation,
        "who": record.actor.who or "somebody",
        "host": record.actor.host,
        "since": f"{duration(max(0.0, (now - record.since).total_seconds()))} ago",
        "link": record.actor.link,
        "alive": f"{seen} {duration(silent)} ago; without another one its lock is taken over in {left}",
        "lock": record.id,
    }
    return (
        line(span("Somebody else works on this environment", Role.STRONG)),
        line(),
        *(line(span(f"{name:<7}", Role.MUTED), span(value), indent=2) for name, value in facts.items() if value),
        line(),
        line(span(f"This waits up to {duration(patience_seconds)}, and applies when the lock is free.", Role.HINT), indent=2),
        line(span("q stops waiting; nothing was changed so far.", Role.HINT), indent=2),
        line(span("If you are sure that it is dead:", Role.HINT), indent=2),
        line(span(command_line("unlock", record.id), Role.COMMAND), indent=4),
    )
