"""The filter language of lists of sessions: `status:failed pipeline:orders since:2h key:2026-01-31 text`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.errors import InvalidInput
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, SessionRows

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SINCE = re.compile(r"^(\d{1,4})([mhdw])$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_COMMIT = re.compile(r"^[0-9a-f]{1,40}$")
_NAMES = ("status", "pipeline", "since", "key", "commit")
_SHORT = {"s": "status", "p": "pipeline", "k": "key", "c": "commit"}
_BESIDE = ("skipped", "warned", "tolerated", "taken")
"""What is said beside the status, and is found as one."""
_WORDS = (*(status.value.replace("_", "-") for status in SessionStatus), *_BESIDE)

SEARCHED = 5000
"""Rows that are looked through for what the table's lists cannot answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """A word whose meaning is not known."""

    word: str
    hint: str
    """What was probably meant, or what can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """What a session must have to be shown; an empty part asks for nothing."""

    statuses: tuple[str, ...] = ()
    """Beginnings of status words; one of them must fit."""
    pipelines: tuple[str, ...] = ()
    """Pieces of pipeline names; one of them must fit."""
    since: timedelta | None = None
    """It began at most so long ago."""
    dates: tuple[str, ...] = ()
    """Business dates, `YYYY-MM-DD`; one of them is the session's."""
    commits: tuple[str, ...] = ()
    """Beginnings of commits; one of them must fit."""
    texts: tuple[str, ...] = ()
    """Each must stand somewhere in what a list shows of it, or in its error."""
    misread: tuple[Misread, ...] = ()
    """Words with a colon whose meaning is not known; they let nothing be hidden."""

    def fits(self, session: Session, *, now: datetime) -> bool:
        """Tell whether the session is shown."""
        words = status_words(session)
        if self.statuses and not any(word.startswith(wanted) for word in words for wanted in self.statuses):
            return False
        name = session.pipeline.casefold()
        if self.pipelines and not any(wanted in name for wanted in self.pipelines):
            return False
        if self.since is not None and now - session.created_at > self.since:
            return False
        if self.dates and session.date not in self.dates:
            return False
        if self.commits and not session.commit.startswith(self.commits):
            return False
        text = " ".join(_shown(session)).casefold()
        return all(wanted in text for wanted in self.texts)

    def queries(self, base: SessionQuery, *, now: datetime) -> Iterator[SessionQuery]:
        """Return the queries that together find everything that fits, and what else they cannot tell from it."""
        if self.since is not None:
            base = replace(base, since=now - self.since)
        if len(self.dates) == 1:
            base = replace(base, date=self.dates[0])
        if len(self.commits) == 1:
            base = replace(base, commit=self.commits[0])
        is_beside = any(word.startswith(wanted) for word in _BESIDE for wanted in self.statuses)
        if not self.statuses or base.status is not None or is_beside:
            yield base
            return
        for status in SessionStatus:
            if status.value.replace("_", "-").startswith(self.statuses):
                yield replace(base, status=status.value)


def parse_filter(text: str) -> SessionFilter:
    """Read a filter; every text is one, and full-width characters count as the ASCII ones that they stand for."""
    parts: dict[str, list[str]] = {name: [] for name in _NAMES}
    texts: list[str] = []
    misread: list[Misread] = []
    since: timedelta | None = None
    for word in unicodedata.normalize("NFKC", text).casefold().split():
        typed, colon, value = word.partition(":")
        name = _SHORT.get(typed, typed)
        if not colon:
            texts.append(word)
        elif name not in _NAMES:
            misread.append(Misread(word=word, hint=_near(name)))
        elif name == "since" and (found := _SINCE.match(value)):
            since = timedelta(**{_UNITS[found[2]]: int(found[1])})
        else:
            values = [part for part in value.split(",") if part]
            wrong = [part for part in values if not _is_known(name, part)]
            parts[name] += [part.replace("_", "-") if name == "status" else part for part in values if part not in wrong]
            misread += [Misread(word=word, hint=_expected(name, part)) for part in wrong]
    return SessionFilter(
        statuses=tuple(parts["status"]),
        pipelines=tuple(parts["pipeline"]),
        since=since,
        dates=tuple(parts["key"]),
        commits=tuple(parts["commit"]),
        texts=tuple(texts),
        misread=tuple(misread),
    )


def read_filter(words: Sequence[str]) -> SessionFilter:
    """Read the words of a filter.

    Raises:
        InvalidInput: one of them is not understood.

    """
    wanted = parse_filter(" ".join(words))
    if wanted.misread:
        raise InvalidInput(
            "unknown-filter",
            "a word of the filter is not understood",
            hint="\n".join(f"{one.word}: {one.hint}" for one in wanted.misread),
            filter=" ".join(words),
        )
    return wanted


def fitting(
    rows: SessionRows,
    wanted: SessionFilter,
    base: SessionQuery,
    *,
    now: datetime,
    told: Callable[[Session], Session] = lambda row: row,
    waiting: Sequence[Session] = (),
) -> tuple[Sequence[Session], bool]:
    """Return sessions that the query and the filter ask for, newest start first, and whether there may be more.

    What the lists of the table cannot answer is looked for among the newest rows, `SEARCHED` of each query. `told` adds to a
    row what no row holds: the gates at which it waits. No list of the table has those that wait: `waiting` are their rows, as
    the gates name them, however many others run since.
    """
    if wanted == SessionFilter() and base.status != SessionStatus.WAITING.value:
        found = [told(one) for one in rows.find(replace(base, limit=base.limit + 1))]
        return found[: base.limit], len(found) > base.limit
    queries = list(wanted.queries(replace(base, limit=SEARCHED), now=now))
    parts = [rows.find(query) for query in queries if query.status != SessionStatus.WAITING.value]
    beside = [one for one in waiting if any(_as_stored(query).fits(one) for query in queries)]
    named = [told(one) for part in (*parts, beside) for one in part]
    every = {
        one.id: one
        for one in named
        if wanted.fits(one, now=now) and base.status in (None, one.standing.value, one.status.value)
    }
    ordered = sorted(every.values(), key=lambda one: (one.created_at, one.id), reverse=True)
    return ordered[: base.limit], len(ordered) > base.limit or any(len(part) >= SEARCHED for part in parts)


def asks_for_waiting(wanted: SessionFilter, base: SessionQuery) -> bool:
    """Tell whether sessions that wait for an approval are asked for by their status."""
    waiting = SessionStatus.WAITING.value
    return base.status == waiting or any(waiting.startswith(word) for word in wanted.statuses)


def _as_stored(query: SessionQuery) -> SessionQuery:
    """Return the query for rows that may be waiting: they are stored as running."""
    is_waiting = query.status == SessionStatus.WAITING.value
    return replace(query, status=SessionStatus.RUNNING.value) if is_waiting else query


def status_words(session: Session) -> tuple[str, ...]:
    """Return the words by which a session's status is found: the status, and what is said beside it. What waits runs, too."""
    held = (session.skipped, bool(session.warned), bool(session.tolerated), session.taken is not None)
    said = zip(_BESIDE, held, strict=True)
    running = (SessionStatus.RUNNING.value,) if session.standing is SessionStatus.WAITING else ()
    return (session.standing.value.replace("_", "-"), *running, *(word for word, holds in said if holds))


def _shown(session: Session) -> Iterator[str]:
    yield from (session.id, session.pipeline, session.date, session.failed_job, session.started_by, session.commit)
    yield from status_words(session)
    if session.failure is not None:
        yield from (session.failure.fingerprint, session.failure.place)
    if session.latest is not None:
        yield session.latest.error


def _is_known(name: str, value: str) -> bool:
    match name:
        case "status":
            return any(word.startswith(value.replace("_", "-")) for word in _WORDS)
        case "key":
            return _DATE.match(value) is not None
        case "commit":
            return _COMMIT.match(value) is not None
        case _:
            return name == "pipeline"


def _expected(name: str, value: str) -> str:
    match name:
        case "status":
            near = difflib.get_close_matches(value, _WORDS, n=1, cutoff=0.5)
            return f"did you mean status:{near[0]}?" if near else "one of " + ", ".join(_WORDS)
        case "since":
            return "write since:30m, since:2h, since:3d or since:1w"
        case "key":
            return "write key:2026-01-31, the business date"
        case _:
            return "write the commit's hash or its beginning"


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, _NAMES, n=1, cutoff=0.5)
    return f"did you mean {near[0]}:?" if near else "known are " + ", ".join(f"{known}:" for known in _NAMES)
