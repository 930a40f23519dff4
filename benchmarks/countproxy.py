"""A loopback proxy between an AWS client and an emulator: counts calls by action, delays them, refuses those past AWS's limits.

Any client whose endpoint is its address is measured alike: bunsui, Terraform, boto3. It runs on a thread of its own.
"""

from __future__ import annotations

import asyncio
import fnmatch
import json
import re
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Protocol

from bunsui.aws.service_models import service_model


class Bucket(NamedTuple):
    """A documented limit: calls at once after a pause, and calls a second."""

    burst: float
    per_second: float


AWS_LIMITS: Sequence[tuple[str, Bucket]] = (
    ("states:DescribeStateMachine", Bucket(200, 20)),
    ("states:DescribeStateMachineAlias", Bucket(200, 1)),
    ("states:ListStateMachines", Bucket(100, 5)),
    ("states:TagResource", Bucket(200, 1)),
    ("states:UntagResource", Bucket(200, 1)),
    ("states:*", Bucket(100, 1)),
    ("cloudtrail:LookupEvents", Bucket(2, 2)),
    ("logs:*", Bucket(5, 5)),
    ("tagging:GetResources", Bucket(15, 15)),
    ("lambda:Invoke", Bucket(1000, 1000)),
)
"""The first pattern that fits an action decides; each action has a bucket of its own, what fits none is never refused. Step
Functions as documented (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html), CloudWatch Logs as in its
service quotas, GetResources second-hand. IAM, Scheduler and DynamoDB document no rate that a plan reaches."""

_NO_CALL = b"GET /_bunsui/"
"""How requests begin that ask the embedded AWS about itself (`benchmarks.keys`): they are no calls."""
_REST = {"lambda": "lambda", "scheduler": "scheduler"}
"""Services whose action is in method and path, by botocore's name of the model."""


@dataclass(slots=True)
class Counted:
    """What went through since the last reset."""

    calls: Counter[str] = field(default_factory=Counter)
    """By `service:Action`, refused ones included."""
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All calls."""
        return self.calls.total()


class Recorder(Protocol):
    """Sees every call on its way, and answers some itself."""

    def answer(self, action: str, head: bytes, body: bytes) -> bytes | None:
        """Return the whole HTTP answer, None to pass the call on."""
        ...


class CountingProxy:
    """Use it in a `with`; `url` is the endpoint to give to the client."""

    def __init__(
        self,
        upstream: str,
        *,
        latency_seconds: float = 0.0,
        limits: Sequence[tuple[str, Bucket]] = (),
        denied: Sequence[str] = (),
        trail: Recorder | None = None,
    ) -> None:
        """`denied` are actions that are answered with AccessDenied, as if the permission were missing; `trail` answers for
        CloudTrail."""
        parts = urllib.parse.urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.latency_seconds = latency_seconds
        self.limits = limits
        self.denied = denied
        self.trail = trail
        self._tokens: dict[str, tuple[float, float]] = {}
        self._counted = Counted()
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="countproxy", daemon=True)
        self._listening = threading.Event()
        self.url = ""

    def __enter__(self) -> CountingProxy:
        """Listen on a free port of the loopback interface."""
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def reset(self) -> Counted:
        """Return what was counted, begin anew, with full buckets."""
        with self._lock:
            counted, self._counted = self._counted, Counted()
            self._tokens.clear()
        return counted

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**24))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._listening.set()
        self._loop.run_forever()
        server.close()
        open_still = asyncio.all_tasks(self._loop)
        for connection in open_still:
            connection.cancel()
        self._loop.run_until_complete(asyncio.gather(*open_still, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of the client, with one to the upstream, call after call."""
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while True:
                head, body = await _message(reader)
                answer = None if head.startswith(_NO_CALL) else await self._judged(head, body)
                if answer is None:
                    if upstream is None:
                        upstream = await asyncio.open_connection(*self._upstream, limit=2**24)
                    upstream[1].write(head + body)
                    answer_head, answer_body = await _message(upstream[0])
                    writer.write(answer_head + answer_body)
                else:
                    writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the client, the emulator or the proxy itself hung up between calls
        finally:
            writer.close()
            if upstream is not None:
                upstream[1].close()

    async def _judged(self, head: bytes, body: bytes) -> bytes | None:
        """Take the time that AWS takes; give the answer that is not the emulator's, None when it is to answer."""
        action, form = action_of(head, body)
        answer = self._judge(action, form)
        await asyncio.sleep(self.latency_seconds)
        if answer is None and self.trail is not None:
            answer = self.trail.answer(action, head, body)
        return answer

    def _judge(self, action: str, form: str) -> bytes | None:
        """Count the call; give the answer that refuses it, None when it may pass."""
        with self._lock:
            self._counted.calls[action] += 1
            if any(fnmatch.fnmatchcase(action, pattern) for pattern in self.denied):
                return _refusal(form, "AccessDenied", "not authorized", 403)
            limit = next((bucket for pattern, bucket in self.limits if fnmatch.fnmatchcase(action, pattern)), None)
            if limit is None:
                return None
            now = time.monotonic()
            tokens, at = self._tokens.get(action, (limit.burst, now))
            tokens = min(limit.burst, tokens + (now - at) * limit.per_second)
            passes = tokens >= 1
            self._tokens[action] = (tokens - 1 if passes else tokens, now)
            if passes:
                return None
            self._counted.refused[action] += 1
        return _refusal(form, "ThrottlingException", "Rate exceeded", 400)


def action_of(head: bytes, body: bytes) -> tuple[str, str]:
    """Return `service:Action` of a request, and the form in which it wants its answer: json or xml."""
    line, _, rest = head.partition(b"\r\n")
    method, target, _ = line.decode().split(" ", 2)
    headers = {
        key.strip().lower(): value.strip() for key, _, value in (row.partition(":") for row in rest.decode().split("\r\n"))
    }
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
    service = scope[1] if scope else "unknown"
    if "x-amz-target" in headers:
        return f"{service}:{headers['x-amz-target'].rpartition('.')[2]}", "json"
    path = urllib.parse.urlsplit(target).path
    if smithy := re.fullmatch(r"/service/[^/]+/operation/(\w+)", path):
        return f"{service}:{smithy[1]}", "json"
    if service in _REST:
        return f"{service}:{_rest_action(_REST[service], method, path)}", "json"
    name = urllib.parse.parse_qs(body.decode(errors="replace")).get("Action", [f"{method} {path}"])[0]
    return f"{service}:{name}", "xml"


def _rest_action(service: str, method: str, path: str) -> str:
    fitting = [name for (verb, pattern), name in _routes(service).items() if verb == method and re.fullmatch(pattern, path)]
    return fitting[0] if fitting else f"{method} {path.split('/')[1]}"


@cache
def _routes(service: str) -> Mapping[tuple[str, str], str]:
    found = {}
    for name, operation in service_model(service)["operations"].items():
        uri = operation["http"]["requestUri"].partition("?")[0]
        parts = re.split(r"\{[^}]+\}", uri)
        found[operation["http"]["method"], "[^/]+".join(re.escape(part) for part in parts)] = name
    return found


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read a request or an answer: head and body, as they are on the wire."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while True:
            size = await reader.readuntil(b"\r\n")
            chunk = await reader.readexactly(int(size.partition(b";")[0], 16) + 2)
            body += size + chunk
            if len(chunk) == 2:  # the last one, without trailers
                return head, body
    length = re.search(rb"\r\ncontent-length: *(\d+)", lower)
    return head, await reader.readexactly(int(length[1])) if length else b""


def _refusal(form: str, code: str, message: str, status: int) -> bytes:
    if form == "xml":
        kind = "text/xml"
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    else:
        kind = "application/json"
        body = json.dumps({"__type": code, "message": message})
    head = (
        f"HTTP/1.1 {status} Refused\r\nContent-Type: {kind}\r\nx-amzn-ErrorType: {code}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()
