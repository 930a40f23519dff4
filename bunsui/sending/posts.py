"""Posts: one POST over a connection of our own, tried again within the time that a send has."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from bunsui import __version__
from bunsui.errors import NotSent, Passing
from bunsui.ports.clock import Clock
from bunsui.sending.addresses import addresses_of
from bunsui.sending.deadline import Deadline, closing_at

ATTEMPTS = 3
_CONNECT_SECONDS, _ANSWER_SECONDS = 5.0, 10.0
_REDIRECTS = 3
_ANSWER_BYTES = 2_048
_KEPT_METHOD = frozenset({307, 308})
_PASSING = frozenset({408, 425, 429, *range(500, 600)})
_HINTS: Mapping[int, str] = {
    401: "The server refuses who sends: see the secret that the channel refers to.",
    403: "The server refuses who sends: see the secret that the channel refers to.",
    404: "Nobody listens at the channel's URL any more: make a new one and store it.",
    410: "Nobody listens at the channel's URL any more: make a new one and store it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRequest:
    """What is posted, with the values of secrets in it: it is neither kept nor shown."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    key: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    signing_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSender:
    """Posts over https to public addresses."""

    clock: Clock
    allows_private: bool = False
    """True on the embedded AWS: addresses of this machine, and http, too."""
    trust: ssl.SSLContext | None = None
    """Whose certificates are believed; None for those that the system believes."""

    def post(self, request: PostRequest, deadline: Deadline) -> None:
        """Post until the server took it, gives an answer that does not pass, or the time is over. NotSent where it was not."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._once(request, request.url, deadline, redirects=_REDIRECTS)
            except _TryAgain as failed:
                wait = failed.after if failed.after is not None else 0.5 * 2 ** (attempt - 1)
                if attempt == ATTEMPTS or wait >= deadline.left:
                    raise failed.failure from None
                self.clock.sleep(wait)
            else:
                return

    def _once(self, request: PostRequest, url: str, deadline: Deadline, *, redirects: int) -> None:
        parts = self._parts_of(url)
        status, headers, text = self._exchange(request, parts, deadline)
        if 200 <= status < 300:
            return
        if status in _KEPT_METHOD and redirects and (onward := _same_place(url, headers.get("Location", ""))):
            self._once(request, onward, deadline, redirects=redirects - 1)
            return
        if 300 <= status < 400:
            raise NotSent(
                "channel-redirected",
                "the channel's server sends elsewhere, and secrets go to the server that is named only",
                hint="Store the URL to which it sends, where that one is meant.",
                status=status,
            )
        answer = text or None
        if status in _PASSING:
            after = _retry_after(headers.get("Retry-After"), self.clock.now().timestamp())
            busy = NotSent(
                "channel-busy",
                "the channel's server could not take it",
                passes=Passing.LATER,
                status=status,
                answer=answer,
                retry_after_seconds=None if after is None else round(after),
            )
            raise _TryAgain(busy, after)
        hint = _HINTS.get(status, "See what the server says, and correct the channel.")
        raise NotSent("channel-refused", "the channel's server refused it", hint=hint, status=status, answer=answer)

    def _exchange(
        self, request: PostRequest, parts: SplitResult, deadline: Deadline
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = self._connect(parts, deadline)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with closing_at(deadline, lambda: connection.sock):
                connection.request("POST", target, body=request.body, headers=self._headers(request))
                answer = connection.getresponse()
                text = answer.read(_ANSWER_BYTES)
                return answer.status, answer.headers, " ".join(text.decode(errors="replace").split())[:300]
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = "the channel's server did not answer, so that nobody knows whether it took it"
            raise _TryAgain(_unreachable(said, error), None) from None
        finally:
            connection.close()

    def _connect(self, parts: SplitResult, deadline: Deadline) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        failure: NotSent | None = None
        for address in addresses_of(host, port, allows_private=self.allows_private)[:3]:
            connection = http.client.HTTPConnection(host, port, timeout=deadline.timeout(_ANSWER_SECONDS))
            try:
                plain = socket.create_connection((address, port), timeout=deadline.timeout(_CONNECT_SECONDS))
                connection.sock = self._safe(plain, host, deadline) if parts.scheme == "https" else plain
                connection.sock.settimeout(deadline.timeout(_ANSWER_SECONDS))
            except ssl.SSLCertVerificationError as error:
                raise NotSent(
                    "channel-certificate",
                    "the certificate of the channel's server is not believed",
                    hint="Nothing was sent. See whether the name is right, and whether the certificate is still good.",
                    reason=error.verify_message,
                ) from None
            except OSError as error:
                failure = _unreachable("the channel's server could not be reached", error)
            else:
                return connection
        assert failure is not None, "a name leads to one address at least"
        raise _TryAgain(failure, None)

    def _safe(self, plain: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
        try:
            with closing_at(deadline, lambda: plain):
                return (self.trust or ssl.create_default_context()).wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def _headers(self, request: PostRequest) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"bunsui/{__version__}",
            "Idempotency-Key": request.key,
            "Connection": "close",
            **request.headers,
        }
        if request.signing_secret:
            headers |= signature_headers(request.signing_secret, request.key, int(self.clock.now().timestamp()), request.body)
        return headers

    def _parts_of(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            parts = SplitResult("", "", "", "", "")
        is_text = url.isascii() and url.isprintable() and " " not in url
        if not is_text or not parts.hostname or parts.scheme not in ("https", "http") or parts.username is not None:
            raise NotSent(
                "channel-url",
                "what the channel's URL refers to is no URL",
                hint="Store https://HOST/PATH there, without a line break, a name or a password in it.",
            )
        if parts.scheme != "https" and not self.allows_private:
            raise NotSent("channel-url", "the channel's URL is not https", hint="Nothing was sent. Store an https URL.")
        return parts


class _TryAgain(Exception):
    """A failure that may pass, with the seconds after which the server wants to be asked again; None where it says none."""

    def __init__(self, failure: NotSent, after: float | None) -> None:
        super().__init__(failure.code)
        self.failure = failure
        self.after = after


def signature_headers(secret: str, key: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks: HMAC-SHA256 over id, time and body."""
    raw = secret.encode()
    if secret.startswith("whsec_"):
        try:
            raw = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            raise NotSent(
                "channel-secret",
                "the channel's signing secret begins as whsec_ and goes on with no base64",
                hint="Store it anew.",
            ) from None
    signed = hmac.new(raw, f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _same_place(url: str, location: str) -> str:
    """Return where a redirect leads when that is the same server; empty otherwise."""
    try:
        onward = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(onward)
        is_same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return ""
    return onward if location and is_same else ""


def _retry_after(text: str | None, now: float) -> float | None:
    """Return the seconds that a server asks for, as a number or as a date; None where it says nothing that can be read."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(min(int(text.strip()[:9]), 86_400))
    try:
        return min(max(email.utils.parsedate_to_datetime(text).timestamp() - now, 0.0), 86_400.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _unreachable(said: str, error: Exception) -> NotSent:
    reason = "it took too long" if isinstance(error, TimeoutError) else type(error).__name__
    return NotSent("channel-unreachable", said, passes=Passing.LATER, reason=reason)
