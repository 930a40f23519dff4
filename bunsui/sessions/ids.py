"""Names that follow from what they stand for: session ids, and names of executions.

The same event then gives the same session, however often it is delivered, and a repeated start finds the first one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from bunsui.errors import InvalidInput
from bunsui.model.names import EXECUTION_NAME_LIMIT, SEPARATOR, resource_name
from bunsui.model.session import Session

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_BITS = 48
_RANDOM_BITS = 80


def derived_id(at: datetime, *parts: str) -> str:
    """Return the ULID whose time is `at` and whose other half stands for the parts."""
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    time = max(int(at.timestamp() * 1000), 0) & ((1 << _TIME_BITS) - 1)
    number = (time << _RANDOM_BITS) | int.from_bytes(digest[: _RANDOM_BITS // 8])
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def execution_name(pipeline: str, session_id: str, attempt: int) -> str:
    """Return the name of an attempt's execution: pipeline, session and attempt, so that starting twice starts once."""
    tail = f"{session_id}{SEPARATOR}{attempt}"
    room = EXECUTION_NAME_LIMIT - len(tail) - len(SEPARATOR)
    return f"{resource_name(pipeline, limit=room)}{SEPARATOR}{tail}"


def next_execution(session: Session) -> int:
    """Return the number in the name of the session's next execution. A redrive is an attempt without a name of its own."""
    named = (session_of(attempt.execution_arn.rpartition(":")[2]) for attempt in session.attempts)
    numbers = [number for session_id, number in filter(None, named) if session_id == session.id]
    return max([len({attempt.execution_arn for attempt in session.attempts}), *numbers]) + 1


def execution_arn_of(target_arn: str, name: str) -> str:
    """Return the ARN that an execution of that name has: the machine's, without version or alias, and the name."""
    parts = target_arn.split(":")
    if len(parts) < 7:
        raise InvalidInput("bad-arn", "this is not the ARN of a state machine", arn=target_arn)
    return ":".join([*parts[:5], "execution", parts[6], name])


def session_of(name: str) -> tuple[str, int] | None:
    """Return session id and attempt out of an execution's name; None when bunsui did not give that name."""
    pieces = name.rsplit(SEPARATOR, 2)
    if len(pieces) != 3 or not pieces[2].isdigit() or len(pieces[1]) != 26 or set(pieces[1]) - set(_ALPHABET):
        return None
    return pieces[1], int(pieces[2])
