"""When there is something to save, and when nobody needs the embedded AWS."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bunsui.emulator.server.access_filter import Gate
from bunsui.emulator.server.watch import RequestActivity
from tests.fakes.access import Everybody


class Pulse:
    """Executions as the engine tells of them."""

    def __init__(self) -> None:
        self.running, self.changes = 0, 0

    def __call__(self) -> tuple[int, int]:
        return self.running, self.changes


@pytest.fixture
def pulse() -> Pulse:
    return Pulse()


@pytest.fixture
def gate() -> Gate:
    """A gate that nobody has come through for a while."""

    async def emulator(_scope: Any, _receive: Any, _send: Any) -> None:
        pass

    made = Gate(emulator, access=Everybody(), token="secret", describe=dict, stop=lambda: None, containers=lambda _mode: None)
    made.last_change = made.last_request = time.monotonic() - 60
    return made


def _ask(gate: Gate, operation: str) -> None:
    headers = [(b"host", b"localhost"), (b"x-amz-target", f"AWSStepFunctions.{operation}".encode())]

    async def nothing(*_: Any) -> Any:
        return {"type": "http.request", "body": b""}

    asyncio.run(gate({"type": "http", "path": "/", "method": "POST", "headers": headers}, nothing, nothing))


def test_a_read_leaves_nothing_to_save_and_shows_that_somebody_is_there(gate: Gate, pulse: Pulse) -> None:
    activity = RequestActivity(gate, pulse)
    assert activity.idle_seconds() > 50
    _ask(gate, "DescribeStateMachine")

    assert not activity.changed()
    assert activity.idle_seconds() < 50


def test_a_write_is_saved_and_what_it_set_going_too(gate: Gate, pulse: Pulse) -> None:
    activity = RequestActivity(gate, pulse)
    _ask(gate, "UpdateStateMachine")

    assert activity.changed()
    assert activity.changed()  # what it began may change things for a while
    gate.last_change -= 60
    assert not activity.changed()


def test_what_runs_changes_things_by_itself(gate: Gate, pulse: Pulse) -> None:
    activity = RequestActivity(gate, pulse)
    pulse.changes += 1
    assert activity.changed()
    assert not activity.changed()
    pulse.running = 1
    assert activity.changed()
    assert activity.changed()
    assert activity.idle_seconds() == 0
