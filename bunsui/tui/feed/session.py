"""One session with its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import RUNNING_SECONDS

if TYPE_CHECKING:
    from bunsui.model.session import Session
    from bunsui.services.session_context import SessionContext
    from bunsui.sessions.observer import SessionObserver


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """What was seen of a session, and who looked."""

    snapshot: SessionSnapshot
    observer: SessionObserver
    """Keeps the history that it has read, so that each look asks only for what is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSubject:
    """The session of an id."""

    session_id: str

    def read(self, reading: Reading[SessionSeen]) -> SessionSeen:
        """Look at it: its row is repaired, and its history read on."""
        from bunsui.services.watch import as_looked_at

        context = reading.account.context()
        session = session_of_id(context, self.session_id)
        observer = reading.last.observer if reading.last is not None else context.observer(session)
        return SessionSeen(snapshot=as_looked_at(context, observer.look(session)), observer=observer)

    def every_seconds(self, value: SessionSeen) -> float | None:
        """One that has ended brings no more news."""
        return None if value.snapshot.session.standing.is_final else RUNNING_SECONDS


def session_of_id(context: SessionContext, session_id: str) -> Session:
    """Return the session as its row says.

    Raises:
        NotFound: there is none.

    """
    from bunsui.services.sessions import Recollection, find_session

    return find_session(context, session_id, recollection=Recollection())
