"""When a retirement ends, to the second, and what it says until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource
from bunsui.plan.model import Action, Reason, ResourceChange, Retirement, Risk
from bunsui.plan.retirement import Blockers, EndedRetirement, RetirementPolicy, in_two_steps, retirement_of, why

MACHINE = Address("state_machine", "orders")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=14)
SECOND = timedelta(seconds=1)


def applied(retired_at: datetime | None = SINCE) -> AppliedResource:
    return AppliedResource(address=MACHINE, physical_name="orders", attributes={}, retired_at=retired_at)


def policy(as_of: datetime, hold: Blockers | None = None, *, at_once: bool = False) -> RetirementPolicy:
    holds = {} if hold is None else {MACHINE: hold}
    return RetirementPolicy(as_of=as_of, kept_for=KEPT, holds=holds, at_once=at_once, moved={})


@pytest.mark.parametrize(("late", "is_over"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)])
def test_a_retirement_is_over_at_the_very_end_of_its_time(late: timedelta, is_over: bool) -> None:
    found = retirement_of(MACHINE, applied(), policy(SINCE + KEPT + late, Blockers()))
    assert found is not None
    assert (found.since, found.until, found.is_over) == (SINCE, SINCE + KEPT, is_over)


@pytest.mark.parametrize(("late", "redrivable"), [(-SECOND, ("bad",)), (0 * SECOND, ()), (SECOND, ())])
def test_a_session_can_be_redriven_until_its_own_time_is_over(late: timedelta, redrivable: tuple[str, ...]) -> None:
    ended = SINCE + timedelta(days=3)
    hold = Blockers(unsuccessful=(EndedRetirement(name="older", at=SINCE - KEPT), EndedRetirement(name="bad", at=ended)))
    found = retirement_of(MACHINE, applied(), policy(ended + KEPT + late, hold))
    assert found is not None
    assert (found.until, found.redrivable, found.is_over) == (ended + KEPT, redrivable, not redrivable)


@pytest.mark.parametrize("hold", [Blockers(running=("one",)), Blockers(unknown="not allowed"), None])
def test_what_runs_and_what_nobody_could_tell_keeps_it_however_long(hold: Blockers | None) -> None:
    found = retirement_of(MACHINE, applied(), policy(SINCE + 10 * KEPT, hold))
    assert found is not None
    assert not found.is_over
    assert bool(found.running) is (hold is not None and bool(hold.running))
    assert bool(found.unknown) is (hold is None or bool(hold.unknown))


def test_what_is_not_retired_yet_begins_and_what_goes_at_once_has_no_retirement() -> None:
    assert retirement_of(MACHINE, applied(None), policy(SINCE, Blockers())) == Retirement()
    assert retirement_of(MACHINE, None, policy(SINCE, Blockers())) == Retirement()
    assert retirement_of(MACHINE, applied(), policy(SINCE, Blockers(), at_once=True)) is None


def test_a_note_names_three_sessions_and_counts_the_others() -> None:
    assert why(Retirement()) == ""
    three = Retirement(until=SINCE, running=("a", "b", "c"))
    assert why(three) == "retired, kept until 2026-01-01 00:00 UTC; and while a session runs: a, b, c"
    four = Retirement(until=SINCE, redrivable=("a", "b", "c", "d"), unknown="not allowed")
    assert why(four) == "retired, kept until 2026-01-01 00:00 UTC; can be redriven: a, b, c and 1 more; not allowed"


def test_a_project_that_says_nothing_keeps_what_it_retired_for_fourteen_days() -> None:
    assert RetirementPolicy(as_of=SINCE, holds={}, moved={}).kept_for == timedelta(days=14)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (timedelta(), "kept until nothing runs on it, for its sessions, then deleted by an apply"),
        (timedelta(days=1), "kept 1 day for its sessions, then deleted by an apply"),
        (timedelta(days=14), "kept 14 days for its sessions, then deleted by an apply"),
        (timedelta(hours=36), "kept 1.5 days for its sessions, then deleted by an apply"),
    ],
)
def test_how_long_something_is_kept_is_told_when_it_is_retired(kept: timedelta, words: str) -> None:
    going = ResourceChange(address=MACHINE, physical_name="orders", action=Action.DELETE, reason=Reason.REMOVED)
    terms = RetirementPolicy(as_of=SINCE, kept_for=kept, holds={}, moved={})
    found = in_two_steps({MACHINE: going}, {}, terms)[MACHINE]
    assert (found.action, found.risk, found.note, found.retirement) == (Action.RETIRE, Risk.RETIRES, words, Retirement())
    moved = in_two_steps(
        {MACHINE: going}, {}, RetirementPolicy(as_of=SINCE, kept_for=kept, holds={}, moved={"orders": "sales"})
    )
    assert (moved[MACHINE].note, moved[MACHINE].reason) == (f"the pipeline is now sales; {words}", Reason.MOVED)
