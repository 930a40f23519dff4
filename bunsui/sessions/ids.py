"""Session ids that follow from what they stand for, and the names of executions that follow from session ids.

The same event then gives the same session, however often it is delivered, and a repeated start finds the first one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from bunsui.model.names import EXECUTION_NAME_LIMIT, SEPARATOR, resource_name

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_BITS = 48
_RANDOM_BITS = 80


def derived_id(at: datetime, *parts: str) -> str:
    """Give the ULID whose time is `at` and whose other half stands for the parts."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    time = max(int(at.timestamp() * 1000), 0) & ((1 << _TIME_BITS) - 1)
    number = (time << _RANDOM_BITS) | int.from_bytes(digest[: _RANDOM_BITS // 8])
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def execution_name(pipeline: str, session_id: str, attempt: int) -> str:
    """Give the name of an attempt's execution: pipeline, session and attempt, so that starting twice starts once."""
    tail = f"{session_id}{SEPARATOR}{attempt}"
    room = EXECUTION_NAME_LIMIT - len(tail) - len(SEPARATOR)
    return f"{resource_name(pipeline, limit=room)}{SEPARATOR}{tail}"


def session_of(name: str) -> tuple[str, int] | None:
    """Give session id and attempt out of an execution's name; None when bunsui did not give that name."""
    pieces = name.rsplit(SEPARATOR, 2)
    if len(pieces) != 3 or not pieces[2].isdigit() or len(pieces[1]) != 26 or set(pieces[1]) - set(_ALPHABET):
        return None
    return pieces[1], int(pieces[2])
