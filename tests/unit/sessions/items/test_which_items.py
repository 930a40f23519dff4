"""Which items of several jobs a new attempt keeps, what of them it is told, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.compile.fingerprints import ToldFingerprints
from bunsui.compile.foreach.kept import told_items
from bunsui.compile.jobs import guard_name
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, S3Items
from bunsui.model.values import Expression
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.items.choice import ItemChoice, ItemHistory, choose_items
from bunsui.sessions.items.reading import ItemCheckpoints, ItemPlan, UnreadItems

RUN_AT = datetime(2026, 1, 31, tzinfo=UTC)
NAMES = ("plain", "unknown", "begun", "each")
FOREACH = Foreach(items=Expression("$params.items"))
EACH = Job(name="each", operations=(), foreach=FOREACH, outputs={"all": Expression("$result")})
BEHIND = replace(EACH, depends_on=("before",))
READS = replace(EACH, foreach=Foreach(items=Expression("$jobs.before.list")))
UNREAD = replace(EACH, outputs={})
DISTRIBUTED = replace(EACH, foreach=replace(FOREACH, is_distributed=True))
BATCHED = replace(EACH, foreach=replace(FOREACH, is_distributed=True, batch=2))
FROM_S3 = replace(EACH, foreach=replace(FOREACH, is_distributed=True, source=S3Items(bucket="b", key="k", format="json")))
GAVE: dict[int, Json] = {0: {"n": 1}, 2: {}}
DONE = ItemCheckpoints(total=4, results=GAVE, fingerprint="1.2", untold=1)
CHOICE = ItemChoice(
    same=frozenset(),
    begin=frozenset({"begun"}),
    keep=frozenset(),
    nested={},
    applied=ToldFingerprints(jobs=dict.fromkeys(NAMES, "1.2")),
    every=frozenset({*NAMES, "before"}),
)
KEEP = replace(CHOICE, keep=frozenset({"each"}))
CHANGED = ToldFingerprints(jobs={"each": "1.3"})
BEFORE = "something that it depends on runs again, or is given"
UNTOLD = "its history does not tell what they gave"
OTHER_BATCHES = "its items ran one by one, and would now run in batches of 2"
EARLIER = "an earlier bunsui compiled what is applied: after an apply its items can be kept"


@pytest.mark.parametrize(
    ("job", "choice", "unread"),
    [
        (EACH, CHOICE, UnreadItems(run="run", run_at=RUN_AT, needs_results=True)),
        (UNREAD, CHOICE, UnreadItems(run="run", run_at=RUN_AT, needs_results=False)),
    ],
)
def test_items_with_executions_of_their_own_are_still_to_be_read(job: Job, choice: ItemChoice, unread: UnreadItems) -> None:
    apart = ItemCheckpoints(total=0, results={}, run="run", run_at=RUN_AT, fingerprint="1.2")
    assert choose(job, choice=choice, done=apart) == {"each": ItemPlan(total=0, done=0, unread=unread)}


def choose(
    *jobs: Job, choice: ItemChoice = CHOICE, done: ItemCheckpoints = DONE, carry_all: bool = False, is_old: bool = False
) -> dict[str, ItemPlan]:
    """Return what becomes of the items of these jobs, all of which were at work before but for `unknown`."""
    choices: dict[str, Any] = {guard_name(name): {"Choices": "" if is_old else told_items(name)} for name in NAMES}
    items = ItemHistory(found=dict.fromkeys(("plain", "begun", "each"), done), definition={"States": choices})
    return choose_items(jobs, choice, items, builtin_registry(), carry_all=carry_all)


@pytest.mark.parametrize("other", ["plain", "unknown", "begun"])
def test_a_job_without_items_that_were_done_says_nothing_of_those_behind_it(other: str) -> None:
    first = replace(EACH, name=other, foreach=None if other == "plain" else FOREACH)
    assert choose(first, EACH) == {"each": ItemPlan(total=4, done=3, results={0: {"n": 1}})}


@pytest.mark.parametrize(
    ("job", "options", "results", "why", "may_be_kept"),
    [
        (EACH, {}, {0: {"n": 1}}, "", False),
        (UNREAD, {}, {0: {}, 2: {}}, "", False),
        (UNREAD, {"carry_all": True}, {0: {"n": 1}}, "", False),
        (EACH, {"done": replace(DONE, results={2: {}})}, {}, UNTOLD, False),
        (EACH, {"is_old": True}, {}, EARLIER, False),
        (EACH, {"is_old": True, "choice": replace(CHOICE, applied=CHANGED)}, {}, EARLIER, False),
        (DISTRIBUTED, {}, {0: {"n": 1}}, "", False),
        (BATCHED, {}, {}, "its items were given in another way then", False),
        (BATCHED, {"choice": KEEP, "done": replace(DONE, run="run")}, {}, OTHER_BATCHES, False),
        (FROM_S3, {}, {}, "its items were given in another way then", False),
        (EACH, {"choice": replace(CHOICE, applied=CHANGED)}, {}, "its code changed", True),
        (EACH, {"choice": replace(KEEP, applied=CHANGED)}, {0: {"n": 1}}, "", False),
        (EACH, {"choice": replace(CHOICE, nested={"each": "its pipeline changed"})}, {}, "its pipeline changed", True),
        (BEHIND, {}, {}, BEFORE, False),
        (BEHIND, {"choice": KEEP}, {}, BEFORE, False),
        (BEHIND, {"choice": replace(CHOICE, same=frozenset({"before"}))}, {0: {"n": 1}}, "", False),
        (READS, {}, {}, BEFORE, False),
        (READS, {"choice": replace(CHOICE, same=frozenset({"before", "more"}))}, {0: {"n": 1}}, "", False),
        (replace(EACH, outputs={"x": Expression("$jobs.each.x & $result")}), {}, {0: {"n": 1}}, "", False),
    ],
)
def test_items_are_kept_unless_something_says_that_they_would_be_others(
    job: Job, options: dict[str, Any], results: dict[int, Json], why: str, may_be_kept: bool
) -> None:
    done = options.get("done", DONE)
    expected = ItemPlan(total=4, done=len(done.results) + 1, results=results, why_again=why, may_be_kept=may_be_kept)
    assert choose(job, **options) == {"each": expected}
