"""The look at machines, by which rows become what Step Functions says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import LIST_SECONDS

if TYPE_CHECKING:
    from bunsui.sessions.rounds import Round


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinesSubject:
    """Some machines, those that were looked at longest ago."""

    def read(self, reading: Reading[Round]) -> Round:
        """Look at as many as half of what AWS allows in the time until the next look; their rows are stored."""
        from bunsui.services.sessions import background_round

        return background_round(reading.account.context(), seconds=LIST_SECONDS)

    def every_seconds(self, value: Round) -> float:
        """The number of machines that is looked at is counted for this time."""
        return LIST_SECONDS
