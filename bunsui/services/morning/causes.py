"""Failures grouped by root cause, as far as the rows tell it: no history is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.model.session import Session, SessionStatus
from bunsui.services.morning.expected import ExpectedRun
from bunsui.sessions.failures.classes import judge
from bunsui.sessions.failures.origins import Raised
from bunsui.sessions.snapshot import ErrorClass

_VARYING = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # request ids
    r"|\b[0-9A-HJKMNP-TV-Z]{26}\b"  # session ids
    r"|\b(?=[0-9a-f]*[0-9])[0-9a-f]{12,}\b"  # hashes
    r"|\d+(?:[-:.,T]\d+)*Z?",  # numbers, dates, times
    re.IGNORECASE,
)
_ENDS = {SessionStatus.TIMED_OUT: "ExecutionTimedOut", SessionStatus.CANCELLED: "ExecutionAborted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """What runs failed of."""

    error_class: ErrorClass | None
    """None where the rows do not say, as while only a list of executions told of the failure."""
    error: str
    """The error's name; empty where nobody knows it yet."""
    message: str
    """The one line that says what happened, of the newest of them."""
    runs: tuple[ExpectedRun, ...]
    """Newest first."""

    @property
    def newest(self) -> Session:
        """The session to look at first."""
        found = self.runs[0].session
        assert found is not None, "only runs that began fail"
        return found


def root_causes(failed: Sequence[ExpectedRun]) -> tuple[RootCause, ...]:
    """Return the failed runs by what they failed of: what most failed of comes first, then the newest."""
    groups: dict[tuple[object, ...], list[tuple[ExpectedRun, ErrorClass | None, str, str]]] = {}
    for run in sorted(failed, key=lambda one: one.at, reverse=True):
        if run.session is None:
            continue
        error_class, error, message = cause_of(run.session)
        key = (error_class, error, fingerprint(message)) if error_class is not None else (run.pipeline,)
        groups.setdefault(key, []).append((run, error_class, error, message))
    causes = [
        RootCause(error_class=group[0][1], error=group[0][2], message=group[0][3], runs=tuple(one[0] for one in group))
        for group in groups.values()
    ]
    return tuple(sorted(causes, key=lambda cause: (-len(cause.runs), -cause.runs[0].at.timestamp())))


def cause_of(session: Session) -> tuple[ErrorClass | None, str, str]:
    """Return class, name and line of a failure, from the row alone; None for the class while the row says nothing of it."""
    latest = session.latest
    if latest is None or not (latest.error or latest.cause or latest.status in _ENDS):
        return None, "", ""
    found = judge(Raised(error=latest.error, cause=latest.cause, event=_ENDS.get(latest.status, "")))
    line = next((text.strip() for text in found.message.splitlines() if text.strip()), "")
    return found.error_class, found.error, "" if line == found.error else line


def fingerprint(message: str) -> str:
    """Return the message without what differs from run to run: numbers, times, ids."""
    return _VARYING.sub("#", message)
