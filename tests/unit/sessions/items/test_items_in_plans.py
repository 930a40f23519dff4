"""What a plan hands on to the choice of items, and what of it the new attempt is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.fingerprints import ToldFingerprints, fingerprint_comment
from bunsui.compile.foreach.kept import told_items
from bunsui.compile.jobs import guard_name
from bunsui.model.json import Json
from bunsui.model.pipeline import Job
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.checkpoints import AttemptHistory, ResumePlan, ResumeWishes, item_history, plan_resume
from bunsui.sessions.explain import item_label
from bunsui.sessions.items.choice import NO_ITEMS, ItemHistory
from bunsui.sessions.items.reading import ItemCheckpoints, ItemPlan
from bunsui.sessions.truth import of_summary
from tests.unit.sessions.items.test_item_rules import STARTED, entered, gave, history, machine, result
from tests.unit.sessions.items.test_which_items import BEFORE, CHANGED, DONE, EACH, READS, UNREAD
from tests.unit.sessions.logs.test_called_work import summary
from tests.unit.sessions.test_checkpoints import done
from tests.unit.sessions.test_checkpoints import job as plain

KEPT: dict[int, Json] = {0: {"n": 1}}
ITEM = ItemPlan(total=4, done=3, results=KEPT)
APPLIED = ToldFingerprints(jobs={"each": "1.2", "before": ""})
FOUND = ItemHistory(
    found={"each": DONE},
    definition={"States": {guard_name("each"): {"Choices": told_items("each")}}},
)


def again(why: str, *, may_be_kept: bool = False) -> ItemPlan:
    return replace(ITEM, results={}, why_again=why, may_be_kept=may_be_kept)


def plan(*jobs: Job, finished: str = "", items: ItemHistory = FOUND, **options: Any) -> ResumePlan:
    return plan_resume(jobs, done(*finished.split()), builtin_registry(), items=items, **{"applied": APPLIED, **options})


@pytest.mark.parametrize(
    ("job", "options", "expected"),
    [
        (EACH, {}, ITEM),
        (EACH, {"items": NO_ITEMS}, None),
        (EACH, {"wishes": ResumeWishes(begin=frozenset({"each"}))}, None),
        (EACH, {"applied": CHANGED}, again("its code changed", may_be_kept=True)),
        (EACH, {"applied": CHANGED, "wishes": ResumeWishes(keep=frozenset({"each"}))}, ITEM),
        (EACH, {"nested": {"each": "inner changed"}}, again("inner changed", may_be_kept=True)),
        (READS, {"finished": "before"}, ITEM),
        (READS, {}, again(BEFORE)),
        (READS, {"finished": "before", "wishes": ResumeWishes(given={"before": {"n": 1}})}, again(BEFORE)),
        (UNREAD, {}, replace(ITEM, results={0: {}, 2: {}})),
        (UNREAD, {"carry_all": True}, ITEM),
    ],
)
def test_a_plan_says_of_each_job_what_becomes_of_its_items(
    job: Job, options: dict[str, Any], expected: ItemPlan | None
) -> None:
    found = plan(plain("before"), job, **options)
    assert found.items == ({} if expected is None else {"each": expected})
    told = expected.payload if expected is not None and expected.results else None
    assert found.payload.get("items") == (None if told is None else {"each": told})


def test_items_of_a_job_that_is_done_and_runs_again_are_of_no_use() -> None:
    finished = {**done("before"), "each": replace(done("each")["each"], outputs={"all": []}, fingerprint="1.1")}
    found = plan_resume((plain("before"), EACH), finished, builtin_registry(), applied=APPLIED, items=FOUND)
    assert (found.to_run, found.items) == (("each",), {})


def test_a_plan_with_other_items_tells_only_those_that_are_kept() -> None:
    first = plan(EACH)
    none = ItemPlan(total=4, done=3, why_again="no room")
    both = first.with_items({"other": none, "each": ITEM})
    assert both == replace(first, items={"other": none, "each": ITEM})
    assert first.with_items({"each": none}) == replace(
        first, items={"each": none}, payload={key: value for key, value in first.payload.items() if key != "items"}
    )
    assert first.with_items({"other": ITEM}).payload == {**first.payload, "items": {"other": ITEM.payload}}


def test_the_newest_attempt_tells_of_items_unless_an_older_one_was_revived_since() -> None:
    definition = machine(fingerprint_comment({"each": "1"}))
    events = history(entered(), STARTED, *gave(0, result(0)))
    old, new = (AttemptHistory(number=number, definition=definition, events=events[: 9 - number]) for number in (1, 2))
    found = {"each": ItemCheckpoints(total=3, results={0: result(0)}, fingerprint="1")}
    assert item_history([old, new], {"now": 1}) == ItemHistory(found=found, definition={"now": 1})
    assert item_history([new, old], {"now": 1}) == item_history([], {"now": 1}) == NO_ITEMS
    assert item_history([replace(old, events=[]), new], {}).found == found


@pytest.mark.parametrize(
    ("given", "label"), [({"label": "n"}, "n"), ({"label": ""}, ""), ({"label": 3}, ""), ({}, ""), (["label"], ""), (None, "")]
)
def test_an_item_is_called_by_its_label_or_by_its_executions_name(given: Json, label: str) -> None:
    item = replace(of_summary(summary("name"), "arn:m"), input=given)
    assert item_label(item) == (label or "name")
