"""How long runs of a pipeline take, told from the rows of those that succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, SessionRows

_MEASURED = 20
"""So many of the newest successes tell how long a run takes."""
MEASURED = 5
"""Of so many of them the histories are read, for what single jobs take and what a run uses."""
_LOOKED_AT = 40
"""Rows that are read to find them: one that was resumed tells nothing of a whole run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRuns:
    """How long whole runs of a pipeline took."""

    count: int
    """From how many runs that is known."""
    typical_seconds: float | None
    """The median; None when nothing succeeded in one go."""


def known_runs(rows: Iterable[Session]) -> KnownRuns:
    """Return how long a run takes: by those of the newest successes, which come first, that succeeded in one attempt."""
    took = [
        (one.stopped_at - one.started_at).total_seconds()
        for row in rows
        if row.status is SessionStatus.SUCCEEDED and len(row.attempts) == 1
        for one in row.attempts
        if one.stopped_at is not None
    ][:_MEASURED]
    return KnownRuns(count=len(took), typical_seconds=median(took) if took else None)


def read_successes(rows: SessionRows, pipeline: str) -> Sequence[Session]:
    """Return the newest sessions of the pipeline that succeeded, with one read of its rows."""
    return rows.find(SessionQuery(pipeline=pipeline, status=SessionStatus.SUCCEEDED.value, limit=_LOOKED_AT))
