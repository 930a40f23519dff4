"""Items that all start: what their executions tell, what an earlier attempt told, and whether the object is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bunsui.compile.foreach.recognized import batch_digest, batched_values, items_in
from bunsui.errors import CloudError
from bunsui.model.json import Json
from bunsui.sessions.items.children import ChildItem, child_item, merge_recognized
from bunsui.sessions.items.reading import UNTOLD_RESULTS, ItemPlan, UnreadItems, told_kept
from bunsui.sessions.items.source import ItemSource, why_source_changed
from bunsui.sessions.truth import of_summary
from bunsui.testkit.objects import MemoryObjectLists
from tests.unit.sessions.logs.test_called_work import summary

READ = datetime(2026, 1, 31, 12, tzinfo=UTC)
OBJECT = ItemSource(address="s3://lake/in/a.csv", since=READ)
PREFIX = replace(OBJECT, address="s3://lake/in/", most_listed=11)
GAVE: Json = {"label": "b", "status": "succeeded", "output": 2}
UNREAD = UnreadItems(run="run", run_at=READ, needs_results=True, is_recognized=True)
ONE, TWO = batch_digest(["aa"]), batch_digest(["aa", "bb"])


def boxed(place: int, digest: str, value: Json = None) -> dict[str, Json]:
    return {"index": place, "digest": digest, "kept": "", "value": value}


@pytest.mark.parametrize(
    ("given", "gave", "expected"),
    [
        ({"index": 3, "digest": "aa", "source": "s3://b/k"}, GAVE, (3, "aa", "s3://b/k", GAVE, False)),
        ({"index": 3, "digest": "aa"}, 1, (3, "aa", "", {}, False)),
        ({"index": 3, "digest": "aa"}, {"status": "skipped"}, (3, "aa", "", None, False)),
        ({"index": 3, "digest": "aa"}, {"kept": "3"}, (3, "aa", "", {}, True)),
        ({"Items": [boxed(4, "aa"), boxed(5, "bb")]}, GAVE, (4, TWO, "", GAVE, False)),
        ({"Items": [boxed(4, "aa")], "BatchInput": {"source": "s3://b/k"}}, 1, (4, ONE, "s3://b/k", {}, False)),
        ({"Items": [boxed(4, "aa"), 5]}, GAVE, None),
        ({"Items": []}, GAVE, None),
        ({"index": 3}, GAVE, None),
        ({"index": "3", "digest": "aa"}, GAVE, None),
        ({"index": 3, "digest": "aa"}, None, None),
        ("x", GAVE, None),
    ],
)  # fmt: skip
def test_an_execution_tells_which_item_it_had_and_what_that_gave(given: Json, gave: Json, expected: Any) -> None:
    child = replace(of_summary(summary("a"), "arn:m"), input=given, output=gave)
    if expected is not None:
        names = ("place", "digest", "source", "result", "is_kept")
        expected = ChildItem(**dict(zip(names, expected, strict=True)))
    assert child_item(child) == expected


def child(place: int, digest: str, result: Json = GAVE, *, is_kept: bool = False) -> ChildItem:
    return ChildItem(place=place, digest=digest, source="", result=result, is_kept=is_kept)


OLD: Json = {"status": "succeeded", "output": "old"}
EARLIER = replace(OBJECT, since=READ - timedelta(hours=1))
TOLD = ItemPlan(total=5, done=2, results={0: OLD, 1: OLD}, digests={0: "aa", 1: "bb"}, source=EARLIER)


@pytest.mark.parametrize(
    ("gave", "results", "digests", "source"),
    [
        ([child(2, "cc")], {0: OLD, 1: OLD, 2: GAVE}, {0: "aa", 1: "bb", 2: "cc"}, EARLIER),
        ([child(0, "aa", {}, is_kept=True), child(1, "bb", {}, is_kept=True)], {0: OLD, 1: OLD}, {0: "aa", 1: "bb"}, OBJECT),
        ([child(0, "aa", {}, is_kept=True), child(1, "xx")], {0: OLD, 1: GAVE}, {0: "aa", 1: "xx"}, OBJECT),
        ([child(1, "xx", None)], {}, {}, OBJECT),
        ([], {0: OLD, 1: OLD}, {0: "aa", 1: "bb"}, EARLIER),
    ],
)
def test_what_an_earlier_attempt_told_counts_while_no_item_contradicts_it(
    gave: list[ChildItem], results: Any, digests: Any, source: ItemSource
) -> None:
    found = merge_recognized(TOLD, UNREAD, gave, OBJECT)
    assert (found.results, found.digests, found.source) == (results, digests, source)
    assert found.why_again == ("" if results else UNTOLD_RESULTS)


def test_a_batch_counts_as_its_items_and_results_that_nobody_reads_do_not_travel() -> None:
    plan = ItemPlan(total=9, done=3, results={0: {}, 2: {}}, digests={0: TWO, 2: batch_digest(["cc"])}, source=OBJECT)
    assert (plan.kept, plan.to_run, items_in(TWO)) == (3, 6, 2)
    assert plan.payload["kept"] == {}
    told = told_kept({"resume": {"items": {"each": plan.payload}}})
    assert told == {"each": plan}
    assert plan.without_kept("because").kept == 0


def test_batches_of_an_earlier_bunsui_are_read_as_they_are() -> None:
    assert batched_values([boxed(0, "aa", [1]), boxed(1, "bb")]) == [[1], None]
    assert batched_values([boxed(0, "aa"), {"index": 1}]) == [boxed(0, "aa"), {"index": 1}]


def at(**seconds: int) -> MemoryObjectLists:
    """A bucket whose objects changed so many seconds before the reading."""
    found = {f"in/{name}": READ - timedelta(seconds=before) for name, before in seconds.items()}
    return MemoryObjectLists(buckets={"lake": {name.replace("_", "."): when for name, when in found.items()}})


@pytest.mark.parametrize(
    ("source", "lists", "why"),
    [
        (OBJECT, at(a_csv=1), ""),
        (OBJECT, at(a_csv=0), "s3://lake/in/a.csv changed at 2026-01-31 12:00:00 UTC, and its items were read before"),
        (OBJECT, at(a_csv_gz=9), "s3://lake/in/a.csv is gone"),
        (OBJECT, at(), "s3://lake/in/a.csv is gone"),
        (OBJECT, None, "s3://lake/in/a.csv cannot be looked at: nobody can list the bucket"),
        (
            replace(OBJECT, address="s3://no/a"),
            at(),
            "s3://no/a cannot be looked at, which takes s3:ListBucket: the object does",
        ),
        (PREFIX, at(a=5, b=5), ""),
        (PREFIX, at(a=5, b=5, c=5), ""),
        (PREFIX, at(a=5), "under s3://lake/in/ were 2 objects, and now there are 1"),
        (PREFIX, at(a=5, b=5, c=0), "s3://lake/in/c changed at 2026-01-31 12:00:00 UTC, and its items were read before"),
    ],
)
def test_the_object_must_be_older_than_the_reading(source: ItemSource, lists: Any, why: str) -> None:
    found = why_source_changed(source, 2, lists)
    assert found.startswith(why) if why else not found


def test_a_listing_that_is_refused_says_what_it_takes() -> None:
    class Refusing:
        def list_objects(self, bucket: str, prefix: str, *, limit: int) -> Any:
            raise CloudError("access-denied", "AWS refused the call")

    why = why_source_changed(OBJECT, 2, Refusing())
    assert why == "s3://lake/in/a.csv cannot be looked at, which takes s3:ListBucket: AWS refused the call"
