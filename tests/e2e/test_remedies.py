"""A name that somebody else has stops one pipeline, and each remedy that is told, pasted, lets it go on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.model.address import ENVIRONMENT, Address
from bunsui.model.resource import TAG_PROJECT
from bunsui.plan.model import Action, Plan, Reason
from bunsui.plan.partial import divided, forbidden
from bunsui.services.apply.patience import Patience
from bunsui.services.state import remove_state
from tests.faults.rooms import Room

pytestmark = pytest.mark.embedded

SCHEDULE = "schedules: [{id: nightly, cron: '0 3 * * ? *'}]\n"
FUNCTION = "extract.read"


@pytest.fixture
def room(tmp_path: Path, embedded: LocalEndpoint) -> Room:
    """Two pipelines, applied; etl has functions, a schedule and an alert."""
    made = Room(tmp_path / "room", embedded, "raw", "etl")
    file = made.folder / "pipelines/etl.yaml"
    file.write_text(f"{file.read_text()}{SCHEDULE}alerts: [{{event: failed, notify: [ops]}}]\n")
    project = made.folder / "bunsui.yaml"
    project.write_text(project.read_text() + "channels: {ops: {type: sns}}\nenvironments: {local: {bucket: managed}}\n")
    assert made.apply().is_complete
    made.clock.sleep(120)
    return made


def pasted(room: Room, command: str) -> None:
    """Do what the AWS CLI does with the command: options are the operation's parameters, in its shorthand."""
    program, service, operation, *words = shlex.split(command)
    assert program == "aws"
    client = room.by_hand.writer(service)
    method = operation.replace("-", "_")
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape.members
    names = {f"--{xform_name(name).replace('_', '-')}": name for name in members}
    given: dict[str, list[str]] = {}
    for word in words:
        given.setdefault(word, []) if word.startswith("--") else given[list(given)[-1]].append(word)
    getattr(client, method)(**{names[key]: _value(values, members[names[key]].type_name) for key, values in given.items()})


def _value(values: list[str], kind: str) -> Any:
    if kind == "list":
        return [_pairs(value) if "=" in value else value for value in values]
    (value,) = values
    return _pairs(value) if kind == "map" else value


def _pairs(text: str) -> Mapping[str, str]:
    return {part.partition("=")[0]: part.partition("=")[2] for part in text.split(",")}


def become_a_strangers(room: Room, address: Address) -> None:
    """The object says that it is of another project, and nobody remembers that it was ours."""
    found = room.ports.state.applied()[address]
    arn, other = found.outputs.get("arn", ""), "somebody"
    match address.kind:
        case "state_machine":
            room.by_hand.writer("stepfunctions").tag_resource(resourceArn=arn, tags=[{"key": TAG_PROJECT, "value": other}])
        case "role":
            tags = [{"Key": TAG_PROJECT, "Value": other}]
            room.by_hand.writer("iam").tag_role(RoleName=found.physical_name, Tags=tags)
        case "lambda_function":
            room.by_hand.writer("lambda").tag_resource(Resource=arn, Tags={TAG_PROJECT: other})
        case "log_group":
            room.by_hand.writer("logs").tag_resource(resourceArn=arn, tags={TAG_PROJECT: other})
        case "schedule_group":
            room.by_hand.writer("scheduler").tag_resource(ResourceArn=arn, Tags=[{"Key": TAG_PROJECT, "Value": other}])
        case "alert_rule":
            room.by_hand.writer("events").tag_resource(ResourceARN=arn, Tags=[{"Key": TAG_PROJECT, "Value": other}])
        case "bucket":
            tagging = {"TagSet": [{"Key": TAG_PROJECT, "Value": other}]}
            room.by_hand.writer("s3").put_bucket_tagging(Bucket=found.physical_name, Tagging=tagging)
        case "alert_topic":
            room.by_hand.writer("sns").tag_resource(ResourceArn=arn, Tags=[{"Key": TAG_PROJECT, "Value": other}])
        case _:
            schedule = room.by_hand.reader("scheduler").get_schedule(Name="nightly", GroupName=found.attributes["group"])
            edited(room, schedule, Description=f"Written by bunsui: {TAG_PROJECT}={other}")
    remove_state(room.ports, [str(address)], patience=Patience())


def edited(room: Room, schedule: Mapping[str, Any], **fields: Any) -> None:
    """What `aws scheduler update-schedule` makes of it: what it is not given is reset."""
    keep = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
    room.by_hand.writer("scheduler").update_schedule(**{key: schedule[key] for key in keep} | fields)


def refused(plan: Plan) -> dict[Address, str]:
    return {change.address: change.note for change in plan.refused}


KINDS = (
    Address("state_machine", "etl"),
    Address("role", "etl"),
    Address("role", "etl", FUNCTION),
    Address("lambda_function", "etl", FUNCTION),
    Address("log_group", "etl"),
    Address("log_group", "etl", FUNCTION),
    Address("schedule_group", "etl"),
    Address("schedule", "etl", "nightly"),
    Address("alert_rule", "etl", "failed"),
    Address("alert_topic", "@ops", "ops"),
    Address("bucket", ENVIRONMENT),
)


def test_the_commands_that_are_told_for_taken_names_work_and_the_other_pipeline_goes_on(room: Room) -> None:
    for address in KINDS:
        become_a_strangers(room, address)
    plan = room.plan()
    notes = refused(plan)
    assert set(notes) == set(KINDS)
    assert set(divided(plan, forbidden(plan)).left) == {"etl", "@ops", ENVIRONMENT}
    for note in notes.values():
        pasted(room, re.findall(r"`(aws [^`]+)`", note)[0])
    assert not refused(room.plan())


ANOTHER = "arn:aws:iam::123456789012:role/theirs"


@pytest.mark.slow
def test_the_keys_that_are_told_for_taken_names_work(room: Room) -> None:
    """Another name for the machine, roles that somebody makes, and another id for the operation that has the function."""
    said = {
        Address("state_machine", "etl"): "`resource_name: ANOTHER-NAME`",
        Address("log_group", "etl"): "`resource_name: ANOTHER-NAME`",
        Address("role", "etl"): "`roles: {machine: ROLE-ARN}`",
        Address("role", "etl", FUNCTION): "`roles: {function: ROLE-ARN}`",
        Address("role", "etl", "scheduler"): "`roles: {scheduler: ROLE-ARN}`",
        Address("lambda_function", "etl", FUNCTION): f"rename the job or the operation {FUNCTION}",
        Address("log_group", "etl", FUNCTION): f"rename the job or the operation {FUNCTION}",
    }
    for address in said:
        become_a_strangers(room, address)
    notes = refused(room.plan())
    for address, words in said.items():
        assert words in notes[address]
    file = room.folder / "pipelines/etl.yaml"
    keys = f"resource_name: another\nroles: {{machine: '{ANOTHER}', function: '{ANOTHER}', scheduler: '{ANOTHER}'}}\n"
    file.write_text(re.sub(r"\bread\b", "reads", file.read_text()) + keys)
    assert not refused(room.plan())


def test_a_log_group_that_lambda_left_is_taken_over_and_the_plan_says_so(tmp_path: Path, embedded: LocalEndpoint) -> None:
    room = Room(tmp_path / "room", embedded, "etl")
    logs = room.by_hand.writer("logs")
    names = {one.address: one.physical_name for one in room.plan().changes if one.address.kind == "log_group"}
    first, second = [address for address in names if address.name][:2]
    logs.create_log_group(logGroupName=names[first])
    logs.create_log_group(logGroupName=names[second])
    logs.put_retention_policy(logGroupName=names[second], retentionInDays=1)
    changes = {one.address: one for one in room.plan().changes}
    for address in (first, second):
        assert (changes[address].action, changes[address].reason) == (Action.UPDATE, Reason.TAKEN_OVER)
        assert "becomes ours: it is empty and has no tags" in changes[address].note
    assert room.apply().is_complete
    assert not room.plan().pending
    arn = room.ports.state.applied()[first].outputs["arn"]
    assert room.by_hand.reader("logs").list_tags_for_resource(resourceArn=arn)["tags"][TAG_PROJECT]


@pytest.mark.slow
def test_a_schedule_edited_by_the_cli_is_still_ours_and_its_edit_is_drift(room: Room) -> None:
    address = Address("schedule", "etl", "nightly")
    group = room.ports.state.applied()[address].attributes["group"]
    schedule = room.by_hand.reader("scheduler").get_schedule(Name="nightly", GroupName=group)
    edited(room, schedule)
    assert not room.plan().pending
    edited(room, schedule, State="DISABLED")
    keep = ("GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    room.by_hand.writer("scheduler").create_schedule(Name="theirs", **{key: schedule[key] for key in keep})
    assert [(one.address, one.reason) for one in room.plan().pending] == [(address, Reason.DRIFT)], "theirs is left alone"
    assert room.apply().is_complete
    assert not room.plan().pending
    edited(room, schedule)
    file = room.folder / "pipelines/etl.yaml"
    file.write_text(file.read_text().replace("id: nightly", "id: evening"))
    removed = [one.action for one in room.plan().pending if one.address == address]
    assert removed == [Action.DELETE], "it is removed with its line"
