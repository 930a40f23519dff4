"""One look at a machine: how far back its list is read, what is kept of it, and what is asked beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bunsui.errors import AccessDenied
from bunsui.model.json import Json
from bunsui.model.session import Attempt, Claim, Session, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.ports.session_rows import SessionQuery, Watermark
from bunsui.sessions.rounds import FIRST_LOOK, DescribeBudget, MachineRounds, Round, Visit, nothing_due
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import START, Room

RUNNING, FAILED, SUCCEEDED = SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.SUCCEEDED
HOUR = timedelta(hours=1)


@dataclass
class Asked(PassingExecution):
    """Step Functions that keeps what it is asked."""

    sizes: list[int] = field(default_factory=list, kw_only=True)
    pages_read: int = field(default=0, kw_only=True)
    statuses: list[SessionStatus | None] = field(default_factory=list, kw_only=True)
    described: list[str] = field(default_factory=list, kw_only=True)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        self.sizes.append(size)
        self.statuses.append(status)
        for page in super().pages(machine_arn, status=status, size=size):
            self.pages_read += 1
            yield page

    def describe(self, execution_arn: str) -> Execution:
        self.described.append(execution_arn.rpartition(":")[2])
        return super().describe(execution_arn)


class Look:
    """A room whose machine is looked at."""

    def __init__(self, *, page_size: int | None = None, first_look: int = FIRST_LOOK) -> None:
        self.room = Room()
        self.asked = Asked(self.room.execution)
        context = replace(self.room.context, ports=replace(self.room.context.ports, execution=self.asked))
        self.rounds = MachineRounds(
            execution=self.asked,
            sessions=self.room.sessions,
            clock=self.room.clock,
            manager=context.manager,
            page_size=page_size,
            first_look=first_look,
        )

    def by_hand(self, *names: str, failing: str = "") -> None:
        """Somebody starts the machine, a minute apart."""
        self.room.failing = {failing}
        for name in names:
            self.room.execution.start(self.room.machine.arn, name=name, payload={"params": {}})
            self.room.clock.sleep(60)

    def visit(self, budget: int = 100) -> Visit:
        (found,) = self.rounds.visit([self.room.machine], DescribeBudget(budget)).visits
        return found

    @property
    def mark(self) -> Watermark:
        return self.room.sessions.watermarks()[self.room.machine.arn]

    @property
    def rows(self) -> Sequence[Session]:
        return self.room.sessions.find(SessionQuery(limit=1000))


def seconds(at: datetime) -> float:
    return (at - START).total_seconds()


def test_the_first_look_and_one_after_a_long_time_read_large_pages() -> None:
    look = Look()
    for after in (timedelta(0), timedelta(minutes=1), HOUR, HOUR + timedelta(seconds=1)):
        look.room.clock.sleep(after.total_seconds())
        look.visit()
    assert look.asked.sizes == [1000, 100, 100, 1000]
    few = Look(page_size=7)
    few.visit()
    assert few.asked.sizes == [7]


def test_a_look_keeps_the_newest_change_and_when_it_was() -> None:
    look = Look()
    arn = look.room.machine.arn
    assert look.visit() == Visit(pipeline="daily", is_reached=True)
    assert look.mark == Watermark(machine_arn=arn, pipeline="daily", newest=START, looked_at=START)
    look.by_hand("one", "two", failing="load")
    assert look.visit() == Visit(pipeline="daily", is_reached=True, executions=2, changes=2)
    assert (seconds(look.mark.newest), seconds(look.mark.looked_at)) == (62, 120)
    look.room.clock.sleep(9 * 60)
    assert look.visit() == Visit(pipeline="daily", is_reached=True, executions=2)
    assert (seconds(look.mark.newest), seconds(look.mark.looked_at)) == (62, 660)


def test_a_look_ends_where_a_whole_page_lies_below_what_was_seen_and_the_overlap() -> None:
    look = Look(page_size=1)
    look.by_hand(*(f"run-{number}" for number in range(14)))
    look.visit()
    look.asked.pages_read = 0
    look.visit()
    newest = seconds(look.mark.newest)
    read = [newest - 60 * number for number in range(14)]
    assert look.asked.pages_read == sum(at >= newest - 600 for at in read) + 1 == 12


def test_the_first_look_goes_back_so_far_and_says_so() -> None:
    look = Look(page_size=2, first_look=4)
    look.by_hand(*(f"run-{number}" for number in range(5)))
    found = look.visit()
    assert (found.executions, look.asked.pages_read) == (4, 3)
    assert found.back_to == look.mark.back_to
    assert found.back_to is not None
    assert seconds(found.back_to) == 62
    assert look.visit().back_to == found.back_to, "what was never looked at stays so"
    exactly = Look(page_size=2, first_look=4)
    exactly.by_hand(*(f"run-{number}" for number in range(4)))
    assert exactly.visit().back_to is None


def test_a_machine_that_is_not_there_is_a_visit_without_executions() -> None:
    look = Look()
    gone = replace(look.room.machine, arn=f"{look.room.machine.arn}-gone")
    found = look.rounds.visit([gone])
    assert found == Round(visits=(Visit(pipeline="daily", is_reached=True),), seconds=0.0)
    assert look.room.sessions.watermarks()[gone.arn] == Watermark(
        machine_arn=gone.arn, pipeline="daily", newest=START, looked_at=START, is_gone=True
    )


def test_what_may_not_be_read_is_said() -> None:
    look = Look()
    denied = AccessDenied("denied", "no list")

    class Closed(PassingExecution):
        def pages(
            self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
        ) -> Iterator[Sequence[ExecutionSummary]]:
            raise denied

    rounds = MachineRounds(
        execution=Closed(look.room.execution),
        sessions=look.room.sessions,
        clock=look.room.clock,
        manager=look.room.context.manager,
    )
    (found,) = rounds.visit([look.room.machine]).visits
    assert found == Visit(pipeline="daily", is_reached=False, why="no list", error=denied)
    assert look.room.sessions.watermarks() == {}


def test_without_machines_nothing_is_looked_at() -> None:
    look = Look()
    assert look.rounds.visit([]) == Round(visits=(), seconds=0.0)
    assert nothing_due(look.room.machine, START) is False


def test_only_as_many_machines_are_visited_as_is_said() -> None:
    look = Look()
    machines = [replace(look.room.machine, pipeline=f"p{n}", arn=f"{look.room.machine.arn}-{n}") for n in range(3)]
    assert [one.pipeline for one in look.rounds.visit(machines, most=2).visits] == ["p0", "p1"]
    due = look.rounds.visit(machines, most=2, is_due=lambda one, _: one.pipeline == "p1").visits
    assert [one.pipeline for one in due] == ["p1", "p2"]
    assert len(look.rounds.visit(machines).visits) == 3


def test_what_a_budget_does_not_reach_is_described_by_the_next_rounds() -> None:
    look = Look()
    look.by_hand("a", "b", "c")
    found = look.rounds.visit([look.room.machine], DescribeBudget(1))
    assert (found.undescribed, look.asked.described) == (2, ["c"])
    assert sorted(row.is_described for row in look.rows) == [False, False, True]
    later = look.rounds.visit([look.room.machine], DescribeBudget(1))
    assert later.undescribed == 1
    assert look.rounds.visit([look.room.machine]).undescribed == 0
    assert all(row.is_described for row in look.rows)


def test_described_are_those_that_are_asked_for_of_machines_that_are_known() -> None:
    look = Look()
    look.by_hand("a", "b", "c")
    look.visit(0)
    machines = {"daily": look.room.machine}
    assert [row.is_described for row in look.rounds.describe(look.rows, {}, 9)] == [False] * 3
    assert [row.is_described for row in look.rounds.describe(look.rows, machines, 0)] == [False] * 3
    assert [row.is_described for row in look.rounds.describe(look.rows, machines, 2)] == [True, True, False]
    assert [row.is_described for row in look.rows] == [True, True, False]


def open_rows(look: Look, count: int, *, at: datetime = START) -> list[Session]:
    """Store rows of executions that run, as they were seen at that time; no list tells of them any more."""
    made = []
    for number in range(count):
        attempt = Attempt(number=1, execution_arn=f"arn:gone:{number}", kind="run", status=RUNNING, started_at=at)
        row = Session(
            id=f"01KBH3X2J4ABCDEFGHJKMNPQ{number:02}", pipeline="daily", status=RUNNING, slot=at, date="2026-01-31",
            params={}, started_by="me", created_at=at, attempts=(attempt,),
        )  # fmt: skip
        look.room.sessions.add(row)
        made.append(row)
    return made


@pytest.mark.parametrize(
    ("minutes", "count", "asked", "lists"),
    [
        (5, 2, 0, [None]),
        (6, 2, 2, [None]),
        (6, 5, 5, [None]),
        (6, 6, 6, [None, RUNNING]),
    ],
)
def test_open_rows_that_no_list_tells_of_are_asked_for_when_a_list_must_know_them(
    minutes: int, count: int, asked: int, lists: list[SessionStatus | None]
) -> None:
    look = Look()
    open_rows(look, count)
    look.room.clock.sleep(60 * minutes)
    look.visit()
    assert (len(look.asked.described), look.asked.statuses) == (asked, lists)
    assert {row.status for row in look.rows} == {FAILED if asked else RUNNING}


def test_of_many_open_rows_only_those_that_run_no_more_are_asked_for() -> None:
    look = Look(page_size=1)
    for number in range(7):
        look.by_hand(f"run-{number}")
    look.visit()
    rows = [replace(row, status=RUNNING, attempts=(replace(row.attempts[0], status=RUNNING),)) for row in look.rows]
    for row in rows:
        look.room.sessions.save(row)
    look.asked.described.clear()
    look.room.clock.sleep(3600)
    look.by_hand("now")
    look.room.sessions.keep(replace(look.mark, newest=look.room.clock.now() + HOUR))
    look.visit(3)
    assert look.asked.statuses[-1] is RUNNING
    assert len(look.asked.described) == 3, "as far as the budget goes"


@pytest.mark.parametrize("status", [SessionStatus.PENDING, FAILED])
def test_a_start_that_is_claimed_is_asked_for_at_once(status: SessionStatus) -> None:
    look = Look()
    (row,) = open_rows(look, 1)
    first = replace(row.attempts[0], status=FAILED, stopped_at=START)
    attempts = () if status is SessionStatus.PENDING else (first,)
    claim = Claim(how="run", actor="me", at=START, execution_arn="arn:claimed:one")
    look.room.sessions.save(replace(row, status=status, attempts=attempts, claim=claim))
    look.visit()
    assert look.asked.described == (["one"] if status is SessionStatus.PENDING else ["one", "0"])


def test_each_machine_is_asked_for_the_rows_of_its_own_pipeline() -> None:
    look = Look()
    for number, row in enumerate(open_rows(look, 4)):
        look.room.sessions.save(replace(row, pipeline="other" if number % 2 else "daily"))
    look.room.clock.sleep(360)
    other = replace(look.room.machine, pipeline="other", arn=f"{look.room.machine.arn}-other")
    look.rounds.visit([other])
    assert sorted(look.asked.described) == ["1", "3"]
    look.asked.described.clear()
    look.rounds.visit([look.room.machine, other])
    assert sorted(look.asked.described) == ["0", "2"]


def test_a_look_that_lags_does_not_move_the_mark_back() -> None:
    look = Look()
    look.by_hand("one")
    look.visit()
    ahead = replace(look.mark, newest=look.mark.newest + HOUR, back_to=START)
    look.room.sessions.keep(ahead)
    look.room.clock.sleep(60)
    found = look.visit()
    assert look.mark == replace(ahead, looked_at=look.room.clock.now())
    assert (found.back_to, found.is_reached) == (START, True)


def test_news_are_written_oldest_start_first() -> None:
    look = Look()
    for name in ("first", "second"):
        session: dict[str, Json] = {"schedule": "nightly", "slot": "2026-01-30T00:00:00Z"}
        look.room.execution.start(look.room.machine.arn, name=name, payload={"params": {}, "session": session})
        look.room.clock.sleep(60)
    look.visit()
    (row,) = look.rows
    assert [one.execution_arn.rpartition(":")[2] for one in (*row.attempts, *row.duplicates)] == ["first", "second"]
