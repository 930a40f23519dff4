"""Retirement and the retention of versions with sessions that really run, on the embedded AWS."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished, ChangeNoted
from bunsui.aws.connect import Connection, connect, drops_without
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.deployments import DynamoDBDeploymentStore
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.aws.versions import AwsVersionStore
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.model.address import Address
from bunsui.plan.model import Action, Plan
from bunsui.ports.ledger import Ledger
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.overview.drift import find_drift
from bunsui.services.plan import plan_project
from bunsui.system_clock import SystemClock
from tests.contracts.specimens import ZipPackager
from tests.embedded import credentials_of, outsider
from tests.fakes.workspace import Workspace, a_workspace

pytestmark = pytest.mark.embedded

DEFINITION = "pipelines/definitions/raw.asl.json"
ONE_FUNCTION = """\
version: 1
name: one
timeout: 5m
lifecycle: {keep_versions: 2}
jobs:
  call:
    operations:
      - {type: lambda, code: {path: functions/one, handler: one.call, runtime: python3.12}, timeout: 1m}
"""


@dataclass
class Place:
    """A project and its account."""

    workspace: Workspace
    connection: Connection
    outside: Connection
    """Somebody who starts and stops sessions, whom no lock concerns."""
    account: str
    ids: Iterator[int] = field(default_factory=count)

    @property
    def repository(self) -> Repository:
        found = self.workspace.repository
        return replace(found, scope=replace(found.scope, account=self.account))

    @property
    def ports(self) -> ReconcilePorts:
        scope, packager, table = self.repository.scope, ZipPackager(), DynamoDBClient(self.connection)
        return ReconcilePorts(
            providers=providers(self.connection, identity=StsIdentity(self.connection), packager=packager),
            state=DynamoDBStateStore(table, scope),
            clock=SystemClock(),
            packager=packager,
            ledger=Ledger(
                locks=DynamoDBLockStore(table, scope),
                journal=DynamoDBJournal(table, scope),
                log=DynamoDBApplyLog(table, scope),
                deployed=DynamoDBDeploymentStore(table, scope),
            ),
            new_id=lambda: f"{next(self.ids):04d}",
            gated=self.connection.gate_writes,
            execution=StepFunctionsClient(self.connection),
            versions=AwsVersionStore(self.connection),
            published=AwsVersionStore(self.connection),
        )

    @property
    def states(self) -> Any:
        return outsider(self.outside, "stepfunctions")

    def machine(self, pipeline: str) -> str:
        scope = self.repository.scope
        name = f"{scope.project}--{scope.environment}--{pipeline}"
        return f"arn:aws:states:{scope.region}:{self.account}:stateMachine:{name}"

    def start(self, pipeline: str) -> str:
        answer = self.states.start_execution(stateMachineArn=f"{self.machine(pipeline)}:live", input="{}")
        return str(answer["executionArn"])

    def plan(self) -> Plan:
        outcome = plan_project(self.repository, self.ports)
        assert outcome.plan is not None, outcome.diagnostics
        return outcome.plan

    def apply(self) -> list[str]:
        """Apply, and give what was told besides."""
        events: list[ApplyEvent] = list(apply_plan(self.plan(), self.ports))
        last = events[-1]
        assert isinstance(last, ApplyFinished)
        assert last.is_complete, events
        return [event.note for event in events if isinstance(event, ChangeNoted)]

    def waits(self, seconds: int) -> None:
        """Make the raw machine another one."""
        path = self.workspace.folder / DEFINITION
        before = next(line for line in path.read_text().splitlines() if '"Seconds"' in line)
        self.workspace.edit(DEFINITION, before, f'"Seconds": {seconds},')

    def versions(self, pipeline: str) -> list[int]:
        found = AwsVersionStore(self.connection).machine_versions(self.machine(pipeline))
        return sorted(int(arn.rpartition(":")[2]) for arn in found)


@pytest.fixture
def place(tmp_path: Path, embedded: LocalEndpoint) -> Callable[..., Place]:
    """Make a place of some templates."""

    def make(*templates: str) -> Place:
        account = str(10**11 + secrets.randbelow(10**11))

        def connection() -> Connection:
            return connect(
                region="us-east-1",
                endpoint_url=embedded.url,
                credentials=credentials_of(embedded, account),
                drops=drops_without(embedded.capabilities),
                threads=4,
            )

        workspace = a_workspace(tmp_path, *templates)
        return Place(workspace=workspace, connection=connection(), outside=connection(), account=account)

    return make


def test_versions_that_sessions_need_stay_and_the_others_go(place: Callable[..., Place]) -> None:
    here = place("raw")
    here.workspace.edit("pipelines/raw.yaml", "name: raw", "name: raw\nlifecycle: {keep_versions: 2}")
    here.waits(600)
    here.apply()
    session = here.start("raw")
    for seconds in (2, 3):
        here.waits(seconds)
        assert not here.apply()
    here.waits(4)
    assert here.apply() == ["removed 1 old version of the machine"]
    assert here.versions("raw") == [1, 3, 4]
    here.states.stop_execution(executionArn=session)
    for seconds in (5, 6):
        here.waits(seconds)
        here.apply()
    assert here.versions("raw") == [1, 5, 6]
    here.states.redrive_execution(executionArn=session)
    assert here.states.describe_execution(executionArn=session)["status"] == "RUNNING"
    assert not here.plan().pending


@pytest.mark.slow
def test_function_versions_go_with_the_machine_versions_that_named_them(place: Callable[..., Place]) -> None:
    here = place("raw")
    folder = here.workspace.folder
    (folder / "pipelines/one.yaml").write_text(ONE_FUNCTION)
    (folder / "functions/one").mkdir(parents=True)
    for number in range(1, 5):
        (folder / "functions/one/one.py").write_text(f"def call(event, context):\n    return {number}\n")
        told = here.apply()
    assert told == ["removed 2 old versions of the machine", "removed 2 old versions of its functions"]
    function = here.ports.state.applied()[Address("lambda_function", "one", "call.lambda")]
    left = [version.number for version in AwsVersionStore(here.connection).function_versions(function.outputs["arn"])]
    assert left == [4, 3]
    assert not here.plan().pending


@pytest.mark.parametrize("older", [1, 0], ids=["with an older version left", "with no version left"])
def test_a_version_that_somebody_deleted_under_a_machine_is_drift_and_is_published_again(
    place: Callable[..., Place], older: int
) -> None:
    here = place("raw")
    folder = here.workspace.folder
    (folder / "pipelines/one.yaml").write_text(ONE_FUNCTION)
    (folder / "functions/one").mkdir(parents=True)
    for number in range(older + 1):
        (folder / "functions/one/one.py").write_text(f"def call(event, context):\n    return {number}\n")
        here.apply()
    address = Address("lambda_function", "one", "call.lambda")
    before = here.ports.state.applied()[address].outputs
    assert not here.plan().pending
    outsider(here.outside, "lambda").delete_function(FunctionName=before["arn"], Qualifier=before["version"])
    drift = find_drift(here.repository, here.ports)
    assert [change.address for change in drift.drifted] == [address]
    plan = here.plan()
    assert {change.address.kind for change in plan.pending} == {"lambda_function", "state_machine"}
    [function] = [change for change in plan.pending if change.address == address]
    assert function.drift is not None
    assert [item.attribute for item in function.drift] == ["version_in_use"]
    here.apply()
    after = here.ports.state.applied()[address].outputs
    assert after["version"] != before["version"]
    assert not here.plan().pending
    route = here.states.describe_state_machine_alias(stateMachineAliasArn=f"{here.machine('one')}:live")["routingConfiguration"]
    machine = here.states.describe_state_machine(stateMachineArn=route[0]["stateMachineVersionArn"])
    assert after["version_arn"] in machine["definition"], "the alias leads to what calls the version that is there"


@pytest.mark.slow
def test_a_retired_machine_lets_its_sessions_end_and_be_redriven_and_then_goes(place: Callable[..., Place]) -> None:
    here = place("raw", "etl")
    with (here.workspace.folder / "bunsui.yaml").open("a") as project:
        project.write("environments: {local: {retire_for: 0s}}\n")
    here.waits(600)
    here.apply()
    session = here.start("raw")
    (here.workspace.folder / "pipelines/raw.yaml").unlink()
    here.apply()
    assert not here.plan().pending
    with pytest.raises(here.states.exceptions.ClientError):
        here.start("raw")
    assert here.states.describe_execution(executionArn=session)["status"] == "RUNNING"
    here.states.stop_execution(executionArn=session)
    here.states.redrive_execution(executionArn=session)
    plan = here.plan()
    assert not plan.pending
    machine = next(change for change in plan.changes if change.address == Address("state_machine", "raw"))
    assert machine.retirement is not None
    assert machine.retirement.running == (session.rpartition(":")[2],)
    here.states.stop_execution(executionArn=session)
    assert {change.action for change in here.plan().pending} == {Action.DELETE}
    here.apply()
    assert not here.plan().pending
    assert not [address for address in here.ports.state.applied() if address.pipeline == "raw"]


def test_what_belongs_to_others_is_held_by_an_apply(place: Callable[..., Place]) -> None:
    here = place("raw")
    ignore = "lifecycle: {ignore: [states.Wait.Seconds, tags.cost-center, log_group.retention_days]}"
    here.workspace.edit("pipelines/raw.yaml", "name: raw", f"name: raw\n{ignore}")
    here.apply()
    arn, logs = here.machine("raw"), here.outside.writer("logs")
    definition = json.loads(here.states.describe_state_machine(stateMachineArn=arn)["definition"])
    definition["States"]["Wait"]["Seconds"] = 99
    here.states.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
    here.states.tag_resource(resourceArn=arn, tags=[{"key": "cost-center", "value": "4711"}])
    [group] = [str(found["logGroupName"]) for found in logs.describe_log_groups()["logGroups"]]
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    assert not here.plan().pending
    here.workspace.edit("pipelines/raw.yaml", "name: raw\n", "name: raw\ntags: {team: data}\n")
    here.apply()
    live: Any = StepFunctionsClient(here.outside).definition(f"{arn}:live")
    assert live["States"]["Wait"]["Seconds"] == 99
    tags = {tag["key"]: tag["value"] for tag in here.states.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert (tags["cost-center"], tags["team"]) == ("4711", "data")
    [found] = logs.describe_log_groups()["logGroups"]
    assert found["retentionInDays"] == 7
    assert not here.plan().pending
