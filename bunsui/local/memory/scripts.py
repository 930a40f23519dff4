"""Executions that play a script: events at given seconds, then an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bunsui.local.memory.standing import STOPPED, Standing
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.model.values import Json

_LAST_EVENTS: Mapping[SessionStatus, tuple[str, str]] = {
    SessionStatus.SUCCEEDED: ("ExecutionSucceeded", "output"),
    SessionStatus.FAILED: ("ExecutionFailed", "error"),
    SessionStatus.TIMED_OUT: ("ExecutionTimedOut", "error"),
    SessionStatus.CANCELLED: ("ExecutionAborted", "error"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of a script."""

    after_seconds: float
    """Since the start of the execution; not less than in the step before."""
    type: str
    """As AWS names it, such as `TaskStateEntered`."""
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What an execution does: its events without the first and the last, which follow from the rest, and how it ends."""

    steps: tuple[Step, ...] = ()
    ends_after_seconds: float | None = 0.0
    """None: it runs until it is stopped."""
    status: SessionStatus = SessionStatus.SUCCEEDED
    """How it ends: a final status."""
    output: Json = None
    error: str = ""
    cause: str = ""


Writer = Callable[[Mapping[str, Json]], Script]
"""Gives the script of an execution from its input."""


class ScriptedPlay:
    """A script in the course of time (`bunsui.local.memory.standing.Play`)."""

    def __init__(self, script: Script, payload: Json, started_at: datetime) -> None:
        """Begin at the instant."""
        self._script = script
        self._payload = payload
        self._started_at = started_at
        self._stopped_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Tell how it stands."""
        ended_at = self._ended_at(now)
        if ended_at is None:
            return Standing(status=SessionStatus.RUNNING)
        script = self._script
        return Standing(
            status=script.status,
            stopped_at=ended_at,
            output=script.output if script.status is SessionStatus.SUCCEEDED else None,
            error=script.error,
            cause=script.cause,
        )

    def events(self, now: datetime) -> Sequence[HistoryEvent]:
        """Give the events up to now."""
        ended_at = self._ended_at(now)
        until = ended_at or now
        happened: list[tuple[datetime, str, Mapping[str, Json]]] = [
            (self._started_at, "ExecutionStarted", {"input": json.dumps(self._payload)})
        ]
        for step in self._script.steps:
            at = self._started_at + timedelta(seconds=step.after_seconds)
            if at <= until:
                happened.append((at, step.type, step.details))
        if ended_at is not None:
            happened.append((ended_at, *_last(self._script)))
        return [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at, details=details)
            for number, (at, kind, details) in enumerate(happened, start=1)
        ]

    def stop(self, now: datetime, reason: str) -> None:
        """Abort it; nothing when it has ended."""
        if self._ended_at(now) is None:
            self._stopped_at = now
            self._script = replace(self._script, status=SessionStatus.CANCELLED, output=None, error=STOPPED, cause=reason)

    def _ended_at(self, now: datetime) -> datetime | None:
        if self._stopped_at is not None:
            return self._stopped_at
        if self._script.ends_after_seconds is None:
            return None
        end = self._started_at + timedelta(seconds=self._script.ends_after_seconds)
        return end if end <= now else None


def _last(script: Script) -> tuple[str, Mapping[str, Json]]:
    kind, member = _LAST_EVENTS[script.status]
    if member == "output":
        return kind, {"output": json.dumps(script.output)}
    return kind, {"error": script.error, "cause": script.cause}
