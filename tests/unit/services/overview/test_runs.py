"""How the last runs of a pipeline went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, Watermark
from bunsui.services.overview.runs import SHOWN, RecentRuns, read_recent_rows, recent_runs
from bunsui.testkit.sessions import MemorySessionRepository

START = datetime(2026, 1, 1, tzinfo=UTC)


def session(number: int, status: SessionStatus, *, seconds: float = 10.0, attempts: int = 1, pipeline: str = "p") -> Session:
    at = START + timedelta(minutes=number)
    stopped = at + timedelta(seconds=seconds) if status.is_final else None
    one = Attempt(number=1, execution_arn=f"arn:{number}", kind="run", status=status, started_at=at, stopped_at=stopped)
    return Session(
        id=f"01{number:04d}",
        pipeline=pipeline,
        status=status,
        slot=at,
        date="2026-01-01",
        params={},
        started_by="me",
        created_at=at,
        attempts=(one,) * attempts,
    )


def runs_of(*rows: Session) -> RecentRuns:
    """Return the runs of rows that are given oldest first."""
    return recent_runs(reversed(rows), is_whole=True)


def test_only_what_came_to_an_end_by_itself_counts() -> None:
    ended = (SessionStatus.SUCCEEDED, SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.TIMED_OUT)
    other = (SessionStatus.CANCELLED, SessionStatus.RUNNING)
    found = runs_of(*(session(number, status) for number, status in enumerate((*ended, *other))))
    assert found.ok_percent == pytest.approx(50.0)
    assert [run.status for run in found.runs] == [*ended, *other]
    assert found.runs[-1].seconds is None
    assert found.last_failure is not None
    assert found.last_failure.id == "010003"
    assert runs_of(session(1, SessionStatus.RUNNING)).ok_percent is None


def test_p95_is_of_whole_successes_by_the_nearest_rank() -> None:
    took = [session(number, SessionStatus.SUCCEEDED, seconds=number + 1) for number in range(SHOWN)]
    assert runs_of(*took).p95_seconds == 19.0
    resumed = session(30, SessionStatus.SUCCEEDED, seconds=500, attempts=2)
    failed = session(31, SessionStatus.FAILED, seconds=900)
    few = runs_of(*took[:3], resumed, failed)
    assert (few.p95_seconds, few.measured) == (3.0, 3)
    assert runs_of(failed).p95_seconds is None


def test_what_was_not_read_is_said() -> None:
    rows = MemorySessionRepository()
    for number in range(8):
        rows.add(session(number, SessionStatus.SUCCEEDED, pipeline="busy" if number else "rare"))
    cut = read_recent_rows(rows, now=START, most=7)
    assert cut.since == START + timedelta(minutes=1)
    assert not cut.runs("rare").is_whole
    assert not cut.runs("busy").is_whole
    assert read_recent_rows(rows, now=START).runs("rare").is_whole
    assert cut.last("rare") is None


class CountingRows(MemorySessionRepository):
    reads = 0

    def find(self, query: SessionQuery) -> Sequence[Session]:
        self.reads += 1
        return super().find(query)

    def watermarks(self) -> Mapping[str, Watermark]:
        self.reads += 1
        return super().watermarks()


def test_a_hundred_and_twenty_pipelines_take_two_reads() -> None:
    rows = CountingRows()
    for number in range(240):
        rows.add(session(number, SessionStatus.SUCCEEDED, pipeline=f"p{number % 120}"))
    found = read_recent_rows(rows, now=START)
    assert {name: len(found.runs(name).runs) for name in found.by_pipeline} == {f"p{number}": 2 for number in range(120)}
    assert rows.reads == 2
