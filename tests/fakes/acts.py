"""Acts on sessions that are recorded in memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from bunsui.ports.acts import ActLog
from bunsui.ports.clock import Clock
from bunsui.ports.ledger import Actor
from bunsui.sessions.starts.acts import SessionActs
from bunsui.system_clock import SystemClock
from bunsui.testkit.acts import MemoryActLog

MIKA = Actor(who="arn:aws:iam::111111111111:user/mika", host="context", link="https://ci.example/1")


def acts_in(log: ActLog | None = None, clock: Clock | None = None, warn: Callable[[str], None] = print) -> SessionActs:
    """What records there, in memory unless a log is given."""
    numbers = count(1)
    return SessionActs(
        log=log or MemoryActLog(),
        clock=clock or SystemClock(),
        actor=MIKA,
        new_id=lambda: f"act-{next(numbers)}",
        warn=warn,
    )
