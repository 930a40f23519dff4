"""An earlier attempt of a session, as it ended."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.tui.feed.session import SessionSubject, session_of_id
from bunsui.tui.feed.subject import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSubject:
    """The attempt of that number, from 1, of the session of an id."""

    session_id: str
    number: int

    def read(self, reading: Reading[SessionSnapshot]) -> SessionSnapshot:
        """Read it out of the history of its execution."""
        from bunsui.services.watch import as_looked_at

        context, seen = reading.account.context(), reading.others.value(SessionSubject(session_id=self.session_id))
        session = seen.snapshot.session if seen is not None else session_of_id(context, self.session_id)
        observer = seen.observer if seen is not None else context.observer(session)
        return as_looked_at(context, observer.look_back(session, self.number))

    def every_seconds(self, value: SessionSnapshot) -> None:
        """Nothing of it changes any more."""
        return
