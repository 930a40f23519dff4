"""The door in front of the emulator: it answers to its own launcher, keeps web pages out, and notes that somebody came.

A page in a browser can send requests to loopback addresses, and the emulator runs code for whoever asks. So what a browser
sends (it always names its origin) and what was sent to another host name (DNS rebinding) is refused.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, MutableMapping

from bunsui.local.asgi import AsgiApp, AsgiMessage, Receive, Send
from bunsui.local.reads import only_reads
from bunsui.model.values import Json

TOKEN_HEADER = "x-bunsui-token"  # noqa: S105 - the name of a header, not its value
IDENTITY_PATH = "/_bunsui/identity"
STOP_PATH = "/_bunsui/stop"
CONTAINERS_PATH = "/_bunsui/containers/"
"""Followed by `process` or `none`: whether commands of containers run as processes from now on."""
_BROWSER_HEADERS = (b"origin", b"sec-fetch-site")
_STEP_FUNCTIONS = b"AWSStepFunctions."
"""What the header `X-Amz-Target` of requests to Step Functions begins with."""
_LOCAL_NAMES = ("127.0.0.1", "localhost")


class Gate:
    """An ASGI application around another one."""

    def __init__(
        self,
        inner: AsgiApp,
        *,
        token: str,
        describe: Callable[[], Json],
        stop: Callable[[], None],
        containers: Callable[[str], None],
        step_functions: AsgiApp | None = None,
    ) -> None:
        """Wrap `inner`. Who knows `token` may ask for what `describe` gives, for `stop`, and set the mode of `containers`.

        `step_functions` gets the requests of that service; None leaves them to `inner`.
        """
        self._inner = inner
        self._step_functions = step_functions
        self._token = token.encode()
        self._describe = describe
        self._stop = stop
        self._containers = containers
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
        self.last_request = time.monotonic()
        if not _is_local(headers):
            await _answer(send, scope, 403, {"message": "bunsui's embedded AWS answers to programs of this machine only"})
        elif str(scope.get("path", "")).startswith("/_bunsui/"):
            await self._own(scope, headers, send)
        else:
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

    async def _own(self, scope: AsgiMessage, headers: MutableMapping[bytes, bytes], send: Send) -> None:
        if not hmac.compare_digest(headers.get(TOKEN_HEADER.encode(), b""), self._token):
            await _answer(send, scope, 403, {"message": "another token"})
        elif (scope.get("method"), scope["path"]) == ("POST", STOP_PATH):
            await _answer(send, scope, 202, {"message": "stopping"})
            self._stop()
        elif scope.get("method") == "POST" and str(scope["path"]).removeprefix(CONTAINERS_PATH) in ("process", "none"):
            self._containers(str(scope["path"]).removeprefix(CONTAINERS_PATH))
            await _answer(send, scope, 200, self._describe())
        elif (scope.get("method"), scope["path"]) == ("GET", IDENTITY_PATH):
            await _answer(send, scope, 200, self._describe())
        else:
            await _answer(send, scope, 404, {"message": "no such path"})


def _is_local(headers: MutableMapping[bytes, bytes]) -> bool:
    if any(name in headers for name in _BROWSER_HEADERS):
        return False
    host = headers.get(b"host", b"").decode("latin-1").rpartition(":")
    name = (host[0] or host[2]).lower()
    return name in _LOCAL_NAMES or name.endswith((".localhost", ".127.0.0.1"))


async def _answer(send: Send, scope: AsgiMessage, status: int, body: Json) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    content = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
