"""Calls as the table of what lags sees them, with the reads by which the emulator tells what one is about to change."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from bunsui.emulator.access.principals import CALLER
from bunsui.emulator.access.requested import action_of
from bunsui.emulator.access.signatures import Head, signature_of
from bunsui.emulator.asgi import AsgiApp, AsgiMessage

REQUEST = "bunsui.request"
"""In the scope of a request that was let through: its head and its body."""
_NAMED_IN_PATH = (
    (re.compile(r"/2015-03-31/functions/([^/]+).*"), "FunctionName"),
    (re.compile(r"/schedules/([^/]+)"), "Name"),
    (re.compile(r"/schedule-groups/([^/]+)"), "Name"),
)
_KEPT_HEADERS = frozenset({b"host", b"authorization", b"x-amz-date", b"x-amz-security-token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCall:
    """One call of a service."""

    service: str
    """As signatures name it."""
    operation: str
    account: str
    region: str
    members: Mapping[str, Any]
    """Its parameters, those of the path and the query included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideQuestion:
    """A read that is asked of the emulator beside the call."""

    service: str
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the emulator answers."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def saying(self, body: bytes) -> Answer:
        """Return it with another body."""
        kept = [(name, value) for name, value in self.headers if name.lower() not in (b"content-length", b"x-amz-crc32")]
        return Answer(self.status, (*kept, (b"content-length", str(len(body)).encode())), body)


def read_call(scope: AsgiMessage) -> LateCall | None:
    """Return the call that a request is; None where nobody knows."""
    if REQUEST not in scope:
        return None
    head, body = scope[REQUEST]
    signature = signature_of(head)
    action, query = action_of(signature.scope[2], head, body) if signature is not None else (None, {})
    if signature is None or action is None:
        return None
    return LateCall(
        service=signature.scope[2],
        operation=action.partition(":")[2],
        account=scope[CALLER].account,
        region=signature.scope[1],
        members={**_body_members(body), **{name: values[0] for name, values in query.items() if values}, **_path_members(head)},
    )


def asked_json(service: str, target: str, members: Mapping[str, Any]) -> SideQuestion:
    """Return a question to a service that is called by targets."""
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
    return SideQuestion(service=service, headers=headers, body=json.dumps(members).encode())


def asked_form(service: str, members: Mapping[str, str]) -> SideQuestion:
    """Return a question to a service that takes forms."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return SideQuestion(service=service, headers=headers, body=urlencode(members).encode())


async def ask(app: AsgiApp, scope: AsgiMessage, question: SideQuestion) -> Answer:
    """Ask the emulator in the name of whoever sent the request of that scope."""
    kept = [(name, value) for name, value in scope["headers"] if name.lower() in _KEPT_HEADERS]
    pattern, wanted = rb"/[a-z0-9-]+/aws4_request", b"/" + question.service.encode() + b"/aws4_request"
    headers = [(name, re.sub(pattern, wanted, value) if name.lower() == b"authorization" else value) for name, value in kept]
    asked = {
        **scope,
        "method": question.method,
        "path": question.path,
        "raw_path": question.path.encode(),
        "query_string": urlencode(question.query).encode(),
        "headers": [*headers, *((name.encode(), value.encode()) for name, value in question.headers.items())],
    }
    asked["headers"].append((b"content-length", str(len(question.body)).encode()))
    return await hear_answer(app, asked, question.body)


async def hear_answer(app: AsgiApp, scope: AsgiMessage, body: bytes) -> Answer:
    """Return what the application answers."""
    waiting: list[AsgiMessage] = [{"type": "http.request", "body": body, "more_body": False}]
    told: list[AsgiMessage] = []

    async def receive() -> AsgiMessage:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: AsgiMessage) -> None:
        told.append(message)

    await app(scope, receive, send)
    start = next(one for one in told if one["type"] == "http.response.start")
    content = b"".join(one.get("body", b"") for one in told if one["type"] == "http.response.body")
    return Answer(int(start["status"]), tuple((bytes(name), bytes(value)) for name, value in start["headers"]), content)


def _body_members(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _path_members(head: Head) -> Mapping[str, str]:
    path = unquote(head.path)
    found = ((pattern.fullmatch(path), member) for pattern, member in _NAMED_IN_PATH)
    return {member: match[1] for match, member in found if match is not None}
