"""An apply on the embedded AWS that dies before or after any of its API calls; one more apply always converges."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyFinished
from bunsui.aws.connect import Connection, Credentials, connect, drops_without
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import BunsuiError
from bunsui.local.launcher import LocalEndpoint
from bunsui.local.memory.clock import VirtualClock
from bunsui.plan.model import Plan
from bunsui.ports.ledger import Actor, Ledger
from bunsui.services.apply import apply_plan
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.plan import plan_project
from tests.contracts.specimens import ZipPackager
from tests.fakes.workspace import a_workspace

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

ALL = bool(os.environ.get("BUNSUI_FAULTS"))

SERVICES = ("iam", "logs", "lambda", "stepfunctions", "scheduler", "dynamodb", "sts", "resourcegroupstaggingapi")


class Life:
    """Counts the calls of a connection, and ends them all at one of them."""

    def __init__(self, connection: Connection) -> None:
        self.calls = 0
        self.dies_at: int | None = None
        self.dies_after = False
        self.dead = False
        for service in SERVICES:
            for client in (connection.reader(service), connection.writer(service)):
                client.meta.events.register_first("before-send.*", self._before)
                client.meta.events.register_last("after-call.*", self._after)

    def _before(self, **_: object) -> None:
        self.calls += 1
        if self.dies_at is not None and self.calls > self.dies_at and not self.dies_after:
            self.dead = True
        self._end()

    def _after(self, **_: object) -> None:
        if self.dies_at is not None and self.calls > self.dies_at:
            self.dead = True
        self._end()

    def _end(self) -> None:
        if self.dead:
            raise BunsuiError("killed", "the process is gone")


class Room:
    """A project with its files, and an account of its own that nobody used yet."""

    def __init__(self, folder: Path, endpoint: LocalEndpoint) -> None:
        self.account = str(10**11 + secrets.randbelow(10**11))
        self.endpoint = endpoint
        self.workspace = a_workspace(folder, "etl", "raw")
        self.clock = VirtualClock()
        self.ids = count()

    @property
    def repository(self) -> Repository:
        found = self.workspace.repository
        return replace(found, scope=replace(found.scope, account=self.account))

    def life(self) -> tuple[ReconcileEdges, Life]:
        """A process that begins."""
        connection = connect(
            region=self.repository.scope.region,
            endpoint_url=self.endpoint.url,
            credentials=Credentials(access_key=self.account, secret_key="anything"),
            drops=drops_without(self.endpoint.capabilities),
            threads=4,
        )
        scope, packager = self.repository.scope, ZipPackager()
        table = DynamoDBClient(connection)
        edges = ReconcileEdges(
            providers=providers(connection, identity=StsIdentity(connection), packager=packager),
            state=DynamoDBStateStore(table, scope),
            clock=self.clock,
            packager=packager,
            ledger=Ledger(
                locks=DynamoDBLockStore(table, scope),
                journal=DynamoDBJournal(table, scope),
                log=DynamoDBApplyLog(table, scope),
            ),
            new_id=lambda: f"{next(self.ids):04d}",
            actor=Actor(who="mika"),
            gated=connection.gate_writes,
        )
        return edges, Life(connection)

    def plan(self, edges: ReconcileEdges) -> Plan:
        plan = plan_project(self.repository, edges).plan
        assert plan is not None
        return plan

    def dies(self, at: int, *, after: bool) -> bool:
        """Apply, and die at that call; tells whether it came to that."""
        edges, life = self.life()
        plan = self.plan(edges)
        life.calls, life.dies_at, life.dies_after = 0, at, after
        with contextlib.suppress(BunsuiError):
            list(apply_plan(plan, edges, threads=1))
        return life.dead

    def converges(self) -> None:
        """One more apply finishes the work, and nothing is left over."""
        edges, _ = self.life()
        plan = self.plan(edges)
        if plan.pending:
            last = list(apply_plan(plan, edges))[-1]
            assert isinstance(last, ApplyFinished)
            assert last.is_complete
        after = self.plan(edges)
        assert not after.pending, [str(change.address) for change in after.pending]
        assert not edges.ledger.journal.pending()
        assert len(edges.state.applied()) == len(after.changes)


@pytest.fixture
def room(tmp_path: Path, embedded: LocalEndpoint) -> Callable[[str], Room]:
    """Rooms, each with an account of its own."""
    return lambda name: Room(tmp_path / name, embedded)


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_every_api_call_of_a_first_apply(room: Callable[[str], Room], after: bool) -> None:
    first = room("all")
    edges, life = first.life()
    plan = first.plan(edges)
    life.calls = 0
    list(apply_plan(plan, edges, threads=1))
    total = life.calls
    assert total > 40
    for point in range(0, total, 1 if ALL else 17):
        one = room(f"{point}")
        assert one.dies(point, after=after), point
        one.converges()


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_every_api_call_of_an_update(room: Callable[[str], Room], after: bool) -> None:
    point = 0
    while True:
        one = room(f"{point}")
        one.converges()
        one.workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
        one.workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 5')
        died = one.dies(point, after=after)
        one.converges()
        if not died:
            break
        point += 1 if ALL else 13
    assert point > 20
