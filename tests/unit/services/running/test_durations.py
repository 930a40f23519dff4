"""How long runs take, told from rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.services.running.durations import known_runs, read_successes
from bunsui.testkit.sessions import MemorySessionRepository

START = datetime(2026, 1, 31, 18, tzinfo=UTC)


def row(number: int, *seconds: float | None, status: SessionStatus = SessionStatus.SUCCEEDED) -> Session:
    begins = START + timedelta(hours=number)
    attempts = tuple(
        Attempt(
            number=at,
            execution_arn=f"arn:{number}-{at}",
            kind="run",
            status=status,
            started_at=begins,
            stopped_at=None if took is None else begins + timedelta(seconds=took),
        )
        for at, took in enumerate(seconds, start=1)
    )
    return Session(
        id=f"01{number:024d}", pipeline="daily", status=status, slot=begins, date="2026-01-31", params={}, started_by="mika",
        created_at=begins, attempts=attempts,
    )  # fmt: skip


def test_it_is_the_median_of_those_that_succeeded_in_one_attempt() -> None:
    rows = [row(1, 10), row(2, 1, 2), row(3, 30), row(4, 500, status=SessionStatus.FAILED), row(5, 20), row(6, None)]
    found = known_runs(rows)
    assert (found.count, found.typical_seconds) == (3, 20)


def test_nothing_is_known_of_a_pipeline_that_never_succeeded() -> None:
    found = known_runs([row(1, 5, status=SessionStatus.FAILED)])
    assert (found.count, found.typical_seconds) == (0, None)


def test_the_newest_twenty_count() -> None:
    sessions = MemorySessionRepository()
    for number in range(60):
        sessions.add(row(number, 100 if number < 40 else 10))
    found = known_runs(read_successes(sessions, "daily"))
    assert (found.count, found.typical_seconds) == (20, 10)
