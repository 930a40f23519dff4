"""The audit trail: whatever is edited, dropped or inserted breaks the first link that it touches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.apply.trail import following, mark_of, record_document, record_hash, record_of, verify
from bunsui.ports.ledger import Actor, ApplyRecord, StateMark

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def a_trail(count: int) -> tuple[list[ApplyRecord], StateMark]:
    """Records as a store gives them back, and the mark."""
    mark, records = StateMark(), list[ApplyRecord]()
    for number in range(1, count + 1):
        record = ApplyRecord(
            id=f"{number:04d}", operation="apply", actor=Actor(who="mika"), begun_at=NOON, fence=number, outcome="complete"
        )
        placed = following(mark, record, lineage="line")
        mark = mark_of(placed)
        records.append(record_of(record_document(placed)))
    return records, mark


def rewritten(record: ApplyRecord, **fields: object) -> ApplyRecord:
    """The record as somebody edited it in the table."""
    return record_of(record_document(replace(record, **fields)))  # type: ignore[arg-type]


@given(st.integers(min_value=0, max_value=12))
def test_an_untouched_trail_is_whole(count: int) -> None:
    records, mark = a_trail(count)
    found = verify(reversed(records), mark)
    assert (found.links, found.broken, found.head) == (count, None, mark.head_hash)


@given(st.integers(min_value=2, max_value=12), st.data())
def test_an_edited_record_breaks_the_link_after_it(count: int, data: st.DataObject) -> None:
    records, mark = a_trail(count)
    at = data.draw(st.integers(min_value=0, max_value=count - 1))
    field, value = data.draw(
        st.sampled_from([("actor", Actor(who="nobody")), ("outcome", "failed"), ("digest", "f" * 64), ("commit", "abc")])
    )
    records[at] = rewritten(records[at], **{field: value})
    broken = verify(records, mark).broken
    assert broken is not None
    assert broken.serial == min(at + 2, count)


@given(st.integers(min_value=1, max_value=12), st.data())
def test_a_dropped_record_is_named_by_its_number(count: int, data: st.DataObject) -> None:
    records, mark = a_trail(count)
    at = data.draw(st.integers(min_value=0, max_value=count - 1))
    del records[at]
    broken = verify(records, mark).broken
    assert broken is not None
    assert (broken.serial, broken.id, broken.why) == (at + 1, "", "it is missing")


def test_an_inserted_record_is_named() -> None:
    records, mark = a_trail(3)
    records.insert(1, rewritten(records[1], id="9999"))
    broken = verify(records, mark).broken
    assert broken is not None
    assert broken.serial == 2


def test_a_record_that_the_mark_does_not_know_is_named() -> None:
    records, _ = a_trail(2)
    broken = verify(records, StateMark(lineage="line", serial=2)).broken
    assert broken is not None
    assert "mark does not know it" in broken.why


def test_records_from_before_the_chain_are_counted_apart() -> None:
    old = ApplyRecord(id="0000", operation="apply", actor=Actor(), begun_at=NOON)
    placed = following(StateMark(lineage="line", serial=1), replace(old, id="0001"), lineage="other")
    records = [record_of(record_document(record)) for record in (old, placed)]
    found = verify(records, mark_of(placed))
    assert (found.links, found.unchained, found.broken) == (1, 1, None)
    assert placed.lineage == "line"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_hash_of_a_record_is_that_of_what_is_stored(count: int) -> None:
    for record in a_trail(count)[0]:
        assert record.hash == record_hash(record_document(record))


def test_the_hash_of_an_old_record_stays_what_it_is() -> None:
    old = ApplyRecord(id="01", operation="apply", actor=Actor(who="mika"), begun_at=NOON, facts={"why": "水"})
    assert record_hash(record_document(old)) == "74568f06892ba32e34cc82e0ae0d2ad46f64e9de63022ffc320dae9d5b12a5fe"


def test_a_link_to_something_else_is_told_from_a_link_to_nothing_known() -> None:
    records, mark = a_trail(3)
    first = verify([rewritten(records[0], previous="f" * 64), *records[1:]], mark).broken
    second = verify([records[0], rewritten(records[1], previous="f" * 64), records[2]], mark).broken
    assert first is not None
    assert second is not None
    assert (first.serial, first.why) == (1, "it followed a record that is missing")
    assert (second.serial, second.why) == (2, "the record before it is not the one that it followed")


def test_a_chain_begins_at_its_first_record_where_older_ones_had_no_place() -> None:
    old = ApplyRecord(id="0000", operation="apply", actor=Actor(), begun_at=NOON, facts={"why": "\ud800"})
    mark, records = StateMark(lineage="line", serial=4), [old]
    for number in range(3):
        placed = following(mark, replace(old, id=f"{number + 1:04d}"), lineage="other")
        records.append(record_of(record_document(placed)))
        mark = mark_of(placed)
    whole = verify(records, mark)
    assert (whole.links, whole.unchained, whole.head, whole.broken) == (3, 1, records[-1].hash, None)
    assert [record.serial for record in records] == [0, 5, 6, 7]
    broken = verify([records[0], *records[2:]], mark).broken
    assert broken is not None
    assert (broken.serial, broken.why) == (6, "it followed a record that is missing")
