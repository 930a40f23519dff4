"""What is done of itself in a role's name is judged: children of Maps, objects that are missing; or only told of."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from tests.e2e.test_roles_judged import TRUST, allow, role_of, run
from tests.embedded import EmbeddedAccount

pytestmark = pytest.mark.embedded

ENDS_BADLY = {"Type": "Fail", "Error": "No"}


def each(state: Mapping[str, Any]) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": state},
    }
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "m", "ItemProcessor": processor, "End": True}}}


def ended(account: EmbeddedAccount, execution: str) -> Mapping[str, Any]:
    states, deadline = account.client("stepfunctions"), time.monotonic() + 60
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return dict(found)


def test_a_map_starts_and_redrives_children_as_its_role_permits(embedded_account: EmbeddedAccount) -> None:
    account, states = embedded_account, embedded_account.client("stepfunctions")
    machine = f"arn:aws:states:us-east-1:{account.account}:stateMachine:maps"
    start = allow("states:StartExecution", resource=machine)
    role = role_of(account, allow("s3:GetObject", resource="arn:aws:s3:::none/*"))
    definition = json.dumps(each(ENDS_BADLY))
    states.create_state_machine(name="maps", definition=definition, roleArn=role)

    refused = ended(account, states.start_execution(stateMachineArn=machine, input="[1]")["executionArn"])
    assert refused["error"] == "StepFunctions.AWSStepFunctionsException"
    who = f"User: arn:aws:sts::{account.account}:assumed-role/machine/StepFunctions is not authorized to perform:"
    assert refused["cause"].startswith(f"{who} states:StartExecution on resource: {machine} because no identity-based policy")

    role_of(account, start)
    execution = states.start_execution(stateMachineArn=machine, input="[1]")["executionArn"]
    assert ended(account, execution)["error"] == "States.ExceedToleratedFailureThreshold"

    states.redrive_execution(executionArn=execution)
    redriven = ended(account, execution)
    children = f"arn:aws:states:us-east-1:{account.account}:execution:maps/m:"
    assert f"{who} states:RedriveExecution on resource: {children}" in redriven["cause"]

    role_of(account, start, allow("states:RedriveExecution", resource=f"{children}*"))
    states.redrive_execution(executionArn=execution)
    assert ended(account, execution)["error"] == "States.ExceedToleratedFailureThreshold"


def test_only_who_may_list_a_bucket_is_told_that_an_object_is_missing(embedded_account: EmbeddedAccount) -> None:
    account = embedded_account
    bucket = f"lake-{account.account}"
    account.client("s3").create_bucket(Bucket=bucket)
    arn = f"arn:aws:s3:::{bucket}"
    get = allow("s3:GetObject", resource=f"{arn}/in/*")
    task = {"Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": {"Bucket": bucket, "Key": "in/a"}}

    forbidden = run(account, role_of(account, get), **task)
    assert forbidden["error"] == "S3.S3Exception"
    assert f"is not authorized to perform: s3:ListBucket on resource: {arn} because" in forbidden["cause"]

    prefix = {"StringLikeIfExists": {"s3:prefix": "in/*"}}
    for listing in (allow("s3:ListBucket", resource=arn), allow("s3:ListBucket", resource=arn, Condition=prefix)):
        assert run(account, role_of(account, get, listing), **task)["error"] == "S3.NoSuchKeyException"

    elsewhere = {"StringLikeIfExists": {"s3:prefix": "out/*"}}  # holds where S3 asks without a prefix, which nobody knows
    undecided = allow("s3:ListBucket", resource=arn, Condition=elsewhere)
    assert run(account, role_of(account, get, undecided), **task)["error"] == "S3.NoSuchKeyException"

    account.client("s3").put_object(Bucket=bucket, Key="in/a", Body=b"x")
    assert run(account, role_of(account, get), **task)["status"] == "SUCCEEDED"


@pytest.fixture
def warned(embedded_account: EmbeddedAccount, embedded_folder: Path) -> Iterator[EmbeddedAccount]:
    """An account of an embedded AWS that does what roles do not permit, and says so in its log."""
    running = read_announcement(DataFolder(embedded_folder.resolve()))
    assert running is not None
    assert control.set_iam(running, "warn")
    yield embedded_account
    assert control.set_iam(running, "enforce")


def test_what_is_only_warned_of_is_done(warned: EmbeddedAccount, embedded_folder: Path) -> None:
    account = warned
    states = account.client("stepfunctions")
    others = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    role = role_of(account, allow("s3:ListAllMyBuckets"), trust=others)
    machine = states.create_state_machine(name="maps", definition=json.dumps(each({"Type": "Pass", "End": True})), roleArn=role)
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"], input="[1]")["executionArn"]
    assert ended(account, execution)["status"] == "SUCCEEDED"

    log = DataFolder(embedded_folder.resolve()).log.read_text()
    assert "done all the same, as local.iam says: User: " in log
    assert f"states:StartExecution on resource: {machine['stateMachineArn']}" in log
