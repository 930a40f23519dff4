"""Tells of a request to AWS whether it only reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.emulator.asgi import AsgiMessage, Receive

_READS = re.compile(r"(BatchGet|Describe|Filter|Get|Head|List|Lookup|Query|Scan|Search|Validate)(?![a-z])")
"""What the names of such operations begin with, in all services."""
_TAKES = frozenset({"GetActivityTask"})
"""Operations that are named like reads and take something away."""
_SMITHY_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")
"""https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html"""
_FORM = b"application/x-www-form-urlencoded"
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")


def is_read(operation: str) -> bool:
    """Tell it of an operation by its name."""
    return bool(_READS.match(operation)) and operation not in _TAKES


async def only_reads(scope: AsgiMessage, headers: Mapping[bytes, bytes], receive: Receive) -> tuple[bool, Receive]:
    """Return True when the request changes nothing for sure, and what the application is to receive from, for part of the body
    may have been read. `headers` have names in lower case."""
    if scope.get("method") in ("GET", "HEAD"):
        return True, receive
    if headers.get(b"content-type", b"").startswith(_FORM) and b"x-amz-target" not in headers:
        first = await receive()
        named = _ACTION.search(first.get("body", b""))
        return named is not None and is_read(named[1].decode()), _beginning_with(first, receive)
    path = _SMITHY_PATH.fullmatch(str(scope.get("path", "")))
    operation = path[1] if path else headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
    return is_read(operation), receive


def _beginning_with(first: AsgiMessage, receive: Receive) -> Receive:
    waiting = [first]

    async def again() -> AsgiMessage:
        return waiting.pop() if waiting else await receive()

    return again
