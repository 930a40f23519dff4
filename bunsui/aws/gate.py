"""The last question before a write leaves: asked when the connection stands, right before its first byte is sent.

botocore's own events come earlier: between them and the socket a connection is made, which for TLS takes several round trips,
in which the process may stand still and its lease run out. botocore offers no event there, so its HTTP session is reached into;
`tests/unit/aws/test_gate.py` notices when that is no longer there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bunsui.errors import BunsuiError


def gate_sockets(client: Any, permit: Callable[[], None]) -> None:
    """Ask `permit` before each piece of a request that the client sends; what it raises ends the request, and AWS gets no more.

    An error of bunsui arrives at the caller inside botocore's HTTPClientError: see `refusal_in`.
    """
    pools: dict[str, Any] = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - there is no public way
    for scheme, pool in pools.items():
        pools[scheme] = _gated(pool, permit)


def refusal_in(error: BaseException) -> BunsuiError | None:
    """Give the error of bunsui that botocore wrapped, None when there is none."""
    inner = getattr(error, "kwargs", {}).get("error")
    return inner if isinstance(inner, BunsuiError) else None


def _gated(pool: Any, permit: Callable[[], None]) -> Any:
    class GatedConnection(pool.ConnectionCls):  # type: ignore[misc]  # botocore publishes no types
        def send(self, data: Any) -> Any:
            if self.sock is None:
                self.connect()
            permit()
            return super().send(data)

    return type(f"Gated{pool.__name__}", (pool,), {"ConnectionCls": GatedConnection})
