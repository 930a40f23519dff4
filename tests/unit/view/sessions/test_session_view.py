from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.pipeline import About
from bunsui.model.session import Attempt, JobProgress, JobStatus, Session, SessionStatus
from bunsui.sessions.snapshot import SessionFailure, SessionSnapshot
from bunsui.view.sessions.advice import failure_lines, next_steps
from bunsui.view.sessions.job_rows import job_line, job_rows
from bunsui.view.sessions.model import (
    COLUMNS,
    detail_lines,
    progress_lines,
    session_detail,
    session_list_lines,
    session_rows,
    short_ids,
)
from bunsui.view.sessions.result import result_lines
from bunsui.view.sessions.timeline import TimelineBar, Window, bar_of, drawn, window_of
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Span, plain, span
from bunsui.view.table import Layout, cells, cut, table

START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
HOSTILE = "\x1b[2Jred\u202egnp[bold]\n"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def session(**changes: object) -> Session:
    status = changes.pop("status", SessionStatus.FAILED)
    assert isinstance(status, SessionStatus)
    values: dict[str, object] = {
        "id": "01KBH3X2J4ABCDEFGHJKMNPQRS",
        "pipeline": "daily-sales",
        "status": status,
        "slot": START,
        "date": "2026-02-01",
        "params": {"region": "jp"},
        "started_by": "arn:aws:sts::123456789012:assumed-role/ops/mika",
        "created_at": START,
        "attempts": (Attempt(number=1, execution_arn="arn:x", kind="run", status=status, started_at=START, stopped_at=at(12)),),
        "failed_job": "load",
        **changes,
    }
    return Session(**values)  # type: ignore[arg-type]


JOBS = (
    JobProgress(name="extract", status=JobStatus.SUCCEEDED, started_at=at(0), stopped_at=at(4), tries=2, output={"n": 1}),
    JobProgress(name="clean", status=JobStatus.RUNNING, started_at=at(4), items_done=3, items_total=8),
    JobProgress(name="load", status=JobStatus.FAILED, started_at=at(4), stopped_at=at(8), error="ValueError", coarse=True),
    JobProgress(name="publish", status=JobStatus.NOT_RUN),
)


def snapshot(**changes: object) -> SessionSnapshot:
    return SessionSnapshot(session=session(**changes), jobs=JOBS, taken_at=at(10))


FAILURE = SessionFailure(
    error="ValueError",
    cause="{}",
    message="no such region: xx",
    error_class=ErrorClass.CODE,
    job="load",
    state="load.write",
    resource="arn:aws:lambda:us-east-1:000000000000:function:load:3",
    traceback=('  File "/var/task/app.py", line 7, in handler', "ValueError: no such region: xx"),
    traceback_from="the error",
    hint="Look at the function's code.",
)


def test_a_row_has_one_cell_for_each_column() -> None:
    (row,) = session_rows([session()], now=at(10))
    assert len(row.cells) == len(COLUMNS)
    assert [cell.text for cell in row.cells][1:5] == ["01KBH3X2J4", "daily-sales", "failed", "2026-02-01"]


def test_times_stand_in_the_zone_that_was_asked_for() -> None:
    text = plain(session_list_lines([session()], now=at(10), zone=ZoneInfo("Asia/Tokyo")))
    assert "2026-02-01 03:00:00" in text


def test_the_pipelines_title_is_the_first_to_go_where_the_room_is_short() -> None:
    wide = session_list_lines([session()], now=at(10), titles={"daily-sales": "Sales, daily"}, width=200)
    assert wide[0].text.endswith("title")
    assert wide[1].text.endswith("Sales, daily")
    whole = max(cells(item.text) for item in wide)
    narrow = session_list_lines([session()], now=at(10), titles={"daily-sales": "Sales, daily"}, width=whole - 1)
    assert narrow[2].text == "left out: title; see --json"
    assert "title" not in session_list_lines([session()], now=at(10), titles={"daily-sales": ""})[0].text


def test_an_empty_list_says_so() -> None:
    assert plain(session_list_lines([], now=at(0))) == "no sessions\n"


@given(st.sets(st.text("ABC", min_size=12, max_size=14), min_size=1, max_size=12))
def test_short_ids_name_exactly_one_session(ids: set[str]) -> None:
    short = short_ids(list(ids))
    for session_id, prefix in short.items():
        others = [other for other in ids if other.startswith(prefix) and other != session_id]
        assert session_id.startswith(prefix)
        assert not others or prefix == session_id


def test_the_page_shows_jobs_failure_traceback_and_attempts() -> None:
    view = session_detail(SessionSnapshot(session=session(), jobs=JOBS, taken_at=at(10), failure=FAILURE))
    text = plain(detail_lines(view))
    for piece in (
        "daily-sales",
        "1/4 jobs",
        "try 2",
        "3/8 items",
        "inside one step on this endpoint",
        "no such region: xx",
        "line 7, in handler",
        "load.write",
        "hint: Look at",
        "attempts",
        "region=jp",
    ):
        assert piece in text, piece


def test_whom_to_ask_stands_below_the_failure_and_the_title_among_the_facts() -> None:
    about = About(title="売上", description="Bakes [b]pies[/b].", owner="data\x1b[31m team", runbook="docs/pies.md")
    failed = SessionSnapshot(session=session(), jobs=JOBS, taken_at=at(10), failure=FAILURE, about=about)
    lines = [item.text for item in failure_lines(failed)]
    assert lines[-2:] == ["owner    data\\x1b[31m team", "runbook  docs/pies.md"]
    page = plain(detail_lines(session_detail(failed)))
    assert "title       売上\n" in page
    assert "about       Bakes [b]pies[/b].\n" in page
    silent = [item.text for item in failure_lines(replace(failed, about=About()))]
    assert silent == lines[:-2], "nothing is said where the file says nothing"


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"polls": 7}, "poll 7"),
        ({"polls": 2, "tries": 3}, "poll 2  try 3"),
        ({"items_done": 500, "items_total": 900}, "500/900 items"),
        ({"items_done": 500, "items_total": 900, "items_failed": 2}, "500/900 items, 2 failed"),
        ({"items_total": 0}, "0/0 items"),
    ],
)
def test_a_job_says_how_often_it_asked_and_how_many_items_are_done(job: dict[str, int], said: str) -> None:
    progress = JobProgress(name="clean", status=JobStatus.RUNNING, started_at=at(4), **job)  # type: ignore[arg-type]
    (row,) = job_rows(replace(snapshot(), jobs=(progress,)))
    assert job_line(row, name_width=5).text.endswith(f"  {said}")


def test_the_item_that_failed_is_named() -> None:
    failed = replace(snapshot(), failure=replace(FAILURE, item="file-a"))
    assert "item file-a" in plain(failure_lines(failed))


def test_a_failed_session_names_the_resume_first() -> None:
    first, kept, second, third = next_steps(SessionSnapshot(session=session(), jobs=JOBS, taken_at=at(10), failure=FAILURE))
    assert first.command == "bunsui resume 01KBH3X2J4ABCDEFGHJKMNPQRS"
    assert kept.command == "bunsui checkpoints 01KBH3X2J4ABCDEFGHJKMNPQRS"
    assert kept.why == "what a resume keeps of 1 completed job"
    assert second.command.endswith("--job load")
    assert third.command.startswith("bunsui show ")


@pytest.mark.parametrize("status", list(SessionStatus))
def test_every_status_has_a_next_step_and_a_page(status: SessionStatus) -> None:
    view = session_detail(snapshot(status=status))
    assert view.next_steps
    assert status.value.replace("_", " ") in plain(detail_lines(view))


def test_hostile_text_shows_literally_everywhere() -> None:
    jobs = (JobProgress(name=HOSTILE, status=JobStatus.FAILED, error=HOSTILE, cause=HOSTILE, started_at=at(0)),)
    failure = SessionFailure(
        error=HOSTILE, cause=HOSTILE, message=HOSTILE, error_class=ErrorClass.CODE, job=HOSTILE, state=HOSTILE,
        resource=HOSTILE, child_arn=HOSTILE, traceback=(HOSTILE,), traceback_from=HOSTILE, hint=HOSTILE,
    )  # fmt: skip
    bad = session(pipeline=HOSTILE, params={HOSTILE: HOSTILE}, started_by=HOSTILE, failed_job=HOSTILE, date=HOSTILE,
                  commit=HOSTILE, version_arn=HOSTILE)  # fmt: skip
    page = SessionSnapshot(session=bad, jobs=jobs, taken_at=at(1), failure=failure)
    lines = [
        *detail_lines(session_detail(page)),
        *session_list_lines([bad], now=at(1)),
        *progress_lines(page),
        *result_lines({HOSTILE: [{HOSTILE: HOSTILE}], "text": HOSTILE, "deep": {"x": [HOSTILE, [HOSTILE]]}}),
    ]
    assert all(line.text.isprintable() for line in lines)
    assert "\\x1b[2Jred\\u202egnp[bold]" in plain(lines)
    assert all(step.command.isprintable() for step in next_steps(page))


def test_a_list_of_like_objects_becomes_a_table() -> None:
    text = plain(result_lines({"report": {"top": [{"city": "東京", "rows": 10}, {"city": "Oslo", "rows": 2}]}}))
    assert text.splitlines() == ["report", "  top  2 rows", "    city  rows", "    東京    10", "    Oslo     2"]


def test_rows_that_lack_a_field_or_hold_an_object_still_make_a_table() -> None:
    items: Json = [
        {"label": "a", "status": "succeeded", "output": 1},
        {"label": "b", "status": "failed", "error": {"Error": "E"}},
    ]
    text = plain(result_lines(items)).splitlines()
    assert text == ["label  status     output  error", "a      succeeded       1", 'b      failed             {"Error": "E"}']


def test_a_failure_that_the_session_handled_is_told_on_one_line() -> None:
    cause = '{"errorType": "ValueError", "errorMessage": "no such region"}'
    jobs = (JobProgress(name="load", status=JobStatus.FAILED, error="ValueError", cause=cause),)
    page = SessionSnapshot(session=session(status=SessionStatus.SUCCEEDED), jobs=jobs, taken_at=at(1))
    assert "load  ValueError  no such region" in plain(detail_lines(session_detail(page)))


def test_other_results_are_json() -> None:
    text = plain(result_lines({"load": {"rows": 3, "names": ["a", 1], "ok": True, "none": None}}))
    assert text.splitlines()[0] == "load"
    assert "rows  3" in text
    assert "ok  true" in text
    assert "none  null" in text


def test_nothing_is_shown_for_no_result() -> None:
    assert result_lines(None) == result_lines({}) == ()


def test_columns_without_content_are_left_out() -> None:
    (head, row) = table(("a", "b", "c"), [[span("1"), span(""), span("3")]])
    assert (head.text, row.text) == ("a  c", "1  3")


def test_columns_go_by_rank_where_the_room_is_short_and_are_named() -> None:
    rows = [[span("name-of-it"), span("b" * 20), span("c" * 20)]]
    layout = Layout(drop=(2, 1))
    assert [item.text for item in table(("name", "one", "two"), rows, layout, width=40)][1:] == [
        f"name-of-it  {'b' * 20}",
        "left out: two; see --json",
    ]
    assert [item.text for item in table(("name", "one", "two"), rows, layout, width=12)][1:] == [
        "name-of-it",
        "left out:",
        "  one, two;",
        "  see --json",
    ]


def test_a_name_is_never_cut() -> None:
    assert table(("name",), [[span("n" * 90)]], Layout(whole=frozenset({0})), width=40)[1].text == "n" * 90


NAMES = st.text(st.sampled_from("ab-受注明細テーブル"), min_size=1, max_size=18).map(span)


@given(st.lists(st.lists(NAMES, min_size=4, max_size=4), min_size=1, max_size=4), st.integers(40, 120))
def test_a_table_fits_when_what_must_stay_does(rows: list[list[Span]], width: int) -> None:
    lines = table(("", "name", "one", "two"), rows, Layout(whole=frozenset({1}), drop=(3, 2, 0)), width=width)
    assert max(cells(item.text) for item in lines) <= max(width, 36)


@pytest.mark.parametrize("width", [60, 80])
def test_the_list_of_sessions_fits(width: int) -> None:
    long = replace(session(), pipeline="受注明細の取り込み", started_by="arn:aws:sts::1:assumed-role/deploy/GitHubActions")
    lines = session_list_lines([long, session()], now=at(10), width=width)
    assert max(cells(item.text) for item in lines) <= width
    assert "受注明細の取り込み" in lines[1].text


@given(st.text(max_size=30), st.integers(1, 20))
def test_a_cut_text_never_takes_more_cells(text: str, width: int) -> None:
    assert cells(cut(text, width)) <= width


@given(st.lists(st.lists(st.text(max_size=12).map(span), min_size=3, max_size=3), min_size=1, max_size=5))
def test_table_columns_line_up_in_cells(rows: list[list[Span]]) -> None:
    rows.append([span("x"), span("y"), span("z")])
    lines = table(("one", "two", "three"), rows, Layout(right=frozenset({2})))
    assert len({cells(line.text) for line in lines}) == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-1, "0.0 s"),
        (0.04, "0.0 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (3601, "1 h 00 min"),
        (3 * 86400, "3 d 00 h"),
    ],
)
def test_durations_have_at_most_two_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_the_window_reaches_to_now_while_a_job_runs() -> None:
    assert window_of(JOBS, now=at(20)) == Window(start=at(0), stop=at(20))
    assert window_of([JobProgress(name="x", status=JobStatus.WAITING)], now=at(1)) is None


def test_a_bar_is_a_fraction_of_the_window() -> None:
    bar = bar_of(JOBS[2], Window(start=at(0), stop=at(16)), now=at(16))
    assert bar == TimelineBar(offset=0.25, extent=0.25, is_open=False)
    assert drawn(bar, 8) == "  ██    "


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 60), st.booleans())
def test_a_drawn_bar_fills_its_width_and_is_never_invisible(offset: float, end: float, width: int, is_open: bool) -> None:
    text = drawn(TimelineBar(offset=min(offset, end), extent=abs(end - offset), is_open=is_open), width)
    assert len(text) == width
    assert text.strip()
