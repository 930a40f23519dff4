"""Looks at machines: everything that ran since the last one is known, once, at the price that is promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.errors import AccessDenied, InvalidInput, NotFound
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, Schedule
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.ports.session_rows import KnownExecution, SessionQuery, Watermark
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import (
    Recollection,
    background_round,
    find_session,
    list_sessions,
    look_at_sessions,
    read_sessions,
)
from bunsui.services.stop import stop_session
from bunsui.sessions.rounds import OVERLAP, DescribeBudget, MachineRounds
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.lagging import LaggingExecution
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import DEFINITION, PIPELINE, START, Room
from tests.faults.amount import amount

FAILED, RUNNING, SUCCEEDED = SessionStatus.FAILED, SessionStatus.RUNNING, SessionStatus.SUCCEEDED
ALL = SessionQuery(limit=100_000)


class Yard(Room):
    """The room, whose Step Functions counts and lags."""

    def __init__(self, *pipelines: Pipeline, size: int = 1000, is_local: bool = True) -> None:
        super().__init__(*pipelines, is_local=is_local)
        self.seen = LaggingExecution(self.execution, self.clock.now, size=size)
        self.context = replace(self.context, ports=replace(self.context.ports, execution=self.seen))

    def by_hand(self, name: str, *, failing: str = "") -> str:
        """Somebody starts the machine in the console; give the execution's ARN."""
        self.failing = {failing}
        return self.execution.start(self.machine.arn, name=name, payload={"params": {"region": "us"}})

    def scheduled(self, name: str, hour: int, *, offset: int = 0, failing: str = "") -> str:
        """A schedule starts the machine, for a slot that many seconds away."""
        self.failing = {failing}
        at = f"2026-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z"
        told: Mapping[str, Json] = {"schedule": "nightly", "scheduled_at": at, "slot_offset_seconds": offset}
        return self.execution.start(self.machine.alias_arn, name=name, payload={"params": {}, "session": told})

    def rows(self) -> Sequence[Session]:
        return self.sessions.find(ALL)


def arns(rows: Sequence[Session]) -> Counter[str]:
    return Counter(one.execution_arn for row in rows for one in (*row.attempts, *row.duplicates) if not one.redrive)


def test_more_than_fifty_runs_between_two_looks_are_all_known() -> None:
    yard = Yard()
    made = []
    for number in range(120):
        made.append(yard.by_hand(f"run-{number}", failing="load" if number in (10, 20, 30, 40) else ""))
        yard.clock.sleep(60)
    listed = look_at_sessions(yard.context, SessionQuery(status="failed"))
    assert len(listed.sessions) == 4
    assert all(row.failed_job == "load" for row in listed.sessions)
    assert arns(yard.rows()) == Counter(made)
    assert not listed.is_cut
    assert look_at_sessions(yard.context, SessionQuery(limit=100)).is_cut


def test_the_next_look_reads_one_page_and_what_changed() -> None:
    yard = Yard()
    for number in range(80):
        yard.by_hand(f"run-{number}")
        yard.clock.sleep(60)
    list_sessions(yard.context)
    yard.seen.calls.clear()
    list_sessions(yard.context)
    assert yard.seen.calls == {"pages": 1}
    yard.seen.calls.clear()
    yard.by_hand("one-more", failing="load")
    yard.clock.sleep(60)
    list_sessions(yard.context)
    assert yard.seen.calls == {"pages": 1, "describe": 1, "history": 1}


def test_a_look_goes_on_until_a_whole_page_lies_below_the_watermark() -> None:
    yard = Yard(size=3)
    for number in range(30):
        yard.by_hand(f"run-{number}")
        yard.clock.sleep(120)
    list_sessions(yard.context)
    yard.seen.calls.clear()
    for number in range(7):
        yard.by_hand(f"later-{number}")
        yard.clock.sleep(120)
    list_sessions(yard.context)
    below = -(-int(OVERLAP / timedelta(seconds=120)) // 3)
    assert 3 < yard.seen.calls["pages"] <= 3 + below + 1 + 1
    assert len(yard.rows()) == 37


def test_of_many_executions_those_that_run_and_failed_are_described_first_and_the_rest_bit_by_bit() -> None:
    yard = Yard()
    for number in range(30):
        yard.by_hand(f"run-{number}", failing="load" if number == 3 else "")
        yard.clock.sleep(60)
    yard.by_hand("runs")
    done = yard.context.rounds.visit([yard.machine], DescribeBudget(4))
    assert done.undescribed == 31 - 4
    rows = yard.rows()
    assert len(rows) == 31
    described = [row for row in rows if row.is_described]
    assert sorted(row.status.value for row in described) == ["failed", "running", "succeeded", "succeeded"]
    pending = next(row for row in rows if not row.is_described)
    assert (pending.status, pending.params, pending.started_by, pending.attempts[0].stopped_at is not None) == (
        SUCCEEDED, {}, "", True
    )  # fmt: skip
    for left in (23, 19, 0):
        done = yard.context.rounds.visit([yard.machine], DescribeBudget(4 if left else 99))
        assert done.undescribed == left
    assert {row.started_by for row in yard.rows()} == {"outside bunsui"}
    assert all(row.params == {"region": "us"} for row in yard.rows())


def test_what_is_shown_is_described_before_it_is() -> None:
    yard = Yard()
    for number in range(130):
        yard.by_hand(f"run-{number}")
        yard.clock.sleep(60)
    shown = look_at_sessions(yard.context, SessionQuery(limit=50))
    assert all(row.is_described for row in shown.sessions)
    assert shown.round is not None
    assert shown.round.undescribed == 30


def test_a_known_session_that_ended_is_told_from_the_list_alone_when_nothing_may_be_asked() -> None:
    yard = Yard()
    yard.failing = {"load"}
    session = start_session(yard.context, RunRequest(pipeline="daily"))
    yard.clock.sleep(60)
    yard.context.rounds.visit([yard.machine], DescribeBudget(0))
    row = yard.sessions.get(session.id)
    assert row is not None
    assert (row.status, row.is_described, row.attempts[0].error, row.params) == (FAILED, False, "", session.params)
    found = find_session(yard.context, session.id, recollection=Recollection())
    assert (found.status, found.attempts[0].error, found.failed_job) == (FAILED, "ValueError", "load")
    assert found == yard.sessions.get(session.id)


@pytest.mark.parametrize("offset", [-7 * 86400, -86400, -3600, 0, 86400])
def test_the_latest_session_is_the_one_that_started_last_whatever_its_slot(offset: int) -> None:
    yard = Yard()
    yard.by_hand("by-day")
    yard.clock.sleep(3600)
    yard.scheduled("night", 18, offset=offset, failing="load")
    yard.clock.sleep(60)
    rows = list_sessions(yard.context)
    assert [row.started_by for row in rows] == ["schedule nightly", "outside bunsui"]
    assert rows[0].id > rows[1].id
    latest = find_session(yard.context, "daily", recollection=Recollection())
    assert (latest.id, latest.status) == (rows[0].id, FAILED)


@settings(max_examples=amount(24, 60, 600), deadline=None)
@given(
    starts=st.lists(
        st.tuples(st.integers(1, 86_400), st.integers(-7 * 86_400, 86_400), st.sampled_from(["", "load"])),
        min_size=1,
        max_size=6,
    ),
    budget=st.integers(0, 6),
)
def test_the_latest_is_the_last_started_always(starts: list[tuple[int, int, str]], budget: int) -> None:
    yard, made = Yard(), []
    for number, (seconds, offset, failing) in enumerate(starts):
        yard.clock.sleep(seconds)
        yard.failing = {failing}
        at = (yard.clock.now() + timedelta(seconds=number)).isoformat(timespec="seconds").replace("+00:00", "Z")
        told: Mapping[str, Json] = {"schedule": "nightly", "scheduled_at": at, "slot_offset_seconds": offset}
        payload = {"params": {}, "session": told}
        made.append(yard.execution.start(yard.machine.alias_arn, name=f"n-{number}", payload=payload))
    yard.clock.sleep(60)
    yard.context.rounds.visit([yard.machine], DescribeBudget(budget))
    for _ in range(2):
        rows = list_sessions(yard.context)
        assert [row.attempts[0].execution_arn for row in rows] == made[::-1]
        latest = find_session(yard.context, "daily", recollection=Recollection())
        assert latest.attempts[0].execution_arn == made[-1]


@pytest.mark.parametrize("budget", [99, 0], ids=["described", "later"])
def test_a_schedule_that_is_delivered_twice_is_one_session_with_a_duplicate(budget: int) -> None:
    yard = Yard()
    first = yard.scheduled("first", 18)
    yard.clock.sleep(1)
    second = yard.scheduled("second", 18, failing="extract")
    yard.clock.sleep(60)
    yard.context.rounds.visit([yard.machine], DescribeBudget(budget))
    yard.context.rounds.visit([yard.machine])
    (row,) = yard.rows()
    assert [one.execution_arn for one in row.attempts] == [first]
    assert [(one.execution_arn, one.status) for one in row.duplicates] == [(second, FAILED)]
    assert (row.status, row.output) == (SUCCEEDED, {"load": {"rows": 7}})
    for text in (row.id, first, second, "first", "second"):
        assert find_session(yard.context, text, recollection=Recollection()).id == row.id
    yard.seen.calls.clear()
    assert list_sessions(yard.context) == [row]
    assert yard.seen.calls == {"pages": 1}


def test_the_first_delivery_is_the_session_although_the_second_was_seen_before() -> None:
    yard = Yard()
    first = yard.scheduled("first", 18, failing="load")
    yard.clock.sleep(1)
    second = yard.scheduled("second", 18)
    yard.clock.sleep(60)

    class Late(PassingExecution):
        def pages(
            self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
        ) -> Iterator[Sequence[ExecutionSummary]]:
            for page in super().pages(machine_arn, status=status, size=size):
                yield [one for one in page if one.arn != first]

    late = replace(yard.context, ports=replace(yard.context.ports, execution=Late(yard.execution)))
    list_sessions(late)
    (row,) = list_sessions(yard.context)
    assert ([one.execution_arn for one in row.attempts], row.status, row.failed_job) == ([first], FAILED, "load")
    assert [one.execution_arn for one in row.duplicates] == [second]


def test_while_a_duplicate_runs_nothing_is_resumed_and_stop_ends_it() -> None:
    yard = Yard()
    yard.scheduled("first", 18, failing="extract")
    yard.clock.sleep(60)
    yard.scheduled("second", 18)
    (row,) = list_sessions(yard.context)
    assert (row.status, row.duplicates[0].status) == (FAILED, RUNNING)
    with pytest.raises(InvalidInput, match="delivered twice") as refused:
        resume_session(yard.context, row)
    assert refused.value.code == "still-running"
    stopped = stop_session(yard.context, row, reason="twice")
    assert (stopped.status, stopped.duplicates[0].status) == (FAILED, SessionStatus.CANCELLED)
    assert resume_session(yard.context, stopped).session.status is RUNNING


def test_an_execution_is_named_by_its_arn_and_its_name_also_before_anybody_looked() -> None:
    yard = Yard()
    name = "5e0c6f0a-7f0f-4a55-9d6c-1a2b3c4d5e6f"
    arn = yard.by_hand(name)
    for text in (arn, name):
        fresh = Yard()
        fresh.by_hand(name)
        found = find_session(fresh.context, text, recollection=Recollection())
        assert found.attempts[0].execution_arn == arn
    short = yard.by_hand("x")
    list_sessions(yard.context)
    assert find_session(yard.context, "x", recollection=Recollection()).attempts[0].execution_arn == short
    with pytest.raises(NotFound, match="unknown-execution"):
        find_session(yard.context, arn + "0", recollection=Recollection())


def test_a_machine_that_cannot_be_read_is_named_and_the_others_are_listed() -> None:
    other = replace(PIPELINE, name="other", path="pipelines/other.yaml")
    yard = Room(PIPELINE, other)
    denied_arn = yard.context.machine("other").arn

    class Denied(PassingExecution):
        def pages(
            self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
        ) -> Iterator[Sequence[ExecutionSummary]]:
            if machine_arn == denied_arn:
                raise AccessDenied("access-denied", "AWS does not allow the call")
            return super().pages(machine_arn, status=status, size=size)

    context = replace(yard.context, ports=replace(yard.context.ports, execution=Denied(yard.execution)))
    yard.execution.start(yard.machine.arn, name="one", payload={})
    listed = look_at_sessions(context, SessionQuery())
    assert len(listed.sessions) == 1
    assert listed.round is not None
    assert [(visit.pipeline, visit.is_reached, visit.why) for visit in listed.round.visits] == [
        ("daily", True, ""), ("other", False, "AWS does not allow the call")
    ]  # fmt: skip
    with pytest.raises(AccessDenied):
        look_at_sessions(context, SessionQuery(pipeline="other"))


def test_rows_of_a_pipeline_whose_file_is_gone_are_repaired_too() -> None:
    yard = Room()
    yard.execution.start(yard.machine.arn, name="one", payload={})
    list_sessions(yard.context)
    gone = replace(yard.context, pipelines={})
    yard.clock.sleep(60)
    yard.execution.start(yard.machine.arn, name="two", payload={})
    assert [row.status for row in list_sessions(gone)] == [RUNNING, SUCCEEDED]


def test_the_first_look_goes_back_so_far_and_says_so() -> None:
    yard = Yard(size=10)
    ports = yard.context.ports
    rounds = MachineRounds(
        execution=ports.execution, sessions=ports.sessions, clock=ports.clock, manager=yard.context.manager, first_look=20
    )
    for number in range(30):
        yard.by_hand(f"run-{number}")
        yard.clock.sleep(600)
    for _ in range(2):
        done = rounds.visit([yard.machine])
        assert done.visits[0].back_to == START + timedelta(seconds=10 * 600 + 2)
        assert len(yard.rows()) == 20


@dataclass
class Crowd:
    """What is started in four ways while managers look, each with its own context over the same rows."""

    yard: Yard
    made: list[str] = field(default_factory=list)

    def start_some(self, step: int) -> None:
        made, hour = self.made, step
        made.append(self.yard.scheduled(f"schedule-{step}", hour, failing="load" if step % 7 == 0 else ""))
        made.append(self.yard.by_hand(f"console-{step}", failing="extract" if step % 5 == 0 else ""))
        session = start_session(self.yard.context, RunRequest(pipeline="daily"))
        assert session.latest is not None
        made.append(session.latest.execution_arn)
        child = {"params": {"region": "jp"}, "session": {"started_by": "arn:aws:states:eu-west-1:1:execution:parent:p"}}
        made.append(self.yard.execution.start(self.yard.machine.alias_arn, name=f"child-{step}", payload=child))


@pytest.mark.parametrize("lag", [0, 1, 30])
def test_whatever_starts_executions_each_has_one_session_and_the_calls_are_few(lag: int) -> None:
    yard = Yard(size=3)
    yard.seen.lag = yard.seen.describe_lag = timedelta(seconds=lag)
    crowd = Crowd(yard)
    looks = 0
    for step in range(1, 61):
        crowd.start_some(step)
        for _ in range(4):
            yard.clock.sleep(7)
            yard.seen.keep([yard.machine.arn])
        if step % 6 == 0:
            looks += 1
            with ThreadPoolExecutor(4) as pool:
                contexts: list[SessionContext] = [yard.context] * 4
                list(pool.map(list_sessions, contexts))
    for _ in range(6):
        yard.clock.sleep(30)
        yard.seen.keep([yard.machine.arn])
        list_sessions(yard.context)
    rows = yard.rows()
    assert arns(rows) == Counter(crowd.made)
    assert len(rows) == len(crowd.made)
    for row in rows:
        assert row.latest is not None
        assert (row.status, row.is_described) == (yard.execution.describe(row.latest.execution_arn).status, True)
    # 24 new ones a look, 22 a page below the overlap of ten minutes at most; four look at once
    assert yard.seen.calls["pages"] <= (looks * 4 + 6) * (24 + 86 + 6) / 3
    assert yard.seen.calls["describe"] <= 4 * 2 * len(crowd.made)


class CountedRows(MemorySessionRepository):
    """Counts what is asked of the table."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: Counter[str] = Counter()

    def find(self, query: SessionQuery) -> Sequence[Session]:
        self.reads["find"] += 1
        return super().find(query)

    def watermarks(self) -> Mapping[str, Watermark]:
        self.reads["watermarks"] += 1
        return super().watermarks()

    def known(self, execution_arns: Collection[str]) -> Mapping[str, KnownExecution]:
        self.reads["known"] += 1
        return super().known(execution_arns)


def many(count: int) -> tuple[Yard, SessionContext, CountedRows]:
    """A project of many pipelines on AWS, each of which ran once."""
    pipelines = [replace(PIPELINE, name=f"daily-{number}", path=f"pipelines/{number}.yaml") for number in range(count)]
    yard = Yard(*pipelines, is_local=False)
    rows = CountedRows()
    context = replace(yard.context, ports=replace(yard.context.ports, sessions=rows))
    for machine in context.machines:
        yard.execution.machine(machine.arn, definition=DEFINITION, writer=yard.script)
        yard.execution.start(machine.arn, name="one", payload={})
    return yard, context, rows


def test_a_refresh_of_120_pipelines_is_two_reads_of_the_table_and_no_call_of_step_functions() -> None:
    yard, context, rows = many(120)
    look_at_sessions(context, ALL)
    yard.seen.calls.clear()
    rows.reads.clear()
    listed = read_sessions(context, SessionQuery(limit=500))
    assert len(listed.sessions) == 120
    assert rows.reads == {"find": 1, "watermarks": 1}
    assert not yard.seen.calls
    assert set(listed.looked_at.values()) == {yard.clock.now()}


def test_background_rounds_keep_to_half_of_the_rate_and_leave_no_machine_out() -> None:
    yard, context, rows = many(60)
    busy = "daily-59"
    for tick in range(24):
        yard.seen.calls.clear()
        done = background_round(context, seconds=5.0)
        assert yard.seen.calls["pages"] <= 5
        assert yard.seen.calls["describe"] <= 25
        if tick > 12 and tick % 2:
            yard.execution.start(context.machine(busy).arn, name=f"again-{tick}", payload={})
        yard.clock.sleep(5)
        assert len(done.visits) == 5
    looked = read_sessions(context, ALL).looked_at
    assert None not in looked.values()
    assert len(rows.find(ALL)) >= 60


def test_a_machine_of_which_sessions_run_is_looked_at_again_before_the_others() -> None:
    yard, context, rows = many(20)
    look_at_sessions(context, ALL)
    yard.clock.sleep(60)
    look_at_sessions(context, ALL)
    started = start_session(context, RunRequest(pipeline="daily-7"))
    yard.clock.sleep(60)
    background_round(context, seconds=5.0)
    row = rows.get(started.id)
    assert row is not None
    assert row.status is SUCCEEDED


def test_a_machine_that_a_schedule_was_to_start_is_looked_at_before_the_oldest() -> None:
    nightly = Schedule(id="nightly", expression="cron(5 3 * * ? *)", timezone="Asia/Tokyo")
    pipelines = [replace(PIPELINE, name=f"daily-{number}") for number in range(20)]
    pipelines[13] = replace(pipelines[13], schedules=(nightly,))
    pipelines[14] = replace(pipelines[14], schedules=(replace(nightly, enabled=False),))
    yard = Yard(*pipelines, is_local=False)
    look_at_sessions(yard.context, ALL)
    yard.clock.sleep(240)
    assert "daily-13" not in visited(yard), "nothing was due yet"
    yard.clock.sleep(90)
    assert "daily-13" in visited(yard)
    yard.clock.sleep(60)
    assert visited(yard)
    assert "daily-13" not in visited(yard), "it was looked at a minute behind its start"


def test_machines_that_are_not_applied_yet_do_not_keep_the_others_waiting() -> None:
    names = [f"new-{number}" for number in range(12)]
    yard = Yard(*(replace(PIPELINE, name=name) for name in ("daily", *names)), is_local=False)
    look_at_sessions(yard.context, ALL)
    seen = set()
    for _ in range(3):
        yard.clock.sleep(5)
        seen |= visited(yard)
    assert seen == {"daily", *names}


def visited(yard: Yard) -> set[str]:
    return {visit.pipeline for visit in background_round(yard.context, seconds=5.0).visits}
