from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.failures import ErrorClass
from bunsui.model.session import Attempt, FailedItem, JobProgress, JobStatus, Session, SessionStatus
from bunsui.sessions.snapshot import ChildRun, SessionFailure, SessionSnapshot
from bunsui.view.sessions.linear import end_line, news_lines, summary_of
from bunsui.view.spans import plain

START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
HOSTILE = "\x1b[2Jred\u202egnp\n"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def attempt(number: int = 1, status: SessionStatus = SessionStatus.RUNNING, ended: float | None = None) -> Attempt:
    stopped = at(ended) if ended is not None else None
    return Attempt(
        number=number, execution_arn=f"arn:{number}", kind="run", status=status, started_at=START, stopped_at=stopped
    )


def snapshot(
    *jobs: JobProgress, attempts: tuple[Attempt, ...] = (attempt(),), seconds: float = 10, pipeline: str = "daily"
) -> SessionSnapshot:
    session = Session(
        id="01KBH3X2J4ABCDEFGHJKMNPQRS",
        pipeline=pipeline,
        status=attempts[-1].status,
        slot=START,
        date="2026-01-31",
        params={},
        started_by="somebody",
        created_at=START,
        attempts=attempts,
    )
    return SessionSnapshot(session=session, jobs=jobs, taken_at=at(seconds))


def running(name: str, **more: object) -> JobProgress:
    return replace(JobProgress(name=name, status=JobStatus.RUNNING, started_at=at(1), tries=1), **more)  # type: ignore[arg-type]


def done(name: str, **more: object) -> JobProgress:
    ended = JobProgress(name=name, status=JobStatus.SUCCEEDED, started_at=at(1), stopped_at=at(3.5), tries=1)
    return replace(ended, **more)  # type: ignore[arg-type]


def test_the_first_look_tells_what_happened_before_it_in_order_of_time() -> None:
    told = plain(news_lines(None, snapshot(running("load", started_at=at(4)), done("extract")), zone=ZoneInfo("Asia/Tokyo")))
    assert told.splitlines() == [
        "03:00:00  daily started, session 01KBH3X2J4ABCDEFGHJKMNPQRS",
        "03:00:03  extract succeeded after 2.5 s",
        "03:00:04  load started",
    ]


def test_each_thing_is_told_once() -> None:
    first, second = snapshot(running("extract")), snapshot(done("extract"), running("load", started_at=at(4)))
    assert plain(news_lines(first, second)).splitlines() == [
        "18:00:03  extract succeeded after 2.5 s",
        "18:00:04  load started",
    ]
    assert news_lines(second, second) == ()


def test_a_try_that_failed_is_told_with_its_error_and_the_end_with_the_number_of_tries() -> None:
    first, second = snapshot(running("load")), snapshot(running("load", tries=2, error="ValueError"))
    assert plain(news_lines(first, second)) == "18:00:10  load is tried again after ValueError, try 2\n"
    failed = snapshot(done("load", status=JobStatus.FAILED, tries=2, error="ValueError"))
    assert plain(news_lines(second, failed)) == "18:00:03  load failed after 2.5 s, try 2: ValueError\n"


def test_items_are_counted_at_the_end_of_their_job() -> None:
    ended = snapshot(done("each", items_total=12, items_done=12, items_failed=1))
    assert (
        plain(news_lines(snapshot(running("each")), ended))
        == "18:00:03  each succeeded after 2.5 s, 12 of 12 items, 1 failed\n"
    )


def test_a_new_attempt_is_told_with_what_it_keeps() -> None:
    before = snapshot(done("extract"), attempts=(attempt(1, SessionStatus.FAILED, 5),))
    kept = JobProgress(name="extract", status=JobStatus.RESTORED, stopped_at=at(6))
    after = snapshot(kept, attempts=(attempt(1, SessionStatus.FAILED, 5), attempt(2)))
    told = plain(news_lines(before, after)).splitlines()
    assert told == [
        "18:00:00  daily started, attempt 2, session 01KBH3X2J4ABCDEFGHJKMNPQRS",
        "18:00:06  extract restored",
    ]


def test_the_end_says_how_it_ended_and_after_how_long() -> None:
    ended = snapshot(attempts=(attempt(1, SessionStatus.TIMED_OUT, 60),))
    assert end_line(ended).text == "18:01:00  daily timed out after 1 min 00 s"


def test_the_summary_names_the_job_and_the_error() -> None:
    ended = snapshot(attempts=(attempt(1, SessionStatus.FAILED, 60),))
    failure = SessionFailure(error="ValueError", cause="", message="", error_class=ErrorClass.CODE, job="load")
    assert summary_of(replace(ended, failure=failure)) == "daily failed in load: ValueError"
    assert summary_of(snapshot(attempts=(attempt(1, SessionStatus.SUCCEEDED, 60),))) == "daily succeeded"


@given(st.lists(st.sampled_from(list(JobStatus)), min_size=2, max_size=8))
def test_whatever_a_job_goes_through_its_last_status_is_told_last_if_it_is_final(statuses: list[JobStatus]) -> None:
    looks = [snapshot(JobProgress(name="a", status=status)) for status in statuses]
    told = [one.text for before, after in zip([None, *looks], looks, strict=False) for one in news_lines(before, after)]
    if statuses[-1].is_final:
        assert told[-1].endswith(f"a {statuses[-1].value.replace('_', ' ')}")


def test_foreign_text_is_shown_and_not_obeyed() -> None:
    hostile = snapshot(done(HOSTILE, status=JobStatus.FAILED, error=HOSTILE), pipeline=HOSTILE)
    for shown in (*news_lines(None, hostile), end_line(hostile)):
        assert shown.text.isprintable()


def child(*jobs: JobProgress, item: str = "", arn: str = "arn:child") -> ChildRun:
    return ChildRun(job="fan", item=item, execution_arn=arn, pipeline="kid", jobs=jobs)


def test_jobs_of_a_pipeline_that_a_job_runs_are_told_by_their_path() -> None:
    first = replace(snapshot(running("fan")), children=(child(running("load")),))
    second = replace(snapshot(running("fan")), children=(child(done("load")),))
    assert plain(news_lines(None, first)).splitlines()[1:] == ["18:00:01  fan started", "18:00:01  fan/load started"]
    assert plain(news_lines(first, second)) == "18:00:03  fan/load succeeded after 2.5 s\n"
    again = replace(second, children=(child(running("load", started_at=at(6)), item="us", arn="arn:retry"),))
    assert plain(news_lines(second, again)) == "18:00:06  fan/load (us) started\n"


def test_items_are_told_as_they_end_and_each_that_fails_with_its_error() -> None:
    first = snapshot(running("each", items_total=12, items_done=3))
    failed = (FailedItem(label="us", error="ValueError", message="no"),)
    second = snapshot(running("each", items_total=12, items_done=5, items_failed=1, failed_items=failed))
    assert plain(news_lines(first, second)).splitlines() == [
        "18:00:10  each item us failed: ValueError",
        "18:00:10  each has done 5 of 12 items, 1 failed",
    ]
    assert news_lines(second, second) == ()
