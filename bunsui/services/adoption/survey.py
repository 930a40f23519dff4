"""AccountSurvey an account before anything is imported: whose each machine is, what failed of late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.model.resource import Scope
from bunsui.model.session import FailureNote, Session, SessionStatus
from bunsui.ports.machines import ListedMachine, MachineCatalogue
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.adoption.owners import Owner, OwnerKind, owner_of
from bunsui.services.adoption.pipeline_file import pipeline_name
from bunsui.services.morning.causes import note_of
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import look_at_sessions

_MOST_FAILURES = 500
_NOT_OURS = frozenset({OwnerKind.NOBODY, OwnerKind.CLOUDFORMATION, OwnerKind.TERRAFORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedMachine:
    """A machine of the account."""

    machine: ListedMachine
    owner: Owner

    @property
    def is_unmanaged(self) -> bool:
        """True when no project of bunsui owns it."""
        return self.owner.kind in _NOT_OURS

    @property
    def pipeline(self) -> str:
        """The pipeline that an import would make of it; empty where it cannot be imported, or is one already."""
        return pipeline_name(self.machine.name) if self.is_unmanaged and not self.machine.is_express else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFailure:
    """What machines failed of."""

    note: FailureNote | None
    """None where only the list of executions tells."""
    sessions: tuple[Session, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSurvey:
    """What is there, and what failed since an evening."""

    machines: tuple[SurveyedMachine, ...]
    """By name."""
    since: datetime
    failures: tuple[NightFailure, ...]
    """Of machines that no project of bunsui owns: what most failed of first."""


def surveyed_machines(catalogue: MachineCatalogue, scope: Scope | None) -> tuple[SurveyedMachine, ...]:
    """Return every machine of the region with its owner: two lists, whatever the number."""
    tags = catalogue.tags()
    return tuple(
        SurveyedMachine(machine=one, owner=owner_of(tags.get(one.arn, {}), scope)) for one in catalogue.machines()
    )  # fmt: skip


def night_failures(context: SessionContext, *, since: datetime) -> tuple[NightFailure, ...]:
    """Return what failed since then, grouped by cause. `context` looks at machines of others."""
    if not context.pipelines:
        return ()
    found: list[Session] = []
    for status in (SessionStatus.FAILED, SessionStatus.TIMED_OUT):
        query = SessionQuery(status=status.value, since=since, limit=_MOST_FAILURES)
        found += look_at_sessions(context, query).sessions
    return _grouped_failures(found)


def _grouped_failures(sessions: Sequence[Session]) -> tuple[NightFailure, ...]:
    groups: dict[str, list[Session]] = {}
    for session in sorted(sessions, key=lambda one: one.created_at, reverse=True):
        note = note_of(session)
        words = f"{note.error_class} {note.error} {note.message}" if note is not None else session.pipeline
        groups.setdefault(words, []).append(session)
    failures = [NightFailure(note=note_of(group[0]), sessions=tuple(group)) for group in groups.values()]
    return tuple(sorted(failures, key=lambda one: (-len(one.sessions), -one.sessions[0].created_at.timestamp())))
