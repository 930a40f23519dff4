"""The ways in which a failed session may go on, each as it would really be planned."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.execution import SessionExecutions
from bunsui.services.recovery.options import RecoveryOption, recovery_options
from bunsui.services.recovery.taking import take_session
from bunsui.services.resume import plan_resumption
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from tests.fakes.session_room import Room


def failed(room: Room, job: str = "load") -> Session:
    room.failing = {job}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(10)
    room.failing = set()
    return room.context.manager.sync(session)


def ways(context: SessionContext, session: Session, job: str = "") -> dict[Strategy, RecoveryOption]:
    return {one.strategy: one for one in recovery_options(context, session, job=job).options}


class Counted:
    """Step Functions, which counts how often a history is read."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.histories: list[str] = []

    def history(self, execution_arn: str, *, after: int = 0) -> object:
        self.histories.append(execution_arn)
        return self._room.execution.history(execution_arn, after=after)

    def __getattr__(self, name: str) -> object:
        return getattr(self._room.execution, name)


def test_each_way_says_what_it_keeps_and_runs_as_a_plan_of_it_does() -> None:
    room = Room()
    session = failed(room)
    found = ways(room.context, session)
    planned = plan_resumption(room.context, session).plan
    assert (found[Strategy.RESUME].kept, found[Strategy.RESUME].runs) == (planned.restored, planned.to_run)
    assert (found[Strategy.RESTART].kept, found[Strategy.RESTART].runs) == ((), ("extract", "load"))
    assert (found[Strategy.RESTART_FROM].job, found[Strategy.RESTART_FROM].runs) == ("load", ("load",))
    assert (found[Strategy.SKIP].outputs, found[Strategy.SKIP].runs) == (("rows",), ())
    assert [one.strategy for one in found.values() if one.why_not] == []


def test_the_job_that_is_chosen_is_where_a_restart_begins() -> None:
    room = Room()
    found = ways(room.context, failed(room), job="extract")
    assert found[Strategy.RESTART_FROM].runs == ("extract", "load")
    assert found[Strategy.SKIP].job == "extract"


def test_a_way_that_cannot_be_says_why() -> None:
    room = Room()
    session = failed(room)
    room.clock.sleep(20 * 86400)
    assert "14 days" in ways(room.context, session)[Strategy.REDRIVE].why_not
    taken = take_session(room.context, session, note="", until=None)
    assert ways(room.context, taken)[Strategy.MANUAL].why_not == "you are on it already"


def test_a_session_that_did_not_end_badly_has_none() -> None:
    room = Room()
    assert recovery_options(room.context, replace(failed(room), status=SessionStatus.SUCCEEDED)).options == ()


def test_each_history_is_read_once_for_all_of_them() -> None:
    room = Room()
    session = failed(room)
    counted = Counted(room)
    ports = replace(room.context.ports, execution=cast("SessionExecutions", counted))
    assert len(ways(replace(room.context, ports=ports), session)) == 6
    assert len(counted.histories) == 1


def test_what_bunsui_itself_would_do_is_marked_with_the_reason() -> None:
    room = Room()
    outlook = recovery_options(room.context, failed(room))
    advised = [one.strategy for one in outlook.options if one.advice]
    assert bool(advised) != bool(outlook.left)
