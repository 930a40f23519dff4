"""What people did with sessions, as the audit trail keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bunsui.ports.ledger import Actor

ACTS = ("run", "backfill", "resume", "redrive", "recover", "stop", "take", "release", "approve", "reject")
"""By which command of bunsui's a person acts on a session."""

ACT_CALLS = ("", "StartExecution", "RedriveExecution", "StopExecution", "SendTaskSuccess", "SendTaskFailure")
"""What Step Functions is asked for; nothing where a session is stopped before its first execution, taken or released."""

ACT_OUTCOMES = ("begun", "done", "failed", "unknown")
"""`begun`: it is about to be done. `failed`: it was refused, so nothing happened. `unknown`: nobody knows whether it happened,
since there was no answer. An act that stays `begun` was killed, or its outcome could not be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRecord:
    """One link of the trail of acts: that something is about to be done with a session, or what became of it. What parameters
    were given is not in it, only which."""

    id: str
    at: datetime
    act: str
    """One of `ACTS`."""
    call: str
    """One of `ACT_CALLS`."""
    actor: Actor
    pipeline: str
    session: str
    attempt: int
    """The attempt that is begun or stopped, from 1; of a session that is taken or released its last; 0 for none."""
    execution_arn: str
    """Of the execution that is started, redriven or stopped; empty where none is known."""
    slot: datetime
    params: tuple[str, ...] = ()
    """The names of the session's parameters, sorted."""
    reason: str = ""
    """What a person said who stopped it, took it or released it, or decided at a gate."""
    gate: str = ""
    """The id of the gate that is decided; empty for other acts."""
    outcome: str = "begun"
    """One of `ACT_OUTCOMES`."""
    error: str = ""
    """The code of the error that it ended with; empty for none."""
    of: str = ""
    """The id of the record that said what was to be done; empty in that record itself."""
    serial: int = 0
    """Its place in the trail, counted from 1; 0 before it is stored."""
    previous: str = ""
    """The hash of the record before it; empty for the first."""
    hash: str = field(default="", compare=False)
    """Of the record as it is stored; empty before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActsHead:
    """The last link of the trail of acts."""

    serial: int = 0
    """How many there are."""
    head_hash: str = ""


class ActLog(Protocol):
    """The acts on sessions of one environment: a chain to which many append at the same time, and nobody holds a lock."""

    def append(self, record: ActRecord) -> ActRecord:
        """Store a new record behind the last one; give it with its place and the hash of the one before. Conflict when others
        were first again and again; Missing where nothing was applied yet."""
        ...

    def acts(self) -> Sequence[ActRecord]:
        """Return all records, newest first. Consistent read."""
        ...

    def head(self) -> ActsHead:
        """Return which record is the last one. Consistent read."""
        ...
