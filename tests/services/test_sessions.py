from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.errors import InvalidInput, NotFound
from bunsui.model.session import TRANSITIONS, SessionStatus, check_transition
from bunsui.model.values import Json
from bunsui.services.run import RunRequest, start_session
from bunsui.services.sessions import Recollection, find_session, list_sessions
from bunsui.services.watch import follow
from tests.fakes.session_room import START, Room

DAILY = RunRequest(pipeline="daily")
NOTHING = Recollection()


@given(st.lists(st.sampled_from(SessionStatus), max_size=12))
def test_only_the_tables_transitions_are_ever_taken(wishes: list[SessionStatus]) -> None:
    status = SessionStatus.PENDING
    for wish in wishes:
        if wish in TRANSITIONS[status]:
            check_transition(status, wish)
            status = wish
        else:
            with pytest.raises(InvalidInput) as caught:
                check_transition(status, wish)
            assert caught.value.facts == {"before": status.value, "after": wish.value}


def test_what_succeeded_stays_so() -> None:
    assert not TRANSITIONS[SessionStatus.SUCCEEDED]
    assert set(TRANSITIONS) == set(SessionStatus)


def test_listing_repairs_rows_from_the_truth() -> None:
    room = Room()
    session = start_session(room.desk, DAILY)
    room.clock.sleep(60)
    assert [(row.id, row.status) for row in list_sessions(room.desk)] == [(session.id, SessionStatus.SUCCEEDED)]


def test_a_run_that_a_schedule_started_appears_once_with_its_slot() -> None:
    room = Room()
    told: Mapping[str, Json] = {"schedule": "nightly", "scheduled_at": "2026-01-31T18:00:00Z", "slot_offset_seconds": -86400}
    for name in ("first-delivery", "second-delivery"):
        room.execution.start(room.machine.alias_arn, name=name, payload={"params": {"region": "us"}, "session": told})
    room.clock.sleep(60)
    (row,) = list_sessions(room.desk)
    assert (row.started_by, row.slot, row.date) == ("schedule nightly", START - timedelta(days=1), "2026-01-31")
    assert (row.status, row.params, row.output) == (SessionStatus.SUCCEEDED, {"region": "us"}, {"load": {"rows": 7}})
    assert list_sessions(room.desk) == [row]


def test_a_run_that_somebody_started_in_the_console_appears() -> None:
    room = Room()
    room.execution.start(room.machine.arn, name="by-hand", payload={})
    room.failing = {"extract"}
    room.execution.start(room.machine.arn, name="again", payload={})
    room.clock.sleep(60)
    rows = list_sessions(room.desk)
    assert {row.started_by for row in rows} == {"outside bunsui"}
    assert sorted((row.status.value, row.failed_job) for row in rows) == [("failed", "extract"), ("succeeded", "")]


def test_two_who_look_at_the_same_time_make_one_row_and_one_change() -> None:
    room = Room()
    session = start_session(room.desk, DAILY)
    room.clock.sleep(60)
    first = room.desk.manager.sync(session)
    second = room.desk.manager.sync(session)
    assert first == second
    assert first.row_version == session.row_version + 1


def test_a_start_that_was_cut_short_is_found_by_looking() -> None:
    room = Room()
    session = start_session(room.desk, DAILY)
    row = room.sessions.get(session.id)
    assert row is not None
    room.sessions.save(replace(row, status=SessionStatus.PENDING, attempts=()))
    room.clock.sleep(60)
    (found,) = list_sessions(room.desk)
    assert (found.id, found.status) == (session.id, SessionStatus.SUCCEEDED)
    assert len(found.attempts) == 1


def test_a_start_that_never_happened_fails_after_a_while() -> None:
    room = Room()
    session = start_session(room.desk, DAILY)
    orphan = replace(session, id="0" + session.id[1:-1] + "Z", status=SessionStatus.PENDING, attempts=())
    room.sessions.add(orphan)
    sync = room.desk.manager.sync
    assert sync(orphan, target_arn=room.machine.alias_arn).status is SessionStatus.PENDING
    room.clock.sleep(300)
    assert sync(orphan, target_arn=room.machine.alias_arn).status is SessionStatus.FAILED


def test_an_execution_that_is_gone_ends_its_session() -> None:
    room = Room()
    session = start_session(room.desk, DAILY)
    latest = session.latest
    assert latest is not None
    lost = room.sessions.save(replace(session, attempts=(replace(latest, execution_arn=latest.execution_arn + "x"),)))
    found = room.desk.manager.sync(lost)
    assert found.status is SessionStatus.FAILED
    assert found.attempts[0].error == "Execution.Unknown"


def test_a_session_is_named_by_id_prefix_dash_number_or_pipeline() -> None:
    room = Room()
    first = start_session(room.desk, DAILY)
    room.clock.sleep(3600)
    second = list(follow(room.desk, start_session(room.desk, DAILY)))[-1].session
    recollection = Recollection(last=first.id, listed=(second.id, first.id))

    def named(text: str) -> str:
        return find_session(room.desk, text, recollection=recollection).id

    assert named(second.id) == named(second.id[:12]) == named(second.id[:12].lower()) == second.id
    assert named("-") == named("#2") == first.id
    assert named("daily") == named("#1") == second.id


def test_the_latest_failed_session_is_named_by_its_pipeline() -> None:
    room = Room()
    room.failing = {"load"}
    failed = start_session(room.desk, DAILY)
    room.clock.sleep(60)
    room.failing = set()
    start_session(room.desk, DAILY)
    assert find_session(room.desk, "daily", recollection=NOTHING, failed=True).id == failed.id


def test_a_prefix_of_several_sessions_is_refused_with_all_of_them() -> None:
    room = Room()
    ids = [start_session(room.desk, DAILY).id for _ in range(2)]
    with pytest.raises(InvalidInput) as caught:
        find_session(room.desk, ids[0][:6], recollection=NOTHING)
    assert set(caught.value.facts["sessions"].split(", ")) == set(ids)


@pytest.mark.parametrize("text", ["-", "#1", "#x", "01KBH", "0" * 26, "daily", "dialy"])
def test_what_leads_nowhere_says_what_to_do(text: str) -> None:
    with pytest.raises(NotFound) as caught:
        find_session(Room().desk, text, recollection=NOTHING)
    assert caught.value.hint
