"""How an environment's resident does: whether it is there, of which bunsui, and what its last looks came to.

Its own log tells that: each look that ended well wrote one line. So "it looked 4 min ago" is what it said itself, and one that
is there and says nothing is told as silent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bunsui.compile.environment.resident import FUNCTION_ADDRESS
from bunsui.model.environment.resident import SWEEP, SWEEP_SECONDS, SWEPT, VARIABLE, ResidentCode, read_place
from bunsui.model.resource import AppliedResource
from bunsui.ports.clock import Clock
from bunsui.ports.monitoring import LogLine, LogReader
from bunsui.ports.storage import StateStore

LOOKED_BACK = timedelta(hours=1)
_FAILURES = ("[ERROR]", "Task timed out", "Runtime exited", "Runtime.")
"""In the lines that Lambda and its runtime write when an invocation fails."""
_LATE = timedelta(seconds=2.5 * SWEEP_SECONDS)
"""A sweep that is missed once may come with the next one."""


class ResidentState(Enum):
    """Whether somebody is awake."""

    NONE = "none"
    PENDING = "pending"
    AWAKE = "awake"
    SILENT = "silent"
    LEFT_OVER = "left over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one look said of itself."""

    at: datetime
    cause: str
    machines: int
    visited: int
    news: int
    left: int
    seconds: float
    version: str
    problems: tuple[str, ...] = ()
    told: int = 0
    """Messages that were sent."""
    waiting: int = 0
    """Messages that were still to be sent then, those that a channel did not take included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentStanding:
    """How the resident does."""

    state: ResidentState
    version_here: str
    version: str = ""
    """Of the bunsui that it is made of; empty where there is none, or it cannot be read."""
    is_same_code: bool = True
    """False when it is made of other files than this bunsui has: another version, or one that was changed."""
    log_group: str = ""
    applied_at: datetime | None = None
    reports: tuple[Report, ...] = ()
    """Of the last hour, oldest first."""
    failures: tuple[LogLine, ...] = ()
    """What failed in that time, oldest first."""

    def last(self, cause: str = "") -> Report | None:
        """Return the newest report, of that cause if it is said; None for none in that time."""
        found = [one for one in self.reports if cause in ("", one.cause)]
        return found[-1] if found else None


def resident_standing(
    wanted: ResidentCode | None, version: str, state: StateStore, logs: LogReader, clock: Clock
) -> ResidentStanding:
    """Return how the resident does; `wanted` is what the files make it of, None where they want none, `version` bunsui's own.

    Costs a read of the state, and one of the log where there is a resident.
    """
    applied = state.applied(FUNCTION_ADDRESS.kind).get(FUNCTION_ADDRESS)
    if applied is None:
        return ResidentStanding(state=ResidentState.NONE if wanted is None else ResidentState.PENDING, version_here=version)
    now, group = clock.now(), str(applied.attributes.get("log_group", ""))
    lines = logs.containing(group, (SWEPT, *_FAILURES), start=now - LOOKED_BACK)
    reports = tuple(one for one in map(report_of, lines) if one is not None)
    return ResidentStanding(
        state=_state(wanted, applied, reports, now),
        version_here=version,
        version=_version(applied),
        is_same_code=wanted is None or applied.attributes.get("code_digest") == wanted.digest,
        log_group=group,
        applied_at=applied.written_at,
        reports=reports,
        failures=tuple(line for line in lines if report_of(line) is None),
    )


def report_of(line: LogLine) -> Report | None:
    """Return what a line of the log says of a look; None where it is another line."""
    if SWEPT not in line.message:
        return None
    try:
        told = json.loads(line.message)[SWEPT]
        alerts = told.get("alerts") or {}
        numbers = {name: int(told[name]) for name in ("machines", "visited", "news", "left")}
        return Report(
            at=line.at,
            cause=str(told["cause"]),
            seconds=float(told["seconds"]),
            version=str(told["version"]),
            problems=(*_texts(told.get("problems")), *_texts(alerts.get("problems"))),
            told=int(alerts.get("told", 0)),
            waiting=int(alerts.get("waiting", 0)) + int(alerts.get("failed", 0)),
            **numbers,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _state(wanted: ResidentCode | None, applied: AppliedResource, reports: Sequence[Report], now: datetime) -> ResidentState:
    if wanted is None:
        return ResidentState.LEFT_OVER
    sweeps = [one.at for one in reports if one.cause == SWEEP]
    since = max([at for at in (applied.written_at, *sweeps) if at is not None], default=now - LOOKED_BACK)
    if now - since > _LATE:
        return ResidentState.SILENT
    return ResidentState.AWAKE if sweeps else ResidentState.PENDING


def _version(applied: AppliedResource) -> str:
    variables = applied.attributes.get("environment")
    text = variables.get(VARIABLE) if isinstance(variables, Mapping) else None
    try:
        return read_place(str(text)).version
    except ValueError:
        return ""
