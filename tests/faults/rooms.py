"""A project with files, and an empty account on the embedded AWS that nobody else sees."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path

from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.aws.connect import Connection, drops_without
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.deployments import DynamoDBDeploymentStore
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Plan
from bunsui.ports.ledger import Actor, Ledger
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from bunsui.testkit.clock import ManualClock
from tests.contracts.specimens import ZipPackager
from tests.fakes.workspace import a_workspace
from tests.faults.mortal import SHORT, Fate, Mortal, Order, core_session


class Room:
    """A project of some templates in a folder, with its account."""

    def __init__(self, folder: Path, endpoint: LocalEndpoint, *templates: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.account = str(10**11 + secrets.randbelow(10**11))
        self.endpoint = endpoint
        self.workspace = a_workspace(folder, *templates)
        self.clock = ManualClock()
        self.ids = count()

    @property
    def repository(self) -> Repository:
        found = self.workspace.repository
        return replace(found, scope=replace(found.scope, account=self.account))

    @cached_property
    def connection(self) -> Connection:
        return self._connection()

    @cached_property
    def by_hand(self) -> Connection:
        """The same account for who does not use bunsui, and asks no lease."""
        return self._connection()

    def _connection(self) -> Connection:
        return Connection(
            region=self.repository.scope.region,
            session=lambda: core_session(self.endpoint.keys(self.account)),
            endpoint_url=self.endpoint.url,
            drops=drops_without(self.endpoint.capabilities),
            threads=4,
        )

    @cached_property
    def ports(self) -> ReconcilePorts:
        """The account side in this process, on a clock on which waiting for a lock takes no time."""
        scope, packager = self.repository.scope, ZipPackager()
        table = DynamoDBClient(self.connection)
        return ReconcilePorts(
            providers=providers(self.connection, identity=StsIdentity(self.connection), packager=packager),
            state=DynamoDBStateStore(table, scope),
            clock=self.clock,
            packager=packager,
            ledger=Ledger(
                locks=DynamoDBLockStore(table, scope),
                journal=DynamoDBJournal(table, scope),
                log=DynamoDBApplyLog(table, scope),
                deployed=DynamoDBDeploymentStore(table, scope),
            ),
            new_id=lambda: f"0000{next(self.ids):04d}",
            actor=Actor(who="mika", host="context"),
            terms=SHORT,
            gated=self.connection.gate_writes,
        )

    def order(self, *arguments: str, fate: Fate | None = None) -> Order:
        """A command as a user types it, in a process of its own."""
        return Order(
            folder=self.folder,
            url=self.endpoint.url,
            region=self.repository.scope.region,
            account=self.account,
            keys=self.endpoint.keys(self.account),
            capabilities=self.endpoint.capabilities,
            arguments=arguments,
            fate=fate,
        )

    def run(self, *arguments: str, fate: Fate | None = None) -> int:
        """Run a command to its end, whichever that is, and give its exit code."""
        process = Mortal(self.order(*arguments, fate=fate))
        code = process.ended()
        assert "Traceback (most recent call last)" not in process.told(), process.told()
        return code

    def plan(self) -> Plan:
        plan = plan_project(self.repository, self.ports).plan
        assert plan is not None
        return plan

    def apply(self) -> ApplyFinished:
        """Apply in this process."""
        events: Sequence[ApplyEvent] = list(apply_plan(self.plan(), self.ports))
        last = events[-1]
        assert isinstance(last, ApplyFinished)
        return last

    def resources(self, plan: Plan | None = None) -> Mapping[tuple[str, str], ActualResource]:
        """What is there of ours or bears a wanted name, by kind and name."""
        wanted = [change.desired for change in (plan or self.plan()).changes if change.desired is not None]
        found = {}
        for kind, provider in self.ports.providers.items():
            of_kind = [item for item in wanted if item.address.kind == kind]
            for item in provider.read_owned(self.repository.scope, of_kind):
                found[kind, item.physical_name] = item
        return found

    def settled(self) -> None:
        """Check that nothing is left to do, nothing was lost, doubled or left without our tags, and nothing is under way."""
        plan = self.plan()
        assert not plan.pending, [f"{change.address} {change.action} {change.reason}" for change in plan.pending]
        assert not self.ports.ledger.journal.pending()
        record = self.ports.ledger.locks.read()
        assert record is None or not record.held
        wanted = {(change.address.kind, change.physical_name) for change in plan.changes}
        there = self.resources(plan)
        assert set(there) == wanted
        assert all(item.owned_by(self.repository.scope) for item in there.values())
        assert set(self.ports.state.applied()) == {change.address for change in plan.changes}
        assert sorted(self._names()) == sorted(name for _, name in wanted)

    def _names(self) -> list[str]:
        """The names of what the account holds, by lists that know nothing of bunsui; the group that AWS has by itself apart."""
        pages = self.connection.pages
        groups = [str(item["Name"]) for item in pages("scheduler", "list_schedule_groups", "ScheduleGroups")]
        return [
            *(str(item["RoleName"]) for item in pages("iam", "list_roles", "Roles")),
            *(str(item["logGroupName"]) for item in pages("logs", "describe_log_groups", "logGroups")),
            *(str(item["FunctionName"]) for item in pages("lambda", "list_functions", "Functions")),
            *(str(item["name"]) for item in pages("stepfunctions", "list_state_machines", "stateMachines")),
            *(str(item["Name"]) for item in pages("scheduler", "list_schedules", "Schedules")),
            *(group for group in groups if group != "default"),
        ]


def eventually(condition: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Wait for the condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
