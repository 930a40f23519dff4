"""What is in sync is read in few calls, what changed outside is seen all the same; a denied call hides only what it gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.model.address import Address
from bunsui.model.names import resource_name
from bunsui.model.resource import ActualResource, AppliedResource, Scope
from bunsui.ports.cloud import Placing, ResolvedResource
from bunsui.ports.hints import RouteReader
from tests.contracts.conftest import Cloud
from tests.contracts.specimens import KINDS, ZipPackager, specimen
from tests.contracts.test_provider_contract import Bench

SERVICES = {
    "role": "iam",
    "log_group": "logs",
    "lambda_function": "lambda",
    "state_machine": "stepfunctions",
    "schedule_group": "scheduler",
    "schedule": "scheduler",
    "bucket": "s3",
    "alert_topic": "sns",
    "alert_rule": "events",
}
LISTS = {
    "role": "ListRoles",
    "lambda_function": "ListFunctions",
    "state_machine": "ListStateMachines",
    "schedule_group": "ListScheduleGroups",
    "schedule": "ListSchedules",
    "alert_topic": "ListTopics",
    "alert_rule": "ListRules",
}


_IN_XML = frozenset(
    {
        *("ListRoles", "GetRole", "GetRolePolicy", "GetAccountAuthorizationDetails"),
        *("ListAttachedRolePolicies", "ListRolePolicies", "ListTopics", "GetTopicAttributes"),
    }
)
"""Operations of IAM and SNS."""


@dataclass
class Calls:
    """What a connection's reading clients send; a denied operation is answered as if the permission were missing."""

    made: list[str] = field(default_factory=list)
    denied: frozenset[str] = frozenset()

    def before_send(self, event_name: str, **_: object) -> AWSResponse | None:
        """Count, and answer when denied."""
        operation = event_name.rpartition(".")[2]
        self.made.append(operation)
        if operation not in self.denied:
            return None
        return AWSResponse("http://denied", 403, {"x-amzn-errortype": "AccessDeniedException"}, _Denial(operation))

    def of(self, operation: str) -> int:
        """How often it was sent."""
        return self.made.count(operation)


@dataclass
class _Denial:
    """A body that both JSON and XML services are refused with."""

    operation: str

    def stream(self) -> Iterator[bytes]:
        """The bytes."""
        if self.operation in _IN_XML:
            yield b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        else:
            yield b'{"__type": "AccessDeniedException", "message": "no"}'


@contextmanager
def watched(cloud: Cloud, *services: str, denied: tuple[str, ...] = ()) -> Iterator[Calls]:
    """Watch what the reading clients of some services send."""
    calls = Calls(denied=frozenset(denied))
    clients = [cloud.connection.reader(service) for service in services]
    for client in clients:
        client.meta.events.register_first("before-send.*", calls.before_send)
    try:
        yield calls
    finally:
        for client in clients:
            client.meta.events.unregister("before-send.*", calls.before_send)


def bench_of(cloud: Cloud, kind: str) -> Bench:
    """A bench without anything created."""
    packager = ZipPackager()
    every = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=packager)
    return Bench(cloud=cloud, every=every, specimen=specimen(kind, cloud.scope), packager=packager)


def recorded(bench: Bench, *, written_at: datetime | None = None) -> Mapping[Address, AppliedResource]:
    """What the state says after the specimen was written."""
    actual = bench.read_there()
    return {
        actual.address: AppliedResource(
            address=actual.address,
            physical_name=actual.physical_name,
            attributes=actual.attributes,
            outputs=actual.outputs,
            revision=actual.revision,
            written_at=written_at or datetime.now(UTC) + timedelta(seconds=2),
        )
    }


@pytest.fixture
def machine(cloud: Cloud) -> Bench:
    """A state machine of two versions, the alias at the second."""
    bench = bench_of(cloud, "state_machine")
    bench.create()
    bench.provider.update(bench.specimen.updated, bench.read_there())
    return bench


def read_machine(machine: Bench, applied: Mapping[Address, AppliedResource]) -> tuple[ActualResource, int]:
    """Read in bulk with what was applied, by who reads for the first time; give the machine, and the descriptions it took."""
    reader = bench_of(machine.cloud, "state_machine").provider
    with watched(machine.cloud, "stepfunctions") as calls:
        [actual] = reader.read_owned(machine.cloud.scope, [machine.specimen.desired], applied=applied)
    return actual, calls.of("DescribeStateMachine")


def test_the_version_that_was_applied_is_not_read_again(machine: Bench) -> None:
    actual, descriptions = read_machine(machine, recorded(machine))
    assert descriptions == 1
    assert actual == machine.read_there()


def test_a_version_that_was_read_is_not_read_again(machine: Bench) -> None:
    reader = bench_of(machine.cloud, "state_machine").provider
    address, name = machine.specimen.resource.address, machine.specimen.resource.physical_name
    first = reader.read(address, name)
    with watched(machine.cloud, "stepfunctions") as calls:
        assert reader.read(address, name) == first
    assert calls.of("DescribeStateMachine") == 1


@pytest.mark.parametrize("change", ["alias", "weights", "unpublished", "tracing", "logging"])
def test_what_was_changed_by_hand_is_seen_whatever_was_applied(machine: Bench, change: str) -> None:
    applied = recorded(machine)
    arn = machine.read_there().outputs["arn"]
    client = machine.cloud.outsider("stepfunctions")
    one, two = ({"stateMachineVersionArn": f"{arn}:{number}", "weight": 50} for number in (1, 2))
    match change:
        case "alias":
            client.update_state_machine_alias(stateMachineAliasArn=f"{arn}:live", routingConfiguration=[{**one, "weight": 100}])
        case "weights":
            client.update_state_machine_alias(stateMachineAliasArn=f"{arn}:live", routingConfiguration=[one, two])
        case "unpublished":
            edited = {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}
            client.update_state_machine(stateMachineArn=arn, definition=json.dumps(edited))
        case "tracing":
            if "tracing" in machine.cloud.connection.drops:
                pytest.skip("this emulator forgets tracing")
            client.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": True})
        case _:
            client.update_state_machine(
                stateMachineArn=arn, loggingConfiguration={"level": "OFF", "includeExecutionData": False}
            )
    actual, _ = read_machine(machine, applied)
    assert actual.revision != next(iter(applied.values())).revision
    assert actual == machine.read_there()  # with what was applied and without it, the same is seen


def test_a_version_is_read_when_the_machine_was_made_after_it_was_applied(machine: Bench) -> None:
    before = recorded(machine, written_at=datetime.now(UTC) - timedelta(hours=1))
    actual, descriptions = read_machine(machine, before)
    assert descriptions == 2
    assert actual == machine.read_there()


def test_a_record_of_an_alias_elsewhere_says_nothing_of_the_version(machine: Bench) -> None:
    arn = machine.read_there().outputs["arn"]
    client = machine.cloud.outsider("stepfunctions")
    client.update_state_machine_alias(
        stateMachineAliasArn=f"{arn}:live", routingConfiguration=[{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    )
    actual, _ = read_machine(machine, recorded(machine))
    assert actual.attributes["alias"] == "live (at 1, not the newest)"


def test_where_an_alias_leads_is_asked_only_where_it_is_not_believed(machine: Bench) -> None:
    applied, address = recorded(machine), machine.specimen.resource.address
    reader = bench_of(machine.cloud, "state_machine").provider
    assert isinstance(reader, RouteReader)

    def asked(routes: tuple[Address, ...]) -> tuple[ActualResource, int]:
        with watched(machine.cloud, "stepfunctions") as calls:
            [found] = reader.read_routed(machine.cloud.scope, [machine.specimen.desired], applied=applied, routes=routes)
        return found, calls.of("DescribeStateMachineAlias")

    there = machine.read_there()
    believed, calls = asked(())
    assert (believed.is_assumed, bool(believed.unread), calls) == (True, True, 0)
    assert replace(believed, is_assumed=False, unread="") == there
    assert asked((address,)) == (there, 1)
    edited = {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}
    client = machine.cloud.outsider("stepfunctions")
    client.update_state_machine(stateMachineArn=there.outputs["arn"], definition=json.dumps(edited))
    assert asked(()) == (machine.read_there(), 1)


def many_roles(cloud: Cloud, count: int) -> tuple[Bench, list[ResolvedResource]]:
    """Roles of several pipelines."""
    bench = bench_of(cloud, "role")
    made = []
    for number in range(count):
        address = Address("role", f"p{number}")
        name = resource_name(cloud.scope.project, cloud.scope.environment, f"p{number}", limit=64)
        tags = {**cloud.scope.tags(address), "team": "data"}
        made.append(replace(bench.specimen.resource, address=address, physical_name=name, tags=tags))
        bench.provider.create(made[-1])
    return bench, made


def test_many_roles_are_read_in_bulk_as_they_are_one_by_one(cloud: Cloud) -> None:
    if "bulk-roles" in cloud.connection.drops:
        pytest.skip("this emulator's bulk read leaves out boundaries")
    bench, made = many_roles(cloud, 4)
    client = cloud.connection.writer("iam")
    client.delete_role_policy(RoleName=made[0].physical_name, PolicyName="bunsui")
    client.delete_role_permissions_boundary(RoleName=made[1].physical_name)
    client.untag_role(RoleName=made[2].physical_name, TagKeys=["team"])
    client.update_role(RoleName=made[3].physical_name, Description="by hand")
    with watched(cloud, "iam") as calls:
        found = bench.provider.read_owned(cloud.scope, ())
    assert (calls.of("GetRole"), calls.of("GetRolePolicy"), calls.of("GetAccountAuthorizationDetails")) == (0, 0, 1)
    assert list(found) == [bench.provider.read(role.address, role.physical_name) for role in made]
    assert any("read in bulk" in remark for remark in cloud.connection.traffic.remarks)


def test_without_the_bulk_permission_roles_are_read_one_by_one(cloud: Cloud) -> None:
    if "bulk-roles" in cloud.connection.drops:
        pytest.skip("this emulator's bulk read leaves out boundaries")
    bench, made = many_roles(cloud, 3)
    with watched(cloud, "iam", denied=("GetAccountAuthorizationDetails",)) as calls:
        found = bench.provider.read_owned(cloud.scope, ())
    assert (calls.of("GetRole"), calls.of("GetRolePolicy")) == (3, 3)
    assert [actual.physical_name for actual in found] == [role.physical_name for role in made]
    assert any("no permission for iam:GetAccountAuthorizationDetails" in remark for remark in cloud.connection.traffic.remarks)


def test_schedules_of_many_groups_are_listed_together(cloud: Cloud) -> None:
    bench = bench_of(cloud, "schedule")
    for number in range(4):
        own = _schedule_of(cloud.scope, f"p{number}")
        group = specimen("schedule_group", cloud.scope).resource
        bench.every["schedule_group"].create(
            replace(group, physical_name=str(own.attributes["group"]), address=Address("schedule_group", f"p{number}"))
        )
        bench.provider.create(own)
    with watched(cloud, "scheduler") as calls:
        found = bench.provider.read_owned(cloud.scope, ())
    assert (calls.of("ListSchedules"), calls.of("GetSchedule")) == (1, 4)
    assert [str(actual.address) for actual in found] == [f"schedule.p{number}.daily" for number in range(4)]


def test_a_schedule_whose_group_is_known_is_read_in_one_call_however_many_bear_its_name(cloud: Cloud) -> None:
    bench = bench_of(cloud, "schedule")
    made = [_schedule_of(cloud.scope, f"p{number}") for number in range(3)]
    for own in made:
        group = specimen("schedule_group", cloud.scope).resource
        address = Address("schedule_group", own.address.pipeline)
        bench.every["schedule_group"].create(replace(group, physical_name=str(own.attributes["group"]), address=address))
        bench.provider.create(own)
    reader = bench_of(cloud, "schedule").provider
    assert isinstance(reader, Placing)
    reader.place(made[1].address, "daily", str(made[1].attributes["group"]))
    with watched(cloud, "scheduler") as calls:
        actual = reader.read(made[1].address, "daily")
    assert actual is not None
    assert actual.attributes["group"] == made[1].attributes["group"]
    assert calls.made == ["GetSchedule"]


def _schedule_of(scope: Scope, pipeline: str) -> ResolvedResource:
    resource = specimen("schedule", scope).resource
    address = Address("schedule", pipeline, "daily")
    group = resource_name(scope.project, scope.environment, pipeline, limit=64)
    return replace(
        resource,
        address=address,
        physical_name="daily",
        attributes={**resource.attributes, "group": group},
        tags=scope.tags(address),
    )


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_without_the_permission_to_list_what_is_known_by_name_is_still_read(cloud: Cloud, kind: str) -> None:
    bench = bench_of(cloud, kind)
    bench.create()
    there = bench.read_there()
    applied = recorded(bench)
    with watched(cloud, SERVICES[kind], denied=(LISTS[kind],)):
        assert list(bench.provider.read_owned(cloud.scope, [bench.specimen.desired])) == [there]
        # no longer in the repository: nobody may claim that it is gone from AWS
        assert list(bench.provider.read_owned(cloud.scope, (), applied=applied)) == [there]


READS: Mapping[str, tuple[str, ...]] = {
    "role": ("GetRolePolicy", "GetAccountAuthorizationDetails"),
    "log_group": ("DescribeLogGroups",),
    "state_machine": ("DescribeStateMachineAlias",),
    "schedule": ("GetSchedule",),
}


@pytest.mark.parametrize("kind", sorted(READS))
def test_what_may_not_be_read_is_there_and_unknown(cloud: Cloud, kind: str) -> None:
    bench = bench_of(cloud, kind)
    bench.create()
    applied = recorded(bench)
    wanted: tuple[Any, ...]
    for wanted in ((bench.specimen.desired,), ()):
        with watched(cloud, SERVICES[kind], denied=READS[kind]):
            found = bench.provider.read_owned(cloud.scope, wanted, applied=applied)
        assert [(actual.address, actual.physical_name) for actual in found] == [
            (bench.specimen.resource.address, bench.specimen.resource.physical_name)
        ]
        assert found[0].unreadable.startswith("no permission for ")


def test_every_kind_is_asked_about() -> None:
    assert set(SERVICES) == set(KINDS)
