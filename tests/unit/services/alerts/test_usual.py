"""Which session takes longer than usual: by the median of those that succeeded, and how far they spread (MAD)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.alerts import SLOWER, Alert
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.alerts.kept import AlertBook
from bunsui.services.alerts.judging import judge_alerts
from bunsui.services.alerts.occurrences import WatchedPipeline
from bunsui.services.alerts.usual import ENOUGH, passed_at, usual_time

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def session(number: int, seconds: float | None, *, kind: str = "run", began: datetime | None = None) -> Session:
    """`seconds` None for one that runs."""
    at = began or NOW - timedelta(days=30 - number)
    status = SessionStatus.RUNNING if seconds is None else SessionStatus.SUCCEEDED
    attempt = Attempt(
        number=1,
        execution_arn=f"arn:aws:states:us-east-1:1:execution:p:{number}",
        kind=kind,
        status=status,
        started_at=at,
        stopped_at=None if seconds is None else at + timedelta(seconds=seconds),
    )
    return Session(
        id=f"{number:02d}", pipeline="p", status=status, slot=at, date="", params={}, started_by="", created_at=at,
        attempts=(attempt,),
    )  # fmt: skip


def took(*seconds: float) -> list[Session]:
    return [session(number, one) for number, one in enumerate(seconds)]


RUNNING = session(99, None, began=NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("times", "limit"),
    [
        ((600.0,) * 8, 900.0),  # half the median
        ((20.0,) * 8, 80.0),  # a minute
        ((500.0, 600.0, 700.0) * 3, 600 + 5 * 1.4826 * 100),  # five spreads
        ((600.0,) * 7 + (36000.0,), 900.0),  # one that went wrong moves nothing
    ],
)
def test_the_limit_is_the_largest_of_three_above_the_median(times: tuple[float, ...], limit: float) -> None:
    assert usual_time(RUNNING, took(*times)).limit == pytest.approx(limit)


def test_too_few_runs_tell_nothing() -> None:
    usual = usual_time(RUNNING, took(*(600.0,) * (ENOUGH - 1)))
    assert (usual.is_known, passed_at(RUNNING, usual, NOW)) == (False, None)


def test_only_whole_first_attempts_that_began_before_count() -> None:
    rows = took(*(600.0,) * 7)
    useless = [
        session(7, 600.0, kind="resume"),
        replace(session(8, 600.0), skipped=True),
        replace(session(9, 600.0), status=SessionStatus.FAILED),
        session(10, 600.0, began=NOW),
        session(11, None),
    ]
    assert usual_time(RUNNING, [*rows, *useless]).runs == 7


def test_of_more_than_twenty_the_newest_count() -> None:
    usual = usual_time(RUNNING, took(*(60.0,) * 9, *(600.0,) * 20))
    assert (usual.runs, usual.seconds) == (20, 600.0)


@given(st.permutations(took(*range(100, 2000, 150))), st.floats(0, 20_000))
def test_it_is_told_from_the_moment_at_which_it_passed_the_limit(rows: Sequence[Session], seconds: float) -> None:
    usual = usual_time(RUNNING, rows)
    began = RUNNING.attempts[0].started_at
    at = passed_at(RUNNING, usual, began + timedelta(seconds=seconds))
    assert at == (began + timedelta(seconds=usual.limit) if seconds > usual.limit else None)


def test_one_that_runs_too_long_is_told_once_and_never_that_it_recovered() -> None:
    pipeline = Pipeline(name="p", path="p.yaml", alerts=(Alert(event=SLOWER, notify=("oncall",)),))
    book = AlertBook(pipeline="p", since=NOW - timedelta(days=1))
    watched = WatchedPipeline(pipeline=pipeline, rows=(RUNNING,), succeeded=took(*(600.0,) * 8))
    first = judge_alerts(watched, book, NOW)
    assert [one.kind for one in first.notices] == [SLOWER]
    ended = replace(RUNNING, status=SessionStatus.SUCCEEDED)
    attempt = replace(RUNNING.attempts[0], status=SessionStatus.SUCCEEDED, stopped_at=NOW)
    later = replace(watched, rows=(replace(ended, attempts=(attempt,)),))
    assert judge_alerts(later, first.book, NOW + timedelta(hours=2)).notices == ()
    waiting = replace(watched, waiting=frozenset({RUNNING.id}))
    assert judge_alerts(waiting, book, NOW).notices == ()
