"""Actions as values: what each would do with a session, doing it, and the command that does the same."""

from __future__ import annotations

import pytest

from bunsui.errors import InvalidInput, NotFound, Refused
from bunsui.model.session import Session, SessionStatus
from bunsui.services.run import RunRequest, start_session
from bunsui.tui.actions.action import SessionAction
from bunsui.tui.actions.approve import APPROVE
from bunsui.tui.actions.reject import REJECT
from bunsui.tui.actions.restart_from import RESTART_FROM, restart_from
from bunsui.tui.actions.skip import SKIP, skip_job
from bunsui.tui.actions.take import TAKE
from bunsui.view.spans import plain
from tests.fakes.gated import GatedRoom
from tests.fakes.session_room import Room


def failed(room: Room, job: str = "load") -> Session:
    room.failing = {job}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(10)
    room.failing = set()
    return room.context.manager.sync(session)


def with_text(action: SessionAction, text: str) -> SessionAction:
    assert action.asks is not None
    return action.asks.then(text)


@pytest.mark.parametrize(("action", "status"), [(APPROVE, SessionStatus.SUCCEEDED), (REJECT, SessionStatus.FAILED)])
def test_a_gate_is_answered_with_a_note_by_who_sts_says(action: SessionAction, status: SessionStatus) -> None:
    room = GatedRoom()
    session = room.waiting(rows="7")
    answer = with_text(action, "looks right")
    foreseen = answer.foresee(room.context, session)
    told = plain(foreseen.lines)
    assert "load 7 rows?" in told
    assert room.context.ports.caller_arn in told
    answer.carry_out(room.context, foreseen)
    assert room.ended(session).status is status
    assert room.acts.acts()[0].reason == "looks right"
    with pytest.raises(Refused, match="gate-not-open"):
        answer.foresee(room.context, session)


def test_the_command_of_an_answer_names_the_gate_and_the_note() -> None:
    room = GatedRoom()
    begun = room.waiting()
    session = room.open.mark(begun)
    assert (APPROVE.fits(session), APPROVE.fits(begun)) == (True, False)
    assert with_text(APPROVE, "ok").command(session).endswith(f"approve {session.gates[0].id} --note ok")


def test_a_restart_begins_with_the_job_that_failed_or_the_one_that_is_named() -> None:
    room = Room()
    session = failed(room)
    assert RESTART_FROM.fits(session)
    assert RESTART_FROM.command(session).endswith(f"{session.id} --from load")
    foreseen = restart_from("extract").foresee(room.context, session)
    assert foreseen.resumption is not None
    assert foreseen.resumption.plan.to_run == ("extract", "load")
    again = RESTART_FROM.carry_out(room.context, foreseen)
    assert again.running
    with pytest.raises(NotFound, match="unknown-job"):
        restart_from("nothing").foresee(room.context, failed(Room()))


def test_a_job_is_skipped_with_the_outputs_that_were_typed() -> None:
    room = Room()
    session = failed(room, "extract")
    typed = with_text(SKIP, '{"files": ["z"], "unread": 0}')
    foreseen = typed.foresee(room.context, session)
    assert "extract does not run" in plain(foreseen.lines)
    assert foreseen.resumption is not None
    assert foreseen.resumption.plan.to_run == ("load",)
    assert "--skip extract --output" in typed.command(session)
    with pytest.raises(InvalidInput, match="outputs-needed"):
        with_text(SKIP, "").foresee(room.context, session)
    with pytest.raises(NotFound, match="unknown-job"):
        skip_job("nothing", given="").foresee(room.context, session)


def test_who_takes_a_session_is_named_with_the_note() -> None:
    room = Room()
    session = failed(room)
    mine = with_text(TAKE, "asks the supplier")
    taken = mine.carry_out(room.context, mine.foresee(room.context, session))
    assert taken.taken is not None
    assert (taken.taken.owner, taken.taken.note) == (room.context.ports.caller_arn, "asks the supplier")
