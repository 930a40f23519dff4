"""The trail of acts: each record is stored, hashed and read back whole, and follows the one before."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.apply.act_trail import act_document, act_of, following_act, head_of
from bunsui.apply.trail import following, mark_of, record_document, record_hash, record_of, verify
from bunsui.model.json import Json
from bunsui.ports.acts import ActRecord, ActsHead
from bunsui.ports.ledger import Actor, ApplyRecord, StateMark

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
STOPPED = ActRecord(
    id="a1",
    at=AT,
    act="stop",
    call="StopExecution",
    actor=Actor(who="mika", host="ci-1", link="https://ci/1"),
    pipeline="orders",
    session="s-1",
    attempt=2,
    execution_arn="arn:e",
    slot=AT.replace(hour=0),
    params=("day", "mode"),
    reason="wrong day",
    outcome="failed",
    error="denied",
    of="a0",
    serial=3,
    previous="f" * 64,
    hash="any",
)
STORED: dict[str, Json] = {
    "id": "a1",
    "at": "2026-01-31T12:00:00+00:00",
    "act": "stop",
    "call": "StopExecution",
    "who": "mika",
    "host": "ci-1",
    "link": "https://ci/1",
    "pipeline": "orders",
    "session": "s-1",
    "attempt": 2,
    "execution_arn": "arn:e",
    "slot": "2026-01-31T00:00:00+00:00",
    "params": ["day", "mode"],
    "reason": "wrong day",
    "outcome": "failed",
    "error": "denied",
    "of": "a0",
    "serial": 3,
    "previous": "f" * 64,
}
APPLIED = ApplyRecord(
    id="01",
    operation="apply",
    actor=Actor(who="mika", host="ci-1", link="https://ci/1"),
    begun_at=AT,
    commit="abc",
    plan_id="p-1",
    digest="d" * 64,
    fence=7,
    outcome="complete",
    ended_at=AT.replace(minute=5),
    facts={"why": "because"},
    lineage="line",
    serial=4,
    previous="e" * 64,
)
STORED_APPLY: dict[str, Json] = {
    "id": "01",
    "operation": "apply",
    "who": "mika",
    "host": "ci-1",
    "link": "https://ci/1",
    "begun_at": "2026-01-31T12:00:00+00:00",
    "commit": "abc",
    "plan_id": "p-1",
    "digest": "d" * 64,
    "fence": 7,
    "outcome": "complete",
    "ended_at": "2026-01-31T12:05:00+00:00",
    "facts": {"why": "because"},
    "lineage": "line",
    "serial": 4,
    "previous": "e" * 64,
}


def test_an_act_is_stored_and_read_back_whole() -> None:
    assert act_document(STOPPED) == STORED
    read = act_of(STORED)
    assert read == STOPPED
    assert read.hash == record_hash(STORED)


def test_an_apply_is_stored_and_read_back_whole() -> None:
    assert record_document(APPLIED) == STORED_APPLY
    read = record_of(STORED_APPLY)
    assert replace(read, hash=APPLIED.hash) == APPLIED
    assert read.hash == record_hash(STORED_APPLY)


def test_an_apply_of_before_the_chain_has_no_place_and_one_that_runs_has_no_end() -> None:
    old = replace(APPLIED, lineage="", serial=0, previous="", ended_at=None)
    document = record_document(old)
    assert document == {
        **{name: value for name, value in STORED_APPLY.items() if name not in ("lineage", "serial", "previous")},
        "ended_at": None,
    }
    assert replace(record_of(document), hash=old.hash) == old


def test_a_new_record_follows_the_last_one() -> None:
    head = ActsHead(serial=8, head_hash="c" * 64)
    placed = following_act(head, STOPPED)
    assert (placed.serial, placed.previous) == (9, "c" * 64)
    assert placed == replace(STOPPED, serial=9, previous="c" * 64)
    assert placed.hash == record_hash(act_document(placed))
    assert head_of(placed) == ActsHead(serial=9, head_hash=placed.hash)
    mark = StateMark(lineage="line", serial=4, head="01", head_hash="b" * 64)
    following_one = following(mark, replace(APPLIED, hash="x"), lineage="other")
    assert following_one == replace(APPLIED, serial=5, previous="b" * 64, hash="")
    assert mark_of(following_one) == StateMark(
        lineage="line", serial=5, head="01", head_hash=record_hash(record_document(following_one))
    )


def test_acts_make_a_chain_like_applies() -> None:
    head, records = ActsHead(), list[ActRecord]()
    for number in range(3):
        records.append(following_act(head, replace(STOPPED, id=f"a{number}")))
        head = head_of(records[-1])
    assert verify(records, head).broken is None
    broken = verify([records[0], replace(records[1], previous="x"), records[2]], head).broken
    assert broken is not None
    assert (broken.serial, broken.id) == (2, "a1")


@pytest.mark.parametrize("name", sorted(STORED))
def test_whatever_is_changed_of_a_stored_act_changes_its_hash(name: str) -> None:
    value: Any = STORED[name]
    others: dict[type, Any] = {str: "2026-02-01T00:00:00+00:00", int: 99, list: ["other"]}
    assert record_hash({**STORED, name: others[type(value)]}) != record_hash(STORED)


def test_what_came_later_is_stored_where_it_says_something_so_that_old_hashes_stay() -> None:
    decided = replace(STOPPED, gate="g-1")
    assert act_document(decided) == {**STORED, "gate": "g-1"}
    assert act_of({**STORED, "gate": "g-1"}) == decided


def test_everything_that_is_known_of_an_act_is_stored() -> None:
    every = {part.name for part in fields(ActRecord)} - {"actor", "hash"}
    assert every - set(act_document(replace(STOPPED, gate="g-1"))) == set()
