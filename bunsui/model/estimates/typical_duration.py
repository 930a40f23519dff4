"""How long a job usually takes, by the runs that were measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDuration:
    """How long a job takes."""

    seconds: float | None
    """The median; None when nobody knows."""
    runs: int = 0
    """From how many runs that is known."""
    why: str = ""
    """Why it is not known; empty when it is."""
