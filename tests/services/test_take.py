"""Who is on a failed session is shown to others, kept in the trail, and over with the next attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bunsui.errors import InvalidInput, Refused
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.services.recovery.carrying import RecoveryStatus, carry_recovery
from bunsui.services.recovery.planning import RecoveryRequest, plan_recovery
from bunsui.services.recovery.taking import hand_over, is_others, look_before_taking, read_until, release_session, take_session
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.services.session_filter import SessionFilter, parse_filter
from bunsui.sessions.recovery.plan import RecoveryPart, RecoveryPlan
from bunsui.view.sessions.custody import custody_mark
from tests.fakes.session_room import START, Room

TOKYO = ZoneInfo("Asia/Tokyo")


def a_failed_session(room: Room) -> Session:
    room.failing = {"load"}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(10)
    room.failing = set()
    return room.context.manager.sync(session)


def as_ann(context: SessionContext) -> SessionContext:
    return replace(context, ports=replace(context.ports, caller_arn="arn:aws:iam::111111111111:user/ann"))


def planned(context: SessionContext, strategy: Strategy | None = None) -> RecoveryPlan:
    return plan_recovery(context, RecoveryRequest(wanted=SessionFilter(), asked="", strategy=strategy))


def only_part(plan: RecoveryPlan) -> RecoveryPart:
    ((part,),) = [group.parts for group in plan.groups]
    return part


def test_who_takes_a_session_is_named_with_note_and_time_and_recover_leaves_it() -> None:
    room = Room()
    until = START + timedelta(hours=4)
    taken = take_session(room.context, a_failed_session(room), note="asks the supplier", until=until)
    assert taken.taken is not None
    assert (taken.taken.owner, taken.taken.note, taken.taken.until) == (
        room.context.ports.caller_arn,
        "asks the supplier",
        until,
    )
    assert (taken.status, taken.standing) == (SessionStatus.FAILED, SessionStatus.FAILED)
    part = only_part(planned(room.context))
    assert (part.strategy, part.reason, part.until) == (Strategy.LEAVE, "mika is on it: asks the supplier", until)


def test_what_is_asked_for_goes_before_and_says_who_is_on_it() -> None:
    room = Room()
    session = take_session(room.context, a_failed_session(room), note="", until=None)
    plan = planned(as_ann(room.context), Strategy.RESUME)
    assert "though mika is on it" in only_part(plan).reason
    (step,) = carry_recovery(room.context, plan, lambda step: None).steps
    assert step.status is RecoveryStatus.STARTED
    row = room.context.ports.sessions.get(session.id)
    assert row is not None
    assert row.taken is None, "the next attempt ends it"


def test_a_redrive_in_the_console_ends_it_too() -> None:
    room = Room()
    session = take_session(room.context, a_failed_session(room), note="", until=None)
    assert session.latest is not None
    room.execution.redrive(session.latest.execution_arn, token="console")
    room.clock.sleep(60)
    assert room.context.manager.sync(session).taken is None


def test_a_session_that_was_taken_since_the_plan_is_not_touched() -> None:
    room = Room()
    session = a_failed_session(room)
    plan = planned(room.context)
    take_session(as_ann(room.context), session, note="", until=None)
    (step,) = carry_recovery(room.context, plan, lambda step: None).steps
    assert (step.status, step.why) == (RecoveryStatus.MOVED, "ann is on it since")


def test_released_it_is_recovered_as_before() -> None:
    room = Room()
    session = take_session(room.context, a_failed_session(room), note="", until=None)
    released = release_session(room.context, session, note="not mine")
    assert released.taken is None
    assert only_part(planned(room.context)).strategy is Strategy.RESUME
    with pytest.raises(InvalidInput, match="nobody is on the session"):
        release_session(room.context, released, note="")


def test_both_stand_in_the_audit_trail_with_the_reason() -> None:
    room = Room()
    session = take_session(room.context, a_failed_session(room), note="asks", until=None)
    release_session(room.context, session, note="answered")
    found = [(one.act, one.call, one.outcome, one.reason, one.attempt) for one in reversed(room.acts.acts())][2:]
    assert found == [
        ("take", "", "begun", "asks", 1),
        ("take", "", "done", "asks", 1),
        ("release", "", "begun", "answered", 1),
        ("release", "", "done", "answered", 1),
    ]


def test_of_two_who_take_it_at_the_same_time_one_is_told_that_the_other_was_first() -> None:
    room = Room()
    seen = a_failed_session(room)
    take_session(as_ann(room.context), seen, note="", until=None)
    with pytest.raises(Refused, match="somebody else acted on the session first"):
        take_session(room.context, seen, note="", until=None)
    row = room.context.ports.sessions.get(seen.id)
    assert row is not None
    assert row.taken is not None
    assert row.taken.owner.endswith("user/ann")
    assert room.acts.acts()[0].outcome == "failed"


def test_a_write_that_has_nothing_to_do_with_it_does_not_come_between() -> None:
    room = Room()
    seen = a_failed_session(room)
    room.context.ports.sessions.save(replace(seen, commit="other"))
    taken = take_session(room.context, seen, note="", until=None)
    assert (taken.commit, taken.taken is not None) == ("other", True)


def test_what_goes_on_or_succeeded_is_not_taken() -> None:
    room = Room()
    running = start_session(room.context, RunRequest(pipeline="daily"))
    with pytest.raises(InvalidInput, match="still running"):
        look_before_taking(room.context, running)
    room.clock.sleep(60)
    with pytest.raises(InvalidInput, match="succeeded"):
        look_before_taking(room.context, running)


def test_somebody_elses_is_asked_about_until_their_time_is_over_and_a_teams_is_free() -> None:
    room = Room()
    session = a_failed_session(room)
    until = room.clock.now() + timedelta(hours=1)
    mine = take_session(room.context, session, note="", until=until)
    assert not is_others(room.context, mine)
    assert is_others(as_ann(room.context), mine)
    room.clock.sleep(3601)
    assert not is_others(as_ann(room.context), mine)
    teams = hand_over(room.context, release_session(room.context, mine, note=""), owner="data-team", note="", seconds=60)
    assert not is_others(as_ann(room.context), teams)


def test_lists_mark_who_is_on_it_and_what_is_overdue() -> None:
    room = Room()
    session = a_failed_session(room)
    now = room.clock.now()
    assert custody_mark(session, now) == ""
    taken = take_session(room.context, session, note="", until=now + timedelta(hours=1))
    assert custody_mark(taken, now) == "mika on it"
    assert custody_mark(taken, now + timedelta(hours=2)) == "mika overdue"
    assert parse_filter("status:taken").fits(taken, now=now)
    assert not parse_filter("status:taken").fits(session, now=now)


def test_a_resume_by_who_is_on_it_ends_it() -> None:
    room = Room()
    session = take_session(room.context, a_failed_session(room), note="", until=None)
    assert resume_session(room.context, session).session.taken is None


NOW = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("4h", datetime(2026, 1, 31, 22, 0, tzinfo=UTC)),
        ("1h30m", datetime(2026, 1, 31, 19, 30, tzinfo=UTC)),
        ("04:00", datetime(2026, 1, 31, 19, 0, tzinfo=UTC)),
        ("2:59", datetime(2026, 2, 1, 17, 59, tzinfo=UTC)),
        ("2026-02-01", datetime(2026, 2, 1, 15, 0, tzinfo=UTC)),
        ("2026-02-01T09:00", datetime(2026, 2, 1, 0, 0, tzinfo=UTC)),
        ("2026-02-01T09:00Z", datetime(2026, 2, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_said_by_how_long_by_the_clock_or_as_an_instant(text: str, at: datetime) -> None:
    assert read_until(text, now=NOW, zone=TOKYO) == at


@pytest.mark.parametrize("text", ["", "soon", "25:00", "-1h", "2026-01-30", "4", "99999999w"])
def test_what_is_no_time_or_over_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_until(text, now=NOW, zone=TOKYO)
