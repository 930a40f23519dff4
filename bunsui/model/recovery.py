"""What is done about failed sessions."""

from __future__ import annotations

from enum import Enum


class Strategy(Enum):
    """What is done about a failed session."""

    REDRIVE = "redrive"
    """Its execution goes on at the state that failed, with the definition and the code of then."""
    RESUME = "resume"
    """A new execution runs what is applied now, after the jobs that are completed."""
    RESTART = "restart"
    """A new execution runs what is applied now, from the start."""
    LEAVE = "leave"
    """Nothing: something else comes first."""
