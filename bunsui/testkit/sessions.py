"""Session rows in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bunsui.errors import Conflict
from bunsui.model.session import Attempt, Session
from bunsui.ports.clock import Clock
from bunsui.ports.session_rows import KnownExecution, SessionQuery, Watermark
from bunsui.system_clock import SystemClock


class MemorySessionRepository:
    """Implements `bunsui.ports.session_rows.SessionRepository`."""

    def __init__(self, *, keep_seconds: int | None = None, clock: Clock | None = None) -> None:
        """Start empty; ended sessions are kept so long, for ever by default."""
        self._keep_seconds = keep_seconds
        self._clock = clock or SystemClock()
        self._rows: dict[str, Session] = {}
        self._executions: dict[str, str] = {}
        """Ids by ARN."""
        self._intents: dict[str, str] = {}
        self._watermarks: dict[str, Watermark] = {}
        self._lock = threading.Lock()

    def add(self, session: Session) -> None:
        """Store a new row; Conflict when its id, its intent or one of its executions has a row."""
        with self._lock:
            self._remove_expired()
            if self._is_over(session):
                return
            taken = session.id in self._rows or session.intent in self._intents
            if taken or any(attempt.execution_arn in self._executions for attempt in _all(session)):
                raise Conflict("session-exists", "there is a session with this id already", session=session.id)
            self._put(session)

    def save(self, session: Session) -> Session:
        """Replace the row if its `row_version` is still the stored one; give it back with the new version, else Conflict."""
        with self._lock:
            self._check(session)
            return self._put(replace(session, row_version=session.row_version + 1))

    def merge(self, session: Session, gone: Session) -> Session:
        """Replace the row as `save` does, and remove the other in the same step."""
        with self._lock:
            self._check(session)
            self._check(replace(gone, started_by=""))
            del self._rows[gone.id]
            return self._put(replace(session, row_version=session.row_version + 1))

    def get(self, session_id: str) -> Session | None:
        """Return the row, None when there is none."""
        with self._lock:
            self._remove_expired()
            return self._rows.get(session_id)

    def find(self, query: SessionQuery) -> Sequence[Session]:
        """Return matching rows, newest start first."""
        with self._lock:
            self._remove_expired()
            rows = sorted(self._rows.values(), key=lambda row: (row.created_at, row.id), reverse=True)
        return [row for row in rows if query.fits(row)][: query.limit]

    def find_prefix(self, prefix: str, *, limit: int = 2) -> Sequence[Session]:
        """Return rows whose id begins with the prefix, newest first."""
        with self._lock:
            self._remove_expired()
            rows = sorted(self._rows.values(), key=lambda row: row.id, reverse=True)
        return [row for row in rows if row.id.startswith(prefix)][:limit]

    def known(self, execution_arns: Collection[str]) -> Mapping[str, KnownExecution]:
        """Return what is known of these executions, by ARN."""
        with self._lock:
            self._remove_expired()
            return {arn: self._known_execution(arn) for arn in execution_arns if arn in self._executions}

    def named(self, execution_name: str) -> Sequence[str]:
        """Return the ids of the sessions that have an execution of this name."""
        with self._lock:
            self._remove_expired()
            found = [of for arn, of in self._executions.items() if arn.rpartition(":")[2] == execution_name]
        return list(dict.fromkeys(found))

    def intended(self, intents: Collection[str]) -> Mapping[str, str]:
        """Return the ids of the sessions of these intents."""
        with self._lock:
            self._remove_expired()
            return {intent: self._intents[intent] for intent in intents if intent in self._intents}

    def watermarks(self) -> Mapping[str, Watermark]:
        """Return how far machines were looked at, by the machine's ARN."""
        with self._lock:
            return dict(self._watermarks)

    def keep(self, watermark: Watermark) -> None:
        """Store it in place of the one before."""
        with self._lock:
            self._watermarks[watermark.machine_arn] = watermark

    def prepare(self) -> None:
        """Do nothing: no older bunsui stored anything here."""

    def _is_over(self, session: Session) -> bool:
        ends = session.expires_at(self._keep_seconds)
        return ends is not None and ends <= self._clock.now()

    def _remove_expired(self) -> None:
        if self._keep_seconds is None:
            return
        for gone in [row.id for row in self._rows.values() if self._is_over(row)]:
            del self._rows[gone]
        for index in (self._executions, self._intents):
            for key in [key for key, session_id in index.items() if session_id not in self._rows]:
                del index[key]

    def _check(self, session: Session) -> None:
        stored = self._rows.get(session.id)
        taken = session.intent and self._intents.get(session.intent, session.id) != session.id
        if stored is None or stored.row_version != session.row_version or taken:
            raise Conflict(
                "session-changed",
                "somebody else changed the session first",
                hint="Look at it again.",
                session=session.id,
                row_version=session.row_version,
            )

    def _put(self, session: Session) -> Session:
        self._rows[session.id] = session
        self._executions.update((attempt.execution_arn, session.id) for attempt in _all(session))
        if session.intent:
            self._intents[session.intent] = session.id
        return session

    def _known_execution(self, arn: str) -> KnownExecution:
        row = self._rows[self._executions[arn]]
        newest = max((one for one in _all(row) if one.execution_arn == arn), key=lambda one: one.redrive)
        return KnownExecution(session_id=row.id, redrive=newest.redrive, is_final=newest.status.is_final, error=newest.error)


def _all(session: Session) -> tuple[Attempt, ...]:
    return (*session.attempts, *session.duplicates)
