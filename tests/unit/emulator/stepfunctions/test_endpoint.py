"""Requests as they come over HTTP."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bunsui.emulator.access.principals import CALLER, developer
from bunsui.emulator.stepfunctions.endpoint import Endpoint
from bunsui.emulator.stepfunctions.store.arns import Location
from tests.unit.emulator.stepfunctions.bench import HERE, ROLE, Bench, passing, running


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def asked(bench: Bench, operation: str, *body: bytes, account: str = HERE.account, **headers: str) -> tuple[int, Any]:
    """Return the status and the answer of a request in these pieces."""
    sent: list[Any] = []
    pieces = list(body)
    found = {
        "x-amz-target": f"AWSStepFunctions.{operation}",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    encoded = [(name.encode(), text.encode()) for name, text in found.items()]
    scope = {"type": "http", "headers": encoded, CALLER: developer(account)}
    asyncio.run(Endpoint(bench.service, place_of=Location)(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_the_account_is_the_callers_and_the_region_that_of_the_signature(bench: Bench) -> None:
    body = json.dumps({"name": "m", "definition": json.dumps(passing(1)), "roleArn": ROLE}).encode()
    credential = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/states/aws4_request, SignedHeaders=host"

    status, answer = asked(bench, "CreateStateMachine", body[:10], body[10:], account="222222222222", authorization=credential)

    assert status == 200
    assert answer["stateMachineArn"] == "arn:aws:states:eu-west-1:222222222222:stateMachine:m"


def test_a_refusal_has_a_code_and_a_message(bench: Bench) -> None:
    status, answer = asked(bench, "DescribeStateMachine", b'{"stateMachineArn": "nonsense"}')

    assert (status, answer) == (400, {"__type": "InvalidArn", "message": "Invalid Arn: 'Invalid ARN prefix: nonsense'"})


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_what_is_no_request_is_refused(bench: Bench, body: bytes) -> None:
    assert asked(bench, "ListStateMachines", body)[1]["__type"] == "SerializationException"


def test_an_operation_that_nobody_knows_is_refused(bench: Bench) -> None:
    assert asked(bench, "MakeCoffee", b"{}")[1]["__type"] == "UnknownOperationException"


def test_a_compressed_request_is_read(bench: Bench) -> None:
    assert asked(bench, "ListStateMachines", gzip.compress(b"{}"), content_encoding="gzip") == (200, {"stateMachines": []})


def test_a_request_of_more_than_a_megabyte_is_refused(bench: Bench) -> None:
    assert asked(bench, "ListStateMachines", b" " * 1_200_000)[1]["__type"] == "RequestEntityTooLargeException"
