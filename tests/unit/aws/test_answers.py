"""What is not AWS's answer is an error of bunsui's that says so, whichever call it came to."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.apply.retry import AMBIGUOUS
from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, connect, drops_without
from bunsui.aws.permissions import GRANTS
from bunsui.emulator.launcher.launcher import LocalEndpoint
from bunsui.errors import BunsuiError, CloudError, Unavailable
from tests.embedded import credentials_of
from tests.faults.amount import amount
from tests.strict_requests import lenient
from tests.unit.aws.wire import ACCOUNT, DOINGS, RECORDED, REGION, Answer, Wire, record, recorded, wired, written_down

HTML = b"<!DOCTYPE html><html><head><title>Sign in to the hotel</title></head><body>room &amp; name</body></html>"
PAGE = Answer(status=200, headers={"content-type": "text/html", "server": "squid/6.1"}, body=HTML)


@cache
def _answers() -> Mapping[str, Answer]:
    return recorded()


@pytest.fixture(scope="module")
def local() -> Iterator[tuple[Wire, Connection]]:
    """A connection that repeats nothing, and its wire."""
    wire = Wire(_answers())
    connection = wired(wire)
    yield wire, connection
    connection.close()


@cache
def _calls() -> Mapping[str, tuple[str, ...]]:
    """Return the calls that each doing makes."""
    found = {}
    wire = Wire(_answers())
    connection = wired(wire)
    for name, do in DOINGS.items():
        wire.calls.clear()
        _outcome(do, connection)
        found[name] = tuple(sorted(wire.calls))
    return found


def _outcome(do: Callable[[Connection], object], connection: Connection) -> BunsuiError | None:
    """Do it; whatever else than an error of bunsui is raised fails the test."""
    try:
        do(connection)
    except BunsuiError as error:
        return error
    return None


def _with(wire: Wire, operation: str, damage: Callable[[Answer], Answer]) -> None:
    wire.damaged, wire.damage = operation, damage


_ASKED_BY_OTHERS = {
    *("iam.PassRole", "kms.CreateGrant", "kms.Decrypt", "kms.Encrypt", "kms.GenerateDataKey", "lambda.GetLayerVersion"),
    *("ec2.DescribeVpcs", "s3.HeadBucket"),
    *("lambda.DeleteFunctionConcurrency", "lambda.DeleteAlias", "lambda.DeleteEventSourceMapping", "lambda.RemovePermission"),
    *("lambda.DeleteFunctionEventInvokeConfig", "lambda.DeleteFunctionUrlConfig"),
    *("lambda.DeleteProvisionedConcurrencyConfig", "events.DisableRule", "logs.DeleteSubscriptionFilter", "sns.Unsubscribe"),
}
"""Permissions that are asked for by other calls, and those whose answers are empty, or not read."""


def test_every_call_that_bunsui_makes_is_among_the_doings() -> None:
    granted = {f"{grant.service}.{name}" for grant in GRANTS for name in grant.operations} - _ASKED_BY_OTHERS
    assert {operation for operations in _calls().values() for operation in operations} == granted


@pytest.mark.parametrize("name", DOINGS)
@pytest.mark.parametrize("status", [200, 302, 403, 407, 503])
def test_a_page_in_the_place_of_an_answer_is_said_to_be_none(local: tuple[Wire, Connection], name: str, status: int) -> None:
    wire, connection = local
    for operation in _calls()[name]:
        _with(wire, operation, lambda _: Answer(status=status, headers=PAGE.headers, body=HTML))
        error = _outcome(DOINGS[name], connection)
        assert isinstance(error, Unavailable), operation
        assert error.code == "foreign-answer"
        said = f'status {status}, text/html, {len(HTML)} bytes, "Sign in to the hotel", server squid/6.1'
        assert said in error.facts["answer"]


@pytest.mark.parametrize("name", DOINGS)
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_half_an_answer_is_none(local: tuple[Wire, Connection], name: str, share: float) -> None:
    wire, connection = local

    def cut(answer: Answer) -> Answer:
        if answer.body.strip() in {b"", b"{}"}:
            return PAGE
        return Answer(status=answer.status, headers=answer.headers, body=answer.body[: max(1, int(len(answer.body) * share))])

    for operation in _calls()[name]:
        _with(wire, operation, cut)
        error = _outcome(DOINGS[name], connection)
        assert error is not None, operation
        assert error.code == "foreign-answer", operation


JUNK = st.sampled_from(
    [None, 0, -1, 2.5, True, "", "x", "{", "\u0000", "R&D", "<a>", [], {}, [None], ["x"], {"x": 1}, 10**30, "9" * 5000]
)


@settings(max_examples=amount(120, 300, 3000))
@given(
    st.sampled_from(sorted(DOINGS)),
    st.randoms(use_true_random=False),
    JUNK,
    st.sampled_from(["drop", "swap", "bytes", "status"]),
)
def test_a_damaged_answer_is_an_error_of_bunsui_or_does_no_harm(name: str, chance: random.Random, junk: Any, way: str) -> None:
    wire, connection = _fuzzed()
    left = 2  # what is waited for is there at last

    def damage(answer: Answer) -> Answer:
        nonlocal left
        left -= 1
        return _damaged(answer, chance, junk, way) if left >= 0 else answer

    _with(wire, chance.choice(_calls()[name]), damage)
    with lenient():  # what a damaged answer named is asked for
        _outcome(DOINGS[name], connection)


@cache
def _fuzzed() -> tuple[Wire, Connection]:
    wire = Wire(_answers())
    return wire, wired(wire)


def _damaged(answer: Answer, chance: random.Random, junk: Any, way: str) -> Answer:
    status = chance.choice([200, 204, 301, 400, 404, 413, 500, 599]) if way == "status" else answer.status
    body = _damaged_bytes(answer.body, chance) if way == "bytes" else answer.body
    if way in {"drop", "swap"} and body:
        body = _damaged_fields(body, chance, junk, drops=way == "drop")
    return Answer(status=status, headers=answer.headers, body=body)


def _damaged_bytes(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    between = chance.choice([b"\xff", b"\x01", b"&", b"\xef\xbb\xbf", b"<html>"])
    return chance.choice([body[:at], body[at:], body[:at] + between + body[at:], body * 2])


def _damaged_fields(body: bytes, chance: random.Random, junk: Any, *, drops: bool) -> bytes:
    """Drop a field, or put junk in its place, anywhere in the document."""
    if body.lstrip().startswith(b"<"):
        elements = re.findall(rb"<(\w+)>", body)
        name = chance.choice(elements)
        inner = b"" if drops else b"<%s>%s</%s>" % (name, str(junk).encode(), name)
        return re.sub(rb"<%s>.*?</%s>" % (name, name), lambda _: inner, body, count=1, flags=re.DOTALL)
    document = json.loads(body)
    places = list(_places(document))
    if places:
        owner, key = chance.choice(places)
        if drops:
            del owner[key]
        else:
            owner[key] = junk
    return json.dumps(document).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)


@pytest.mark.parametrize("field", ["definition", "roleArn", "type"])
def test_an_answer_without_a_field_that_is_needed_names_it(local: tuple[Wire, Connection], field: str) -> None:
    wire, connection = local

    def without(answer: Answer) -> Answer:
        document = json.loads(answer.body)
        del document[field]
        return Answer(status=answer.status, headers=answer.headers, body=json.dumps(document).encode())

    _with(wire, "stepfunctions.DescribeStateMachine", without)
    error = _outcome(DOINGS["read state_machine"], connection)
    assert error is not None
    assert error.facts["answer"].endswith(f"an answer without a usable {field}")
    assert (error.facts["service"], error.facts["operation"]) == ("stepfunctions", "DescribeStateMachine")
    assert error.facts["host"] == "http://127.0.0.1:1"


def test_a_list_that_is_missing_is_no_empty_list(local: tuple[Wire, Connection]) -> None:
    wire, connection = local
    _with(wire, "lambda.ListFunctions", lambda answer: Answer(headers=answer.headers, body=b"{}"))
    error = _outcome(DOINGS["read all of lambda_function"], connection)
    assert error is not None
    assert error.code == "foreign-answer"


def test_a_portal_that_answers_with_json_of_its_own_is_told_from_an_empty_table() -> None:
    wire = Wire(_answers())
    connection = wired(wire, is_local=False)
    portal = Answer(headers={"content-type": "application/json"}, body=b'{"status": "please sign in"}')
    _with(wire, "dynamodb.PutItem", lambda _: portal)
    error = _outcome(DOINGS["rows"], connection)
    assert error is not None
    assert error.code == "foreign-answer"
    assert error.facts["host"] == f"https://dynamodb.{REGION}.amazonaws.com"
    assert f"curl -v https://dynamodb.{REGION}.amazonaws.com/" in error.hint
    connection.close()


def test_a_read_is_repeated_as_when_no_answer_came_and_a_write_is_not() -> None:
    wire = Wire(_answers())
    connection = wired(wire, is_local=False)
    left = [PAGE, PAGE]
    _with(wire, "sts.GetCallerIdentity", lambda answer: left.pop() if left else answer)
    assert _outcome(DOINGS["identity"], connection) is None
    assert wire.calls["sts.GetCallerIdentity"] == 3
    _with(wire, "iam.CreateRole", lambda _: PAGE)
    error = _outcome(DOINGS["create role"], connection)
    assert error is not None
    assert wire.calls["iam.CreateRole"] == 1
    assert error.code in AMBIGUOUS  # whoever writes looks first and writes again
    connection.close()


def test_an_error_of_aws_stays_one_with_or_without_the_name_of_its_request(local: tuple[Wire, Connection]) -> None:
    wire, connection = local
    refusal = Answer(status=400, headers={}, body=b'{"__type": "ValidationException", "message": "no"}')
    _with(wire, "stepfunctions.DescribeStateMachine", lambda _: refusal)
    error = _outcome(DOINGS["read state_machine"], connection)
    assert isinstance(error, CloudError)
    assert error.facts["aws_code"] == "ValidationException"


@contextmanager
def _server(answer: bytes) -> Iterator[str]:
    """Answer every request on a port with these bytes, and hang up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                taken, _ = server.accept()
            except OSError:
                return
            with taken:
                taken.recv(65536)
                taken.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<a>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<GetCallerIdentityResponse/>",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n<a>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<a>",
        b"HTTP/1.1 ok\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
)
def test_what_is_not_even_an_answer_of_http_is_a_call_without_an_answer(answer: bytes) -> None:
    with _server(answer) as url:
        connection = connect(region=REGION, endpoint_url=url, credentials=Credentials(access_key=ACCOUNT, secret_key="x"))
        error = _outcome(DOINGS["identity"], connection)
        connection.close()
    assert error is not None
    assert error.code in AMBIGUOUS


@pytest.mark.embedded
def test_the_recorded_answers_are_those_of_the_embedded_aws(embedded: LocalEndpoint, update_cases: bool) -> None:
    if not update_cases:
        pytest.skip("records only with --update-cases")
    connection = connect(
        region=REGION,
        endpoint_url=embedded.url,
        credentials=credentials_of(embedded, ACCOUNT),
        drops=drops_without(embedded.capabilities),
        threads=1,
    )
    RECORDED.write_text(written_down(record(connection)), encoding="utf-8")
    connection.close()
