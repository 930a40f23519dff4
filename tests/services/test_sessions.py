from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import InvalidInput, Missing, NotFound, Refused, Unavailable
from bunsui.model.json import Json
from bunsui.model.pipeline import SlotOffset
from bunsui.model.session import TRANSITIONS, HistoryEvent, Session, SessionStatus, check_transition
from bunsui.ports.execution import Execution
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import Recollection, find_session, list_sessions
from bunsui.services.watch import follow
from bunsui.services.without_files.unmanaged import machine_arn
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.map_runs import MemoryMapRuns
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import PIPELINE, START, Room, with_claim

DAILY = RunRequest(pipeline="daily")
NOTHING = Recollection()


@given(st.lists(st.sampled_from(SessionStatus), max_size=12))
def test_only_the_tables_transitions_are_ever_taken(wishes: list[SessionStatus]) -> None:
    status = SessionStatus.PENDING
    for wish in wishes:
        if wish in TRANSITIONS.get(status, ()):
            check_transition(status, wish)
            status = wish
        else:
            with pytest.raises(InvalidInput) as caught:
                check_transition(status, wish)
            assert caught.value.facts == {"before": status.value, "after": wish.value}


def test_what_succeeded_stays_so() -> None:
    assert not TRANSITIONS[SessionStatus.SUCCEEDED]
    told = {SessionStatus.RECOVERING, SessionStatus.WAITING}
    assert set(TRANSITIONS) == set(SessionStatus) - told, "they are told of a row, and stored in none"


def test_listing_repairs_rows_from_the_truth() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    room.clock.sleep(60)
    assert [(row.id, row.status) for row in list_sessions(room.context)] == [(session.id, SessionStatus.SUCCEEDED)]


def test_a_run_by_hand_obeys_the_slot_of_the_pipeline() -> None:
    room = Room(replace(PIPELINE, slot=SlotOffset(days=-1)))
    session = start_session(room.context, DAILY)
    assert (session.slot, session.date) == (START - timedelta(days=1), "2026-01-31")
    typed = start_session(room.context, RunRequest(pipeline="daily", slot="2026-01-05"))
    assert typed.date == "2026-01-05"


def test_a_pipeline_that_is_switched_off_is_not_started_by_hand() -> None:
    room = Room(replace(PIPELINE, enabled=False))
    with pytest.raises(Refused) as caught:
        start_session(room.context, DAILY)
    assert (caught.value.code, caught.value.facts["file"]) == ("pipeline-disabled", "pipelines/daily.yaml")
    assert not room.inputs


def test_the_date_of_a_scheduled_run_is_that_of_the_schedules_time_zone() -> None:
    room = Room()
    told: Mapping[str, Json] = {"schedule": "west", "scheduled_at": "2026-01-31T18:00:00Z", "timezone": "America/New_York"}
    room.execution.start(room.machine.alias_arn, name="one", payload={"params": {}, "session": told})
    (row,) = list_sessions(room.context)
    assert row.date == "2026-01-31"


def test_a_run_that_a_schedule_started_appears_once_with_its_slot() -> None:
    room = Room()
    told: Mapping[str, Json] = {"schedule": "nightly", "scheduled_at": "2026-01-31T18:00:00Z", "slot_offset_seconds": -86400}
    for name in ("first-delivery", "second-delivery"):
        room.execution.start(room.machine.alias_arn, name=name, payload={"params": {"region": "us"}, "session": told})
    room.clock.sleep(60)
    (row,) = list_sessions(room.context)
    assert (row.started_by, row.slot, row.date) == ("schedule nightly", START - timedelta(days=1), "2026-01-31")
    assert (row.status, row.params, row.output) == (SessionStatus.SUCCEEDED, {"region": "us"}, {"load": {"rows": 7}})
    assert list_sessions(room.context) == [row]


def test_a_run_that_somebody_started_in_the_console_appears() -> None:
    room = Room()
    room.execution.start(room.machine.arn, name="by-hand", payload={})
    room.failing = {"extract"}
    room.execution.start(room.machine.arn, name="again", payload={})
    room.clock.sleep(60)
    rows = list_sessions(room.context)
    assert {row.started_by for row in rows} == {"outside bunsui"}
    assert sorted((row.status.value, row.failed_job) for row in rows) == [("failed", "extract"), ("succeeded", "")]


def test_two_who_look_at_the_same_time_make_one_row_and_one_change() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    room.clock.sleep(60)
    first = room.context.manager.sync(session)
    second = room.context.manager.sync(session)
    assert first == second
    assert first.row_version == session.row_version + 1


def _cut_short(context: SessionContext, session: Session) -> tuple[SessionContext, Session]:
    """Return everything as it is when the session's start was cut short after its row was written."""
    rows = MemorySessionRepository()
    pending = replace(session, status=SessionStatus.PENDING, attempts=(), row_version=0)
    rows.add(pending)
    return replace(context, ports=replace(context.ports, sessions=rows)), pending


def test_a_start_that_was_cut_short_is_found_by_looking() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    context, _ = _cut_short(room.context, session)
    room.clock.sleep(60)
    (found,) = list_sessions(context)
    assert (found.id, found.status) == (session.id, SessionStatus.SUCCEEDED)
    assert len(found.attempts) == 1


def test_a_start_that_never_happened_fails_after_a_while() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    orphan = replace(session, id="0" + session.id[1:-1] + "Z", status=SessionStatus.PENDING, attempts=())
    room.sessions.add(orphan)
    sync = room.context.manager.sync
    assert sync(orphan, target_arn=room.machine.alias_arn).status is SessionStatus.PENDING
    room.clock.sleep(300)
    assert sync(orphan, target_arn=room.machine.alias_arn).status is SessionStatus.FAILED


@dataclass
class Forgetful(PassingExecution):
    """Says of every execution that there is none, as often as it is told to; lists go on."""

    times: int = 0

    def describe(self, execution_arn: str) -> Execution:
        if self.times:
            self.times -= 1
            raise Missing("missing", "the object does not exist in AWS")
        return self.inner.describe(execution_arn)


class Hidden(PassingExecution):
    """Shows no execution's history."""

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        raise Missing("missing", "the object does not exist in AWS")


def _forgetful(room: Room) -> tuple[Forgetful, SessionContext]:
    client = Forgetful(room.execution)
    return client, replace(room.context, ports=replace(room.context.ports, execution=client))


def test_one_stale_answer_ends_no_session_that_just_began() -> None:
    room = Room()
    client, context = _forgetful(room)
    session = start_session(context, DAILY)
    client.times = 1
    assert context.manager.sync(session).status is SessionStatus.RUNNING
    room.clock.sleep(60)
    assert context.manager.sync(session).status is SessionStatus.SUCCEEDED


@pytest.mark.parametrize("seen_by", ["list", "look"])
def test_an_execution_that_is_seen_again_takes_back_that_it_was_unknown(seen_by: str) -> None:
    room = Room()
    client, context = _forgetful(room)
    session = start_session(context, DAILY)
    room.clock.sleep(301)
    client.times = 1
    lost = context.manager.sync(session)
    assert (lost.status, lost.attempts[0].error) == (SessionStatus.FAILED, "Execution.Unknown")
    found = list_sessions(context)[0] if seen_by == "list" else context.manager.sync(lost)
    assert found.status is SessionStatus.SUCCEEDED
    assert [(attempt.status, attempt.error) for attempt in found.attempts] == [(SessionStatus.SUCCEEDED, "")]
    with pytest.raises(InvalidInput, match="nothing-to-resume"):
        resume_session(context, lost)


def test_an_unknown_execution_that_is_seen_again_also_takes_back_a_resume_that_was_stopped() -> None:
    room = Room()
    client, context = _forgetful(room)
    session = start_session(context, DAILY)
    room.clock.sleep(301)
    client.times = 1
    lost = context.manager.sync(session)
    taken = room.sessions.save(with_claim(lost, room.machine))
    assert taken.standing is SessionStatus.RECOVERING
    assert context.manager.stop(taken, "enough").standing is SessionStatus.FAILED
    assert list_sessions(context)[0].status is SessionStatus.SUCCEEDED


def test_an_execution_that_runs_on_cannot_be_resumed_beside_itself() -> None:
    room = Room()
    client, context = _forgetful(room)
    session = start_session(context, DAILY)
    latest = session.latest
    assert latest is not None
    early = replace(latest, started_at=latest.started_at - timedelta(minutes=6))
    session = room.sessions.save(replace(session, attempts=(early,)))
    client.times = 1
    lost = context.manager.sync(session)
    assert lost.status is SessionStatus.FAILED
    with pytest.raises(InvalidInput, match="still-running"):
        resume_session(context, lost)


def test_a_run_that_began_before_many_others_ended_is_found_all_the_same() -> None:
    room = Room()
    arn = room.machine.arn
    room.execution.machine(arn, definition={"StartAt": "w", "States": {"w": {"Type": "Wait", "Seconds": 86400, "End": True}}})
    room.execution.start(arn, name="by-hand", payload={})
    room.apply()
    room.clock.sleep(10)
    for number in range(60):
        room.execution.start(arn, name=f"short-{number}", payload={"params": {"region": "jp"}})
        room.clock.sleep(60)
    found = list_sessions(room.context, limit=200)
    assert "by-hand" in {row.attempts[0].execution_arn.rpartition(":")[2] for row in found}


def test_a_resume_does_not_take_a_history_that_does_not_show_yet_for_an_empty_one() -> None:
    room = Room()
    room.failing = {"load"}
    session = start_session(room.context, DAILY)
    room.clock.sleep(60)
    failed = room.context.manager.sync(session)
    hidden = replace(room.context, ports=replace(room.context.ports, execution=Hidden(room.execution)))
    with pytest.raises(Unavailable, match="history-not-seen-yet"):
        resume_session(hidden, failed)
    room.clock.sleep(600)
    assert resume_session(hidden, failed).plan.payload["jobs"] == {}


def test_a_start_that_was_given_up_and_did_happen_is_taken_up_again() -> None:
    room = Room()
    client, context = _forgetful(room)
    session = start_session(context, DAILY)
    context, pending = _cut_short(context, session)
    room.clock.sleep(300)
    client.times = 1
    assert context.manager.sync(pending, target_arn=room.machine.arn).status is SessionStatus.FAILED
    (found,) = list_sessions(context)
    assert (found.id, found.status, len(found.attempts)) == (session.id, SessionStatus.SUCCEEDED, 1)


def test_an_execution_that_is_gone_ends_its_session() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    latest = session.latest
    assert latest is not None
    lost = room.sessions.save(replace(session, attempts=(replace(latest, execution_arn=latest.execution_arn + "x"),)))
    assert room.context.manager.sync(lost).status is SessionStatus.RUNNING
    room.clock.sleep(301)
    found = room.context.manager.sync(lost)
    assert found.status is SessionStatus.FAILED
    assert found.attempts[0].error == "Execution.Unknown"
    assert room.context.manager.sync(found) == found


def test_a_session_is_named_by_id_prefix_dash_number_or_pipeline() -> None:
    room = Room()
    first = start_session(room.context, DAILY)
    room.clock.sleep(3600)
    second = list(follow(room.context, start_session(room.context, DAILY)))[-1].session
    recollection = Recollection(last=first.id, listed=(second.id, first.id))

    def named(text: str) -> str:
        return find_session(room.context, text, recollection=recollection).id

    assert named(second.id) == named(second.id[:12]) == named(second.id[:12].lower()) == second.id
    assert named("-") == named("#2") == first.id
    assert named("daily") == named("#1") == second.id


def test_the_latest_failed_session_is_named_by_its_pipeline() -> None:
    room = Room()
    room.failing = {"load"}
    failed = start_session(room.context, DAILY)
    room.clock.sleep(60)
    room.failing = set()
    start_session(room.context, DAILY)
    assert find_session(room.context, "daily", recollection=NOTHING, failed=True).id == failed.id


def test_a_prefix_of_several_sessions_is_refused_with_all_of_them() -> None:
    room = Room()
    ids = [start_session(room.context, DAILY).id for _ in range(2)]
    with pytest.raises(InvalidInput) as caught:
        find_session(room.context, ids[0][:6], recollection=NOTHING)
    assert set(caught.value.facts["sessions"].split(", ")) == set(ids)


@pytest.mark.parametrize("text", ["-", "#1", "#x", "01KBH", "0" * 26, "daily", "dialy"])
def test_what_leads_nowhere_says_what_to_do(text: str) -> None:
    with pytest.raises(NotFound) as caught:
        find_session(Room().context, text, recollection=NOTHING)
    assert caught.value.hint


class Items(PassingExecution):
    """Step Functions, of which a distributed foreach of a session started another execution for an item."""

    def __init__(self, room: Room, item_arn: str) -> None:
        super().__init__(room.execution)
        self._item_arn = item_arn

    def describe(self, execution_arn: str) -> Execution:
        if execution_arn != self._item_arn:
            return super().describe(execution_arn)
        machine = self._item_arn.rpartition(":")[0].replace(":execution:", ":stateMachine:")
        return Execution(
            arn=execution_arn, name="x", machine_arn=machine, status=SessionStatus.FAILED, started_at=START, stopped_at=START,
            input=None, output=None, error="", cause="", map_run_arn="arn:run",
        )  # fmt: skip


def test_the_execution_of_an_item_names_the_session_around_it() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    assert session.latest is not None
    whole = session.latest.execution_arn
    item = f"{whole.rpartition(':')[0]}/each:0b7a3a46"
    runs = MemoryMapRuns(held_by={"arn:run": whole})
    ports = replace(room.context.ports, execution=Items(room, item), map_runs=runs)
    context = replace(room.context, ports=ports)
    assert find_session(context, item, recollection=NOTHING).id == session.id
    with pytest.raises(NotFound) as missing:
        find_session(replace(context, ports=replace(ports, map_runs=MemoryMapRuns())), item, recollection=NOTHING)
    assert missing.value.facts["execution"] == item
    assert machine_arn(item) == room.machine.arn
