"""The door in front of the emulator: who gets in, and what it notices."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bunsui.emulator.control_api import ANSWERS_PATH, CONTAINERS_PATH, IDENTITY_PATH, SAVE_PATH, STOP_PATH, TOKEN_HEADER
from bunsui.emulator.server.access_filter import Gate
from tests.fakes.access import Everybody, Nobody

HOST = (b"host", b"127.0.0.1:4566")


class Emulator:
    """Answers 200 to everything and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inner"})


def ask(
    gate: Gate,
    *headers: tuple[bytes, bytes],
    path: str = "/",
    method: str = "GET",
    kind: str = "http",
    body: bytes = b"",
) -> list[Any]:
    """Return what the gate sent."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(gate({"type": kind, "path": path, "method": method, "headers": list(headers)}, receive, send))
    return sent


def gate_before(emulator: Emulator, stops: list[bool] | None = None) -> Gate:
    return Gate(
        emulator,
        access=Everybody(),
        token="secret",
        describe=lambda: {"pid": 7},
        stop=lambda: (stops or []).append(True),
        containers=lambda _mode: None,
    )


@pytest.mark.parametrize(
    "host", [b"127.0.0.1:4566", b"localhost:4566", b"LOCALHOST", b"bucket.localhost:4566", b"b.127.0.0.1:1"]
)
def test_programs_of_this_machine_get_in(host: bytes) -> None:
    emulator = Emulator()

    assert ask(gate_before(emulator), (b"host", host), path="/x")[0]["status"] == 200
    assert emulator.asked == ["/x"]


@pytest.mark.parametrize(
    "header",
    [
        (b"Origin", b"https://page.example"),
        (b"origin", b"null"),
        (b"Sec-Fetch-Site", b"cross-site"),
        (b"host", b"rebound.example:4566"),
        (b"host", b"localhost.example"),
        (b"host", b""),
        (b"host", b"192.168.0.7:4566"),
    ],
)
def test_web_pages_and_other_host_names_are_kept_out(header: tuple[bytes, bytes]) -> None:
    emulator = Emulator()
    headers = [header] if header[0] == b"host" else [HOST, header]

    assert ask(gate_before(emulator), *headers)[0]["status"] == 403
    assert emulator.asked == []


def test_a_page_cannot_open_a_web_socket() -> None:
    emulator = Emulator()

    assert ask(gate_before(emulator), HOST, (b"origin", b"https://page.example"), kind="websocket") == [
        {"type": "websocket.close", "code": 1008}
    ]
    assert emulator.asked == []


def test_only_who_knows_the_token_is_told_and_obeyed() -> None:
    stops: list[bool] = [False]
    gate = gate_before(Emulator(), stops)
    token = (TOKEN_HEADER.encode(), b"secret")

    assert ask(gate, HOST, path=IDENTITY_PATH)[0]["status"] == 403
    assert ask(gate, HOST, (TOKEN_HEADER.encode(), b"guess"), path=STOP_PATH, method="POST")[0]["status"] == 403
    assert json.loads(ask(gate, HOST, token, path=IDENTITY_PATH)[1]["body"]) == {"pid": 7}
    assert ask(gate, HOST, token, path=STOP_PATH)[0]["status"] == 404
    assert ask(gate, HOST, path=SAVE_PATH, method="POST")[0]["status"] == 403
    assert stops == [False]
    assert ask(gate, HOST, token, path=STOP_PATH, method="POST")[0]["status"] == 202
    assert stops == [False, True]


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config", "/_ministack/ready", "/_ministack/health"])
def test_only_who_knows_the_token_reaches_the_emulators_own_paths(path: str) -> None:
    emulator = Emulator()
    gate = gate_before(emulator)

    assert ask(gate, HOST, path=path, method="POST")[0]["status"] == 403
    assert emulator.asked == []
    assert ask(gate, HOST, (TOKEN_HEADER.encode(), b"secret"), path=path)[0]["status"] == 200


@pytest.mark.parametrize("knows_the_key", [False, True])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_who_cannot_sign_gets_nowhere(kind: str, knows_the_key: bool) -> None:
    emulator = Emulator()
    gate = Gate(
        emulator,
        access=Nobody(knows_the_key=knows_the_key),
        token="secret",
        describe=dict,
        stop=lambda: None,
        containers=lambda _mode: None,
    )

    sent = ask(gate, HOST, path="/2015-03-31/functions", method="POST", kind=kind, body=b"12345")

    assert sent[0].get("status", sent[0].get("code")) in (403, 1008)
    assert emulator.asked == []
    assert gate.changes == 0


def test_what_is_refused_does_not_keep_the_emulator_awake() -> None:
    gate = Gate(
        Emulator(),
        access=Nobody(knows_the_key=False),
        token="secret",
        describe=dict,
        stop=lambda: None,
        containers=lambda _mode: None,
    )
    before = gate.last_request

    ask(gate, HOST)

    assert gate.last_request == before


def test_the_time_of_the_last_request_is_kept() -> None:
    gate = gate_before(Emulator())
    before = gate.last_request
    ask(gate, HOST)

    assert gate.last_request > before
    assert not gate.busy


FORM = (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")


@pytest.mark.parametrize(
    "request_parts",
    [
        {"headers": [(b"X-Amz-Target", b"AWSStepFunctions.DescribeStateMachine")]},
        {"headers": [(b"x-amz-target", b"DynamoDB_20120810.Query")]},
        {"headers": [FORM], "body": b"Action=ListRoles&Version=2010-05-08"},
        {"path": "/service/GraniteServiceVersion20100801/operation/DescribeAlarms"},
        {"path": "/2015-03-31/functions", "method": "GET"},
        {"path": "/bucket/key", "method": "HEAD"},
    ],
)
def test_a_request_that_only_reads_is_no_change(request_parts: dict[str, Any]) -> None:
    assert changes_by(request_parts) == 0


@pytest.mark.parametrize(
    "request_parts",
    [
        {"headers": [(b"x-amz-target", b"AWSStepFunctions.GetActivityTask")]},
        {"headers": [(b"x-amz-target", b"AmazonSQS.ReceiveMessage")]},
        {"headers": [(b"x-amz-target", b"X.Getaway")]},
        {"headers": [FORM], "body": b"Action=CreateRole&RoleName=ListRoles"},
        {"headers": [FORM], "body": b"RoleName=x"},
        {"path": "/service/X/operation/PutMetricAlarm"},
        {"path": "/2015-03-31/functions/f/invocations"},
        {"path": "/bucket/key", "method": "PUT"},
    ],
)
def test_every_other_request_is_a_change(request_parts: dict[str, Any]) -> None:
    assert changes_by(request_parts) > 0


def test_a_form_arrives_whole_although_its_beginning_was_looked_at() -> None:
    heard: list[bytes] = []

    async def emulator(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            heard.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    parts = [{"body": b"Action=List", "more_body": True}, {"body": b"Roles", "more_body": False}]

    async def receive() -> Any:
        return {"type": "http.request", **parts.pop(0)}

    async def send(message: Any) -> None:
        pass

    gate = Gate(emulator, access=Everybody(), token="secret", describe=dict, stop=lambda: None, containers=lambda _mode: None)
    asyncio.run(gate({"type": "http", "path": "/", "method": "POST", "headers": [HOST, FORM]}, receive, send))

    assert b"".join(heard) == b"Action=ListRoles"


def changes_by(parts: dict[str, Any]) -> int:
    """Return how often the gate noted a change for a request."""
    gate = gate_before(Emulator())
    path, method = parts.get("path", "/"), parts.get("method", "POST")
    ask(gate, HOST, *parts.get("headers", ()), path=path, method=method, body=parts.get("body", b""))
    return gate.changes


def test_requests_for_step_functions_go_to_its_own_door() -> None:
    emulator, own = Emulator(), Emulator()
    gate = Gate(
        emulator,
        access=Everybody(),
        token="secret",
        describe=dict,
        stop=lambda: None,
        containers=lambda _mode: None,
        step_functions=own,
    )

    ask(gate, HOST, (b"X-Amz-Target", b"AWSStepFunctions.ListStateMachines"), path="/states", method="POST")
    ask(gate, HOST, (b"X-Amz-Target", b"DynamoDB_20120810.ListTables"), path="/tables", method="POST")
    refused = ask(gate, HOST, (b"Origin", b"https://page.example"), (b"X-Amz-Target", b"AWSStepFunctions.X"))

    assert (own.asked, emulator.asked) == (["/states"], ["/tables"])
    assert refused[0]["status"] == 403


def test_what_is_done_with_containers_is_set_by_the_launcher_only() -> None:
    modes: list[str] = []
    gate = Gate(Emulator(), access=Everybody(), token="secret", describe=dict, stop=lambda: None, containers=modes.append)
    token = (TOKEN_HEADER.encode(), b"secret")

    assert ask(gate, HOST, path=CONTAINERS_PATH + "process", method="POST")[0]["status"] == 403
    assert ask(gate, HOST, token, path=CONTAINERS_PATH + "docker", method="POST")[0]["status"] == 404
    assert ask(gate, HOST, token, path=CONTAINERS_PATH + "process")[0]["status"] == 404
    assert modes == []
    assert ask(gate, HOST, token, path=CONTAINERS_PATH + "process", method="POST")[0]["status"] == 200
    assert modes == ["process"]


def test_canned_answers_are_set_by_the_launcher_only() -> None:
    told: list[object] = []
    gate = Gate(
        Emulator(),
        access=Everybody(),
        token="secret",
        describe=dict,
        stop=lambda: None,
        containers=lambda _mode: None,
        answers=told.append,
    )
    token, body = (TOKEN_HEADER.encode(), b"secret"), b'{"glue:startJobRun": {"answer": 1}}'

    assert ask(gate, HOST, path=ANSWERS_PATH, method="POST", body=body)[0]["status"] == 403
    assert told == []
    assert ask(gate, HOST, token, path=ANSWERS_PATH, method="POST", body=body)[0]["status"] == 200
    assert told == [{"glue:startJobRun": {"answer": 1}}]
    assert ask(gate, HOST, token, path=ANSWERS_PATH, method="POST", body=b"{")[0]["status"] == 400
