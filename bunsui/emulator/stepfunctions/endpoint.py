"""The way in: requests of the JSON 1.0 protocol become calls of operations, answers and refusals become responses.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.access.principals import CALLER, Principal
from bunsui.emulator.asgi import AsgiMessage, Receive, Send
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.server import OPERATIONS, StepFunctions, unknown_operation
from bunsui.emulator.stepfunctions.store.arns import Location

_log = logging.getLogger("bunsui.emulator")

_TARGET_HEADER = b"x-amz-target"
_TARGET_PREFIX = b"AWSStepFunctions."
_CREDENTIAL = re.compile(r"Credential=[^/,\s]+/\d+/([^/,\s]+)/")
_MOST_BYTES = 1_100_000
"""Requests may have one MB."""


class Endpoint:
    """An ASGI application for the requests of this service."""

    def __init__(self, service: StepFunctions, *, place_of: Callable[[str, str], Location]) -> None:
        """`place_of` gives the location of an account and a region, as the other services see it."""
        self._service = service
        self._place_of = place_of

    async def __call__(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.lower(): value for name, value in scope.get("headers", ())}
        operation = headers.get(_TARGET_HEADER, b"").removeprefix(_TARGET_PREFIX).decode("latin-1")
        try:
            request = _request(await _body(receive), headers)
            if operation not in OPERATIONS:
                raise unknown_operation(operation)
            answer = await asyncio.wrap_future(self._service.answer(self._place(scope[CALLER], headers), operation, request))
        except ApiError as refused:
            await _respond(send, 400, {"__type": refused.code, "message": refused.message})
        except Exception as problem:  # noqa: BLE001 - whatever goes wrong, the caller gets an answer
            _log.exception("%s failed", operation)
            await _respond(send, 500, {"__type": "InternalServerError", "message": f"the embedded AWS failed: {problem!r}"})
        else:
            await _respond(send, 200, answer)

    def _place(self, caller: Principal, headers: Mapping[bytes, bytes]) -> Location:
        found = _CREDENTIAL.search(headers.get(b"authorization", b"").decode("latin-1"))
        return self._place_of(caller.account, found[1] if found else "")


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ApiError("SerializationException", "The request ended too early")
        body += message.get("body", b"")
        if len(body) > _MOST_BYTES:
            raise ApiError("RequestEntityTooLargeException", "The request is larger than 1 MB")
        if not message.get("more_body", False):
            return body


def _request(body: bytes, headers: Mapping[bytes, bytes]) -> Mapping[str, Any]:
    try:
        if headers.get(b"content-encoding", b"").strip().lower() == b"gzip":
            body = gzip.decompress(body)
        request = json.loads(body or b"{}")
    except (ValueError, OSError, EOFError) as problem:
        raise ApiError("SerializationException", "The request is no JSON") from problem
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "The request is no JSON object")
    return {name: value for name, value in request.items() if value is not None}


async def _respond(send: Send, status: int, answer: Mapping[str, Any]) -> None:
    content = json.dumps(answer).encode()
    headers = [
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"content-length", str(len(content)).encode()),
        (b"x-amzn-requestid", str(uuid.uuid4()).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
