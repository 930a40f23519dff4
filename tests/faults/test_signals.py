"""Ctrl-C and SIGTERM at a terminal: once, the step is finished; twice, bunsui ends at once; nothing is lost either way."""

from __future__ import annotations

import os
import pty
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.faults.conftest import Figure, MakeRoom
from tests.faults.mortal import Mortal
from tests.faults.rooms import Room, eventually

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(600)]

LAW = "11 Ctrl-C in a terminal"
CTRL_C = b"\x03"
AT_ONCE_SECONDS = 1.0
STEP_SECONDS = 7.0
"""What CI systems give a cancelled job before they kill it."""


@dataclass
class Terminal:
    """A pseudo-terminal with bunsui in the foreground."""

    process: Mortal
    main: int
    said: bytes = b""

    def type(self, keys: bytes) -> None:
        os.write(self.main, keys)

    def terminate(self) -> None:
        os.kill(self.process.pid, signal.SIGTERM)

    def shows(self) -> str:
        """Everything that was printed so far."""
        os.set_blocking(self.main, False)
        try:
            while chunk := os.read(self.main, 65536):
                self.said += chunk
        except OSError:
            pass  # nothing more, or the other side has gone
        return self.said.decode(errors="replace")

    def ended(self, *, seconds: float) -> tuple[int, float]:
        """Return the exit code and how long it took, reading on meanwhile so that it never waits for its reader."""
        begun = time.monotonic()
        eventually(lambda: bool(self.shows()) and not self.process.lives, seconds=seconds)
        return self.process.ended(), time.monotonic() - begun


def at_a_terminal(room: Room, *arguments: str, write_seconds: float = 0.0, read_seconds: float = 0.0) -> Terminal:
    main, other = pty.openpty()
    order = replace(room.order(*arguments), terminal=os.ttyname(other), write_seconds=write_seconds, read_seconds=read_seconds)
    terminal = Terminal(process=Mortal(order), main=main)
    os.close(other)
    return terminal


def applying(room: Room, *, write_seconds: float) -> Terminal:
    """An apply in the midst of its first writes."""
    terminal = at_a_terminal(room, "apply", "--yes", write_seconds=write_seconds)
    eventually(lambda: any("TransactWriteItems" in call for call in terminal.process.notes("answered")), seconds=60)
    time.sleep(0.5)  # the first writes are under way
    assert terminal.process.lives
    return terminal


Ask = Callable[[Terminal], None]
CASES: dict[str, Ask] = {"Ctrl-C": lambda terminal: terminal.type(CTRL_C), "SIGTERM": Terminal.terminate}


def finished_cleanly(room: Room, terminal: Terminal, *, seconds: float = STEP_SECONDS) -> float:
    """The step was finished and noted, nothing new begun, the lock given back."""
    code, took = terminal.ended(seconds=60)
    shown = terminal.shows()
    assert code == 130, shown
    assert took <= seconds
    assert "stopping after what runs now" in shown
    assert "Traceback" not in shown
    record = room.ports.ledger.locks.read()
    assert record is not None
    assert not record.held
    assert not room.ports.ledger.journal.pending()
    assert set(room.ports.state.applied()), shown
    return took


def nothing_is_lost(room: Room) -> None:
    assert room.apply().is_complete
    room.settled()


@pytest.mark.parametrize("case", [pytest.param("Ctrl-C", marks=pytest.mark.slow), "SIGTERM"])
def test_the_first_finishes_the_step_and_gives_the_lock_back(room: MakeRoom, figure: Figure, case: str) -> None:
    one = room("one")
    terminal = applying(one, write_seconds=1.0)
    CASES[case](terminal)
    took = finished_cleanly(one, terminal)
    nothing_is_lost(one)
    figure(LAW, f"{case} once: ended in {took:.1f} s, lock free")


@pytest.mark.parametrize("case", ["Ctrl-C", pytest.param("SIGTERM", marks=pytest.mark.slow)])
def test_the_second_ends_it_within_a_second(room: MakeRoom, figure: Figure, case: str) -> None:
    one = room("one")
    terminal = applying(one, write_seconds=8.0)
    CASES[case](terminal)
    eventually(lambda: "stopping after what runs now" in terminal.shows())
    time.sleep(0.7)
    CASES[case](terminal)
    code, took = terminal.ended(seconds=10)
    assert code == 130
    assert "Traceback" not in terminal.shows()
    assert took <= AT_ONCE_SECONDS
    nothing_is_lost(one)
    figure(LAW, f"{case} twice: ended {took:.1f} s after the second, one more apply converged")


@pytest.mark.slow
def test_two_within_half_a_second_count_once(room: MakeRoom, figure: Figure) -> None:
    one = room("one")
    terminal = applying(one, write_seconds=1.5)
    terminal.type(CTRL_C)
    time.sleep(0.1)
    terminal.terminate()
    took = finished_cleanly(one, terminal, seconds=STEP_SECONDS)
    nothing_is_lost(one)
    figure(LAW, f"two within 0.5 s: counted once, ended in {took:.1f} s, lock free")


def test_while_aws_is_read_it_ends_without_having_written(room: MakeRoom) -> None:
    one = room("one")
    terminal = at_a_terminal(one, "apply", "--yes", read_seconds=2.0)
    eventually(lambda: any("GetCallerIdentity" in call for call in terminal.process.notes("answered")), seconds=30)
    time.sleep(0.5)
    terminal.type(CTRL_C)
    code, took = terminal.ended(seconds=30)
    assert code == 130
    assert "Traceback" not in terminal.shows()
    assert took <= STEP_SECONDS
    assert not [call for call in terminal.process.notes("sent") if call.startswith("write")]
    nothing_is_lost(one)


@pytest.mark.slow
def test_while_it_waits_for_the_lock_it_ends_at_once(room: MakeRoom) -> None:
    one = room("one")
    holder = applying(one, write_seconds=4.0)
    waits = at_a_terminal(one, "apply", "--yes")
    eventually(lambda: "waiting" in waits.shows().lower(), seconds=30)
    waits.type(CTRL_C)
    code, took = waits.ended(seconds=10)
    assert code == 130
    assert took <= 2.0
    holder.type(CTRL_C)
    finished_cleanly(one, holder, seconds=30)
    nothing_is_lost(one)
