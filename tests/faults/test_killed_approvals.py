"""An approval, killed by SIGKILL before and after any call to AWS: the gate is open afterwards, or decided, and once."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.aws.stores.acts import DynamoDBActLog
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.model.gates import APPROVALS_TABLE, GateStanding, tokens_partition
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.sessions.history.gates import gate_standings
from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Fate, Mortal
from tests.faults.rooms import Room, eventually

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

LAW = "1 real SIGKILL on the embedded AWS"
PIPELINE = """\
version: 1
name: orders
jobs:
  release:
    operations: [{type: approval, message: well, deadline: 24h}]
    outputs: {by: "{% $result.by %}"}
"""


def waiting(room: Room) -> Room:
    """A session that waits at its gate."""
    (room.folder / "pipelines" / "orders.yaml").write_text(PIPELINE)
    assert room.run("apply", "--yes") == 0
    start(room)
    return room


def start(room: Room) -> None:
    assert room.run("run", "orders", "--no-wait") == 0
    eventually(lambda: any(one.outcome == "open" and event_of(room, "TaskSubmitted") for one in standings(room)))


def rows(room: Room) -> list[Session]:
    repository = DynamoDBSessionRepository(DynamoDBClient(room.connection), room.repository.scope)
    return list(repository.find(SessionQuery(pipeline="orders")))


def executions(room: Room) -> Iterator[str]:
    for row in rows(room):
        yield from (attempt.execution_arn for attempt in row.attempts)


def event_of(room: Room, kind: str) -> bool:
    client = StepFunctionsClient(room.connection)
    return all(any(event.type == kind for event in client.history(arn)) for arn in executions(room))


def standings(room: Room) -> list[GateStanding]:
    client = StepFunctionsClient(room.connection)
    return [one for arn in executions(room) for one in gate_standings(client.history(arn))]


def number_of_calls(room: Room, *arguments: str) -> int:
    process = Mortal(room.order(*arguments, fate=Fate(call=-2, moment="", signal=0)))
    assert process.ended() == 0, process.told()
    return len(process.notes("sent"))


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer(room: MakeRoom, figure: Figure, moment: str, verb: str) -> None:
    one = waiting(room("one", "raw"))
    points = some(range(number_of_calls(one, verb, "orders", "--note", "first")), every=9)
    outcome = {"approve": "approved", "reject": "rejected"}[verb]
    died = left_open = 0
    for point in points:
        start(one)
        died += one.run(verb, "orders", "--note", "first", fate=Fate(call=point, moment=moment, signal=signal.SIGKILL)) < 0
        gate = standings(one)[0]
        assert gate.outcome in ("open", outcome), "nothing in between"
        left_open += gate.outcome == "open"
        again = one.run(verb, gate.gate.id, "--note", "second")
        assert again == (0 if gate.outcome == "open" else 4)
        decided = standings(one)[0].decided
        assert decided is not None
        assert (decided.decision, decided.note) == (outcome, "second" if gate.outcome == "open" else "first")
        ended = {"approve": SessionStatus.SUCCEEDED, "reject": SessionStatus.FAILED}[verb]
        assert one.run("sessions") == 0
        assert rows(one)[0].status is ended
    assert died
    assert {act.outcome for act in DynamoDBActLog(DynamoDBClient(one.connection), one.repository.scope).acts()} <= {
        "begun",
        "done",
    }
    told = f"{verb}, {moment}: {died} of {len(points)} points died, {left_open} left the gate open, each was decided once"
    figure(LAW, told)


def test_no_token_is_told_anywhere(room: MakeRoom) -> None:
    one = waiting(room("one", "raw"))
    (gate,) = standings(one)
    scope = one.repository.scope
    item = DynamoDBClient(one.connection, table=APPROVALS_TABLE).get(
        tokens_partition(scope.project, scope.environment, "orders"), gate.gate.id
    )
    assert item is not None
    token = str(item["token"])
    for command in (
        ("approvals",),
        ("approvals", "--json"),
        ("show", "orders", "--json"),
        ("show", "orders", "--job", "release", "--full"),
        ("show", "orders", "--job", "release", "--json"),
        ("events", "orders", "--json"),
        ("sessions", "--json"),
        ("-v", "approve", "orders", "--json"),
        ("approve", "orders"),
        ("audit", "--json"),
    ):
        one.run(*command)
        told = one.order(*command).output.read_text()
        assert token not in told, command
        assert json.dumps(token) not in told
    files = (path for path in one.folder.rglob("*") if path.is_file())
    assert not [path for path in files if token.encode() in path.read_bytes()]
