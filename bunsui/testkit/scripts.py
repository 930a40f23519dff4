"""Executions that play a script: events at given seconds, then an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bunsui.errors import Refused
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.testkit.standing import STOPPED, ExecutionStanding

_LAST_EVENTS: Mapping[SessionStatus, tuple[str, str]] = {
    SessionStatus.SUCCEEDED: ("ExecutionSucceeded", "output"),
    SessionStatus.FAILED: ("ExecutionFailed", "error"),
    SessionStatus.TIMED_OUT: ("ExecutionTimedOut", "error"),
    SessionStatus.CANCELLED: ("ExecutionAborted", "error"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedStep:
    """One event of a script."""

    after_seconds: float
    """Since the start of the execution; not less than in the step before."""
    type: str
    """As AWS names it, such as `TaskStateEntered`."""
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What an execution does: its events without the first and the last, which follow from the rest, and how it ends."""

    steps: tuple[ScriptedStep, ...] = ()
    ends_after_seconds: float | None = 0.0
    """None: it runs until it is stopped."""
    status: SessionStatus = SessionStatus.SUCCEEDED
    """How it ends: a final status."""
    output: Json = None
    error: str = ""
    cause: str = ""


Writer = Callable[[Mapping[str, Json]], Script]
"""Returns the script of an execution from its input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """The script as it was played from one instant on."""

    script: Script
    started_at: datetime
    stopped_at: datetime | None = None
    """When somebody stopped it."""

    def ended_at(self, now: datetime) -> datetime | None:
        """Return when it ended; None while it goes on."""
        if self.stopped_at is not None:
            return self.stopped_at
        if self.script.ends_after_seconds is None:
            return None
        end = self.started_at + timedelta(seconds=self.script.ends_after_seconds)
        return end if end <= now else None


class ScriptedPlay:
    """A script in the course of time (`bunsui.testkit.standing.Play`)."""

    def __init__(self, write: Callable[[], Script], payload: Json, started_at: datetime) -> None:
        """Begin at the instant. `write` gives the script, and another one for each redrive."""
        self._write = write
        self._payload = payload
        self._turns = [_Turn(script=write(), started_at=started_at)]

    def standing(self, now: datetime) -> ExecutionStanding:
        """Tell how it stands."""
        turn, count = self._turns[-1], len(self._turns) - 1
        redriven_at = turn.started_at if count else None
        ended_at = turn.ended_at(now)
        if ended_at is None:
            return ExecutionStanding(status=SessionStatus.RUNNING, redrive_count=count, redriven_at=redriven_at)
        script = turn.script
        return ExecutionStanding(
            status=script.status,
            stopped_at=ended_at,
            output=script.output if script.status is SessionStatus.SUCCEEDED else None,
            error=script.error,
            cause=script.cause,
            redrive_count=count,
            redriven_at=redriven_at,
        )

    def events(self, now: datetime) -> Sequence[HistoryEvent]:
        """Return the events up to now."""
        happened: list[tuple[datetime, str, Mapping[str, Json]]] = []
        for number, turn in enumerate(self._turns):
            first: tuple[str, Mapping[str, Json]] = ("ExecutionStarted", {"input": json.dumps(self._payload)})
            happened.append((turn.started_at, *(first if number == 0 else ("ExecutionRedriven", {"redriveCount": number}))))
            ended_at = turn.ended_at(now)
            for step in turn.script.steps:
                at = turn.started_at + timedelta(seconds=step.after_seconds)
                if at <= (ended_at or now):
                    happened.append((at, step.type, step.details))
            if ended_at is not None:
                happened.append((ended_at, *_last(turn.script)))
        return [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at, details=details)
            for number, (at, kind, details) in enumerate(happened, start=1)
        ]

    def stop(self, now: datetime, reason: str) -> None:
        """Abort it; nothing when it has ended."""
        turn = self._turns[-1]
        if turn.ended_at(now) is None:
            stopped = replace(turn.script, status=SessionStatus.CANCELLED, output=None, error=STOPPED, cause=reason)
            self._turns[-1] = replace(turn, script=stopped, stopped_at=now)

    def redrive(self, now: datetime) -> None:
        """Play a new script from now on; Refused when the last one did not end badly."""
        status = self.standing(now).status
        if status in (SessionStatus.RUNNING, SessionStatus.SUCCEEDED):
            raise Refused("execution-not-redrivable", "The execution cannot be redriven", reason=f"it is {status.value}")
        self._turns.append(_Turn(script=self._write(), started_at=now))


def _last(script: Script) -> tuple[str, Mapping[str, Json]]:
    kind, member = _LAST_EVENTS[script.status]
    if member == "output":
        return kind, {"output": json.dumps(script.output)}
    return kind, {"error": script.error, "cause": script.cause}
