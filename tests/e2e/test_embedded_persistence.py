"""What the embedded AWS keeps: over kills and stops, and when a file is damaged or cannot be written."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.launcher.launcher import log_tail, reset, status, stop
from bunsui.emulator.server.autosave import PERIOD_SECONDS
from bunsui.errors import LocalFailed, Refused
from tests.e2e.own_process import account_of, eventually, kill, saved
from tests.e2e.test_embedded import constant, invoke, make_function, make_machine
from tests.faults.amount import ALL

pytestmark = [pytest.mark.embedded, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")]


def test_a_change_is_on_disk_about_a_second_later(folder: Path) -> None:
    account = account_of(folder)
    waited: list[float] = []
    for number in range(5):  # the quickest of five: a busy machine delays some
        make_machine(account, f"timed-{number}", constant(number))
        begun = time.monotonic()
        saved(folder, stepfunctions=f"timed-{number}")
        waited.append(time.monotonic() - begun)
    assert min(waited) < PERIOD_SECONDS + 0.5
    assert PERIOD_SECONDS <= 1


def test_what_was_there_a_second_before_survives_a_kill(folder: Path) -> None:
    account = account_of(folder)
    make_machine(account, "kept", constant(1), tags=[{"key": "k", "value": "v"}])
    objects, tables = account.client("s3"), account.client("dynamodb")
    objects.create_bucket(Bucket="kept-bucket")
    objects.put_object(Bucket="kept-bucket", Key="a/b.txt", Body=b"kept")
    key = {"AttributeName": "id", "KeyType": "HASH"}
    attribute = {"AttributeName": "id", "AttributeType": "S"}
    tables.create_table(TableName="table", KeySchema=[key], AttributeDefinitions=[attribute], BillingMode="PAY_PER_REQUEST")
    tables.put_item(TableName="table", Item={"id": {"S": "1"}, "body": {"B": b"\x00\xff"}})
    make_function(account, "kept", "def handler(event, context):\n    return 'kept'\n")
    saved(folder, stepfunctions="kept", s3="kept-bucket", dynamodb="body", **{"lambda": "kept"})
    kill(account.endpoint, folder)

    again = account_of(folder)

    assert again.endpoint.pid != account.endpoint.pid
    states = again.client("stepfunctions")
    machines = [machine["stateMachineArn"] for machine in states.list_state_machines()["stateMachines"]]
    assert len(machines) == 1
    assert states.list_tags_for_resource(resourceArn=machines[0])["tags"] == [{"key": "k", "value": "v"}]
    assert again.client("s3").get_object(Bucket="kept-bucket", Key="a/b.txt")["Body"].read() == b"kept"
    assert again.client("dynamodb").get_item(TableName="table", Key={"id": {"S": "1"}})["Item"]["body"] == {"B": b"\x00\xff"}
    assert invoke(again, "kept") == "kept"
    assert again.endpoint.notices == ()


def test_texts_with_signs_of_xml_are_read_back_as_they_were_also_after_a_kill(folder: Path) -> None:
    account = account_of(folder)
    roles = account.client("iam")
    tags = [{"Key": "department", "Value": "R = D / 研究"}]
    statement = {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/R&D <a>/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    roles.create_role(RoleName="signs", AssumeRolePolicyDocument=policy, Description="</Role> & <b> &amp; more", Tags=tags)
    roles.put_role_policy(RoleName="signs", PolicyName="kept-whole", PolicyDocument=policy)

    def check(client: Any) -> None:
        role = client.get_role(RoleName="signs")["Role"]
        assert role["Tags"] == tags
        assert role["Description"] == "</Role> & <b> &amp; more"
        assert role["AssumeRolePolicyDocument"] == json.loads(policy)
        assert client.get_role_policy(RoleName="signs", PolicyName="kept-whole")["PolicyDocument"] == json.loads(policy)
        assert [one["RoleName"] for one in client.list_roles()["Roles"]] == ["signs"]

    check(roles)
    saved(folder, iam="kept-whole")
    kill(account.endpoint, folder)
    check(account_of(folder).client("iam"))


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.3, 0.7, 1.1] if ALL else [0.3])
def test_a_kill_at_any_moment_leaves_whole_files(folder: Path, pause: float) -> None:
    account = account_of(folder)
    for number in range(20):
        make_machine(account, f"early-{number}", constant(number))
    saved(folder, stepfunctions="early-19")
    for number in range(60):
        make_machine(account, f"late-{number}", constant("x" * 7000))
    time.sleep(pause)
    kill(account.endpoint, folder)

    again = account_of(folder)

    names = {machine["name"] for machine in again.client("stepfunctions").list_state_machines()["stateMachines"]}
    assert {f"early-{number}" for number in range(20)} <= names
    assert again.endpoint.notices == ()
    assert not list((folder / "damaged").glob("*")) if (folder / "damaged").exists() else True


def test_executions_go_on_after_a_kill(folder: Path) -> None:
    account = account_of(folder)
    waiting = {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
    machine = make_machine(account, "waits", waiting)["stateMachineArn"]
    started = [account.client("stepfunctions").start_execution(stateMachineArn=machine, name=f"e{n}") for n in range(30)]
    saved(folder, stepfunctions=started[-1]["executionArn"])
    kill(account.endpoint, folder)

    states = account_of(folder).client("stepfunctions")

    def statuses() -> set[str]:
        return {states.describe_execution(executionArn=each["executionArn"])["status"] for each in started}

    assert statuses() <= {"RUNNING", "SUCCEEDED"}
    eventually(lambda: statuses() == {"SUCCEEDED"})
    described = states.describe_execution(executionArn=started[0]["executionArn"])
    assert described["stopDate"] - described["startDate"] == timedelta(seconds=5)


def test_a_clean_stop_saves_at_once(folder: Path) -> None:
    make_machine(account_of(folder), "kept", constant(1))

    assert stop(folder) is True

    machines = account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"]
    assert [machine["name"] for machine in machines] == ["kept"]


def test_a_broken_state_file_is_moved_aside_and_named(folder: Path) -> None:
    account = account_of(folder)
    make_machine(account, "lost", constant(1))
    account.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument="{}")
    stop(folder)
    (folder / "state" / "stepfunctions.json").write_text('{"half": ')

    again = account_of(folder)

    assert len(again.endpoint.notices) == 1
    assert "stepfunctions" in again.endpoint.notices[0]
    kept = list((folder / "damaged").glob("stepfunctions-*.json"))
    assert [path.read_text() for path in kept] == ['{"half": ']
    assert [role["RoleName"] for role in again.client("iam").list_roles()["Roles"]] == ["kept"]
    assert again.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_a_state_file_that_the_emulator_refuses_is_moved_aside_too(folder: Path) -> None:
    make_machine(account_of(folder), "lost", constant(1))
    stop(folder)
    (folder / "state" / "stepfunctions.json").write_text(json.dumps({"__ministack_format__": 999, "payload": {}}))

    again = account_of(folder)

    assert "newer" in again.endpoint.notices[0]
    assert list((folder / "damaged").glob("stepfunctions-*.json"))


def test_a_folder_of_a_newer_bunsui_is_refused_and_left_as_it_is(folder: Path) -> None:
    state = DataFolder(folder).state
    state.mkdir(parents=True)
    newer = json.dumps({"__ministack_format__": 1, "payload": {"format": "bunsui-99", "written_by": "7.1.0"}})
    (state / "stepfunctions.json").write_text(newer)

    with pytest.raises(Refused) as refused:
        account_of(folder)

    assert refused.value.code == "newer-bunsui"
    assert refused.value.facts["written_by"] == "bunsui 7.1.0"
    assert {path.name: path.read_text() for path in state.iterdir()} == {"stepfunctions.json": newer}
    assert not (folder / "damaged").exists() or not list((folder / "damaged").iterdir())


def test_a_stop_that_would_lose_what_could_not_be_saved_is_refused(folder: Path) -> None:
    account = account_of(folder)
    state = DataFolder(folder).state
    state.rename(folder / "aside")
    state.write_text("in the way")
    make_machine(account, "unsaved", constant(1))

    with pytest.raises(LocalFailed) as caught:
        stop(folder)
    assert caught.value.code == "local-unsaved"
    assert "bunsui local reset" in caught.value.hint

    state.unlink()
    (folder / "aside").rename(state)
    assert stop(folder), "it saves again before it refuses"
    names = [machine["name"] for machine in account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"]]
    assert names == ["unsaved"]


@pytest.mark.slow
def test_a_save_that_fails_is_shown_and_repeated(folder: Path) -> None:
    account = account_of(folder)
    (folder / "state").rename(folder / "elsewhere")
    (folder / "state").write_text("in the way")
    make_machine(account, "kept", constant(1))
    eventually(lambda: "stepfunctions" in status(folder).unsaved)

    (folder / "state").unlink()
    (folder / "elsewhere").rename(folder / "state")
    eventually(lambda: not status(folder).unsaved)
    kill(account.endpoint, folder)

    machines = account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"]
    assert [machine["name"] for machine in machines] == ["kept"]


def test_reset_forgets_everything(folder: Path) -> None:
    make_machine(account_of(folder), "gone", constant(1))

    reset(folder)

    assert account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"] == []


@pytest.mark.slow
def test_a_schedule_of_the_past_does_not_fire_again_after_a_restart(folder: Path) -> None:
    account = account_of(folder)
    machine = make_machine(account, "once", constant(1))["stateMachineArn"]
    allowed = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "scheduler.amazonaws.com"}}
    roles = account.client("iam")
    role = roles.create_role(RoleName="starts", AssumeRolePolicyDocument=json.dumps({"Statement": [trusted]}))["Role"]["Arn"]
    roles.put_role_policy(RoleName="starts", PolicyName="p", PolicyDocument=json.dumps({"Statement": [allowed]}))
    target = {"Arn": machine, "RoleArn": role}
    window = {"Mode": "OFF"}
    schedules = account.client("scheduler")
    schedules.create_schedule(
        Name="past", ScheduleExpression="at(2020-01-01T00:00:00)", FlexibleTimeWindow=window, Target=target
    )
    states = account.client("stepfunctions")
    eventually(lambda: len(states.list_executions(stateMachineArn=machine)["executions"]) == 1)
    stop(folder)

    states = account_of(folder).client("stepfunctions")
    time.sleep(12)

    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("end", [stop, None] if ALL else [None])
def test_a_function_that_runs_when_the_emulator_ends_is_called_again(folder: Path, end: Callable[[Path], bool] | None) -> None:
    account = account_of(folder)
    account.client("s3").create_bucket(Bucket="told")
    source = """
import time, boto3

def handler(event, context):
    told = boto3.client("s3")
    if told.list_objects_v2(Bucket="told")["KeyCount"] == 0:
        told.put_object(Bucket="told", Key="called")
        time.sleep(100)
    return "done"
"""
    function = make_function(account, "slow", source)
    task = {"Type": "Task", "Resource": function, "End": True}
    machine = make_machine(account, "calls", {"StartAt": "call", "States": {"call": task}})["stateMachineArn"]
    started = account.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    eventually(lambda: account.client("s3").list_objects_v2(Bucket="told")["KeyCount"] == 1)
    saved(folder, stepfunctions=started)
    if end is None:
        kill(account.endpoint, folder)
    else:
        end(folder)

    states = account_of(folder).client("stepfunctions")
    eventually(lambda: states.describe_execution(executionArn=started)["status"] != "RUNNING")
    described = states.describe_execution(executionArn=started)
    events = states.get_execution_history(executionArn=started)["events"]

    assert described["status"] == "SUCCEEDED", described.get("cause")
    assert json.loads(described["output"]) == "done"
    assert [event["type"] for event in events].count("LambdaFunctionScheduled") == 1


@pytest.mark.slow
def test_an_execution_that_was_under_way_at_two_deaths_is_parked_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    account = account_of(folder)
    states = account.client("stepfunctions")
    definition = {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    role = "arn:aws:iam::000000000000:role/any"
    machine = states.create_state_machine(name="slow", definition=json.dumps(definition), roleArn=role)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, name="nightly")["executionArn"]
    saved(folder, stepfunctions="nightly")
    try:
        for status_then in ("RUNNING", "ABORTED"):
            kill(account.endpoint, folder)
            account = account_of(folder)
            found = account.client("stepfunctions").describe_execution(executionArn=arn)
            assert found["status"] == status_then

        assert found["error"] == "BunsuiLocal.Parked"
        told = status(folder).endpoint
        assert told is not None
        assert [notice for notice in told.notices if "nightly of slow" in notice and "bunsui resume nightly" in notice]
        assert any("parked" in line for line in log_tail(folder))
        account.client("stepfunctions").redrive_execution(executionArn=arn)
        assert account.client("stepfunctions").describe_execution(executionArn=arn)["status"] == "RUNNING"
    finally:
        stop(folder)
