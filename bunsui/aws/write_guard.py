"""How a request leaves: in pieces, each with its own time, and for writes with a last question before each.

botocore asks for the lease before a connection is made, which for TLS takes several round trips in which the process may stand
still and its lease run out. And the timeout of connecting is the one under which urllib3 sends a request's body, as a whole: a
function's package that takes longer to upload would never arrive, however well the line works. botocore offers no event and no
option for either, so its HTTP session is reached into. `tests/unit/aws/test_write_guard.py` notices when it is no longer there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import TextIOBase
from typing import Any

from bunsui.errors import BunsuiError

PIECE_BYTES = 64 * 1024
"""Bytes of a request that are sent at once."""
PIECE_SECONDS = 15.0
"""How long one piece may take to leave, before the line counts as broken."""
UPLOAD_BYTES_A_SECOND = 1024 * 1024
"""How fast a service is expected to take in at least what was uploaded: an answer may take this much longer."""


def gate_sockets(client: Any, permit: Callable[[], None], *, piece_seconds: float = PIECE_SECONDS) -> None:
    """Send what the client sends in pieces, asking `permit` before each; what it raises ends the request, and AWS gets no more.

    An error of bunsui arrives at the caller inside botocore's HTTPClientError: see `refusal_in`.
    """
    pools: dict[str, Any] = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - there is no public way
    for scheme, pool in pools.items():
        pools[scheme] = _gate_pool(pool, permit, piece_seconds)


def refusal_in(error: BaseException) -> BunsuiError | None:
    """Return the error of bunsui that botocore wrapped, None when there is none."""
    inner = getattr(error, "kwargs", {}).get("error")
    return inner if isinstance(inner, BunsuiError) else None


def pieces(data: Any) -> Iterator[Any]:
    """Return what `http.client` takes as a body (bytes, a file, an iterable of bytes), cut into pieces of at most 64 KiB."""
    if hasattr(data, "read"):
        is_text = isinstance(data, TextIOBase)
        while block := data.read(PIECE_BYTES):
            yield block.encode("iso-8859-1") if is_text else block  # as `http.client` does
        return
    try:
        view = memoryview(data).cast("B")
    except TypeError:  # an iterable of bytes
        for part in data:
            yield from pieces(part)
        return
    for start in range(0, len(view), PIECE_BYTES):
        yield view[start : start + PIECE_BYTES]


def _gate_pool(pool: Any, permit: Callable[[], None], piece_seconds: float) -> Any:
    class GatedConnection(pool.ConnectionCls):  # type: ignore[misc]  # botocore publishes no types
        _sent_bytes = 0

        def request(self, *args: Any, **named: Any) -> Any:
            self._sent_bytes = 0
            return super().request(*args, **named)

        def send(self, data: Any) -> Any:
            if self.sock is None:
                self.connect()
            limit = self.sock.gettimeout()
            if limit is not None:
                self.sock.settimeout(max(limit, piece_seconds))
            for piece in pieces(data):
                permit()
                super().send(piece)
                self._sent_bytes += len(piece)
            self.sock.settimeout(limit)  # what is read next, such as a proxy's answer, has its own time

        def getresponse(self, *args: Any, **named: Any) -> Any:
            if self.timeout is not None:
                self.timeout += self._sent_bytes / UPLOAD_BYTES_A_SECOND
            return super().getresponse(*args, **named)

    return type(f"Gated{pool.__name__}", (pool,), {"ConnectionCls": GatedConnection})
