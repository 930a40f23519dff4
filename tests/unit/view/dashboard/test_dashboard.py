"""The home page as values: counts, rhythm, rows, causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.session import Attempt, FailureNote, JobProgress, JobStatus, Session, SessionStatus
from bunsui.services.morning.expected import ExpectedRun, RunState
from bunsui.services.session_filter import parse_filter
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.tui.widgets.session_board import BoardSight, board_columns
from bunsui.view.dashboard.cause import alike_today, cause_lines
from bunsui.view.dashboard.day import SLOTS, counts_line, counts_of, rhythm_line, rhythm_of
from bunsui.view.dashboard.rows import (
    BoardRow,
    board_rows,
    job_cell,
    progress_cell,
    shared_of,
    started_cell,
    status_cell,
    took_cell,
    watch_time,
)
from bunsui.view.spans import line

NOW = datetime(2026, 1, 31, 8, 14, tzinfo=UTC)
NOTE = FailureNote(
    fingerprint="f1-1", error_class="code", error="ValueError", message="no column", place="load", completed=("extract",)
)


def row(
    name: str, status: SessionStatus, *, minutes: float = 5, took: float | None = 60, pipeline: str = "orders", **more: object
) -> Session:
    began = NOW - timedelta(minutes=minutes)
    ended = began + timedelta(seconds=took) if took is not None and status.is_final else None
    attempt = Attempt(number=1, execution_arn=f"arn:{name}", kind="run", status=status, started_at=began, stopped_at=ended)
    values: dict[str, object] = {
        "id": name,
        "pipeline": pipeline,
        "status": status,
        "slot": began,
        "date": f"{began:%Y-%m-%d}",
        "params": {},
        "started_by": "schedule nightly",
        "created_at": began,
        "attempts": (attempt,),
        **more,
    }
    return Session(**values)  # type: ignore[arg-type]


def due(state: RunState, minutes: float = 44) -> ExpectedRun:
    return ExpectedRun(pipeline="stock", schedule="often", at=NOW - timedelta(minutes=minutes), state=state)


OK, FAILED, RUNNING = SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.RUNNING


def test_the_day_counts_what_began_in_it_and_all_that_goes_on() -> None:
    rows = [
        row("a", OK),
        row("b", FAILED),
        row("c", RUNNING, minutes=3000),
        row("d", OK, minutes=3000),
        row("e", OK, skipped=True),
    ]
    counts = counts_of(rows, [due(RunState.LATE)], now=NOW, is_whole=True)
    assert line(*counts_line(counts, is_narrow=False)).text == "✗ 1 failed  ! 1 late  ● 1 running  - 1 skipped  ✓ 1 ok  in 24 h"
    assert line(*counts_line(counts, is_narrow=True)).text == "✗ 1  ! 1 late  ● 1  - 1  ✓ 1  in 24 h"


def test_a_list_that_is_cut_within_the_day_says_so() -> None:
    counts = counts_of([row("a", OK)], (), now=NOW, is_whole=False)
    assert line(*counts_line(counts, is_narrow=False)).text.endswith("of the newest")


def test_the_rhythm_marks_half_hours_with_failures_and_leaves_open_what_was_not_read() -> None:
    rows = [*(row(f"{number}", OK, minutes=1) for number in range(4)), row("x", FAILED, minutes=75)]
    rhythm = rhythm_of(rows, now=NOW, complete_since=NOW - timedelta(hours=23))
    text = rhythm_line(rhythm, UTC, width=80).text
    assert text.startswith("08h  ")
    assert text.endswith("✗▁▁█ now")
    assert rhythm.unseen == 2
    assert sum(rhythm.starts) == 5
    assert len(rhythm.starts) == SLOTS


def test_the_rhythm_gives_way_where_there_is_no_room() -> None:
    rhythm = rhythm_of([row("a", OK)], now=NOW, complete_since=None)
    assert rhythm_line(rhythm, UTC, width=15).text == ""
    assert len(rhythm_line(rhythm, UTC, width=40).text) <= 40


def test_runs_that_are_not_there_stand_among_the_sessions_once_a_schedule() -> None:
    missing = [due(RunState.MISSING, minutes) for minutes in (10, 15, 20)]
    rows = board_rows([row("new", OK, minutes=5), row("old", OK, minutes=30)], missing, {}, parse_filter(""))
    assert [one.key for one in rows] == ["new", "due stock often missing", "old"]
    assert job_cell(rows[1]).text == "never started ×3"
    assert started_cell(rows[1], NOW, UTC).text == "due 08:04"
    assert took_cell(rows[1], NOW).text == "+10:00"


def test_the_cause_of_an_overdue_run_says_when_it_was_looked_for() -> None:
    (shown,) = board_rows([], [due(RunState.LATE)], {}, parse_filter(""), due_at=NOW)
    assert "ago" not in "".join(one.text for one in cause_lines(shown, (), (), now=NOW, zone=UTC))
    later = cause_lines(shown, (), (), now=NOW + timedelta(minutes=3), zone=UTC)
    assert any("it may still come  looked 3:00 ago" in one.text for one in later)


@pytest.mark.parametrize(
    ("text", "is_shown"), [("stock", True), ("pipeline:sto", True), ("status:failed", False), ("x", False)]
)
def test_a_filter_asks_of_them_what_they_have(text: str, is_shown: bool) -> None:
    assert bool(board_rows([], [due(RunState.LATE)], {}, parse_filter(text))) is is_shown


def test_a_running_row_says_what_it_is_at_and_how_far() -> None:
    session = row("a", RUNNING, minutes=1)
    jobs = (
        JobProgress(name="extract", status=JobStatus.SUCCEEDED),
        JobProgress(name="each", status=JobStatus.RUNNING, items_done=7, items_total=12, items_failed=1),
        JobProgress(name="side", status=JobStatus.RUNNING),
        JobProgress(name="load", status=JobStatus.WAITING),
    )
    seen = SessionSnapshot(session=session, jobs=jobs, taken_at=NOW)
    (shown,) = board_rows([session], (), {"a": seen}, parse_filter(""))
    assert job_cell(shown).text == "each 7/12 !1 +1"
    assert progress_cell(shown, NOW).text == "▇▁▁▁▁ 1/4"
    assert progress_cell(shown, NOW + timedelta(seconds=75)).text == "▇▁▁▁▁ 1/4 1:15 ago"
    assert took_cell(shown, NOW).text == "1:00"


def test_what_takes_longer_than_its_pipeline_does_is_marked() -> None:
    known = [row(f"{number}", OK, minutes=60 + number, took=30) for number in range(3)]
    rows = board_rows([row("now", RUNNING, minutes=1), *known], (), {}, parse_filter(""))
    assert (rows[0].p95, took_cell(rows[0], NOW).text) == (30, "1:00+")
    assert board_rows(known[:2], (), {}, parse_filter(""))[0].p95 is None


def test_what_all_rows_have_in_common_has_no_column() -> None:
    rows = board_rows([row("a", OK), row("b", OK, started_by="schedule hourly")], (), {}, parse_filter(""))
    assert shared_of(rows, UTC).by == ""
    shared = shared_of(board_rows([row("a", OK), row("b", OK)], (), {}, parse_filter("")), UTC)
    assert (shared.by, shared.has_attempts, shared.has_slots, shared.has_p95) == ("nightly", False, False, False)


@pytest.mark.parametrize(
    ("room", "titles"),
    [
        (40, ["status", "pipeline", "started", "took"]),
        (78, ["status", "pipeline", "job now", "started", "took", "by"]),
        (158, ["status", "pipeline", "job now", "started", "took", "by", "looked at"]),
    ],
)
def test_columns_come_with_the_room_and_names_and_times_are_always_there(room: int, titles: list[str]) -> None:
    sessions = [
        row("a", FAILED, failure=NOTE, failed_job="load"),
        row("b", OK, started_by="arn:aws:sts::1:assumed-role/dev/root"),
    ]
    rows: tuple[BoardRow, ...] = board_rows(sessions, (), {}, parse_filter(""))
    sight = BoardSight(now=lambda: NOW, zone=lambda: UTC, looked_at=lambda _name: "3 s ago")
    columns = [column for column, _ in board_columns(rows, shared_of(rows, UTC), sight, frozenset(), room=room)]
    assert [column.title for column in columns] == titles
    assert sum(column.width + 2 for column in columns) - 2 <= room


def test_the_cause_of_a_failure_says_how_often_and_what_can_be_done() -> None:
    newest = row("new", FAILED, failure=NOTE, failed_job="load")
    others = [row(f"{number}", FAILED, minutes=60 + number, failure=NOTE) for number in range(2)]
    (shown,) = board_rows([newest], (), {}, parse_filter(""))
    told = [one.text for one in cause_lines(shown, [newest, *others], [("R", "resume…")], now=NOW, zone=UTC)]
    assert told[0] == "orders  new  load  ValueError  3rd time in 24 h"
    assert told[1:] == ["  no column", "  completed  extract", "  R resume…   "]
    assert alike_today(others[1], [newest, *others], NOW) == 1
    elsewhere = [replace(one, pipeline="refunds") for one in others]
    assert alike_today(newest, [newest, *elsewhere], NOW) == 1, "of its own pipeline it is the first"
    assert status_cell(shown, NOW).text == "✗ failed"


def test_a_failure_that_nobody_looked_into_is_told_as_that() -> None:
    (shown,) = board_rows([row("a", FAILED)], (), {}, parse_filter(""))
    assert any("nobody looked yet why" in one.text for one in cause_lines(shown, (), (), now=NOW, zone=UTC))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0:00"), (59, "0:59"), (760, "12:40"), (3723, "1:02:03"), (200000, "2d 07h"), (-5, "0:00")]
)
def test_times_are_shown_as_on_a_stop_watch(seconds: float, text: str) -> None:
    assert watch_time(seconds) == text
