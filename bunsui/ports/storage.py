"""What bunsui remembers: applied resources and session rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bunsui.model.resource import Address, AppliedResource, Scope
from bunsui.model.session import Session


class StateStore(Protocol):
    """The last-applied state of one project in one environment."""

    def ensure(self) -> bool:
        """Make the table when it does not exist, and tie the project's name to its id; True when it was made.

        Raises Refused when the name belongs to another project id."""
        ...

    def applied(self) -> Mapping[Address, AppliedResource]:
        """Give everything that was applied; empty when the table does not exist yet. Consistent read. A corrupt item is an
        error that names it."""
        ...

    def addresses(self) -> Sequence[Address]:
        """Give every address that the state knows, in order, also those whose items are damaged."""
        ...

    def put(self, resource: AppliedResource) -> None:
        """Remember one written resource."""
        ...

    def forget(self, address: Address) -> None:
        """Remove one address; nothing happens when it is not there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionQuery:
    """Which sessions to list."""

    pipeline: str | None = None
    status: str | None = None
    limit: int = 50


class SessionRepository(Protocol):
    """Session rows, keyed by id, newest first."""

    def add(self, session: Session) -> None:
        """Store a new row; Conflict when the id exists."""
        ...

    def save(self, session: Session) -> Session:
        """Replace the row if its `row_version` is still the stored one; give it back with the new version, else Conflict."""
        ...

    def get(self, session_id: str) -> Session | None:
        """Give the row, None when there is none."""
        ...

    def find(self, query: SessionQuery) -> Sequence[Session]:
        """Give matching rows, newest first; empty when the table does not exist yet."""
        ...

    def find_prefix(self, prefix: str, *, limit: int = 2) -> Sequence[Session]:
        """Give rows whose id begins with the prefix, newest first."""
        ...


class StateStoreFactory(Protocol):
    """Opens the stores of a scope."""

    def state(self, scope: Scope) -> StateStore:
        """Give the applied state."""
        ...

    def sessions(self, scope: Scope) -> SessionRepository:
        """Give the session rows."""
        ...
