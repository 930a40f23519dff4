"""Results of items that do not fit into an execution's input: whole jobs run again, said before anything starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bunsui.model.session import Session, SessionStatus
from bunsui.services.resume import ITEMS_ROOM, Resumption, fit_items
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.payload import execution_input, json_bytes
from bunsui.sessions.recovery.nested import ChildResume

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SESSION = Session(
    id="s", pipeline="p", status=SessionStatus.FAILED, slot=NOW, date="2026-01-31", params={}, started_by="x", created_at=NOW
)
PLAN = ResumePlan(restored=(), to_run=("small", "large"), skipped=(), outdated={}, payload={"jobs": {}, "status": {}})


def items(kib: int) -> ItemPlan:
    return ItemPlan(total=9, done=1, results={3: {"label": "3", "status": "succeeded", "output": "x" * kib * 1024}})


def planned(small: int, large: int, **more: ChildResume) -> Resumption:
    plan = PLAN.with_items({"small": items(small), "large": items(large)})
    return Resumption(session=SESSION, plan=plan, checkpoints={}, children=tuple(more.values()))


def test_what_fits_is_kept() -> None:
    found = fit_items(planned(50, 150))
    assert [item.kept for item in found.plan.items.values()] == [1, 1]
    payload = execution_input(SESSION, 1, found.carried.payload)
    assert json_bytes(payload) < ITEMS_ROOM


def test_the_largest_job_runs_all_its_items_and_says_what_would_help() -> None:
    found = fit_items(planned(100, 150))
    assert {job: item.kept for job, item in found.plan.items.items()} == {"small": 1, "large": 0}
    assert list(found.payload["items"]) == ["small"]  # type: ignore[arg-type]
    why = found.plan.items["large"].why_again
    assert why.startswith("what they gave does not fit into the 256 KiB of an execution's input beside what else is kept; ")
    assert why.endswith("(bucket: managed)")


def test_items_of_child_pipelines_go_last() -> None:
    child = ChildResume(job="kid", state="kid", pipeline="c", plan=PLAN.with_items({"each": items(245)}), params={})
    found = fit_items(planned(1, 1, child=child))
    assert [item.kept for item in found.plan.items.values()] == [0, 0]
    assert [item.kept for item in found.children[0].plan.items.values()] == [0]
    assert json_bytes(found.payload) < 1024


def test_nothing_is_touched_where_large_outputs_are_the_reason() -> None:
    plan = replace(PLAN, payload={"jobs": {"a": {"n": "x" * 300 * 1024}}, "status": {}})
    found = fit_items(Resumption(session=SESSION, plan=plan, checkpoints={}))
    assert found.plan.items == {}
