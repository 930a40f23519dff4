"""The lock on a clock that moves only when told to: who gets it, when it changes hands, and what its holder may still do."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.apply.lease import Lease, LeaseTerms, Request, Waiting, seize, take
from bunsui.errors import Conflict, Interrupted, Locked, Unavailable
from bunsui.ports.ledger import Actor, LockRecord
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE
from tests.faults.amount import amount

TERMS = LeaseTerms()


@dataclass
class Shaky:
    """A lock store that can fail before or after it wrote."""

    inner: MemoryLedger = field(default_factory=lambda: MemoryLedger(MemoryStateStore(SCOPE)))
    fails_before: bool = False
    fails_after: bool = False
    reads_fail: bool = False

    def read(self) -> LockRecord | None:
        if self.reads_fail:
            raise Unavailable("endpoint-unreachable", "no answer")
        return self.inner.read()

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        if self.fails_before:
            raise Unavailable("endpoint-unreachable", "no answer")
        self.inner.swap(record, over=over)
        if self.fails_after:
            raise Unavailable("endpoint-unreachable", "no answer")


def wanted(**changes: object) -> Request:
    request = Request(operation="apply", actor=Actor(who="mika", host="context", link="https://ci/1"), terms=TERMS)
    return replace(request, **changes)  # type: ignore[arg-type]


def test_the_first_to_come_gets_the_lock_and_the_next_waits_then_gives_up_naming_the_holder() -> None:
    store, clock = Shaky(), ManualClock()
    first = take(store, clock, wanted())
    seen: list[Waiting] = []

    def alive(waiting: Waiting) -> None:
        seen.append(waiting)
        first.beat()

    with pytest.raises(Locked) as caught:
        take(store, clock, wanted(patience_seconds=300, waiting=alive))
    assert caught.value.exit_code == 3
    assert caught.value.facts["holder"] == "mika"
    assert caught.value.facts["link"] == "https://ci/1"
    assert caught.value.facts["age"] == "300 s"
    assert f"bunsui unlock {first.fence.id}" in caught.value.hint
    assert len(seen) == 300
    assert all(waiting.unchanged_seconds <= TERMS.renew_seconds + 2 for waiting in seen)


def test_no_patience_gives_up_at_once() -> None:
    store, clock = Shaky(), ManualClock()
    take(store, clock, wanted())
    begun = clock.steady()
    with pytest.raises(Locked):
        take(store, clock, wanted(patience_seconds=0))
    assert clock.steady() == begun


def test_a_dead_holder_is_followed_after_a_whole_lease_and_not_before() -> None:
    store, clock = Shaky(), ManualClock()
    dead = take(store, clock, wanted())
    clock.sleep(1000)  # whatever time passed before anybody looked does not count
    begun = clock.steady()
    heir = take(store, clock, wanted())
    assert TERMS.lease_seconds <= clock.steady() - begun <= TERMS.lease_seconds + 2
    assert heir.fence.number == dead.fence.number + 1


def test_a_lock_given_back_is_free_at_once_and_its_fence_goes_on() -> None:
    store, clock = Shaky(), ManualClock()
    fences = []
    for _ in range(5):
        lease = take(store, clock, wanted())
        fences.append(lease.fence.number)
        lease.release()
    assert fences == [1, 2, 3, 4, 5]


def test_somebody_who_is_asked_to_stop_stops_waiting() -> None:
    store, clock = Shaky(), ManualClock()
    take(store, clock, wanted())
    with pytest.raises(Interrupted):
        take(store, clock, wanted(stopped=lambda: True))


def test_a_lost_reply_of_the_acquisition_is_found_by_looking() -> None:
    store, clock = Shaky(fails_after=True), ManualClock()
    lease = take(store, clock, wanted())
    stored = store.read()
    assert stored is not None
    assert stored.id == lease.fence.id


def test_a_lost_reply_of_a_renewal_is_found_by_looking() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    store.fails_after = True
    for _ in range(20):
        clock.sleep(15)
        lease.beat()
        lease.permit()


def test_a_renewal_of_which_nothing_was_heard_at_all_is_taken_up_by_the_next_one() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    clock.sleep(15)
    store.fails_after = store.reads_fail = True
    lease.beat()
    with pytest.raises(Unavailable):
        lease.permit()
    store.fails_after = store.reads_fail = False
    lease.permit()
    lease.release()
    kept = store.read()
    assert kept is not None
    assert not kept.held


def test_a_holder_who_froze_for_three_leases_writes_nothing_more_whether_or_not_anybody_came() -> None:
    for somebody_came in (False, True):
        store, clock = Shaky(), ManualClock()
        lease = take(store, clock, wanted())
        if somebody_came:
            take(store, clock, wanted())
        clock.sleep(3 * TERMS.lease_seconds)
        with pytest.raises(Locked) as caught:
            lease.permit()
        assert caught.value.code == "lease-lost"
        lease.beat()
        assert lease.is_lost


def test_a_holder_with_little_lease_left_renews_before_he_writes() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    clock.sleep(TERMS.lease_seconds - TERMS.margin_seconds)
    before = store.read()
    lease.permit()
    assert store.read() != before
    clock.sleep(TERMS.lease_seconds - TERMS.margin_seconds - 1)
    after = store.read()
    lease.permit()
    assert store.read() == after


def test_a_failed_renewal_stops_writes_at_once_and_a_later_one_allows_them_again() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    clock.sleep(15)
    store.fails_before = True
    lease.beat()
    with pytest.raises(Unavailable):
        lease.permit()
    store.fails_before = False
    lease.permit()


def test_a_lock_that_was_broken_shows_at_the_next_renewal() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    record = store.read()
    assert record is not None
    other = seize(store, clock, wanted(operation="unlock"), over=record)
    assert other.fence.number == lease.fence.number + 1
    clock.sleep(15)
    lease.beat()
    with pytest.raises(Locked):
        lease.permit()
    lease.release()
    kept = store.read()
    assert kept is not None
    assert kept.id == other.fence.id


def test_a_living_lock_is_not_broken() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    record = store.read()
    assert record is not None
    clock.sleep(15)
    lease.beat()
    with pytest.raises(Conflict):
        seize(store, clock, wanted(), over=record)


def test_a_lock_that_cannot_be_given_back_runs_out() -> None:
    store, clock = Shaky(), ManualClock()
    lease = take(store, clock, wanted())
    store.fails_before = True
    lease.release()
    store.fails_before = False
    assert take(store, clock, wanted()).fence.number == 2


@settings(max_examples=amount(80, 200, 2000), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["take", "beat", "permit", "sleep", "stand still"])), max_size=40))
def test_no_write_is_permitted_to_two_holders_and_fences_only_grow(moves: list[tuple[int, str]]) -> None:
    store, clock = Shaky(), ManualClock()
    leases: dict[int, Lease] = {}
    highest = 0
    for who, move in moves:
        if move == "sleep":
            clock.sleep(7)
        elif move == "stand still":
            clock.sleep(70)
        elif move == "take":
            try:
                leases[who] = take(store, clock, wanted(patience_seconds=65))
            except Locked:
                continue
            assert leases[who].fence.number > highest
            highest = leases[who].fence.number
        elif who in leases and move == "beat":
            leases[who].beat()
        elif who in leases:
            try:
                leases[who].permit()
            except Locked:
                continue
            assert leases[who].fence.number == highest


def test_of_twenty_who_come_at_once_one_gets_the_lock() -> None:
    store = Shaky()
    last = 0
    for _ in range(20):
        start = threading.Barrier(20)
        got: list[Lease] = []
        refused: list[Locked] = []

        def one(start: threading.Barrier = start, got: list[Lease] = got, refused: list[Locked] = refused) -> None:
            start.wait()
            try:
                got.append(take(store, ManualClock(), wanted(patience_seconds=0)))
            except Locked as error:
                refused.append(error)

        threads = [threading.Thread(target=one) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(got), len(refused)) == (1, 19)
        assert got[0].fence.number > last
        last = got[0].fence.number
        got[0].release()
