"""Where sessions are kept: their rows, what each execution belongs to, and how far machines were looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bunsui.model.admission.pools import SlotPool
from bunsui.model.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuery:
    """Which sessions to list; what is None asks for nothing, and all that is asked must hold."""

    pipeline: str | None = None
    status: str | None = None
    since: datetime | None = None
    """Those that began then or later."""
    date: str | None = None
    """Those of this business date, `YYYY-MM-DD`."""
    commit: str | None = None
    """Those whose commit begins so."""
    is_described: bool | None = None
    """False: those of which only a list told."""
    limit: int = 50

    def fits(self, session: Session) -> bool:
        """Tell whether the session is one of those."""
        wanted = (
            (self.pipeline, session.pipeline),
            (self.status, session.standing.value),
            (self.date, session.date),
            (self.is_described, session.is_described),
        )
        return (
            all(asked in (None, found) for asked, found in wanted)
            and (self.since is None or session.created_at >= self.since)
            and session.commit.startswith(self.commit or "")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownExecution:
    """What is known of an execution without its session's row."""

    session_id: str
    redrive: int
    """Its newest turn that the row knows."""
    is_final: bool
    """Whether that turn has ended."""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far a machine's list of executions was looked at."""

    machine_arn: str
    pipeline: str
    newest: datetime
    """The newest change (stop, redrive or start) that was seen."""
    looked_at: datetime
    """When that was."""
    back_to: datetime | None = None
    """Changes before this one were never looked at; None when everything was that Step Functions still had."""
    is_gone: bool = False
    """True when the machine was not there any more."""


class SessionRows(Protocol):
    """Session rows, keyed by id. Whatever lists them changes with them, in one step, and expires with them."""

    def add(self, session: Session) -> None:
        """Store a new row; Conflict when its id, its intent or one of its executions has a row.

        Where ended sessions are kept for a time only, one that ended before that leaves nothing."""
        ...

    def save(self, session: Session) -> Session:
        """Replace the row if its `row_version` is still the stored one; give it back with the new version, else Conflict. Also
        Conflict when its intent, which it had not before, has another row."""
        ...

    def merge(self, session: Session, gone: Session) -> Session:
        """Replace the row as `save` does, and remove the other in the same step, if neither was changed meanwhile."""
        ...

    def get(self, session_id: str) -> Session | None:
        """Return the row, None when there is none."""
        ...

    def find(self, query: SessionQuery) -> Sequence[Session]:
        """Return matching rows, newest start first; empty when the table does not exist yet."""
        ...

    def find_prefix(self, prefix: str, *, limit: int = 2) -> Sequence[Session]:
        """Return rows whose id begins with the prefix, newest first."""
        ...


class ExecutionIndex(Protocol):
    """Which session an execution, or an intent, belongs to."""

    def known(self, execution_arns: Collection[str]) -> Mapping[str, KnownExecution]:
        """Return what is known of these executions, by ARN; those that have no session are left out."""
        ...

    def named(self, execution_name: str) -> Sequence[str]:
        """Return the ids of the sessions that have an execution of this name: names are unique within a machine only."""
        ...

    def intended(self, intents: Collection[str]) -> Mapping[str, str]:
        """Return the ids of the sessions of these intents (`Session.intent`), by intent; those without one are left out."""
        ...


class Watermarks(Protocol):
    """How far machines were looked at, and what an older bunsui left to be done before rows can be found."""

    def watermarks(self) -> Mapping[str, Watermark]:
        """Return all of them, by the machine's ARN."""
        ...

    def keep(self, watermark: Watermark) -> None:
        """Store it in place of the one before."""
        ...

    def prepare(self) -> None:
        """Make what an older bunsui stored as quick to find as what this one stores; nothing when that was done."""
        ...


class PoolStore(Protocol):
    """Pools by name. Several may work on the same one: every write is conditional."""

    def read(self, name: str) -> SlotPool:
        """Return the pool; one of which nobody holds anything where nothing was stored. Consistent read."""
        ...

    def write(self, pool: SlotPool) -> SlotPool:
        """Store it in place of the version that it was made from, and return it with the new one; Conflict when somebody wrote
        meanwhile; Missing where nothing was applied yet."""
        ...


class SessionRepository(SessionRows, ExecutionIndex, Watermarks, Protocol):
    """Everything that is kept of sessions."""
