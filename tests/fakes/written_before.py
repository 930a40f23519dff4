"""What an earlier bunsui wrote (`tests/cases/written-before`), before today's stores and services."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from bunsui.aws.dynamodb import Item
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.deployments import DynamoDBDeploymentStore
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.aws.stores.verification import DynamoDBVerificationStore
from bunsui.model.resource import Scope
from bunsui.ports.hints import Hints
from bunsui.ports.ledger import Ledger
from bunsui.refresh.ports import ReconcilePorts
from bunsui.testkit.hints import MemoryTrail
from tests.contracts.specimens import ZipPackager
from tests.fakes.items import ItemTable
from tests.fakes.workspace import Workspace

CASES = Path(__file__).parent.parent / "cases" / "written-before"
PLANS = tuple(sorted(path.stem for path in (CASES / "plans").glob("*.json")))
WRITTEN = datetime(2026, 11, 29, 10, 30, tzinfo=UTC)
"""A little later than everything in the folder."""
KNOWN = frozenset({"state_machine.etl", "state_machine.export", "state_machine.fanout", "state_machine.slow"})
"""What a plan over the old state changes: the machines that were compiled to another contract, as CHANGELOG.md says."""
_READ: Mapping[str, Callable[[str], str | int | bytes]] = {"S": str, "N": int, "B": base64.b64decode}


@cache
def _table() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((CASES / "table.json").read_text())
    return found


def stored_items() -> list[Item]:
    """Return the items of the table, by their keys."""
    items = _table()["items"]
    return [{name: _READ[kind](text) for name, value in item.items() for kind, text in value.items()} for item in items]


def scope_of(environment: str) -> Scope:
    """Return the scope that was written to: `local` by commands, `died` by what an apply leaves that is killed."""
    table = _table()
    return Scope(
        project="shop",
        environment=environment,
        account=table["account"],
        region=table["region"],
        project_id="5f0c6f0a-0000-4000-8000-1a2b3c4d5e6f",
    )


def plan_bytes(name: str) -> bytes:
    """Return a saved plan as it lies on the disk."""
    return (CASES / "plans" / f"{name}.json").read_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Today's stores over a table."""

    state: DynamoDBStateStore
    locks: DynamoDBLockStore
    journal: DynamoDBJournal
    log: DynamoDBApplyLog
    deployed: DynamoDBDeploymentStore
    sessions: DynamoDBSessionRepository
    verification: DynamoDBVerificationStore


def stores(table: ItemTable, environment: str) -> Stores:
    scope = scope_of(environment)
    return Stores(
        state=DynamoDBStateStore(table, scope),
        locks=DynamoDBLockStore(table, scope),
        journal=DynamoDBJournal(table, scope),
        log=DynamoDBApplyLog(table, scope),
        deployed=DynamoDBDeploymentStore(table, scope),
        sessions=DynamoDBSessionRepository(table, scope),
        verification=DynamoDBVerificationStore(table, scope),
    )


def copy_project(folder: Path, files: str = "project") -> None:
    """Copy the project as it was written then."""
    shutil.copytree(CASES / files, folder, dirs_exist_ok=True)


class Shop(Workspace):
    """The project over the table, with an account in memory that has what was applied."""

    def __init__(self, folder: Path, *, files: str = "project", table: ItemTable | None = None) -> None:
        copy_project(folder, files)
        super().__init__(folder)
        self.items = table if table is not None else ItemTable(stored_items())
        self.ids = count(9000)  # behind those that are stored, as ids that sort by time are
        self.clock.sleep((WRITTEN - self.clock.now()).total_seconds())
        for address, resource in stores(ItemTable(stored_items()), "local").state.applied().items():
            self.account.objects[address.kind, resource.physical_name] = replace(
                resource.as_actual(scope_of("local")), is_assumed=False
            )

    @property
    def ports(self) -> ReconcilePorts:
        found = stores(self.items, "local")
        ledger = Ledger(locks=found.locks, journal=found.journal, log=found.log, deployed=found.deployed)
        hints = Hints(
            trail=MemoryTrail(clock=self.clock),
            memory=found.verification,
            surveyors=self.account.memory.surveyors(),
        )
        return replace(super().ports, state=found.state, ledger=ledger, packager=ZipPackager(), hints=hints)


def lay_folder(project: Path, records: Path, *, files: str = "project") -> None:
    """Make the project with the `.bunsui` that it had, and the user's record of it where the user's state is."""
    copy_project(project, files)
    shutil.copytree(CASES / "bunsui-folder", project / ".bunsui")
    records.mkdir(parents=True)
    for path in (project / ".bunsui", project / ".bunsui/local", records.parent, records):
        path.chmod(0o700)
    record = (CASES / "user-record.json").read_text().replace("PROJECT", str(project))
    (records / f"{hashlib.sha256(b'0' * 64).hexdigest()}.json").write_text(record)
