"""One job of a session: what its operations were given, did and answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.session import SessionSubject, session_of_id
from bunsui.tui.feed.subject import Reading

if TYPE_CHECKING:
    from bunsui.services.history.job_runs import JobRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSubject:
    """A job of the session of an id."""

    session_id: str
    job: str
    item: str = ""
    """The label of one item of its foreach; empty for all."""
    execution: int | None = None
    """The number of the execution that is meant, from 1; None for the last in which the job did something."""

    def read(self, reading: Reading[JobRuns]) -> JobRuns:
        """Read it out of the session's history, as far as that was read for the session."""
        from bunsui.services.history.job_runs import JobRunsQuery, job_runs

        context, seen = reading.account.context(), reading.others.value(SessionSubject(session_id=self.session_id))
        reader = seen.observer.reader if seen is not None else None
        return job_runs(
            context,
            session_of_id(context, self.session_id),
            JobRunsQuery(job=self.job, item=self.item, execution=self.execution),
            reader,
        )

    def every_seconds(self, value: JobRuns) -> None:
        """Whoever hears news of the session asks again: the history is then there."""
        return
