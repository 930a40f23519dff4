"""A pipeline fails on the embedded AWS, the message arrives, and its command, pasted, shows that session."""

from __future__ import annotations

import json
import re
import shlex
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.cli.conftest import Bunsui, share

pytestmark = pytest.mark.embedded

ACCOUNT, REGION = "000000000000", "us-east-1"
PROJECT = """\
version: 1
project: alarmed
id: 1d0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a11
channels:
  ops: {type: sns}
  deaf: {type: sns}
alerts: [{event: failed, notify: [ops, deaf]}]
"""
BOOM = """\
version: 1
name: boom
owner: data-team
timezone: Asia/Tokyo
parameters: {filler: {type: string, default: ""}}
schedules: [{id: nightly, cron: "0 3 * * ? *", slot: {offset: -1d}, enabled: false}]
jobs:
  check: {type: fail, error: No.Rows, message: nothing came}
"""
FINE = "version: 1\nname: fine\njobs: {rest: {type: wait, for: 1s}}\n"
SECONDS = 60.0


@pytest.fixture(scope="module")
def bunsui(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bunsui:
    made = Bunsui(tmp_path_factory.mktemp("alarmed"))
    share(shared_folder, made.folder)
    made.write("bunsui.yaml", PROJECT)
    made.write("pipelines/boom.yaml", BOOM)
    made.write("pipelines/fine.yaml", FINE)
    made("apply", "--yes")
    return made


class Queue:
    """A queue that is subscribed to the topic of `ops`, as a person would look at it."""

    def __init__(self, endpoint: LocalEndpoint) -> None:
        keys = endpoint.keys(ACCOUNT)

        def client(service: str) -> Any:
            return boto3.client(
                service,
                endpoint_url=endpoint.url,
                region_name=REGION,
                aws_access_key_id=keys.access_key,
                aws_secret_access_key=keys.secret_key,
                aws_session_token=keys.token,
            )

        self.client = client
        self._sqs = client("sqs")
        self._url = self._sqs.create_queue(QueueName="alarmed")["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        client("sns").subscribe(
            TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:alarmed--local--ops",
            Protocol="sqs",
            Endpoint=found["Attributes"]["QueueArn"],
        )

    def next(self) -> str:
        """Return the next message."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for message in self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=2).get("Messages", ()):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                return str(json.loads(message["Body"])["Message"])
        raise AssertionError("no message came")


@pytest.fixture(scope="module")
def queue(bunsui: Bunsui, embedded: LocalEndpoint) -> Queue:
    return Queue(embedded)


def command_of(message: str) -> list[str]:
    (command,) = re.findall(r"^  bunsui (.*)$", message, re.MULTILINE)
    return shlex.split(command)


def start(queue: Queue, text: str) -> str:
    """Start the machine as a person in the console does; give the execution's ARN."""
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:alarmed--local--boom"
    return str(queue.client("stepfunctions").start_execution(stateMachineArn=machine, input=text)["executionArn"])


def test_a_failed_session_is_told_with_its_slot_and_the_command_shows_it(bunsui: Bunsui, queue: Queue) -> None:
    assert "No changes" in bunsui("plan").stdout
    bunsui("run", "fine", "--wait")
    bunsui("run", "boom", "--slot", "2026-01-31", "--wait", code=1)
    message = queue.next()
    assert "Pipeline boom ended as FAILED, in local of alarmed." in message
    assert "Slot: 2026-01-31 00:00:00 in Asia/Tokyo (2026-01-30T15:00:00Z)" in message
    assert "Owner: data-team" in message
    assert "No.Rows" not in message, "what an error says is for who may look"
    shown = bunsui(*command_of(message)).stdout
    assert "boom  failed" in shown
    assert "2026-01-31" in shown
    assert "nothing came" in shown


def test_a_start_in_the_console_that_fails_is_told_and_shown_likewise(bunsui: Bunsui, queue: Queue) -> None:
    execution = start(queue, "{}")
    message = queue.next()
    assert execution in message
    assert "in Asia/Tokyo (2" in message
    assert "boom  failed" in bunsui(*command_of(message)).stdout


def test_a_run_of_a_schedule_is_told_with_the_slot_that_follows_from_its_time(bunsui: Bunsui, queue: Queue) -> None:
    scheduler, group = queue.client("scheduler"), "alarmed--local--boom"
    made = scheduler.get_schedule(Name="nightly", GroupName=group)
    due = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    scheduler.create_schedule(
        Name="soon",
        GroupName=group,
        ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=made["Target"],
    )
    message = queue.next()
    slot = due - timedelta(days=1)
    local = slot.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"Slot: {local:%Y-%m-%d %H:%M:%S} in Asia/Tokyo ({slot:%Y-%m-%dT%H:%M:%SZ})\n" in message
    scheduler.delete_schedule(Name="soon", GroupName=group)


def test_a_backfill_is_told_slot_by_slot(bunsui: Bunsui, queue: Queue) -> None:
    bunsui("backfill", "boom", "2026-02-01..2026-02-02", "--yes", code=1)
    said = queue.next() + queue.next()
    assert "Slot: 2026-02-01 03:00:00 in Asia/Tokyo" in said
    assert "Slot: 2026-02-02 03:00:00 in Asia/Tokyo" in said


def test_an_input_that_aws_leaves_out_of_its_event_is_told_without_a_slot(bunsui: Bunsui, queue: Queue) -> None:
    slot = {"session": {"slot": "2026-01-31T00:00:00Z"}}
    start(queue, json.dumps({**slot, "params": {"filler": "x" * 254_000}}))
    assert "Slot: not told here, since the input is larger" in queue.next()
    start(queue, json.dumps({**slot, "params": {"filler": '"' * 80_000}}))
    assert "Slot: not told here, since the input is larger" in queue.next(), "AWS counts it escaped, three times as long"
    start(queue, json.dumps({**slot, "params": {"filler": "x" * 240_000}}))
    assert "Slot: 2026-01-31 09:00:00 in Asia/Tokyo" in queue.next()


def test_a_slot_that_is_no_time_is_not_shown(bunsui: Bunsui, queue: Queue) -> None:
    start(queue, json.dumps({"session": {"slot": 'open sesame"\n<b>'}}))
    message = queue.next()
    assert "Slot: not told here, since the input says no time there" in message
    assert "sesame" not in message


@pytest.mark.slow
@pytest.mark.parametrize("document", ["trust", "policy"])
def test_a_role_that_was_closed_by_hand_starts_nothing_and_is_drift(bunsui: Bunsui, queue: Queue, document: str) -> None:
    iam, name = queue.client("iam"), "alarmed--local--_alerts--rules"
    if document == "trust":
        trusted = json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=trusted.replace("events.amazonaws.com", "lambda.amazonaws.com")
        )
    else:
        nothing = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "arn:aws:states:::none"}
        closed = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
        iam.put_role_policy(RoleName=name, PolicyName="bunsui", PolicyDocument=closed)
    assert "role rules" in bunsui("plan").stdout
    bunsui("run", "boom", "--wait", code=1)
    bunsui("apply", "--yes", "--accept-drift")
    started = json.loads(bunsui("run", "boom", "--wait", "--json", code=1).stdout)
    assert str(started["session"]["id"]) in queue.next(), "the one before it was not told"


def test_the_status_tells_which_channel_nobody_hears(bunsui: Bunsui, queue: Queue) -> None:
    told = bunsui("status").stdout
    assert "channel ops in sync, 1 subscribed" in told
    assert "channel deaf in sync, nobody is subscribed" in told
    channels = json.loads(bunsui("status", "--json").stdout)["channels"]
    assert [(one["name"], one["subscribers"]) for one in channels] == [("deaf", 0), ("ops", 1)]
