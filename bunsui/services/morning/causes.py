"""Failures grouped by root cause, as far as the rows tell it: no history is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.model.session import FailureNote, Session
from bunsui.services.morning.expected import ExpectedRun
from bunsui.sessions.failures.classes import judge
from bunsui.sessions.failures.fingerprint import failure_fingerprint
from bunsui.sessions.failures.origins import Raised


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedOf:
    """What runs failed of."""

    note: FailureNote | None
    """Of the newest of them; None where the rows do not say, as while only a list of executions told of the failure."""
    runs: tuple[ExpectedRun, ...]
    """Newest first."""

    @property
    def newest(self) -> Session:
        """The session to look at first."""
        found = self.runs[0].session
        assert found is not None, "only runs that began fail"
        return found


def causes_of(failed: Sequence[ExpectedRun]) -> tuple[FailedOf, ...]:
    """Return the failed runs by what they failed of, in whatever job: what most failed of comes first, then the newest."""
    groups: dict[str, list[ExpectedRun]] = {}
    for run in sorted(failed, key=lambda one: one.at, reverse=True):
        if run.session is not None:
            groups.setdefault(_kind_of_failure(run.session), []).append(run)
    causes = [FailedOf(note=note_of(group[0].session), runs=tuple(group)) for group in groups.values()]
    return tuple(sorted(causes, key=lambda cause: (-len(cause.runs), -cause.runs[0].at.timestamp())))


def note_of(session: Session | None) -> FailureNote | None:
    """Return why the session failed; of a row without a note, as an older bunsui made, what its last attempt says."""
    latest = session.latest if session is not None else None
    if session is None or session.failure is not None or latest is None or not (latest.error or latest.cause):
        return session.failure if session is not None else None
    found = judge(Raised(error=latest.error, cause=latest.cause))
    kind, message, place = found.error_class.value, found.message.strip().partition("\n")[0], session.failed_job
    digits = failure_fingerprint(place=place, error_class=kind, error=found.error, message=message)
    return FailureNote(fingerprint=digits, error_class=kind, error=found.error, message=message, place=place)


def _kind_of_failure(session: Session) -> str:
    """Return what is the same for failures of one cause. Where nobody knows the cause, a pipeline's are one."""
    note = note_of(session)
    if note is None:
        return f"pipeline {session.pipeline}"
    return failure_fingerprint(place="", error_class=note.error_class, error=note.error, message=note.message)
