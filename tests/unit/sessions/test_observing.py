"""Looking at a session over its attempts, and what a row's manager refuses and repairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bunsui.errors import CloudError, Conflict, InvalidInput, Missing, Unavailable, Unsupported
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.session import HistoryEvent, JobStatus, Session, SessionStatus
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.sessions.manager import Intent, SessionManager
from bunsui.sessions.payload import execution_input
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.acts import acts_in
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import DEFINITION, START, Room, with_claim

DAILY = RunRequest(pipeline="daily")


def ended(room: Room, *failing: str) -> Session:
    room.failing = set(failing)
    session = start_session(room.context, DAILY)
    room.failing = set()
    room.clock.sleep(60)
    return session


def test_an_observer_reads_each_attempt_by_its_own_history_and_machine() -> None:
    room = Room()
    session = ended(room, "load")
    observer = room.context.observer(session)
    first = observer.look(session)
    assert ([job.status for job in first.jobs], first.can_resume) == ([JobStatus.SUCCEEDED, JobStatus.FAILED], True)
    assert observer.look(first.session).failure is first.failure is not None
    room.apply({**DEFINITION, "Comment": "anew"})
    resumed = resume_session(room.context, first.session).session
    second = observer.look(resumed)
    room.clock.sleep(60)
    third = observer.look(second.session)
    assert [job.status for job in third.jobs] == [JobStatus.RESTORED, JobStatus.SUCCEEDED]
    assert third.failure is None


class Counting(PassingExecution):
    """Counts how often a definition is asked for."""

    asked = 0

    def definition(self, arn: str) -> Mapping[str, Json]:
        self.asked += 1
        return super().definition(arn)


def test_a_definition_is_asked_for_once_for_each_attempt() -> None:
    room = Room()
    session = ended(room, "load")
    counting = Counting(room.execution)
    observer = replace(room.context, ports=replace(room.context.ports, execution=counting)).observer(session)
    session = observer.look(session).session
    asked = counting.asked
    session = observer.look(session).session
    assert counting.asked == asked
    session = resume_session(room.context, session).session
    for _ in range(3):
        session = observer.look(session).session
    assert counting.asked == asked + 1


def test_jobs_of_a_session_that_never_began_wait_until_it_is_given_up() -> None:
    room = Room()
    room.clock.sleep(60)
    session = replace(ended(room), id="01KBH3X2J4ABCDEFGHJKMNPQRS", attempts=(), status=SessionStatus.PENDING)
    session = replace(session, created_at=room.clock.now())
    observer = room.context.observer(session)
    assert [job.status for job in observer.look(session).jobs] == [JobStatus.WAITING] * 2
    gone = replace(session, status=SessionStatus.FAILED)
    assert [job.status for job in observer.look(gone).jobs] == [JobStatus.NOT_RUN] * 2


def test_a_raw_machine_cannot_be_resumed() -> None:
    raw = RawDefinition(path="p.asl.yaml", document={"StartAt": "a", "States": {"a": {"Type": "Succeed"}}})
    room = Room(Pipeline(name="daily", path="pipelines/daily.yaml", definition=raw))
    room.apply(raw.document)
    session = start_session(room.context, DAILY)
    assert not room.context.observer(session).look(session).can_resume


@pytest.mark.parametrize("status", [SessionStatus.SUCCEEDED, SessionStatus.RUNNING, SessionStatus.PENDING])
def test_only_a_session_that_ended_badly_is_resumed(status: SessionStatus) -> None:
    room = Room()
    session = ended(room)
    with pytest.raises(InvalidInput) as refused:
        room.context.manager.resume(replace(session, status=status), room.machine, {})
    assert refused.value.code in ("illegal-transition", "still-running")


def test_a_session_that_ended_is_stopped_no_more() -> None:
    room = Room()
    session = ended(room)
    row = room.context.manager.sync(session)
    with pytest.raises(InvalidInput):
        room.context.manager.stop(row, "no more")


@pytest.mark.parametrize("failure", [Unsupported("no", "no")])
def test_a_start_that_was_refused_is_a_failed_session(failure: CloudError) -> None:
    room = Room()

    class Refusing:
        def start(self, target_arn: str, *, name: str, payload: object) -> str:
            raise failure

    manager = SessionManager(
        execution=Refusing(),  # type: ignore[arg-type]
        sessions=room.sessions,
        clock=room.clock,
        acts=acts_in(),
        new_id=lambda: "01KBH3X2J4ABCDEFGHJKMNPQRS",
    )
    with pytest.raises(type(failure)):
        manager.create(Intent(machine=room.machine, params={}, slot=START, started_by="mika"))
    (row,) = room.sessions.find_prefix("", limit=2)
    assert row.status is SessionStatus.FAILED


class Busy(MemorySessionRepository):
    """Rows that somebody else changes before each of the first writes."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def save(self, session: Session) -> Session:
        if self.times:
            self.times -= 1
            raise Conflict("session-changed", "somebody was first")
        return super().save(session)


@pytest.mark.parametrize(("times", "goes_on"), [(4, True), (5, False)])
def test_a_write_is_tried_five_times_on_the_newer_row(times: int, goes_on: bool) -> None:
    room = Room()
    room.sessions = Busy(0)
    room.context = replace(room.context, ports=replace(room.context.ports, sessions=room.sessions))
    session = start_session(room.context, DAILY)
    room.sessions.times = times
    if goes_on:
        assert room.context.manager.stop(session, "enough").status is SessionStatus.CANCELLED
    else:
        with pytest.raises(Unavailable):
            room.context.manager.stop(session, "enough")


@pytest.mark.parametrize(("letter", "bytes_each"), [("x", 1), ("é", 2)])
def test_an_input_may_have_as_many_bytes_as_step_functions_takes(letter: str, bytes_each: int) -> None:
    session = ended(Room())
    empty = len('{"p": ""}')
    fits = letter * ((256 * 1024 - empty) // bytes_each)
    execution_input(replace(session, params={"p": fits}), 1, is_raw=True)
    with pytest.raises(InvalidInput):
        execution_input(replace(session, params={"p": fits + letter}), 1, is_raw=True)


class Forgetful(PassingExecution):
    """Step Functions that no longer has the history."""

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        raise Missing("missing", "forgotten")


def test_a_failure_whose_history_is_forgotten_is_recorded_without_its_job() -> None:
    room = Room()
    session = ended(room, "load")
    forgetful = replace(room.context, ports=replace(room.context.ports, execution=Forgetful(room.execution)))
    assert forgetful.manager.sync(session).failed_job == ""
    other = Room()
    assert other.context.manager.sync(ended(other, "load")).failed_job == "load"


class Vanishing(Busy):
    """Rows that are gone when somebody looks again."""

    def get(self, session_id: str) -> Session | None:
        return None


def test_a_row_that_is_gone_is_not_written_again() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    gone = replace(room.context, ports=replace(room.context.ports, sessions=Vanishing(1)))
    with pytest.raises(Conflict):
        gone.manager.stop(session, "enough")


def test_a_stop_before_the_start_leaves_nothing_claimed() -> None:
    room = Room()
    pending = replace(ended(room), status=SessionStatus.PENDING, attempts=())
    row = room.sessions.save(with_claim(pending, room.machine))
    stopped = room.context.manager.stop(row, "no more")
    assert (stopped.status, stopped.claim) == (SessionStatus.CANCELLED, None)
