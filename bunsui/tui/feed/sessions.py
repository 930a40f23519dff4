"""The list of sessions: what the rows say, without asking Step Functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import LIST_SECONDS

if TYPE_CHECKING:
    from bunsui.services.sessions import SessionList

LISTED = 500
"""How many sessions the list holds at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsSubject:
    """The newest sessions that fit a filter; of an empty one, the newest of all."""

    fitting: str = ""

    def read(self, reading: Reading[SessionList]) -> SessionList:
        """Two reads of rows, and one more for each further status that the filter wants."""
        from bunsui.ports.session_rows import SessionQuery
        from bunsui.services.session_filter import parse_filter
        from bunsui.services.sessions import read_sessions

        return read_sessions(reading.account.context(), SessionQuery(limit=LISTED), parse_filter(self.fitting))

    def every_seconds(self, value: SessionList) -> float:
        """Rows are cheap to read."""
        return LIST_SECONDS
