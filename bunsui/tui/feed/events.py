"""What a session went through, event by event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.session import SessionSubject, session_of_id
from bunsui.tui.feed.subject import Reading

if TYPE_CHECKING:
    from bunsui.services.history.events import EventList


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsSubject:
    """The events of the session of an id."""

    session_id: str

    def read(self, reading: Reading[EventList]) -> EventList:
        """List them out of the histories that were read for the session; only what those leave out is asked for."""
        from bunsui.services.history.events import session_events

        context, seen = reading.account.context(), reading.others.value(SessionSubject(session_id=self.session_id))
        if seen is None:
            return session_events(context, session_of_id(context, self.session_id))
        return session_events(context, seen.snapshot.session, reader=seen.observer.reader.as_read())

    def every_seconds(self, value: EventList) -> None:
        """Whoever hears news of the session asks again: the history is then there."""
        return
