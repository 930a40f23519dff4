"""What a recorder does when somebody else writes the same rows at the same time, or an execution is seen late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.errors import CloudError, Conflict, Missing, Unavailable
from bunsui.model.json import Json
from bunsui.model.session import OUTSIDE, HistoryEvent, MapRunCounts, Session, SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.run import RunRequest, start_session
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.truth import UNKNOWN
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.map_runs import MemoryMapRuns
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import START, Room

RUNNING, FAILED, SUCCEEDED = SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.SUCCEEDED


class Contested(MemorySessionRepository):
    """Rows before whose next writes somebody else does something, each time once."""

    def __init__(self) -> None:
        super().__init__()
        self.before: list[Callable[[], object]] = []

    def lose(self) -> None:
        """Forget every row."""
        self._rows.clear()

    def _meanwhile(self) -> None:
        if self.before:
            self.before.pop(0)()

    def add(self, session: Session) -> None:
        self._meanwhile()
        super().add(session)

    def save(self, session: Session) -> Session:
        self._meanwhile()
        return super().save(session)

    def merge(self, session: Session, gone: Session) -> Session:
        self._meanwhile()
        return super().merge(session, gone)


@dataclass
class Counted(PassingExecution):
    """Step Functions that counts definitions and histories, and knows some executions not at all."""

    asked: list[str] = field(default_factory=list, kw_only=True)
    unknown: set[str] = field(default_factory=set, kw_only=True)

    def describe(self, execution_arn: str) -> Any:
        if execution_arn in self.unknown:
            raise Missing("missing", "a read that lags")
        return super().describe(execution_arn)

    def definition(self, arn: str) -> Mapping[str, Json]:
        self.asked.append("definition")
        return super().definition(arn)

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        self.asked.append("history")
        return super().history(execution_arn, after=after)


class Desk:
    """A recorder over rows that others write too."""

    def __init__(self) -> None:
        self.room = Room()
        self.rows = Contested()
        self.execution = Counted(self.room.execution)
        self.recorder = SessionRecorder(self.execution, self.rows)
        self.room.sessions = self.rows
        self.room.context = replace(self.room.context, ports=replace(self.room.context.ports, sessions=self.rows))

    @property
    def machine(self) -> PipelineMachine:
        return self.room.machine

    def scheduled(self, name: str, *, failing: str = "") -> ExecutionSummary:
        """A schedule starts the machine for the same slot as always; give what a list says when it has ended."""
        self.room.failing = {failing}
        told: dict[str, Json] = {"schedule": "nightly", "slot": "2026-01-30T00:00:00Z"}
        arn = self.room.execution.start(self.machine.arn, name=name, payload={"params": {}, "session": told})
        self.room.clock.sleep(60)
        return self.listed(arn)

    def listed(self, arn: str) -> ExecutionSummary:
        (found,) = [one for page in self.room.execution.pages(self.machine.arn) for one in page if one.arn == arn]
        return found

    def by_hand(self, name: str, *, failing: str = "") -> ExecutionSummary:
        self.room.failing = {failing}
        arn = self.room.execution.start(self.machine.arn, name=name, payload={"params": {}})
        self.room.clock.sleep(60)
        return self.listed(arn)

    @property
    def found(self) -> Sequence[Session]:
        return self.rows.find(SessionQuery(limit=99))

    def only(self) -> Session:
        (row,) = self.found
        return row

    def touch(self, row: Session, **more: Any) -> Callable[[], object]:
        """Return what somebody else does: write the row as it is, a version later."""

        def write() -> None:
            there = self.rows.get(row.id)
            assert there is not None
            MemorySessionRepository.save(self.rows, replace(there, **more))

        return write


def names(row: Session) -> tuple[list[str], list[str]]:
    return (
        [one.execution_arn.rpartition(":")[2] for one in row.attempts],
        [one.execution_arn.rpartition(":")[2] for one in row.duplicates],
    )


def test_an_execution_is_adopted_whole_or_as_a_list_tells_it() -> None:
    desk = Desk()
    desk.recorder.adopt(desk.by_hand("whole", failing="load"), desk.machine, describes=True)
    whole = desk.only()
    assert (whole.is_described, whole.status, whole.failed_job, whole.started_by) == (True, FAILED, "load", OUTSIDE)
    other = Desk()
    other.recorder.adopt(other.by_hand("listed", failing="load"), other.machine, describes=False)
    listed = other.only()
    assert (listed.is_described, listed.status, listed.failed_job, listed.started_by) == (False, FAILED, "", "")
    assert other.execution.asked == []


def test_an_execution_that_a_read_does_not_show_yet_is_taken_as_the_list_tells_it() -> None:
    desk = Desk()
    summary = desk.by_hand("late", failing="load")
    desk.execution.unknown = {summary.arn}
    desk.recorder.adopt(summary, desk.machine, describes=True)
    row = desk.only()
    assert (row.is_described, row.status, row.failed_job) == (False, FAILED, "")
    assert desk.recorder.describe(row, desk.machine).attempts == row.attempts
    assert desk.only().is_described, "what nobody can describe is not asked for again"


def test_an_execution_that_somebody_else_found_too_has_one_row() -> None:
    desk = Desk()
    summary = desk.by_hand("both")
    other = SessionRecorder(desk.room.execution, desk.rows)
    desk.rows.before = [lambda: other.adopt(summary, desk.machine, describes=False)]
    desk.recorder.adopt(summary, desk.machine, describes=True)
    assert names(desk.only()) == (["both"], [])


def test_a_second_delivery_of_a_slot_joins_the_session_of_the_first() -> None:
    desk = Desk()
    for name in ("first", "second"):
        desk.recorder.adopt(desk.scheduled(name), desk.machine, describes=True)
    row = desk.only()
    assert names(row) == (["first"], ["second"])
    assert [one.number for one in row.duplicates] == [1]


def test_a_row_whose_start_was_given_up_takes_the_execution_after_all() -> None:
    desk = Desk()
    session = start_session(desk.room.context, RunRequest(pipeline="daily"))
    desk.room.clock.sleep(60)
    arn = session.attempts[0].execution_arn
    rows = Contested()
    rows.add(replace(session, attempts=(), status=FAILED, row_version=0))
    recorder = SessionRecorder(desk.room.execution, rows)
    recorder.adopt(desk.listed(arn), desk.machine, describes=True)
    (row,) = rows.find(SessionQuery(limit=9))
    assert (row.id, row.status, names(row)[0]) == (session.id, SUCCEEDED, [arn.rpartition(":")[2]])


def test_a_write_is_made_on_the_newer_row_and_not_at_all_when_that_has_it() -> None:
    desk = Desk()
    desk.recorder.adopt(desk.by_hand("one"), desk.machine, describes=True)
    row = desk.only()
    desk.rows.before = [desk.touch(row, commit="theirs")]
    changed = desk.recorder.change(row, lambda there: replace(there, version_arn="ours"))
    assert (changed.commit, changed.version_arn, changed.row_version) == ("theirs", "ours", row.row_version + 2)
    desk.rows.before = [desk.touch(row, version_arn="same")]
    same = desk.recorder.change(changed, lambda there: replace(there, version_arn="same"))
    assert (same.version_arn, same.row_version) == ("same", changed.row_version + 1)
    assert desk.recorder.change(same, lambda there: there) is same


def test_a_row_that_changes_all_the_time_is_busy() -> None:
    desk = Desk()
    desk.recorder.adopt(desk.by_hand("one"), desk.machine, describes=True)
    row = desk.only()
    desk.rows.before = [desk.touch(row, commit=str(number)) for number in range(9)]
    with pytest.raises(Unavailable) as refused:
        desk.recorder.change(row, lambda there: replace(there, version_arn="ours"))
    assert (refused.value.code, refused.value.facts) == ("session-busy", {"session": row.id})
    assert refused.value.hint.endswith(f"bunsui show {row.id}")
    assert len(desk.rows.before) == 4


def test_what_a_list_notes_is_described_later_when_it_ended() -> None:
    desk = Desk()
    session = start_session(desk.room.context, RunRequest(pipeline="daily"))
    arn = session.attempts[0].execution_arn
    runs = desk.listed(arn)
    desk.recorder.note(session.id, runs, desk.machine)
    assert desk.only() == session
    desk.room.clock.sleep(60)
    desk.recorder.note(session.id, desk.listed(arn), desk.machine)
    assert (desk.only().status, desk.only().is_described) == (SUCCEEDED, False)
    noted = desk.only()
    desk.recorder.note(session.id, desk.listed(arn), desk.machine)
    desk.recorder.note("01KBH3X2J4ABCDEFGHJKMNPQRS", desk.listed(arn), desk.machine)
    assert desk.only() == noted


def test_a_list_that_takes_back_an_unknown_end_notes_that_it_runs() -> None:
    desk = Desk()
    session = start_session(desk.room.context, RunRequest(pipeline="daily"))
    unknown = replace(session.attempts[0], status=FAILED, error=UNKNOWN, stopped_at=START)
    desk.rows.save(replace(session, attempts=(unknown,), status=FAILED))
    desk.recorder.note(session.id, desk.listed(unknown.execution_arn), desk.machine)
    assert (desk.only().status, desk.only().is_described) == (RUNNING, True)


def listed_only(desk: Desk, name: str = "one", *, failing: str = "load") -> Session:
    summary = desk.by_hand(name, failing=failing)
    desk.recorder.adopt(summary, desk.machine, describes=False)
    (row,) = [one for one in desk.found if names(one)[0] == [name]]
    return row


def test_a_row_is_described_once_by_several() -> None:
    desk = Desk()
    row = listed_only(desk)
    other = SessionRecorder(desk.room.execution, desk.rows)
    desk.rows.before = [lambda: other.describe(row, desk.machine)]
    found = desk.recorder.describe(row, desk.machine)
    assert found == desk.only()
    assert (found.is_described, found.failed_job, found.row_version) == (True, "load", 1)


def test_a_row_that_was_only_touched_meanwhile_is_described_all_the_same() -> None:
    desk = Desk()
    row = listed_only(desk)
    desk.rows.before = [desk.touch(row)]
    found = desk.recorder.describe(row, desk.machine)
    assert (found.is_described, found.failed_job, found.row_version) == (True, "load", 2)
    assert found == desk.only()


def test_a_row_with_another_attempt_meanwhile_is_left_to_whoever_wrote_it() -> None:
    desk = Desk()
    row = listed_only(desk)
    more = replace(row.attempts[0], execution_arn="arn:other", number=2)
    desk.rows.before = [desk.touch(row, attempts=(*row.attempts, more))]
    found = desk.recorder.describe(row, desk.machine)
    assert (found.is_described, len(found.attempts)) == (False, 2)
    gone = Desk()
    row = listed_only(gone)
    gone.rows.before = [gone.rows.lose]
    assert gone.recorder.describe(row, gone.machine) == row


def test_a_row_that_is_always_touched_is_left_as_it_is() -> None:
    desk = Desk()
    row = listed_only(desk)
    desk.rows.before = [desk.touch(row) for _ in range(9)]
    assert desk.recorder.describe(row, desk.machine) == row
    assert (len(desk.rows.before), desk.only().is_described) == (4, False)


def two_deliveries(desk: Desk) -> tuple[Session, Session]:
    """Return the rows of two deliveries of which only a list told, so that nobody knows yet that they are of one slot."""
    for name in ("first", "second"):
        desk.recorder.adopt(desk.scheduled(name), desk.machine, describes=False)
    second, first = desk.found
    return desk.recorder.describe(first, desk.machine), second


def test_a_described_row_whose_slot_has_another_joins_that() -> None:
    desk = Desk()
    _, second = two_deliveries(desk)
    found = desk.recorder.describe(second, desk.machine)
    assert found == desk.only()
    assert names(found) == (["first"], ["second"])


def test_a_joining_is_repeated_on_the_newer_rows() -> None:
    desk = Desk()
    first, second = two_deliveries(desk)
    desk.rows.before = [desk.touch(first, commit="theirs"), desk.touch(second)]
    found = desk.recorder.describe(second, desk.machine)
    assert found == desk.only()
    assert (names(found), found.commit) == ((["first"], ["second"]), "theirs")
    busy = Desk()
    first, second = two_deliveries(busy)
    busy.rows.before = [busy.touch(first) for _ in range(9)]
    left = busy.recorder.describe(second, busy.machine)
    assert (left.id, len(busy.rows.before), len(busy.found)) == (second.id, 4, 2)


def test_a_joining_that_somebody_else_made_is_theirs() -> None:
    desk = Desk()
    first, second = two_deliveries(desk)
    other = SessionRecorder(desk.room.execution, desk.rows)
    desk.rows.before = [lambda: other.describe(second, desk.machine)]
    found = desk.recorder.describe(second, desk.machine)
    assert found == desk.only()
    assert (found.id, names(found)) == (first.id, (["first"], ["second"]))


def test_a_version_is_read_once_and_a_machine_without_one_each_time() -> None:
    desk = Desk()
    for name in ("one", "two"):
        desk.recorder.adopt(desk.by_hand(name), desk.machine, describes=True)
    assert desk.execution.asked == ["definition"] * 2
    version = desk.room.execution.publish(desk.machine.arn)
    desk.room.execution.alias(desk.machine.alias_arn, version)
    desk.execution.asked.clear()
    for name in ("three", "four"):
        arn = desk.room.execution.start(desk.machine.alias_arn, name=name, payload={"params": {}})
        desk.room.clock.sleep(60)
        desk.recorder.adopt(desk.listed(arn), desk.machine, describes=True)
    assert desk.execution.asked == ["definition"]
    assert {row.version_arn for row in desk.found} == {"", version}


RUN = "arn:aws:states:eu-west-1:111111111111:mapRun:daily/each:1"


def mapped(name: str, arn: str) -> list[HistoryEvent]:
    kinds: list[tuple[str, dict[str, Json]]] = [
        ("MapStateEntered", {"name": name}),
        ("MapRunStarted", {"mapRunArn": arn}),
        ("MapStateExited", {"name": name, "output": "{}"}),
    ]
    return [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START + timedelta(seconds=number), details=details)
        for number, (kind, details) in enumerate(kinds, 1)
    ]


class Runs(MemoryMapRuns):
    """Map runs of which some may not be seen."""

    def counts(self, map_run_arn: str) -> MapRunCounts:
        if map_run_arn == "forbidden":
            raise CloudError("denied", "no")
        return super().counts(map_run_arn)


def test_only_maps_that_tolerate_failures_are_counted() -> None:
    counts = MapRunCounts(arn=RUN, is_final=True, total=4, done=4, failed=1)
    runs = Runs(runs={RUN: counts})
    recorder = SessionRecorder(Room().execution, MemorySessionRepository(), runs)
    states: dict[str, Json] = {
        "_start": {"Type": "Pass"},
        "each": {"Type": "Map", "ToleratedFailureCount": 2},
        "all": {"Type": "Map", "ToleratedFailureCount": 0},
    }
    shape = machine_shape({"StartAt": "_start", "States": states})
    assert recorder._counts(shape, mapped("each", RUN)) == {RUN: counts}
    assert recorder._counts(shape, mapped("all", RUN)) == recorder._counts(shape, mapped("gone", RUN)) == {}
    assert recorder._counts(shape, mapped("each", "forbidden")) == recorder._counts(shape, mapped("each", "")) == {}
    assert runs.asked == [RUN]
    without = SessionRecorder(Room().execution, MemorySessionRepository())
    assert without._counts(shape, mapped("each", RUN)) == {}


def test_a_conflict_of_a_row_that_is_gone_goes_on() -> None:
    desk = Desk()
    desk.recorder.adopt(desk.by_hand("one"), desk.machine, describes=True)
    row = desk.only()
    desk.rows.before = [desk.rows.lose]
    with pytest.raises(Conflict):
        desk.recorder.change(row, lambda there: replace(there, version_arn="ours"))
