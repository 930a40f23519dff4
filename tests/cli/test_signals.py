"""Signals come at any moment, also while a line is being written."""

from __future__ import annotations

import io
import signal
from contextlib import redirect_stderr
from typing import Any

from bunsui.apply.stop import Stop, Stopping
from bunsui.cli.output import Output
from bunsui.cli.signals import signals_to


class Interrupted(io.RawIOBase):
    """A terminal at which somebody presses Ctrl-C while the first line is on its way."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        if not self.written:
            self.written += b" "
            signal.raise_signal(signal.SIGINT)
        self.written += bytes(content)
        return len(content)


def test_ctrl_c_is_heard_and_said_while_a_line_is_being_written() -> None:
    terminal, stop = Interrupted(), Stop()
    with redirect_stderr(io.TextIOWrapper(io.BufferedWriter(terminal), encoding="utf-8")) as stream:
        output = Output()
        with signals_to(stop, output):
            output.say("created log group of etl")
        stream.flush()

    assert stop.urgency is Stopping.AFTER_RUNNING
    assert b"created log group of etl" in terminal.written
    assert b"stopping after what runs now" in terminal.written


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with signals_to(Stop(), Output()):
        assert signal.getsignal(signal.SIGINT) is not before[0]

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
