"""Messages that quiet hours hold back: when they are due, and the one that comes in place of those that nobody sent yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bunsui.model.environment.quiet_hours import QuietHours
from bunsui.ports.alerts.kept import RECOVERED, AlertDelivery
from bunsui.services.alerts.judging import AlertNotice, alert_group

NEVER_QUIET: Mapping[str, QuietHours] = {}


def due_at(quiet: Mapping[str, QuietHours], channel: str, events: Collection[str], at: datetime) -> datetime:
    """Return from when on a message that is ready at this instant may be sent; `events` are those that it tells of."""
    hours = quiet.get(channel)
    return at if hours is None or set(hours.passing) & set(events) else hours.release(at)


def events_of(notice: AlertNotice) -> set[str]:
    """Return the events of which a notice tells."""
    return {matter.kind for matter in notice.ended} if notice.kind == RECOVERED else {notice.kind}


def held_before(
    opened: Iterable[AlertDelivery], pipeline: str, notice: AlertNotice, channel: str, now: datetime
) -> list[AlertDelivery]:
    """Return the messages that wait on a channel and that this notice says anew, the oldest first."""
    matters = notice.ended if notice.kind == RECOVERED else (notice.matter,)
    groups = {alert_group(pipeline, matter.kind, matter.fingerprint) for matter in matters}
    return [
        one
        for one in opened
        if one.channel == channel
        and one.group in groups
        and one.is_held
        and one.not_before is not None
        and one.not_before > now
    ]


def count_with(notice: AlertNotice, held: Sequence[AlertDelivery]) -> tuple[int, datetime | None]:
    """Return how many occurrences the message counts that comes in place of those that are held, and when the one before them
    was made."""
    if not held or notice.kind == RECOVERED:
        return notice.repeats, notice.told_before
    return notice.repeats + sum(one.repeats for one in held), held[0].told_before
