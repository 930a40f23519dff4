"""Gates: a session waits, somebody decides once, and nobody decides who may not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bunsui.errors import AccessDenied, BunsuiError, InvalidInput, NotFound, Refused
from bunsui.model.gates import APPROVALS_TABLE, STATE_TABLE
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.running.approvals import GateDecision
from bunsui.services.session_filter import read_filter
from bunsui.services.sessions import look_at_sessions, read_sessions
from bunsui.testkit.gates import MemoryGates
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.gated import ANN, MIKA, GatedRoom

YES = GateDecision(decision="approved", note="checked")
NO = GateDecision(decision="rejected", note="wrong day")


def only_gate(room: GatedRoom) -> Any:
    (standing,) = room.open.standings
    return standing.gate


def refusal(room: GatedRoom, decision: GateDecision = YES, caller: str = ANN) -> BunsuiError:
    """What somebody is told who may not; nothing was accepted: the gate is still open, and no act stands as done."""
    gate = only_gate(room)
    before = [act for act in room.acts.acts() if act.outcome == "done"]
    with pytest.raises(BunsuiError) as error:
        room.decide(gate.id, decision, caller)
    assert [one.gate.id for one in room.open.standings] == [gate.id]
    assert [act for act in room.acts.acts() if act.outcome == "done"] == before
    return error.value


def test_a_gate_says_what_it_asks_without_its_token() -> None:
    room = GatedRoom(approvers=["ann@*"], on_deadline="reject")
    session = room.waiting(rows="7")
    gate = only_gate(room)
    assert (gate.message, gate.evidence, gate.job, gate.session) == ("load 7 rows?", {"rows": 7}, "release", session.id)
    assert gate.deadline - gate.opened_at == timedelta(hours=24)
    assert "token" not in room.gates.items[STATE_TABLE, "sales#dev#gates#orders", gate.id]
    assert room.gates.items[APPROVALS_TABLE, "sales#dev#orders", gate.id]["token"]


def test_an_approval_lets_the_session_go_on_with_who_approved() -> None:
    room = GatedRoom()
    session = room.waiting()
    done = room.decide(session.id, YES)
    ended = room.ended(session)
    assert (ended.status, ended.output) == (SessionStatus.SUCCEEDED, {"load": {"seen": "approved"}})
    assert (done.decided.by, done.session.id) == (ANN, session.id)
    assert not room.open.standings
    told = [(act.act, act.call, act.outcome, act.actor.who, act.reason) for act in room.acts.acts()[:2]]
    assert told == [("approve", "SendTaskSuccess", outcome, ANN, "checked") for outcome in ("done", "begun")]


@pytest.mark.parametrize(
    ("on_reject", "status", "output"),
    [
        ("fail", SessionStatus.FAILED, None),
        ("continue", SessionStatus.SUCCEEDED, {"load": {"seen": "rejected"}}),
        ("skip", SessionStatus.SUCCEEDED, {}),
    ],
)
def test_a_rejection_does_what_the_file_says(on_reject: str, status: SessionStatus, output: Any) -> None:
    room = GatedRoom(on_reject=on_reject, reads=on_reject != "skip")
    session = room.waiting()
    room.decide(session.id, NO)
    ended = room.ended(session)
    assert (ended.status, ended.output) == (status, output)
    if on_reject == "fail":
        assert ended.latest is not None
        assert (ended.latest.error, ended.latest.cause) == ("ApprovalRejected", f"wrong day — rejected by {ANN}")


@pytest.mark.parametrize(
    ("keys", "status", "seen"),
    [
        ({}, SessionStatus.FAILED, None),
        ({"on_deadline": "approve"}, SessionStatus.SUCCEEDED, "approved"),
        ({"on_deadline": "reject"}, SessionStatus.FAILED, None),
        ({"on_deadline": "reject", "on_reject": "continue"}, SessionStatus.SUCCEEDED, "rejected"),
    ],
)
def test_the_deadline_passes_without_anybody(keys: Any, status: SessionStatus, seen: str | None) -> None:
    room = GatedRoom(**keys)
    session = room.waiting()
    gate = only_gate(room)
    room.pass_time(24 * 3600)
    ended = room.ended(session)
    assert (ended.status, ended.output) == (status, None if seen is None else {"load": {"seen": seen}})
    with pytest.raises(Refused, match="the deadline of the gate has passed"):
        room.decide(gate.id, YES)


def test_a_second_answer_is_told_what_was_decided() -> None:
    room = GatedRoom()
    session = room.waiting()
    gate = only_gate(room)
    room.decide(gate.id, NO)
    room.ended(session)
    for again in (YES, NO):
        with pytest.raises(Refused) as error:
            room.decide(gate.id, again)
        assert (error.value.code, error.value.facts["by"], error.value.facts["note"]) == ("gate-not-open", ANN, "wrong day")


def test_an_answer_that_was_taken_and_lost_on_the_way_is_no_refusal() -> None:
    room = GatedRoom()
    session = room.waiting()
    sent: list[str] = []

    class Lossy(MemoryGates):
        """The same request once more, since no answer came."""

        def approve(self, token: str, *, by: str, note: str, at: datetime) -> None:
            sent.append(token)
            room.gates.approve(token, by=by, note=note, at=at)
            room.pass_time(1)
            room.gates.approve(token, by=by, note=note, at=at)

    ports = room.context.ports
    assert ports.gates is not None
    room.context = replace(room.context, ports=replace(ports, gates=replace(ports.gates, answers=Lossy(clock=room.clock))))
    assert room.decide(session.id, YES).decided.by == ANN
    assert sent
    assert room.acts.acts()[0].outcome == "done"


@pytest.mark.parametrize(
    ("approvers", "caller", "may"),
    [
        (["arn:aws:sts::*:assumed-role/Leads/*"], ANN, True),
        (["arn:aws:sts::*:assumed-role/Leads/*"], ANN.replace("Leads", "Interns"), False),
        (["*@example.com"], ANN, True),
        (["ann@example.com"], ANN.replace("ann", "joann"), False),
        (["bob", "mika"], "arn:aws:iam::111111111111:user/mika", True),
        (["Leads"], ANN, False),
        (["*:root"], "arn:aws:iam::111111111111:root", True),
    ],
)
def test_only_those_whom_the_gate_names_may_approve(approvers: list[str], caller: str, may: bool) -> None:
    room = GatedRoom(approvers=approvers)
    session = room.waiting()
    if may:
        room.decide(session.id, YES, caller)
        assert room.ended(session).status is SessionStatus.SUCCEEDED
    else:
        assert refusal(room, caller=caller).code == "no-approver"


@pytest.mark.parametrize("caller", [MIKA, "arn:aws:sts::111111111111:assumed-role/Leads/Mika"])
def test_who_began_a_session_does_not_approve_it_with_four_eyes(caller: str) -> None:
    room = GatedRoom(four_eyes=True)
    session = room.waiting()
    assert refusal(room, caller=caller).code == "four-eyes"
    room.decide(session.id, YES)
    assert room.ended(session).status is SessionStatus.SUCCEEDED


def test_nobody_knows_who_began_a_session_in_the_console() -> None:
    room = GatedRoom(four_eyes=True)
    machine = room.context.machine("orders")
    room.execution.start(machine.alias_arn, name="by-hand", payload={})
    room.pass_time(1)
    assert refusal(room).code == "four-eyes-unknown"


def test_a_schedule_is_nobody_so_that_anybody_else_may_approve() -> None:
    room = GatedRoom(four_eyes=True)
    machine = room.context.machine("orders")
    began = {"session": {"schedule": "nightly", "scheduled_at": "2026-01-31T18:00:00Z"}}
    room.execution.start(machine.alias_arn, name="nightly-1", payload=began)
    room.pass_time(1)
    assert room.decide(only_gate(room).id, YES).decided.by == ANN


def test_who_may_not_read_the_token_decides_nothing() -> None:
    room = GatedRoom()
    room.waiting()
    room.gates.may_read_tokens = False
    assert isinstance(refusal(room), AccessDenied)


def row_key(room: GatedRoom, table: str) -> tuple[str, str, str]:
    return next(key for key in room.gates.items if key[0] == table)


def test_a_forged_row_cannot_lend_another_token() -> None:
    """Somebody writes the state's table: the row of a harmless gate names the execution of another one."""
    room = GatedRoom()
    room.waiting(rows="1")
    gate = only_gate(room)
    key = row_key(room, STATE_TABLE)
    room.gates.items[key] = {**room.gates.items[key], "message": "harmless", "approvers": '["*"]', "four_eyes": "no"}
    assert only_gate(room).message == "load 1 rows?", "the history says what is asked"
    room.gates.items[key] = {**room.gates.items[key], "execution": gate.execution_arn.replace("orders", "payroll")}
    assert not room.open.standings
    with pytest.raises(BunsuiError):
        room.decide(gate.id, YES)
    assert room.ended(room.context.ports.sessions.find(SessionQuery())[0]).status is SessionStatus.RUNNING


@pytest.mark.parametrize("change", [{"token": "forged"}, {"execution": "arn:aws:states:eu-west-1:1:execution:x:y"}])
def test_a_forged_token_is_not_sent(change: dict[str, str]) -> None:
    room = GatedRoom()
    room.waiting()
    key = row_key(room, APPROVALS_TABLE)
    room.gates.items[key] = {**room.gates.items[key], **change}
    assert refusal(room).code == "gate-foreign"


def test_the_token_of_another_session_is_not_sent() -> None:
    room = GatedRoom()
    first, second = room.waiting(rows="1"), room.waiting(rows="2")
    tokens = [key for key in room.gates.items if key[0] == APPROVALS_TABLE]
    held = {key: room.gates.items[key]["token"] for key in tokens}
    for key, other in zip(tokens, reversed(tokens), strict=True):
        room.gates.items[key] = {**room.gates.items[key], "token": held[other]}
    for session in (first, second):
        with pytest.raises(Refused, match="not what its session's machine wrote"):
            room.decide(session.id, YES)
    assert len(room.open.standings) == 2


def test_an_older_token_of_the_same_gate_is_not_sent() -> None:
    """A redrive opens the gate again, and somebody puts the first token back."""
    room = GatedRoom()
    session = room.waiting()
    key = row_key(room, APPROVALS_TABLE)
    old = dict(room.gates.items[key])
    room.decide(session.id, NO)
    ended = room.ended(session)
    assert ended.latest is not None
    room.execution.redrive(ended.latest.execution_arn)
    room.pass_time(1)
    again = only_gate(room)
    room.gates.items[key] = old
    assert refusal(room).code == "gate-foreign"
    assert again.id == key[2]


def test_a_gate_of_another_environment_is_not_found() -> None:
    room = GatedRoom()
    room.waiting()
    gate = only_gate(room)
    scope = replace(room.context.repository.scope, environment="prod")
    room.context = replace(room.context, repository=replace(room.context.repository, scope=scope))
    assert not room.open.standings
    with pytest.raises(BunsuiError):
        room.decide(gate.id, YES)


def test_a_gate_whose_session_was_stopped_is_over() -> None:
    room = GatedRoom()
    session = room.waiting()
    gate = only_gate(room)
    room.context.manager.stop(session, "enough")
    assert not room.open.standings
    with pytest.raises(Refused, match="the session of the gate has ended"):
        room.decide(gate.id, YES)


def test_a_gate_that_was_answered_by_another_tool_is_not_open() -> None:
    room = GatedRoom()
    room.waiting()
    gate = only_gate(room)
    token = room.gates.items[row_key(room, APPROVALS_TABLE)]["token"]
    room.gates.approve(token, by="", note="", at=room.clock.now())
    room.pass_time(1)
    assert not room.open.standings
    with pytest.raises(Refused, match="the gate was approved before"):
        room.decide(gate.id, YES)


def test_a_gate_is_named_by_its_beginning_or_its_session_and_nothing_else() -> None:
    room = GatedRoom()
    first = room.waiting(rows="1")
    room.waiting(rows="2")
    ids = [one.gate.id for one in room.open.standings]
    with pytest.raises(NotFound) as error:
        room.decide("0000", YES)
    assert all(one in error.value.facts["open"] for one in ids)
    room.decide(ids[1][:6], YES)
    room.decide(first.id, YES)
    assert not room.open.standings


def test_sessions_that_wait_are_listed_so_and_found_so() -> None:
    room = GatedRoom()
    session = room.waiting()
    for query, words in (
        (SessionQuery(), ()),
        (SessionQuery(status="waiting"), ()),
        (SessionQuery(status="running"), ()),
        (SessionQuery(), ("status:waiting",)),
        (SessionQuery(), ("status:running",)),
    ):
        (found,) = look_at_sessions(room.context, query, read_filter(words)).sessions
        assert (found.id, found.standing) == (session.id, SessionStatus.WAITING)
    assert read_sessions(room.context, SessionQuery()).sessions[0].standing is SessionStatus.WAITING
    assert not look_at_sessions(room.context, SessionQuery(), read_filter(("status:failed",))).sessions
    room.decide(session.id, YES)
    room.pass_time(1)
    assert not look_at_sessions(room.context, SessionQuery(status="waiting")).sessions


class NewestOnly(MemorySessionRepository):
    """Rows among whose newest ones, which alone are listed, none waits: too many others began since."""

    def find(self, query: SessionQuery) -> Sequence[Session]:
        return ()


@pytest.mark.parametrize(
    ("query", "words"),
    [(SessionQuery(status="waiting"), ()), (SessionQuery(), ("status:waiting",)), (SessionQuery(), ("s:wait", "p:orders"))],
)
def test_what_waits_is_found_however_many_sessions_began_since(query: SessionQuery, words: tuple[str, ...]) -> None:
    room = GatedRoom(sessions=NewestOnly())
    session = room.waiting()
    for listed in (look_at_sessions, read_sessions):
        (found,) = listed(room.context, query, read_filter(words)).sessions
        assert (found.id, found.standing) == (session.id, SessionStatus.WAITING)
        assert not listed(room.context, replace(query, pipeline="refunds"), read_filter(words)).sessions
    room.decide(session.id, YES)
    room.pass_time(1)
    assert not look_at_sessions(room.context, query, read_filter(words)).sessions


def test_a_page_about_the_session_tells_the_gate_and_no_token() -> None:
    room = GatedRoom()
    session = room.waiting()
    token = room.gates.items[row_key(room, APPROVALS_TABLE)]["token"]
    snapshot = room.context.observer(session).look(session)
    assert snapshot.session.standing is SessionStatus.WAITING
    assert [one.gate.message for one in snapshot.gates] == ["load 3 rows?"]
    assert session.latest is not None
    events = room.execution.history(session.latest.execution_arn)
    assert token not in json.dumps([dict(event.details) for event in events])
    assert snapshot.gates[0].token_digest in json.dumps([dict(event.details) for event in events])


def test_a_note_has_an_end() -> None:
    room = GatedRoom()
    room.waiting()
    assert isinstance(refusal(room, GateDecision(decision="approved", note="x" * 2001)), InvalidInput)
