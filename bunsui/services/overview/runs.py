"""How the last runs of a pipeline went, told from its rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, SessionRepository

SHOWN = 20
"""How many of the last runs are told of a pipeline."""
MOST_ROWS = 1000
"""The newest sessions of all pipelines that are read: a page of DynamoDB, or two."""
_FAILED = (SessionStatus.FAILED, SessionStatus.TIMED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """One of the last runs."""

    session: str
    status: SessionStatus
    """Where the session stands: one that succeeded in a later attempt has succeeded."""
    began_at: datetime
    seconds: float | None = None
    """What its latest attempt took; None while it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRuns:
    """The last runs of a pipeline, as far as its rows were read."""

    runs: tuple[PastRun, ...] = ()
    """At most `SHOWN`, the newest last."""
    is_whole: bool = True
    """False when the pipeline may have older runs that were not read, which would belong to them."""
    ok_percent: float | None = None
    """How many of those that came to an end by themselves succeeded; what somebody stopped does not count. None when none
    ended."""
    p95_seconds: float | None = None
    """So long took 95 of 100 of those that succeeded in one attempt (nearest rank); None when none did."""
    measured: int = 0
    """From how many runs that is known. Of fewer than 20 the nearest rank is the longest."""
    last_failure: Session | None = None
    """The newest of them that failed, and in no later attempt succeeded."""


NO_RUNS = RecentRuns()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentRows:
    """The newest sessions of all pipelines."""

    read_at: datetime
    by_pipeline: Mapping[str, Sequence[Session]] = field(default_factory=dict)
    """Newest first."""
    since: datetime | None = None
    """Older ones were not read; None when all were."""
    recent: Mapping[str, RecentRuns] = field(default_factory=dict)
    """How the last runs of each pipeline went; reckoned where the rows are read, since a screen asks for all at once."""
    looked_at: Mapping[str, datetime] = field(default_factory=dict)
    """When executions of each pipeline's machine were looked at: what began since is in no row."""

    def runs(self, pipeline: str) -> RecentRuns:
        """Return how the last runs of the pipeline went."""
        return self.recent.get(pipeline) or RecentRuns(is_whole=self.since is None)

    def last(self, pipeline: str) -> Session | None:
        """Return the pipeline's newest session, None when none was read."""
        rows = self.by_pipeline.get(pipeline, ())
        return rows[0] if rows else None


def read_recent_rows(sessions: SessionRepository, *, now: datetime, most: int = MOST_ROWS) -> RecentRows:
    """Read the newest sessions, and when machines were looked at: two queries, however many pipelines there are, and one more
    where the rows fill a second page."""
    found = sessions.find(SessionQuery(limit=most))
    by_pipeline: dict[str, list[Session]] = {}
    for row in found:
        by_pipeline.setdefault(row.pipeline, []).append(row)
    marks, is_cut = sessions.watermarks().values(), len(found) >= most
    return RecentRows(
        read_at=now,
        by_pipeline=by_pipeline,
        since=found[-1].created_at if is_cut else None,
        recent={name: recent_runs(rows, is_whole=not is_cut or len(rows) >= SHOWN) for name, rows in by_pipeline.items()},
        looked_at={mark.pipeline: mark.looked_at for mark in marks if not mark.is_gone},
    )


def recent_runs(rows: Iterable[Session], *, is_whole: bool) -> RecentRuns:
    """Return how the newest of the rows went, which come newest first."""
    newest = [row for _, row in zip(range(SHOWN), rows, strict=False)]
    ended = [row.standing for row in newest if row.standing is SessionStatus.SUCCEEDED or row.standing in _FAILED]
    took = sorted(seconds for row in newest if _is_measure(row) and (seconds := _seconds(row)) is not None)
    return RecentRuns(
        runs=tuple(
            PastRun(session=row.id, status=row.standing, began_at=row.created_at, seconds=_seconds(row))
            for row in reversed(newest)
        ),
        is_whole=is_whole,
        ok_percent=100 * ended.count(SessionStatus.SUCCEEDED) / len(ended) if ended else None,
        p95_seconds=took[math.ceil(0.95 * len(took)) - 1] if took else None,
        measured=len(took),
        last_failure=next((row for row in newest if row.standing in _FAILED), None),
    )


def _is_measure(row: Session) -> bool:
    """Tell whether the row is of a whole run, which took one attempt and skipped none of its last jobs."""
    return row.status is SessionStatus.SUCCEEDED and len(row.attempts) == 1 and not row.skipped


def _seconds(row: Session) -> float | None:
    latest = row.latest
    if latest is None or latest.stopped_at is None or not row.standing.is_final:
        return None
    return (latest.stopped_at - latest.started_at).total_seconds()
