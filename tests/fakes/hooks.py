"""A server that takes posts on the loopback, and misbehaves when it is told to."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Taken:
    """A post that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a post is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    manner: str = "plain"
    """`plain`, `reset` before an answer, `silent` for ever, `drip`: a byte of the answer every now and then."""


@dataclass(slots=True)
class HookServer:
    """What it took, and how it answers."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """For the next posts; each once."""
    always: Answer = field(default_factory=Answer)
    ending: Event = field(default_factory=Event)


@contextmanager
def hooks(context: ssl.SSLContext | None = None) -> Iterator[HookServer]:  # noqa: C901 - the ways to misbehave, in one place
    """Serve as long as the block runs; over TLS with a context."""
    found = HookServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            found.taken.append(Taken(self.path, dict(self.headers.items()), body))
            answer = found.answers.pop(0) if found.answers else found.always
            if answer.manner == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            if answer.manner == "silent":
                found.ending.wait(30)
                return
            if answer.manner == "drip":
                self._drip()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def _drip(self) -> None:
            try:
                for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 400:
                    self.wfile.write(bytes([byte]))
                    if found.ending.wait(0.1):
                        return
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing: clients that hang up are what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme, host = ("http", "127.0.0.1") if context is None else ("https", "localhost")
    found.url = f"{scheme}://{host}:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.ending.set()
        server.shutdown()
        server.server_close()


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)
