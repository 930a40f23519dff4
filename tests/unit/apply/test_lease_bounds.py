"""The lock to the second: when it is renewed, when it is lost, and what who waits for it is told."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from bunsui.apply.lease import LeaseTerms, Request, Waiting, seize, take
from bunsui.errors import Locked
from bunsui.ports.ledger import Actor, LockRecord
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE

TERMS = LeaseTerms()


def request(**changes: float) -> Request:
    return replace(Request(operation="apply", actor=Actor(who="mika"), terms=TERMS), **changes)  # type: ignore[arg-type]


def a_lock() -> tuple[MemoryLedger, ManualClock]:
    return MemoryLedger(MemoryStateStore(SCOPE)), ManualClock()


@pytest.mark.parametrize("end", ["leave", "release"])
def test_who_gave_the_lock_up_writes_nothing_more(end: str) -> None:
    store, clock = a_lock()
    lease = take(store, clock, request())
    getattr(lease, end)()
    assert lease.is_lost
    with pytest.raises(Locked) as refused:
        lease.permit()
    assert refused.value.facts["why"] == "the lock was given up"
    record = store.read()
    clock.sleep(TERMS.renew_seconds)
    lease.beat()
    lease.release()
    assert store.read() == record
    assert record is not None
    assert record.held is (end == "leave")


def test_a_renewal_is_due_at_its_second_and_not_before() -> None:
    store, clock = a_lock()
    lease = take(store, clock, request())
    versions = []
    for seconds in (0, TERMS.renew_seconds - 1, 1, 0):
        clock.sleep(seconds)
        lease.beat()
        record = store.read()
        assert record is not None
        versions.append(record.version)
    assert [one == other for one, other in pairwise(versions)] == [True, False, True]


@pytest.mark.parametrize(("left", "writes"), [(1, True), (0, False)])
def test_a_lease_ends_at_its_second(left: float, writes: bool) -> None:
    store, clock = a_lock()
    lease = take(store, clock, request())
    clock.sleep(TERMS.lease_seconds - left)
    if writes:
        lease.permit()
        assert not lease.is_lost
    else:
        with pytest.raises(Locked):
            lease.permit()
        assert lease.is_lost


@pytest.mark.parametrize("patience", [0, 1, 5])
def test_patience_ends_at_its_second(patience: float) -> None:
    store, clock = a_lock()
    take(store, clock, request())
    begun = clock.steady()
    with pytest.raises(Locked):
        take(store, clock, request(patience_seconds=patience))
    assert clock.steady() - begun == patience


def test_the_heir_of_a_dead_holder_waits_for_exactly_a_lease() -> None:
    store, clock = a_lock()
    take(store, clock, request())
    begun = clock.steady()
    take(store, clock, request())
    assert clock.steady() - begun == TERMS.lease_seconds


def test_a_lock_that_was_just_taken_needs_no_renewal_before_the_first_write() -> None:
    store, clock = a_lock()
    lease = take(store, clock, request())
    record = store.read()
    lease.permit()
    assert store.read() == record
    assert record == LockRecord(
        id=lease.fence.id,
        fence=1,
        version=record.version if record is not None else "",
        held=True,
        lease_seconds=60,
        operation="apply",
        actor=Actor(who="mika"),
        since=clock.now(),
    )


def test_a_lock_and_each_of_its_versions_have_a_name_that_nobody_else_has() -> None:
    store, clock = a_lock()
    names = set()
    for _ in range(3):
        lease = take(store, clock, request())
        clock.sleep(TERMS.renew_seconds)
        for _ in range(2):
            record = store.read()
            assert record is not None
            names |= {record.id, record.version}
            lease.beat()
        lease.release()
    assert len(names) == 9
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_who_waits_is_told_how_long_he_waited_and_how_long_the_holder_was_silent() -> None:
    store, clock = a_lock()
    held = take(store, clock, request())
    record = store.read()
    assert record is not None
    seen: list[Waiting] = []

    def look(waiting: Waiting) -> None:
        seen.append(waiting)
        if len(seen) == 2:
            clock.sleep(TERMS.renew_seconds)
            held.beat()

    with pytest.raises(Locked):
        take(store, clock, replace(request(patience_seconds=18), waiting=look))
    assert [(one.waited_seconds, one.unchanged_seconds) for one in seen] == [(0, 0), (1, 1), (17, 0)]
    assert seen[0].record == seen[1].record == record
    assert seen[2].record == store.read() != record


def test_a_lock_that_somebody_took_is_said_to_be_taken_however_much_later() -> None:
    store, clock = a_lock()
    lease, record = take(store, clock, request()), store.read()
    assert record is not None
    seize(store, clock, request(), over=record)
    for seconds in (TERMS.renew_seconds, TERMS.lease_seconds):
        clock.sleep(seconds)
        lease.beat()
        with pytest.raises(Locked) as refused:
            lease.permit()
        assert refused.value.facts["why"] == "somebody else took the lock"


def test_a_lock_that_is_kept_is_renewed_in_the_background() -> None:
    store, clock = a_lock()
    terms = replace(TERMS, renew_seconds=0.03)
    lease = take(store, clock, request(terms=terms))  # type: ignore[arg-type]
    first, before = store.read(), set(threading.enumerate())
    clock.sleep(1)
    with lease.kept():
        (renewing,) = set(threading.enumerate()) - before
        deadline = time.monotonic() + 60
        while store.read() == first:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    assert (renewing.name, renewing.daemon) == ("lease renewal", True)
    renewing.join(60)
    assert not renewing.is_alive()


@pytest.mark.parametrize(("renew", "look"), [(15.0, 1.0), (3.0, 1.0), (1.5, 0.5)])
def test_the_holder_looks_at_the_clock_several_times_before_a_renewal_is_due(renew: float, look: float) -> None:
    assert LeaseTerms(renew_seconds=renew).look_seconds == look


@pytest.mark.parametrize(("seconds", "permitted"), [(34.9, True), (35.0, False), (50.0, False)])
def test_a_renewal_that_took_longer_than_the_margin_leaves_permits_nothing(seconds: float, permitted: bool) -> None:
    store, clock = a_lock()

    class Slow:
        read = store.read

        def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
            store.swap(record, over=over)
            if over is not None:
                clock.sleep(seconds)

    lease = take(Slow(), clock, request())
    clock.sleep(TERMS.lease_seconds - TERMS.margin_seconds)
    if permitted:
        lease.permit()
        return
    with pytest.raises(Locked) as refused:
        lease.permit()
    assert (refused.value.code, refused.value.facts["why"]) == ("lease-lost", "the last renewal took too long")
    assert not lease.is_lost, "a later renewal may be quicker"
