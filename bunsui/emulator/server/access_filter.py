"""Filter requests to the emulator: answer its own launcher, authenticate everybody else, and note that somebody came.

The emulator runs code for whoever asks. A page in a browser and every other user of the machine can send requests to loopback
addresses, so what a browser sends (it always names its origin), what was sent to another host name (DNS rebinding) and what
nobody signed with a key of this data folder is refused.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Protocol
from urllib.parse import quote

from bunsui.emulator.access.check import Denied
from bunsui.emulator.access.principals import CALLER, KnownKey, Principal
from bunsui.emulator.access.refusals import STATUS, refusal_of, status_of
from bunsui.emulator.access.signatures import Head, Signature
from bunsui.emulator.asgi import AsgiApp, AsgiMessage, Receive, Send
from bunsui.emulator.control_api import (
    ANSWERS_PATH,
    CONTAINERS_PATH,
    IAM_PATH,
    IDENTITY_PATH,
    JUDGED_PATH,
    LAG_PATH,
    SAVE_PATH,
    STOP_PATH,
    TOKEN_HEADER,
)
from bunsui.emulator.lag.calls import REQUEST
from bunsui.emulator.reads import only_reads
from bunsui.errors import InvalidInput
from bunsui.model.json import Json

FOLDER_HEADER = "x-bunsui-folder"
"""Names the data folder in every refusal: its owner finds the keys there, and nobody else can read them."""
_SECONDS = re.compile(re.escape(LAG_PATH) + r"(\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?")
_EMULATOR_PATH = "/_ministack/"
_SIGNED_PATHS = ("/_ministack/lambda-code/", "/_ministack/lambda-layers/")
"""Paths of the emulator itself that go out as presigned URLs."""
_BROWSER_HEADERS = (b"origin", b"sec-fetch-site")
_STEP_FUNCTIONS = b"AWSStepFunctions."
"""What the header `X-Amz-Target` of requests to Step Functions begins with."""
_LOCAL_NAMES = ("127.0.0.1", "localhost")


class Access(Protocol):
    """Tells who sent a request; `bunsui.emulator.access.check.AccessCheck`."""

    def claim(self, head: Head) -> tuple[Signature, KnownKey]:
        """Return what a request claims before its body is read. Raises Denied."""
        ...

    def verify(self, signature: Signature, key: KnownKey, head: Head, body: bytes) -> None:
        """Check that claim. Raises Denied."""
        ...


class Gate:
    """An ASGI application around another one."""

    def __init__(
        self,
        inner: AsgiApp,
        *,
        access: Access,
        introduce: Callable[[KnownKey], None] = lambda _key: None,
        judge: Callable[[Principal, Signature, Head, bytes], Denied | None] = lambda *_: None,
        awaits: Callable[[str], bool] = lambda _path: False,
        folder: str = "",
        token: str,
        describe: Callable[[], Json],
        stop: Callable[[], None],
        containers: Callable[[str], None],
        iam: Callable[[str], None] = lambda _mode: None,
        judged: Callable[[], Json] = lambda: None,
        answers: Callable[[Mapping[str, Json]], None] = lambda _told: None,
        lag: Callable[[float, float | None], None] = lambda lists, describes: None,
        late: Callable[[AsgiApp], AsgiApp] = lambda app: app,
        save: Callable[[], Awaitable[None]] | None = None,
        step_functions: AsgiApp | None = None,
    ) -> None:
        """Wrap `inner`. Who knows `token` may ask for what `describe` and `judged` give, for `stop` and `save`, and set
        `containers`, `iam`, `answers` and `lag`.

        Everybody else needs a signature that `access` takes; `introduce` is told the key before `inner` sees the request, and
        `judge` may say why the caller's role does not permit it.
        `awaits` tells of a path of the emulator that a stack gave it to somebody who is to answer there.
        `late` makes what a service answers as old as `lag` said. `folder` is the data folder's path.
        `step_functions` gets the requests of that service; None leaves them to `inner`.
        """
        self._inner = late(inner)
        self._access = access
        self._introduce = introduce
        self._judge = judge
        self._awaits = awaits
        self._folder = folder
        self._step_functions = late(step_functions) if step_functions is not None else None
        self._token = token.encode()
        self._describe = describe
        self._stop = stop
        self._containers = containers
        self._iam = iam
        self._judged = judged
        self._answers = answers
        self._lag = lag
        self._save = save
        self._open = 0
        self.changes = 0
        """A number that grows with each request that may change something, when it comes and when it is answered."""
        self.last_change = time.monotonic()
        self.last_request = time.monotonic()

    @property
    def busy(self) -> bool:
        """True while a request is being answered."""
        return self._open > 0

    async def __call__(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope.get("headers", ())}
        path = str(scope.get("path", ""))
        if not _is_local(headers):
            await _answer(send, scope, 403, {"message": "bunsui's embedded AWS answers to programs of this machine only"})
        elif path.startswith("/_bunsui/"):
            await self._own(scope, headers, receive, send)
        elif path.startswith(_EMULATOR_PATH) and not path.startswith(_SIGNED_PATHS):
            await self._emulators_own(scope, headers, receive, send)
        else:
            await self._check_signed(scope, headers, receive, send)

    async def _emulators_own(
        self, scope: AsgiMessage, headers: MutableMapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        is_awaited = scope.get("method") == "PUT" and self._awaits(str(scope["path"]))
        if is_awaited or self._knows_token(headers):
            await self._pass_on_counted(scope, headers, receive, send)
        else:
            await _answer(send, scope, 403, {"message": "another token"}, self._where())

    async def _check_signed(
        self, scope: AsgiMessage, headers: MutableMapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        head = _head(scope)
        try:
            signature, key = self._access.claim(head)
            body = b"" if scope["type"] == "websocket" else await _whole_body(receive)
            if body is None:
                return
            self._access.verify(signature, key, head, body)
            if (refused := self._judge(key.principal, signature, head, body)) is not None:
                raise refused
        except Denied as denied:
            await self._deny(scope, head, denied, send)
            return
        self._introduce(key)
        scope[CALLER] = key.principal
        scope[REQUEST] = head, body
        again = receive if scope["type"] == "websocket" else _with_body(body, receive)
        await self._pass_on_counted(scope, headers, again, send)

    async def _deny(self, scope: AsgiMessage, head: Head, denied: Denied, send: Send) -> None:
        if scope["type"] == "websocket":
            await _answer(send, scope, STATUS, None)
            return
        hint = 'The keys of this embedded AWS, for its owner: eval "$(bunsui local env)"'
        headers, body = refusal_of(head, denied, hint=hint)
        await send({"type": "http.response.start", "status": status_of(head, denied), "headers": [*headers, *self._where()]})
        await send({"type": "http.response.body", "body": b"" if head.method == "HEAD" else body})

    def _where(self) -> list[tuple[bytes, bytes]]:
        return [(FOLDER_HEADER.encode(), quote(self._folder).encode())]

    async def _pass_on_counted(
        self, scope: AsgiMessage, headers: MutableMapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        self.last_request = time.monotonic()
        self._open += 1
        try:
            await self._pass_on(scope, headers, receive, send)
        finally:
            self._open -= 1
            self.last_request = time.monotonic()

    def _app_for(self, headers: MutableMapping[bytes, bytes]) -> AsgiApp:
        mine = headers.get(b"x-amz-target", b"").startswith(_STEP_FUNCTIONS)
        return self._step_functions if mine and self._step_functions is not None else self._inner

    async def _pass_on(self, scope: AsgiMessage, headers: MutableMapping[bytes, bytes], receive: Receive, send: Send) -> None:
        is_read, receive = await only_reads(scope, headers, receive)
        if is_read:
            await self._app_for(headers)(scope, receive, send)
            return
        self._note_change()
        try:
            await self._app_for(headers)(scope, receive, send)
        finally:
            self._note_change()

    def _note_change(self) -> None:
        self.changes += 1
        self.last_change = time.monotonic()

    async def _own(self, scope: AsgiMessage, headers: MutableMapping[bytes, bytes], receive: Receive, send: Send) -> None:
        if not self._knows_token(headers):
            await _answer(send, scope, 403, {"message": "another token"}, self._where())
        elif (scope.get("method"), scope["path"]) == ("POST", STOP_PATH):
            await _answer(send, scope, 202, {"message": "stopping"})
            self._stop()
        elif (scope.get("method"), scope["path"]) == ("POST", SAVE_PATH) and self._save is not None:
            await self._save()
            await _answer(send, scope, 200, self._describe())
        elif scope.get("method") == "POST" and str(scope["path"]).removeprefix(CONTAINERS_PATH) in ("process", "none"):
            self._containers(str(scope["path"]).removeprefix(CONTAINERS_PATH))
            await _answer(send, scope, 200, self._describe())
        elif scope.get("method") == "POST" and str(scope["path"]).removeprefix(IAM_PATH) in ("enforce", "warn"):
            self._iam(str(scope["path"]).removeprefix(IAM_PATH))
            await _answer(send, scope, 200, self._describe())
        elif (scope.get("method"), scope["path"]) == ("POST", ANSWERS_PATH):
            await self._take_answers(scope, receive, send)
        elif (scope.get("method"), scope["path"]) == ("GET", JUDGED_PATH):
            await _answer(send, scope, 200, self._judged())
        elif scope.get("method") == "POST" and (seconds := _SECONDS.fullmatch(str(scope["path"]))):
            self._lag(float(seconds[1]), float(seconds[2]) if seconds[2] else None)
            await _answer(send, scope, 200, self._describe())
        elif (scope.get("method"), scope["path"]) == ("GET", IDENTITY_PATH):
            await _answer(send, scope, 200, self._describe())
        else:
            await _answer(send, scope, 404, {"message": "no such path"})

    async def _take_answers(self, scope: AsgiMessage, receive: Receive, send: Send) -> None:
        try:
            told = json.loads(await _whole_body(receive) or b"{}")
            self._answers(told)
        except (ValueError, InvalidInput) as problem:
            await _answer(send, scope, 400, {"message": str(problem)})
        else:
            await _answer(send, scope, 200, self._describe())

    def _knows_token(self, headers: MutableMapping[bytes, bytes]) -> bool:
        return hmac.compare_digest(headers.get(TOKEN_HEADER.encode(), b""), self._token)


def _is_local(headers: MutableMapping[bytes, bytes]) -> bool:
    if any(name in headers for name in _BROWSER_HEADERS):
        return False
    host = headers.get(b"host", b"").decode("latin-1").rpartition(":")
    name = (host[0] or host[2]).lower()
    return name in _LOCAL_NAMES or name.endswith((".localhost", ".127.0.0.1"))


def _head(scope: AsgiMessage) -> Head:
    """Return the request's head as it was on the wire; HTTP headers are Latin-1 or UTF-8, and are signed as UTF-8."""
    headers: dict[str, str] = {}
    for name, value in scope.get("headers", ()):
        key, text = name.decode("latin-1").lower(), _header_text(value)
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    raw_path = scope.get("raw_path") or quote(str(scope.get("path", "")), safe="/-_.~").encode()
    return Head(
        method=str(scope.get("method", "GET")),
        path=raw_path.decode("latin-1"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
    )


def _header_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _whole_body(receive: Receive) -> bytes | None:
    """Read the body; None when the client went away."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _with_body(body: bytes, receive: Receive) -> Receive:
    waiting: list[AsgiMessage] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> AsgiMessage:
        return waiting.pop() if waiting else await receive()

    return again


async def _answer(send: Send, scope: AsgiMessage, status: int, body: Json, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    content = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
