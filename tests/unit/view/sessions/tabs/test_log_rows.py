"""A log that grows: what is let through, what is found, and that a tick costs what is new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import perf_counter

from bunsui.sessions.logs.task_logs import LogEntry
from bunsui.view.sessions.tabs import log_rows
from bunsui.view.sessions.tabs.log_rows import MOST_LINES, LogRows

START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)


def entries(first: int, count: int, job: str = "load") -> list[LogEntry]:
    return [
        LogEntry(at=START + timedelta(seconds=number), job=job, function="f", stream="s", message=f"row {number} of many")
        for number in range(first, first + count)
    ]


def test_lines_of_a_job_or_with_a_text_are_let_through_also_of_what_comes_later() -> None:
    rows = LogRows(UTC)
    rows.take([*entries(0, 3), *entries(3, 2, "clean"), *entries(5, 1, "load/inner")])
    rows.choose(job="load")
    assert len(rows.shown) == 4
    rows.choose(job="load", wanted="ROW 1")
    assert [rows.line(place).text for place in range(len(rows.shown))] == ["18:00:01  load        row 1 of many"]
    rows.take(entries(10, 2))
    assert len(rows.shown) == 3
    assert rows.total == 8


def test_a_match_is_found_onwards_and_backwards_round_the_end() -> None:
    rows = LogRows(UTC)
    rows.take(entries(0, 30))
    places = [rows.find("row 2", -1, 1)]
    for _ in range(2):
        assert places[-1] is not None
        places.append(rows.find("row 2", places[-1], 1))
    assert places == [2, 20, 21]
    assert rows.find("row 2", 2, -1) == 29
    assert rows.find("nothing", -1, 1) is None


def test_what_is_hostile_in_a_line_is_shown_and_lines_below_the_first_are_its_own() -> None:
    rows = LogRows(UTC)
    rows.take([LogEntry(at=START, job="load", function="f", stream="s", message="[ERROR] \x1b[31m\n  File x\n")])
    assert rows.total == 2
    assert "\\x1b[31m" in rows.line(0).text


def test_the_oldest_lines_go_when_there_are_too_many(monkeypatch: object) -> None:
    rows = LogRows(UTC)
    rows.take(entries(0, MOST_LINES))
    rows.take(entries(MOST_LINES, 10))
    assert rows.is_cut
    assert rows.total <= MOST_LINES
    assert rows.line(len(rows.shown) - 1).text.endswith(f"row {MOST_LINES + 9} of many")


def test_a_tick_on_twenty_thousand_lines_costs_what_is_new() -> None:
    rows = LogRows(UTC)
    rows.take(entries(0, 20_000))
    took = []
    for tick in range(10):
        fresh = entries(20_000 + tick * 100, 100)
        began = perf_counter()
        rows.take(fresh)
        took.append(perf_counter() - began)
    assert sorted(took)[5] < 0.05
    assert log_rows.MOST_LINES > 20_000


def test_a_job_with_a_longer_name_widens_the_lines_that_are_there_already() -> None:
    rows = LogRows(UTC)
    rows.take(entries(0, 1))
    rows.take(entries(1, 1, "load-and-clean"))
    assert [rows.line(place).text for place in range(2)] == [
        "18:00:00  load            row 0 of many",
        "18:00:01  load-and-clean  row 1 of many",
    ]
    assert rows.text() == "\n".join(rows.line(place).text for place in range(2))
