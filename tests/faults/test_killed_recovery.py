"""A recovery of several sessions, killed by SIGKILL before and after any call to AWS: repeated, it has recovered each once."""

from __future__ import annotations

import signal
from collections import Counter

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Fate, Mortal
from tests.faults.rooms import Room

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

LAW = "1 real SIGKILL on the embedded AWS"
SESSIONS = 3
PIPELINE = """\
version: 1
name: orders
jobs:
  first:
    operations: [{type: check, that: "{% 1 = 1 %}"}]
    outputs: {n: 1}
  second:
    depends_on: [first]
    operations: [{type: check, that: "{% 1 = 2 %}", message: one is not two}]
"""


def failed(room: Room) -> Room:
    """Sessions that failed at their second job, which was mended since."""
    file = room.folder / "pipelines" / "orders.yaml"
    file.write_text(PIPELINE)
    room.apply()
    for _ in range(SESSIONS):
        assert room.run("run", "orders", "--wait") == 1
    file.write_text(PIPELINE.replace("1 = 2", "2 = 2"))
    room.apply()
    return room


def planned(room: Room, strategy: str) -> Room:
    """A saved plan for them."""
    assert failed(room).run("recover", "--strategy", strategy, "--out", "plan.json") == 0
    return room


def number_of_calls(room: Room, *arguments: str) -> int:
    process = Mortal(room.order(*arguments, fate=Fate(call=-2, moment="", signal=0)))
    assert process.ended() == 0, process.told()
    return len(process.notes("sent"))


def rows(room: Room) -> list[Session]:
    repository = DynamoDBSessionRepository(DynamoDBClient(room.connection), room.repository.scope)
    return list(repository.find(SessionQuery(pipeline="orders")))


def executions(room: Room) -> Counter[str]:
    """How many executions each session has in Step Functions."""
    scope = room.repository.scope
    machine = f"arn:aws:states:{scope.region}:{scope.account}:stateMachine:{scope.project}--{scope.environment}--orders"
    found = StepFunctionsClient(room.connection).executions(machine, limit=100)
    return Counter(one.name.split("--")[1] for one in found)


def handed_over(room: Room) -> Room:
    """Sessions of which a rule says that a person sees to them."""
    file = room.folder / "pipelines" / "orders.yaml"
    file.write_text(PIPELINE.replace("jobs:", "recover: {strategy: manual, owner: data-team, deadline: 4h}\njobs:", 1))
    room.apply()
    for _ in range(SESSIONS):
        assert room.run("run", "orders", "--wait") == 1
    return room


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_hand_over(room: MakeRoom, figure: Figure, moment: str) -> None:
    command = ("recover", "--yes")
    points = some(range(number_of_calls(handed_over(room("all", "raw")), *command)), every=11)
    died = 0
    for point in points:
        one = handed_over(room(f"at{point}", "raw"))
        died += one.run(*command, fate=Fate(call=point, moment=moment, signal=signal.SIGKILL)) == -signal.SIGKILL
        assert one.run(*command) == 0
        assert [row.taken.owner if row.taken else "" for row in rows(one)] == ["data-team"] * SESSIONS
        assert list(executions(one).values()) == [1] * SESSIONS
    assert died
    figure(LAW, f"recover hands over, {moment}: {died} of {len(points)} points died, each session waits for its person")


@pytest.mark.parametrize("strategy", ["resume", "redrive"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_recovery(room: MakeRoom, figure: Figure, moment: str, strategy: str) -> None:
    command = ("recover", "plan.json", "--yes")
    points = some(range(number_of_calls(planned(room("all", "raw"), strategy), *command)), every=11)
    died = 0
    for point in points:
        one = planned(room(f"at{point}", "raw"), strategy)
        died += one.run(*command, fate=Fate(call=point, moment=moment, signal=signal.SIGKILL)) == -signal.SIGKILL
        assert one.run(*command) == 0
        assert one.run("sessions") == 0
        turns = {"resume": (2, 2), "redrive": (2, 1)}[strategy]
        assert len(rows(one)) == SESSIONS
        assert [len(row.attempts) for row in rows(one)] == [turns[0]] * SESSIONS
        assert list(executions(one).values()) == [turns[1]] * SESSIONS
        if strategy == "resume":
            assert {row.status for row in rows(one)} == {SessionStatus.SUCCEEDED}
    assert died
    figure(LAW, f"recover by {strategy}, {moment}: {died} of {len(points)} points died, each session was recovered once")
