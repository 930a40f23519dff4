"""A mail server on the loopback, as far as a client of ours talks to it, that misbehaves when it is told to."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any


@dataclass(slots=True)
class MailHost:
    """What it took, and how it answers."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    password: str = ""
    """With it everybody must sign in."""
    refuses: dict[str, str] = field(default_factory=dict)
    """Verb, or address, -> the answer to it, each once."""
    is_silent: bool = False
    saw_tls: list[bool] = field(default_factory=list)
    ending: Event = field(default_factory=Event)


@contextmanager
def mail_host(  # noqa: C901 - the verbs of SMTP, in one place
    context: ssl.SSLContext | None = None, *, is_tls: bool = False
) -> Iterator[MailHost]:
    """Serve as long as the block runs: with a context by STARTTLS, or with TLS from the first byte."""
    found = MailHost()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.safe = False
            if found.is_silent:
                found.ending.wait(30)
                return
            try:
                if is_tls and context is not None:
                    self.request = context.wrap_socket(self.request, server_side=True)
                    self.safe = True
                self._talk()
            except (OSError, ValueError):
                return

        def finish(self) -> None:
            self.request.close()

        def _say(self, line: str) -> None:
            self.request.sendall(f"{line}\r\n".encode())

        def _line(self, file: Any) -> str:
            return bytes(file.readline()).decode().rstrip("\r\n")

        def _talk(self) -> None:
            file, to = self.request.makefile("rb"), list[str]()
            self._say("220 mail")
            while line := self._line(file):
                verb = line.split(" ")[0].upper()
                asked = next((key for key in (verb, line) if key in found.refuses), "") or next(
                    (key for key in found.refuses if "@" in key and key in line and verb == "RCPT"), ""
                )
                if asked:
                    self._say(found.refuses.pop(asked))
                elif verb == "EHLO":
                    offers = ["mail", *([] if context is None or self.safe else ["STARTTLS"]), "AUTH PLAIN", "8BITMIME"]
                    for index, offer in enumerate(offers):
                        self._say(f"250{' ' if index == len(offers) - 1 else '-'}{offer}")
                elif verb == "STARTTLS" and context is not None:
                    self._say("220 go on")
                    file.close()
                    self.request = context.wrap_socket(self.request, server_side=True)
                    self.safe, file = True, self.request.makefile("rb")
                elif verb == "AUTH":
                    self._sign_in(line)
                elif verb == "MAIL" and found.password and not found.logins:
                    self._say("530 sign in first")
                elif verb == "RCPT":
                    to.append(line.partition("<")[2].rstrip(">"))
                    self._say("250 ok")
                elif verb == "DATA":
                    self._say("354 go on")
                    self._take(file, to)
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _sign_in(self, line: str) -> None:
            _, name, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
            if password != found.password:
                self._say(f"535 5.7.8 no: {line.split(' ')[2]} {password}")
                return
            found.logins.append((name, password))
            self._say("235 ok")

        def _take(self, file: Any, to: list[str]) -> None:
            lines: list[bytes] = []
            while (line := bytes(file.readline())) != b".\r\n":
                lines.append(line[1:] if line.startswith(b".") else line)
            raw = b"".join(lines)
            found.raw.append(raw)
            found.mails.append(email.message_from_bytes(raw, policy=email.policy.default))
            found.recipients.append(list(to))
            found.saw_tls.append(self.safe)
            self._say("250 taken")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield found
    finally:
        found.ending.set()
        server.shutdown()
        server.server_close()
