"""The ways in which a session may go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.session import session_of_id
from bunsui.tui.feed.subject import Reading

if TYPE_CHECKING:
    from bunsui.services.recovery.options import RecoveryOutlook


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySubject:
    """The ways of the session of an id; a restart begins with the job, and a skip leaves it out."""

    session_id: str
    job: str = ""
    """The one that failed where it names none of the pipeline's."""

    def read(self, reading: Reading[RecoveryOutlook]) -> RecoveryOutlook:
        """Plan each of them with the files as they are now; nothing is started."""
        from bunsui.services.recovery.options import recovery_options

        context = reading.account.fresh_context()
        return recovery_options(context, session_of_id(context, self.session_id), job=self.job)

    def every_seconds(self, value: RecoveryOutlook) -> None:
        """They change when something is applied, or somebody acts: whoever looks asks again."""
        return
