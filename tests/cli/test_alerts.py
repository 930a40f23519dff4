"""A pipeline fails on the embedded AWS, the message arrives, and its command, pasted, shows that session."""

from __future__ import annotations

import json
import re
import shlex
import time
from pathlib import Path
from typing import Any

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
    (command,) = re.findall(r'"  bunsui (.*?)  "', message)
    return shlex.split(command)


def test_a_failed_session_is_told_and_the_command_shows_it(bunsui: Bunsui, queue: Queue) -> None:
    bunsui("run", "fine", "--wait")
    bunsui("run", "boom", "--slot", "2026-01-31", "--wait", code=1)
    message = queue.next()
    assert "Pipeline boom ended as FAILED, in local of alarmed." in message
    assert "Owner: data-team" in message
    assert "No.Rows" not in message, "what an error says is for who may look"
    shown = bunsui(*command_of(message)).stdout
    assert "boom  failed" in shown
    assert "2026-01-31" in shown
    assert "nothing came" in shown


def test_a_start_in_the_console_that_fails_is_told_and_shown_likewise(bunsui: Bunsui, queue: Queue) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:alarmed--local--boom"
    execution = queue.client("stepfunctions").start_execution(stateMachineArn=machine, name="by-hand", input="{}")
    message = queue.next()
    assert execution["executionArn"] in message
    shown = bunsui(*command_of(message)).stdout
    assert "by-hand" in shown
    assert "boom  failed" in shown


def test_a_topic_whose_policy_was_closed_by_hand_is_told_nothing_and_is_drift(bunsui: Bunsui, queue: Queue) -> None:
    sns, arn = queue.client("sns"), f"arn:aws:sns:{REGION}:{ACCOUNT}:alarmed--local--ops"
    policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    closed = policy.replace("events.amazonaws.com", "lambda.amazonaws.com")
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=closed)
    assert "alert topic ops" in bunsui("plan", "@ops").stdout
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
