"""Attempts side by side, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bunsui.model.session import JobProgress, JobStatus
from bunsui.sessions.snapshot import AttemptJobs
from bunsui.view.sessions.tabs.difference import difference_lines
from bunsui.view.spans import plain
from tests.services.test_recorded import a_session

NOW = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)


def job(name: str, status: JobStatus, seconds: float, **more: object) -> JobProgress:
    stop = NOW + timedelta(seconds=seconds)
    return replace(JobProgress(name=name, status=status, started_at=NOW, stopped_at=stop), **more)  # type: ignore[arg-type]


def test_what_differs_is_said_of_each_job_and_nothing_where_nothing_does() -> None:
    first = (
        job("extract", JobStatus.SUCCEEDED, 2),
        job("clean", JobStatus.SUCCEEDED, 1, output={"n": 1}),
        job("load", JobStatus.FAILED, 19, error="ValueError"),
    )
    second = (
        job("extract", JobStatus.SUCCEEDED, 2.5),
        job("clean", JobStatus.SUCCEEDED, 5, output={"n": 2}),
        job("load", JobStatus.FAILED, 19, error="KeyError"),
        job("report", JobStatus.NOT_RUN, 0),
    )
    compared = (AttemptJobs(number=1, jobs=first), AttemptJobs(number=2, jobs=second))
    rows = {text.split()[0]: text for text in plain(difference_lines(compared, a_session(), (1, 2), now=NOW)).splitlines()[1:]}
    assert rows["extract"].endswith("same")
    assert "other outputs, 4.0 s longer" in rows["clean"]
    assert "ValueError → KeyError" in rows["load"]
    assert rows["report"].endswith("only in one")


def test_an_attempt_that_is_forgotten_is_not_compared() -> None:
    compared = (AttemptJobs(number=1, jobs=None), AttemptJobs(number=2, jobs=()))
    assert "attempt 1 is not compared" in plain(difference_lines(compared, a_session(), (1, 2), now=NOW))
