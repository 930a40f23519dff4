"""A role keeps what sessions in flight may need, says until when, and loses it by a later apply."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bunsui.model.address import Address
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.services.plan_request import Removal
from tests.fakes.workspace import a_workspace
from tests.services.test_retirement import ETL, Room

ROLE = Address("role", "etl")
LOAD = "load--lambda:*"
WITHOUT_LOAD = """\
version: 1
name: etl
jobs:
  extract:
    {type: lambda, timeout: 1m, code: {path: functions/etl, handler: etl.extract, runtime: python3.12}}
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(a_workspace(tmp_path))
    assert made.apply().failed == 0
    made.passes(minutes=5)
    return made


def remove_a_job(room: Room) -> None:
    (room.workspace.folder / ETL).write_text(WITHOUT_LOAD)


def role_in(plan: Plan) -> ResourceChange:
    return next(change for change in plan.changes if change.address == ROLE)


def allowed(room: Room) -> str:
    return next(
        str(one.attributes["policy"]) for (kind, _), one in room.workspace.account.objects.items() if one.address == ROLE
    )


def run_before(room: Room, name: str = "s1") -> None:
    room.execution.add(name, SessionStatus.RUNNING, room.workspace.clock.now() - timedelta(minutes=1))


def test_a_role_narrows_at_once_when_nothing_runs(room: Room) -> None:
    remove_a_job(room)
    assert room.apply().failed == 0
    assert LOAD not in allowed(room)


def test_a_session_in_flight_keeps_its_permissions_and_a_later_apply_takes_them(room: Room) -> None:
    remove_a_job(room)
    run_before(room)
    assert room.apply().failed == 0
    assert LOAD in allowed(room)

    waiting = room.plan()
    assert waiting.pending == ()
    assert role_in(waiting).note == "it keeps what sessions in flight may need; an apply narrows it once s1 has ended"

    room.execution.found.clear()
    later = room.plan()
    assert [(change.address, change.action) for change in later.pending] == [(ROLE, Action.UPDATE)]
    assert room.apply(later).failed == 0
    assert LOAD not in allowed(room)
    assert room.plan().pending == ()


def test_what_is_new_is_allowed_while_what_goes_waits(room: Room) -> None:
    text = (
        WITHOUT_LOAD
        + "  tell: {operations: [{type: sns_publish, topic: 'arn:aws:sns:eu-west-1:111111111111:t', message: m}]}\n"
    )
    (room.workspace.folder / ETL).write_text(text)
    run_before(room)
    assert room.apply().failed == 0
    assert LOAD in allowed(room)
    assert "sns:Publish" in allowed(room)
    assert room.plan().pending == ()


def test_a_session_on_the_version_that_was_applied_last_keeps_nothing(room: Room) -> None:
    remove_a_job(room)
    run_before(room)
    room.apply()
    machine = room.workspace.ports.state.applied()[Address("state_machine", "etl")]
    old = room.execution.found.pop()
    room.execution.found.append(replace(old, version_arn=machine.outputs["version_arn"]))
    assert [change.address for change in room.plan().pending] == [ROLE]
    room.execution.found.append(replace(old, version_arn="arn:older:1"))
    assert room.plan().pending == ()


def test_where_nobody_may_list_sessions_it_waits_and_says_so(room: Room) -> None:
    remove_a_job(room)
    room.execution.denied = True
    assert "could not be asked" in role_in(room.plan()).note


def test_now_narrows_now(room: Room) -> None:
    remove_a_job(room)
    run_before(room)
    assert role_in(room.plan(removal=Removal.AT_ONCE)).note == ""
