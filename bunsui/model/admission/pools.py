"""The slots of a pool: who holds one, who waits for one.

A slot is held for an attempt, which is an execution with the number of its redrives, and not for a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotHolder:
    """An attempt for which a slot is held."""

    session: str
    execution_arn: str
    redrive: int
    """How often that execution was redriven when the attempt began."""
    since: datetime

    @property
    def turn(self) -> tuple[str, int]:
        """Which attempt it is (`bunsui.model.session.Attempt.turn`)."""
        return self.execution_arn, self.redrive


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTicket:
    """An attempt that waits for a slot."""

    session: str
    execution_arn: str
    redrive: int
    since: datetime
    seen_at: datetime
    """When whoever waits said last that it still does."""
    beats: int = 0
    """How often that was said."""
    replaces: bool = False
    """True when the oldest that runs is stopped for it."""

    @property
    def turn(self) -> tuple[str, int]:
        """Which attempt it is."""
        return self.execution_arn, self.redrive


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPool:
    """The slots of one pool."""

    name: str
    holders: tuple[SlotHolder, ...] = ()
    """The oldest first."""
    tickets: tuple[SlotTicket, ...] = ()
    """In the order in which they are served."""
    row_version: int = 0
    """Grows with every write; writes are conditional on it."""
