"""The holder of the lock stopped by SIGSTOP between its check and its call, for three leases, then continued: no write follows.

Real processes on the embedded AWS. On the virtual clock the same is checked before every write of thirty, in `test_lock.py`.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import SHORT, Fate, Mortal
from tests.faults.rooms import Room, eventually

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

LAW = "6 SIGSTOP for three leases"
LEASES = 3
LOST = ("lease-lost", "the lock was lost", "the lock is somebody else's by now")
"""How it is told: the lease says so before a call, or the state refuses what was on its way to it."""


def number_of_writes(room: Room) -> int:
    process = Mortal(room.order("apply", "--yes"))
    assert process.ended() == 0, process.told()
    return sum(call.startswith("write") for call in process.notes("sent"))


def stopped_before(room: Room, write: int) -> Mortal | None:
    """An apply that stands still before it asks the lease for that write; None when it ended before."""
    fate = Fate(call=write, moment="before", signal=signal.SIGSTOP, writes_only=True)
    process = Mortal(room.order("apply", "--yes", fate=fate))
    eventually(lambda: process.stands_still or not process.lives, seconds=60)
    return process if process.stands_still else None


@pytest.mark.parametrize("somebody_comes", [False, True])
def test_no_write_leaves_after_the_holder_stood_still(room: MakeRoom, figure: Figure, somebody_comes: bool) -> None:
    total = number_of_writes(room("all"))
    assert total >= 25
    points = some(range(total), every=9, merge=5)
    stopped = 0
    for point in points:
        one = room(f"at{point}")
        process = stopped_before(one, point)
        if process is None:
            continue
        stopped += 1
        time.sleep(LEASES * SHORT.lease_seconds)  # what other threads had sent has arrived long since
        if somebody_comes:
            assert one.apply().is_complete
        before = one.resources()
        os.kill(process.pid, signal.SIGCONT)
        assert process.ended() == 3, process.told()
        assert any(words in process.told() for words in LOST), process.told()
        assert one.resources() == before
        one.apply()
        one.settled()
    assert stopped >= len(points) - 3
    who = "another apply came and finished" if somebody_comes else "nobody came"
    figure(LAW, f"{who}: stopped before {stopped} of {total} writes, 0 writes after SIGCONT")


def writes(process: Mortal) -> list[str]:
    return [call for call in process.notes("sent") if call.startswith("write")]


def test_stopped_at_any_moment_at_most_the_call_that_had_left_arrives(room: MakeRoom, figure: Figure) -> None:
    chance = random.Random(4)
    stops = some(range(30), every=10, merge=5)
    late = 0
    for number in stops:
        one = room(f"at{number}")
        process = Mortal(one.order("apply", "--yes"))
        eventually(lambda process=process: bool(writes(process)) or not process.lives)  # type: ignore[misc]
        time.sleep(chance.random() * 0.8)
        if not process.lives:
            continue
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(LEASES * SHORT.lease_seconds)
        assert one.apply().is_complete
        before = one.resources()
        os.kill(process.pid, signal.SIGCONT)
        process.ended()
        late += one.resources() != before
        one.apply()
        one.settled()
    assert late == 0
    figure(LAW, f"{len(stops)} stops at random moments: after SIGCONT, {late} changed anything")
