"""What is to be told now: one message for all that has one fingerprint, hourly at most, and one when it works again.

No call, no clock: what was told before is a book, and the book as it is afterwards comes back with the messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bunsui.model.alerts import FAILED, SLOWER
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.alerts.kept import RECOVERED, AlertBook, AlertMatter
from bunsui.services.alerts.occurrences import Occurrence, WatchedPipeline, occurrences

BETWEEN = timedelta(hours=1)
"""The least time between two messages of one fingerprint."""
HORIZON = timedelta(hours=24)
"""What happened longer ago is not told any more: so long nobody may have been awake."""
MOST_SEEN = 2000
"""Of more that happened within that time, what happened before the last so many counts as told."""
_KEPT = timedelta(days=30)
"""A matter of which nothing was heard for so long is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNotice:
    """One message that is due, before it is worded."""

    key: str
    """Of the fingerprint and the window: the same for each attempt to send it."""
    kind: str
    matter: AlertMatter
    """As it stands with this message; of `recovered` the newest of those that ended."""
    newest: Occurrence | None = None
    """What happened last; None where it is no longer looked at."""
    repeats: int = 1
    """How often it happened since the message before."""
    told_before: datetime | None = None
    """When the message before was made; None for the first since it worked."""
    success: Session | None = None
    """The session that succeeded since; None where none did."""
    ended: tuple[AlertMatter, ...] = ()
    """What works again; of `recovered` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertVerdict:
    """What one look came to."""

    book: AlertBook
    notices: tuple[AlertNotice, ...] = ()


def judge_alerts(watched: WatchedPipeline, book: AlertBook, now: datetime) -> AlertVerdict:
    """Return what is to be told of a pipeline, and its book as it is then."""
    floor = max(book.since, now - HORIZON)
    found = occurrences(watched, now)
    news = [one for one in found if one.at >= floor and one.id not in book.seen]
    events = {alert.event for alert in watched.pipeline.alerts}
    matters = {(one.kind, one.fingerprint): one for one in book.matters if one.kind in events and _is_kept(one, now)}
    newest: dict[tuple[str, str], Occurrence] = {}
    for one in news:
        place = one.kind, one.fingerprint
        matters[place] = _with(matters.get(place), one)
        newest[place] = one
    notices: list[AlertNotice] = []
    for place, matter in list(matters.items()):
        if matter.untold and (matter.told_at is None or now - matter.told_at >= BETWEEN):
            notice = _notice(watched, book.pipeline, matter, newest.get(place), now)
            notices.append(notice)
            matters[place] = notice.matter
    notices += _recoveries(watched, book.pipeline, matters, now)
    changed = replace(book, matters=tuple(matters[place] for place in sorted(matters)))
    return AlertVerdict(book=_with_seen(changed, news, now), notices=tuple(notices))


def _with_seen(book: AlertBook, news: Sequence[Occurrence], now: datetime) -> AlertBook:
    """Return the book with what is accounted for: as far back as anybody looks, and no more than fits."""
    seen = {one: at for one, at in book.seen.items() if at >= now - 2 * HORIZON} | {one.id: one.at for one in news}
    newest = sorted(seen.items(), key=lambda one: one[1], reverse=True)
    if len(newest) <= MOST_SEEN:
        return replace(book, seen=seen)
    return replace(book, seen=dict(newest[:MOST_SEEN]), since=max(book.since, newest[MOST_SEEN][1] + timedelta(microseconds=1)))


def _is_kept(matter: AlertMatter, now: datetime) -> bool:
    return now - max(matter.last_at, matter.told_at or matter.last_at) < _KEPT


def _with(matter: AlertMatter | None, one: Occurrence) -> AlertMatter:
    """Return the matter with one more occurrence; one that ended begins anew."""
    session = one.session.id if one.session is not None else ""
    text = _run_text(one)
    if matter is None:
        return AlertMatter(
            kind=one.kind,
            fingerprint=one.fingerprint,
            first_at=one.at,
            last_at=one.at,
            ordered=one.ordered,
            session=session,
            count=1,
            untold=1,
            text=text,
        )
    begins = not matter.is_open and not matter.untold
    is_newest = begins or one.ordered >= matter.ordered
    return replace(
        matter,
        first_at=one.at if begins else min(matter.first_at, one.at),
        last_at=max(matter.last_at, one.at),
        ordered=max(matter.ordered, one.ordered),
        session=session if is_newest else matter.session,
        text=text if is_newest else matter.text,
        count=1 if begins else matter.count + 1,
        untold=matter.untold + 1,
    )


def _run_text(one: Occurrence) -> str:
    if one.run is None or one.deadline is None:
        return ""
    return f"{one.run.schedule} {one.run.at.astimezone(UTC).isoformat()} {one.deadline.astimezone(UTC).isoformat()}"


def _notice(
    watched: WatchedPipeline, pipeline: str, matter: AlertMatter, newest: Occurrence | None, now: datetime
) -> AlertNotice:
    success = success_since(watched, matter)
    told = replace(matter, untold=0, told_at=now, is_open=success is None and matter.kind != SLOWER)
    return AlertNotice(
        key=_key(pipeline, matter.kind, matter.fingerprint, now),
        kind=matter.kind,
        matter=told,
        newest=newest,
        repeats=matter.untold,
        told_before=matter.told_at if matter.count > matter.untold else None,
        success=success,
    )


def _recoveries(
    watched: WatchedPipeline, pipeline: str, matters: dict[tuple[str, str], AlertMatter], now: datetime
) -> Iterator[AlertNotice]:
    """Yield one message for all that works again; their matters are closed."""
    ended: dict[tuple[str, str], tuple[AlertMatter, Session]] = {}
    for place, matter in matters.items():
        success = success_since(watched, matter) if matter.is_open else None
        if success is not None:
            ended[place] = matter, success
    if not ended:
        return
    for place, (matter, _) in ended.items():
        matters[place] = replace(matter, is_open=False, untold=0)
    known, success = max(ended.values(), key=lambda one: (one[1].created_at, one[0].last_at))
    yield AlertNotice(
        key=_key(pipeline, RECOVERED, success.id, now),
        kind=RECOVERED,
        matter=known,
        repeats=sum(matter.untold for matter, _ in ended.values()),
        told_before=known.told_at,
        success=success,
        ended=tuple(matter for matter, _ in ended.values()),
    )


def success_since(watched: WatchedPipeline, matter: AlertMatter) -> Session | None:
    """Return the newest session that shows that it works again; None where none does.

    Of a failure that is the same session, or one that began later. Of a run that was late or did not run it is that run, or a
    later one of its schedule.
    """
    if matter.kind == FAILED:
        found = (row for row in watched.rows if row.id == matter.session or row.created_at > matter.ordered)
        return _newest(row for row in found if (_end_of(row) or matter.first_at) >= matter.last_at)
    schedule = matter.text.partition(" ")[0]
    runs = (run for run in watched.runs if run.schedule == schedule and run.at >= matter.ordered)
    return _newest(run.session for run in runs if run.session is not None)


def _newest(rows: Iterable[Session]) -> Session | None:
    good: Sequence[Session] = [row for row in rows if row.status is SessionStatus.SUCCEEDED and _end_of(row) is not None]
    return max(good, key=lambda row: (row.created_at, row.id), default=None)


def _end_of(session: Session) -> datetime | None:
    return session.latest.stopped_at if session.latest is not None else None


def alert_group(pipeline: str, kind: str, fingerprint: str) -> str:
    """Return what the keys of all messages of one fingerprint begin with."""
    digits = sha256(f"{pipeline}\n{kind}\n{fingerprint}".encode()).hexdigest()[:16]
    return f"{kind}-{digits}"


def _key(pipeline: str, kind: str, fingerprint: str, window: datetime) -> str:
    return f"{alert_group(pipeline, kind, fingerprint)}-{window.astimezone(UTC).strftime('%Y%m%dT%H%M%SZ')}"
