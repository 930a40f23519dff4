"""Session rows in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from bunsui.errors import Conflict
from bunsui.model.session import Session
from bunsui.ports.storage import SessionQuery


class MemorySessionRepository:
    """Implements `bunsui.ports.storage.SessionRepository`; ids are ULIDs, so newest first is the order of ids, reversed."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[str, Session] = {}
        self._lock = threading.Lock()

    def add(self, session: Session) -> None:
        """Store a new row; Conflict when the id exists."""
        with self._lock:
            if session.id in self._rows:
                raise Conflict("session-exists", "there is a session with this id already", session=session.id)
            self._rows[session.id] = session

    def save(self, session: Session) -> Session:
        """Replace the row if its `row_version` is still the stored one; give it back with the new version, else Conflict."""
        with self._lock:
            stored = self._rows.get(session.id)
            if stored is None or stored.row_version != session.row_version:
                raise Conflict(
                    "session-changed",
                    "somebody else changed the session first",
                    hint="Look at it again.",
                    session=session.id,
                    row_version=session.row_version,
                )
            newer = replace(session, row_version=session.row_version + 1)
            self._rows[session.id] = newer
            return newer

    def get(self, session_id: str) -> Session | None:
        """Give the row, None when there is none."""
        with self._lock:
            return self._rows.get(session_id)

    def find(self, query: SessionQuery) -> Sequence[Session]:
        """Give matching rows, newest first."""

        def matches(session: Session) -> bool:
            return query.pipeline in (None, session.pipeline) and query.status in (None, session.status.value)

        return list(islice(self._newest_first(matches), query.limit))

    def find_prefix(self, prefix: str, *, limit: int = 2) -> Sequence[Session]:
        """Give rows whose id begins with the prefix, newest first."""
        return list(islice(self._newest_first(lambda session: session.id.startswith(prefix)), limit))

    def _newest_first(self, matches: Callable[[Session], bool]) -> Iterator[Session]:
        with self._lock:
            rows = sorted(self._rows.values(), key=lambda session: session.id, reverse=True)
        return (session for session in rows if matches(session))
