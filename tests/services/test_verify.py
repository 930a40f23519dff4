"""What pipelines refer to is collected from what they compile to, asked for once, told at the line that refers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.errors import ExitCode, NotFound
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource
from bunsui.ports.account import LookedAt, Presence
from bunsui.services.verify.verify import VerifyOutcome, verify
from bunsui.testkit.references import MemoryReferences
from tests.fakes.workspace import Workspace, a_workspace

ORDERS = """\
version: 1
name: orders
jobs:
  call:  # of the function arn:aws:lambda:us-east-1:000000000000:function:clean:live
    type: lambda
    function: arn:aws:lambda:us-east-1:000000000000:function:clean:live
  send:
    depends_on: call
    type: sqs_send
    queue: "arn:aws:sqs:us-east-1:000000000000:${var.queue}"
    body: {a: 1}
  load:
    depends_on: call
    type: ecs_task
    cluster: etl
    task_definition: "load:7"
    network: {subnets: [subnet-0123456789abcdef0], security_groups: [sg-0123456789abcdef0]}
    roles: [arn:aws:iam::000000000000:role/load-execution]
    timeout: 2h
"""
SUBNET, GROUP = "subnet-0123456789abcdef0", "sg-0123456789abcdef0"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:clean:live"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:jobs"
TASK = "arn:aws:ecs:us-east-1:000000000000:task-definition/load:7"
CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/etl"
PASSED = "arn:aws:iam::000000000000:role/load-execution"
THERE = LookedAt(presence=Presence.THERE)
EVERY: Mapping[str, LookedAt] = dict.fromkeys((FUNCTION, QUEUE, TASK, CLUSTER, SUBNET, GROUP), THERE)


@pytest.fixture
def room(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path, "etl")
    (made.folder / "pipelines/orders.yaml").write_text(ORDERS)
    with (made.folder / "bunsui.yaml").open("a") as file:
        file.write("variables: {queue: jobs}\n")
    put_role(made, "ecs-tasks.amazonaws.com")
    return made


def put_role(room: Workspace, service: str) -> None:
    statement: Json = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    room.account.objects["role", "load-execution"] = ActualResource(
        address=Address("role", "given"),
        physical_name="load-execution",
        attributes={"trust": {"Statement": [statement]}},
        outputs={"arn": PASSED},
    )


def looked(room: Workspace, known: Mapping[str, LookedAt], *names: str) -> VerifyOutcome:
    return verify(room.repository, MemoryReferences(known=known), room.account.providers(), names=names)


def told(found: VerifyOutcome) -> dict[str, Diagnostic]:
    return {finding.code: finding for finding in found.findings}


def test_everything_that_is_named_is_asked_for_once_and_nothing_that_bunsui_makes(room: Workspace) -> None:
    reader = MemoryReferences(known=EVERY)
    found = verify(room.repository, reader, room.account.providers())
    assert sorted(one.name for one in reader.asked) == sorted(EVERY)
    assert found.pipelines == ("etl", "orders")
    assert {tuple(one.pipelines) for one in found.looked} == {("orders",)}
    assert (found.findings, found.exit_code) == ((), ExitCode.DONE)
    assert [(role.arn, set(role.services)) for role in found.roles] == [(PASSED, {"ecs-tasks.amazonaws.com"})]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (FUNCTION, "pipelines/orders.yaml:6:15"),
        (QUEUE, "bunsui.yaml"),
        (CLUSTER, "pipelines/orders.yaml:15:14"),
        (TASK, "pipelines/orders.yaml:16:23"),
        (SUBNET, "pipelines/orders.yaml:17:25"),
        (GROUP, "pipelines/orders.yaml:17:70"),
    ],
)
def test_what_is_missing_is_an_error_at_the_line_that_names_it(room: Workspace, name: str, place: str) -> None:
    found = looked(room, {known: at for known, at in EVERY.items() if known != name})
    assert (list(told(found)), found.exit_code) == (["BS590"], ExitCode.FAILED)
    position = told(found)["BS590"].position
    assert position is not None
    assert str(position).startswith(place)
    assert found.count(Presence.MISSING) == 1


def test_a_permission_that_is_missing_is_a_warning_that_names_it_and_never_ok(room: Workspace) -> None:
    denied = LookedAt(presence=Presence.UNKNOWN, permission="sqs:GetQueueUrl")
    found = looked(room, {**EVERY, QUEUE: denied})
    finding = told(found)["BS591"]
    assert (finding.severity, found.exit_code) == (Severity.WARNING, ExitCode.DONE)
    assert "sqs:GetQueueUrl" in finding.summary
    assert "bunsui permissions verify" in finding.hint
    assert found.count(Presence.THERE) == len(EVERY) - 1


def test_a_subnet_with_a_way_to_the_internet_is_a_warning(room: Workspace) -> None:
    found = looked(room, {**EVERY, SUBNET: LookedAt(presence=Presence.THERE, is_public=True)})
    assert {code: one.severity for code, one in told(found).items()} == {"BS593": Severity.WARNING}


def test_a_role_that_its_service_cannot_take_on_is_an_error(room: Workspace) -> None:
    put_role(room, "lambda.amazonaws.com")
    finding = told(looked(room, EVERY))["BS592"]
    assert "does not trust ecs-tasks.amazonaws.com" in finding.summary
    assert str(finding.position) == "pipelines/orders.yaml:18:13"
    del room.account.objects["role", "load-execution"]
    assert "does not exist" in told(looked(room, EVERY))["BS592"].summary


def test_names_choose_and_an_unknown_one_is_refused(room: Workspace) -> None:
    assert looked(room, EVERY, "etl").looked == ()
    with pytest.raises(NotFound):
        looked(room, EVERY, "ordres")


def test_files_with_errors_are_told_and_nothing_is_asked(room: Workspace) -> None:
    (room.folder / "pipelines/orders.yaml").write_text(ORDERS.replace("type: sqs_send", "type: sqs_sent"))
    reader = MemoryReferences()
    found = verify(room.repository, reader, room.account.providers())
    assert (found.exit_code, reader.asked) == (ExitCode.INVALID, [])


def test_a_rule_of_the_project_raises_a_warning(room: Workspace) -> None:
    with (room.folder / "bunsui.yaml").open("a") as file:
        file.write("rules: {BS593: error}\n")
    assert looked(room, {**EVERY, SUBNET: LookedAt(presence=Presence.THERE, is_public=True)}).exit_code is ExitCode.FAILED
