"""Runs and backfills, killed by SIGKILL before and after any call to AWS: the same command again starts nothing twice."""

from __future__ import annotations

import signal

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.model.session import SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.sessions.machines import machine_of
from tests.faults.amount import some
from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Fate, Mortal
from tests.faults.rooms import Room

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.timeout(3600)]

MOMENTS = ("before", "after")
LAW = "1 real SIGKILL on the embedded AWS"
BACKFILL = ("backfill", "raw", "2026-01-01..2026-01-03", "--concurrency", "2", "--yes")
KEYED = ("run", "raw", "--idempotency-key", "fix-4711")


def number_of_calls(room: Room, *arguments: str) -> int:
    """How many calls the command makes from its first write on, in a room of its own."""
    process = Mortal(room.order(*arguments, fate=Fate(call=-2, moment="", signal=0)))
    assert process.ended() == 0, process.told()
    sent = process.notes("sent")
    return len(sent) - next(number for number, call in enumerate(sent) if "Write" in call)


def started(room: Room) -> tuple[list[SessionStatus], int]:
    """How each session stands, and how many executions there are."""
    scope = room.repository.scope
    rows = DynamoDBSessionRepository(DynamoDBClient(room.connection), scope).find(SessionQuery())
    executions = StepFunctionsClient(room.connection).executions(machine_of(scope, "raw").arn, limit=100)
    return [row.standing for row in rows], len(executions)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("arguments", "count"), [(BACKFILL, 3), (KEYED, 1)], ids=["backfill", "run"])
def test_a_command_that_died_is_finished_by_the_same_one(
    room: MakeRoom, figure: Figure, arguments: tuple[str, ...], count: int, moment: str
) -> None:
    whole = room("all", "raw")
    whole.apply()
    points = some(range(number_of_calls(whole, *arguments)), every=5)
    died = 0
    for point in points:
        one = room(f"at{point}", "raw")
        one.apply()
        died += one.run(*arguments, fate=Fate(call=point, moment=moment, signal=signal.SIGKILL)) == -signal.SIGKILL
        assert one.run(*arguments) == 0
        assert started(one) == ([SessionStatus.SUCCEEDED] * count, count), point
    assert died >= len(points) - 3  # how often a run is looked at is not always the same
    figure(LAW, f"{arguments[0]}, {moment}: {died} of {len(points)} points died, each finished by the same command")
