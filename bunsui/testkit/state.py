"""The applied state in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bunsui.errors import Refused, Unavailable
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.deployments.interventions import Hold, Pause
from bunsui.model.resource import AppliedResource, Scope
from bunsui.ports.ledger import ApplyRecord, JournalEntry, LockRecord, StateMark
from bunsui.ports.storage import project_renamed


@dataclass(slots=True)
class MemoryRows:
    """The rows of one project in one environment."""

    table_exists: bool = False
    applied: dict[Address, AppliedResource] = field(default_factory=dict)
    texts: dict[str, AppliedText] = field(default_factory=dict)
    """By pipeline."""
    lock: LockRecord | None = None
    journal: dict[Address, JournalEntry] = field(default_factory=dict)
    applies: dict[str, ApplyRecord] = field(default_factory=dict)
    mark: StateMark = field(default_factory=StateMark)
    deployments: dict[tuple[str, str], Deployment] = field(default_factory=dict)
    """By pipeline and id."""
    holds: dict[str, Hold] = field(default_factory=dict)
    pauses: dict[str, Pause] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryTable:
    """What an account's state table holds: rows of all projects and environments."""

    exists: bool = False
    owners: dict[str, str] = field(default_factory=dict)
    """Project id by project name."""
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    """Project name by project id and environment."""
    scopes: dict[tuple[str, str], MemoryRows] = field(default_factory=dict)
    """By project and environment."""
    lock: threading.RLock = field(default_factory=threading.RLock)


class MemoryStateStore:
    """Implements `bunsui.ports.storage.StateStore` on a table that several stores may share."""

    def __init__(self, scope: Scope, table: MemoryTable | None = None) -> None:
        """Make it for a scope, on a table of its own unless one is given."""
        self._scope = scope
        self._table = table if table is not None else MemoryTable()

    def ensure(self) -> bool:
        """Make the table when it does not exist, and tie the project's name to its id; True when it was made."""
        with self._table.lock:
            made = not self._table.exists
            self._table.exists = True
            if self._scope.project_id:
                owner = self._table.owners.setdefault(self._scope.project, self._scope.project_id)
                if owner != self._scope.project_id:
                    raise Refused(
                        "project-name-taken",
                        "another project of the same name uses this account and region",
                        hint="Give one of them another `project:` name in bunsui.yaml.",
                        project=self._scope.project,
                        id=self._scope.project_id,
                        other_id=owner,
                    )
                self._check_name()
                self._table.names[self._scope.project_id, self._scope.environment] = self._scope.project
            return made

    def _check_name(self) -> None:
        environment = self._scope.environment
        former = self._table.names.get((self._scope.project_id, environment), self._scope.project)
        before = self._table.scopes.get((former, environment))
        if former != self._scope.project and before is not None and before.applied:
            raise project_renamed(self._scope, former)

    def owner_id(self) -> str | None:
        """Return the id of the project that has the name; None when none has, or there is no table."""
        with self._table.lock:
            return self._table.owners.get(self._scope.project)

    def applied(self, kind: str = "") -> Mapping[Address, AppliedResource]:
        """Return everything that was applied, of one kind alone where it is named, ordered by address."""
        with self.rows() as rows:
            if not rows.applied and not kind and self._scope.project_id:
                self._check_name()
            return {address: one for address, one in sorted(rows.applied.items()) if kind in ("", address.kind)}

    def addresses(self) -> Sequence[Address]:
        """Return every address that the state knows, in order."""
        return list(self.applied())

    def texts(self, pipelines: Collection[str]) -> Mapping[str, AppliedText]:
        """Return the texts of these pipelines that were kept, by name."""
        with self.rows() as rows:
            return {name: rows.texts[name] for name in pipelines if name in rows.texts}

    def put(self, resource: AppliedResource) -> None:
        """Remember one written resource; Unavailable when there is no table."""
        with self.rows() as rows:
            if not rows.table_exists:
                raise Unavailable("no-state-table", "there is no state table", hint="Make it first: ensure().")
            rows.applied[resource.address] = resource

    def forget(self, address: Address) -> None:
        """Remove one address; nothing happens when it is not there."""
        with self.rows() as rows:
            rows.applied.pop(address, None)

    @contextmanager
    def rows(self) -> Iterator[MemoryRows]:
        """Return the scope's rows, with nobody else at them."""
        with self._table.lock:
            rows = self._table.scopes.setdefault((self._scope.project, self._scope.environment), MemoryRows())
            rows.table_exists = self._table.exists
            yield rows
