"""The tree of jobs: items below their foreach, nested pipelines below their job, folded and unfolded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bunsui.model.session import JobProgress, JobStatus
from bunsui.services.history.events import EventList, SessionEvent
from bunsui.view.sessions.job_rows import JobRow, job_row
from bunsui.view.sessions.tabs.job_tree import item_rows, tree_of
from bunsui.view.sessions.timeline import TimelineBar, Window, drawn

NOW = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
WINDOW = Window(start=NOW, stop=NOW + timedelta(seconds=10))


def row(name: str, **more: object) -> JobRow:
    job = JobProgress(name=name, started_at=NOW, **{"status": JobStatus.RUNNING, **more})  # type: ignore[arg-type]
    return job_row(job, WINDOW, now=NOW, zone=UTC)


def event(number: int, kind: str, item: str, *, error: str = "", number_of_try: int = 1) -> SessionEvent:
    at = NOW + timedelta(seconds=number)
    return SessionEvent(
        at=at, execution=1, id=number, type=kind, job="each", state="each.call", item=item,
        error=error, message="", execution_arn="arn:1", number_of_try=number_of_try,
    )  # fmt: skip


EVENTS = EventList(
    events=(
        event(1, "TaskStateEntered", "a"),
        event(2, "TaskStateEntered", "b"),
        event(3, "TaskFailed", "a", error="Busy"),
        event(4, "TaskSucceeded", "a", number_of_try=2),
        event(5, "TaskStateExited", "a", number_of_try=2),
        event(6, "TaskFailed", "b", error="Bad"),
        event(7, "TaskStateExited", "b"),
        event(8, "TaskStateEntered", "c"),
    )
)


def test_an_item_stands_as_its_last_answer_says() -> None:
    each = row("each", items_done=2, items_total=3)
    found = item_rows(EVENTS, [each], WINDOW, now=NOW, zone=UTC)["each"]
    assert [(one.item, one.status, one.tries) for one in found] == [
        ("a", JobStatus.SUCCEEDED, "try 2"),
        ("b", JobStatus.FAILED, ""),
        ("c", JobStatus.RUNNING, ""),
    ]
    assert len({one.key for one in found}) == 3


def test_items_are_folded_and_pipelines_are_not_until_somebody_turns_them() -> None:
    each = row("each", items_done=2, items_total=3)
    inner = row("load")
    rows = (each, row("runs"), JobRow(**{name: getattr(inner, name) for name in inner.__slots__} | {"path": "runs/load"}))
    items = item_rows(EVENTS, rows, WINDOW, now=NOW, zone=UTC)
    shown = tree_of(rows, items, frozenset())
    assert [(one.row.key, one.mark) for one in shown] == [("each", "▸ "), ("runs", "▾ "), ("runs/load", "  ")]
    turned = tree_of(rows, items, {"each", "runs"})
    assert [one.row.key for one in turned] == ["each", "each a", "each b", "each c", "runs"]


def test_a_wait_says_until_when_and_what_took_no_time_is_a_thin_mark() -> None:
    later = NOW + timedelta(hours=2)
    assert row("hold", waits_until=later).note == "waits until 20:00:00"
    assert row("hold", waits_until=later + timedelta(days=1)).note == "waits until 2026-02-01 20:00:00"
    assert drawn(TimelineBar(offset=0.97, extent=0.0, is_open=False), 20).strip() == "▏"
