"""How gates stand, from histories: who opened, decided or left them, and what of a task token is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.model.gates import (
    APPROVAL_RESOURCE,
    APPROVALS_TABLE,
    REJECTED,
    STATE_TABLE,
    ApprovalGate,
    Decided,
    GateStanding,
    rejection_cause,
    token_digest,
)
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.sessions.history.gates import gate_in, gate_standings, hide_token
from tests.unit.sessions.logs.test_invocations import at

ACTION = "transactWriteItems.waitForTaskToken"
ROW: Mapping[str, str | int] = {
    "sk": "0123456789ab",
    "pipeline": "daily",
    "execution": "arn:execution",
    "session": "s1",
    "started_by": "mika",
    "state": "ask.gate",
    "message": "Well?",
    "evidence": '{"rows": 7}',
    "approvers": '["ann", "arn:*"]',
    "four_eyes": "yes",
    "opened_at": "2026-01-31T01:00:00+01:00",
    "deadline": 1769817600,
    "on_deadline": "fail",
    "on_reject": "skip",
}
GATE = ApprovalGate(
    id="0123456789ab",
    pipeline="daily",
    execution_arn="arn:execution",
    session="s1",
    started_by="mika",
    state="ask.gate",
    message="Well?",
    evidence={"rows": 7},
    approvers=("ann", "arn:*"),
    four_eyes=True,
    opened_at=datetime(2026, 1, 31, tzinfo=UTC),
    deadline=datetime(2026, 1, 31, tzinfo=UTC),
    on_deadline="fail",
    on_reject="skip",
)
OPEN = GateStanding(gate=GATE, outcome="open", token_digest=token_digest("secret"))


def written(token: str = "secret", **more: str | int) -> str:
    """Return the parameters with which a machine writes both items of a gate."""
    row = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in {**ROW, **more}.items()}
    puts = [(STATE_TABLE, row), (APPROVALS_TABLE, {"token": {"S": token}})]
    return json.dumps({"TransactItems": [{"Put": {"TableName": table, "Item": item}} for table, item in puts]})


def opened(parameters: str | None = None, resource: str = ACTION) -> tuple[str, dict[str, Json]]:
    return "TaskScheduled", {"resource": resource, "parameters": written() if parameters is None else parameters}


def events(*found: tuple[Any, ...]) -> list[HistoryEvent]:
    made = []
    for number, step in enumerate(found, 1):
        *before, kind, details = step
        previous = before[0] if before else number - 1
        made.append(HistoryEvent(id=number, previous_id=previous, type=kind, at=at(number), details=details))
    return made


def outcomes(*found: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [(one.gate.id, one.outcome) for one in gate_standings(events(*found))]


def test_a_gate_is_read_as_its_machine_wrote_it() -> None:
    assert gate_in(ROW) == GATE
    assert gate_standings(events(opened())) == (OPEN,)
    assert APPROVAL_RESOURCE.endswith(f":{ACTION}")
    assert gate_in({**ROW, "four_eyes": "no", "evidence": "no JSON"}) == replace(GATE, four_eyes=False, evidence="no JSON")


@pytest.mark.parametrize("name", sorted(ROW))
def test_what_lacks_something_is_no_gate(name: str) -> None:
    with pytest.raises(KeyError):
        gate_in({key: value for key, value in ROW.items() if key != name})


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (("TaskStarted", {}), OPEN),
        (("TaskSubmitted", {}), OPEN),
        (("TaskTimedOut", {"error": "States.Timeout"}), replace(OPEN, outcome="expired")),
        (("TaskFailed", {"error": "DynamoDb.X"}), replace(OPEN, outcome="failed")),
        (("TaskStartFailed", {}), replace(OPEN, outcome="failed")),
        (("TaskSubmitFailed", {}), replace(OPEN, outcome="failed")),
        (("ExecutionAborted", {}), replace(OPEN, outcome="stopped")),
        (("ExecutionFailed", {}), replace(OPEN, outcome="stopped")),
        (("ExecutionTimedOut", {}), replace(OPEN, outcome="stopped")),
        (("ExecutionSucceeded", {}), replace(OPEN, outcome="stopped")),
        (("TaskStateExited", {"name": "ask.gate"}), OPEN),
    ],
)
def test_an_event_tells_what_became_of_a_gate(event: tuple[str, dict[str, Json]], expected: GateStanding) -> None:
    assert gate_standings(events(opened(), event)) == (expected,)


@pytest.mark.parametrize(
    ("event", "decided"),
    [
        (("TaskSucceeded", {"output": '{"decision": "approved", "by": "ann", "note": "fine"}'}), ("approved", "ann", "fine")),
        (("TaskSucceeded", {"output": '{"decision": "rejected", "by": "ann", "note": "bad"}'}), ("rejected", "ann", "bad")),
        (("TaskSucceeded", {"output": '{"by": 3}'}), ("approved", "", "")),
        (("TaskSucceeded", {"output": "[]"}), ("approved", "", "")),
        (("TaskSucceeded", {}), ("approved", "", "")),
        (("TaskFailed", {"error": REJECTED, "cause": rejection_cause(by="ann", note="bad")}), ("rejected", "ann", "bad")),
        (("TaskFailed", {"error": REJECTED, "cause": 3}), ("rejected", "", "")),
    ],
)
def test_a_decision_is_told_with_who_made_it_and_when(
    event: tuple[str, dict[str, Json]], decided: tuple[Any, str, str]
) -> None:
    decision, by, note = decided
    told = Decided(decision=decision, by=by, note=note, at=at(3))
    found = gate_standings(events(opened(), ("TaskStarted", {}), event, ("ExecutionFailed", {})))
    assert found == (replace(OPEN, outcome=decision, decided=told),)


def test_a_gate_that_is_opened_again_is_open_and_the_last() -> None:
    other = opened(written(sk="other"))
    again = outcomes(opened(), ("ExecutionFailed", {}), (0, *other), (0, *opened()))
    assert again == [("other", "open"), ("0123456789ab", "open")]
    side_by_side = outcomes(opened(), (0, *other), (1, "TaskTimedOut", {}), (2, "TaskStarted", {}), (4, "TaskFailed", {}))
    assert side_by_side == [("0123456789ab", "expired"), ("other", "failed")]
    assert outcomes(opened(), (9, "TaskTimedOut", {})) == [("0123456789ab", "open")], "an event of something else"


@pytest.mark.parametrize(
    "event",
    [
        opened(resource="putItem"),
        opened("no JSON"),
        opened("{}"),
        opened('{"TransactItems": []}'),
        opened('{"TransactItems": [{"Put": {"TableName": "mine", "Item": {}}}]}'),
        opened(written(deadline="soon")),
        opened(written(approvers="{")),
        ("TaskScheduled", {"resource": ACTION}),
    ],
)
def test_a_call_that_an_author_wrote_is_no_gate(event: tuple[str, dict[str, Json]]) -> None:
    assert gate_standings(events(event)) == ()


def test_in_place_of_a_token_stands_its_digest() -> None:
    (event,) = events(opened(written(message="日")))
    shown = hide_token(event)
    text = str(shown.details["parameters"])
    assert "secret" not in text
    assert json.loads(text)["TransactItems"][1]["Put"]["Item"] == {"token": {"S": f"hidden: {token_digest('secret')}"}}
    assert json.loads(text)["TransactItems"][0] == json.loads(str(event.details["parameters"]))["TransactItems"][0]
    assert ("日" in text, ": {" in text) == (True, False)
    assert replace(shown, details=event.details) == event
    assert gate_standings([shown])[0].token_digest == token_digest("secret")


@pytest.mark.parametrize(
    "event", [("TaskStarted", {"parameters": written()}), opened('{"TableName": "mine"}'), ("TaskScheduled", {"parameters": 3})]
)
def test_what_holds_no_token_is_shown_as_it_is(event: tuple[str, dict[str, Json]]) -> None:
    (made,) = events(event)
    assert hide_token(made) is made


@pytest.mark.parametrize("text", [f"{APPROVALS_TABLE} secret", f'{{"{APPROVALS_TABLE}": "secret"}}', f'["{APPROVALS_TABLE}"]'])
def test_what_may_hold_a_token_and_cannot_be_read_is_not_shown(text: str) -> None:
    (made,) = events(opened(text))
    assert hide_token(made).details == {
        "resource": ACTION,
        "parameters": '"hidden: it names the table of task tokens and cannot be read"',
    }
