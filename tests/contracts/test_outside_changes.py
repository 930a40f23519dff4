"""What somebody changes by hand is seen for what it is, and the next write repairs it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest

from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.registry import providers
from bunsui.errors import Conflict
from bunsui.plan.comparison import difference
from tests.contracts.conftest import Cloud
from tests.contracts.specimens import ZipPackager, specimen
from tests.contracts.test_provider_contract import Bench


def bench_of(cloud: Cloud, kind: str) -> Bench:
    """A created specimen of the kind."""
    packager = ZipPackager()
    every = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=packager)
    bench = Bench(cloud=cloud, every=every, specimen=specimen(kind, cloud.scope), packager=packager)
    bench.create()
    return bench


@pytest.fixture
def machine(cloud: Cloud) -> Bench:
    """A state machine of two versions, the alias at the second."""
    bench = bench_of(cloud, "state_machine")
    bench.provider.update(bench.specimen.updated, bench.read_there())
    return bench


def test_an_alias_moved_back_by_hand_is_seen_and_repaired(machine: Bench) -> None:
    before = machine.read_there()
    arn = before.outputs["arn"]
    machine.cloud.outsider("stepfunctions").update_state_machine_alias(
        stateMachineAliasArn=f"{arn}:live", routingConfiguration=[{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    )
    moved = machine.read_there()
    assert moved.attributes["alias"] == "live (at 1, not the newest)"
    assert moved.outputs["version_arn"] == f"{arn}:1"
    assert moved.revision != before.revision
    machine.provider.update(machine.specimen.updated, moved)
    assert machine.read_there().attributes == machine.specimen.updated.attributes


def test_an_alias_shared_between_versions_is_seen(machine: Bench) -> None:
    arn = machine.read_there().outputs["arn"]
    machine.cloud.outsider("stepfunctions").update_state_machine_alias(
        stateMachineAliasArn=f"{arn}:live",
        routingConfiguration=[
            {"stateMachineVersionArn": f"{arn}:1", "weight": 10},
            {"stateMachineVersionArn": f"{arn}:2", "weight": 90},
        ],
    )
    shared = machine.read_there()
    assert shared.attributes["alias"] == "live (10 % to 1, 90 % to 2)"
    assert shared.outputs["version_arn"] == f"{arn}:2"


def test_a_missing_alias_is_seen_and_made_again(machine: Bench) -> None:
    arn = machine.read_there().outputs["arn"]
    machine.cloud.outsider("stepfunctions").delete_state_machine_alias(stateMachineAliasArn=f"{arn}:live")
    without = machine.read_there()
    assert without.attributes["alias"] == ""
    assert "version_arn" not in without.outputs
    machine.provider.update(machine.specimen.updated, without)
    assert machine.read_there().attributes == machine.specimen.updated.attributes


def test_an_edit_in_the_console_that_nobody_published_is_seen(machine: Bench) -> None:
    arn = machine.read_there().outputs["arn"]
    edited = {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}
    machine.cloud.outsider("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(edited))
    actual = machine.read_there()
    assert actual.attributes["definition"] == edited
    assert actual.attributes["alias"] == "live (at 2, not the newest)"


def test_code_uploaded_by_hand_is_seen_and_replaced(cloud: Cloud) -> None:
    bench = bench_of(cloud, "lambda_function")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return 'hot fix'\n")
    name = bench.specimen.resource.physical_name
    cloud.connection.writer("lambda").update_function_code(FunctionName=name, ZipFile=buffer.getvalue())
    [actual] = bench.provider.read_owned(cloud.scope, [bench.specimen.desired])
    assert actual == bench.read_there()
    assert actual.attributes["code_digest"] == f"outside:{actual.outputs['code_sha256']}"
    written = bench.provider.update(bench.specimen.resource, actual)
    assert bench.read_there().attributes == bench.specimen.resource.attributes
    assert bench.read_there().outputs == written.outputs


def test_a_change_of_memory_publishes_a_version_without_packaging(cloud: Cloud) -> None:
    bench = bench_of(cloud, "lambda_function")
    before = bench.read_there()
    resource = bench.specimen.resource
    larger = replace(resource, attributes={**resource.attributes, "memory_mb": 1024})
    written = bench.provider.update(larger, before)
    assert len(bench.packager.asked) == 1  # by the create
    assert int(written.outputs["version"]) == int(before.outputs["version"]) + 1
    old = cloud.connection.reader("lambda").get_function_configuration(
        FunctionName=resource.physical_name, Qualifier=before.outputs["version"]
    )
    assert old["MemorySize"] == 256


def test_a_policy_removed_by_hand_is_seen_and_written_again(cloud: Cloud) -> None:
    bench = bench_of(cloud, "role")
    name = bench.specimen.resource.physical_name
    cloud.connection.writer("iam").delete_role_policy(RoleName=name, PolicyName="bunsui")
    actual = bench.read_there()
    assert actual.attributes["policy"] == {"Version": "2012-10-17", "Statement": []}
    bench.provider.update(bench.specimen.resource, actual)
    assert bench.read_there().attributes == bench.specimen.resource.attributes


def test_a_role_with_policies_that_others_added_can_be_deleted(cloud: Cloud) -> None:
    bench = bench_of(cloud, "role")
    client = cloud.connection.writer("iam")
    name = bench.specimen.resource.physical_name
    document = json.dumps(bench.specimen.resource.attributes["policy"])
    client.put_role_policy(RoleName=name, PolicyName="theirs", PolicyDocument=document)
    policy = client.create_policy(PolicyName=f"{cloud.scope.project}-extra", PolicyDocument=document)["Policy"]["Arn"]
    client.attach_role_policy(RoleName=name, PolicyArn=policy)
    bench.provider.delete(bench.read_there())
    assert bench.read() is None


def test_a_retention_taken_away_by_hand_is_seen(cloud: Cloud) -> None:
    bench = bench_of(cloud, "log_group")
    cloud.connection.writer("logs").delete_retention_policy(logGroupName=bench.specimen.resource.physical_name)
    assert bench.read_there().attributes["retention_days"] is None


def test_a_schedule_made_by_hand_in_our_group_is_not_ours(cloud: Cloud) -> None:
    bench = bench_of(cloud, "schedule")
    group = bench.specimen.resource.attributes["group"]
    cloud.connection.writer("scheduler").create_schedule(
        Name="by-hand",
        GroupName=group,
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:aws:iam::123456789012:role/r"},
    )
    found = bench.provider.read_owned(cloud.scope, [bench.specimen.desired])
    assert [actual.physical_name for actual in found] == [bench.specimen.resource.physical_name]


def test_schedules_of_one_name_in_two_environments_are_told_apart(cloud: Cloud) -> None:
    bench = bench_of(cloud, "schedule")
    theirs = specimen("schedule", cloud.other_scope(environment="staging"))
    bench.prepare(theirs)
    name = bench.specimen.resource.physical_name
    their_provider = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=ZipPackager())["schedule"]
    their_provider.create(replace(theirs.resource, physical_name=name))

    ours = bench.read_there()
    assert ours.owned_by(cloud.scope)
    fresh = providers(cloud.connection, identity=StsIdentity(cloud.connection), packager=ZipPackager())["schedule"]
    with pytest.raises(Conflict):
        fresh.read(ours.address, name)
    assert fresh.read_owned(cloud.scope, ()) == [ours]
    assert fresh.read(ours.address, name) == ours
    fresh.delete(ours)
    assert fresh.read(ours.address, name) is None
    assert their_provider.read(ours.address, name) is not None


def test_a_role_that_may_do_nothing_has_no_policy_and_is_in_sync(cloud: Cloud) -> None:
    bench = bench_of(cloud, "role")
    resource = bench.specimen.resource
    nothing = replace(resource, attributes={**resource.attributes, "policy": {"Version": "2012-10-17", "Statement": []}})
    bench.provider.update(nothing, bench.read_there())
    assert bench.read_there().attributes == nothing.attributes
    bench.provider.delete(bench.read_there())
    written = bench.provider.create(nothing)
    assert bench.read_there().revision == written.revision


@pytest.mark.parametrize("form", ["minified", "keys reordered", "whole numbers with a fraction"])
def test_a_definition_in_another_form_is_the_same_definition(machine: Bench, form: str) -> None:
    before = machine.read_there()
    definition = json.dumps(before.attributes["definition"], sort_keys=form == "keys reordered", separators=(",", ":"))
    if form == "whole numbers with a fraction":
        definition = re.sub(r":(\d+)([,}])", r":\1.0\2", definition)
    client = machine.cloud.outsider("stepfunctions")
    client.update_state_machine(stateMachineArn=before.outputs["arn"], definition=definition)
    assert difference("state_machine", before.attributes, machine.read_there().attributes).is_empty


@pytest.mark.parametrize("change", ["log level", "tag", "tracing"])
def test_what_the_file_need_not_mention_is_seen_when_it_was_changed(machine: Bench, change: str) -> None:
    before = machine.read_there()
    client = machine.cloud.outsider("stepfunctions")
    arn = before.outputs["arn"]
    match change:
        case "log level":
            client.update_state_machine(
                stateMachineArn=arn, loggingConfiguration={"level": "OFF", "includeExecutionData": False}
            )
        case "tag":
            client.tag_resource(resourceArn=arn, tags=[{"key": "by", "value": "hand"}])
        case _:
            if "tracing" in machine.cloud.connection.drops:
                pytest.skip("this emulator forgets tracing")
            tracing = not before.attributes["tracing"]
            client.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": tracing})
    assert not difference("state_machine", before.attributes, machine.read_there().attributes).is_empty
