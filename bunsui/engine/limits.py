"""The service's quotas that end an execution. Source: developer guide, "Step Functions service quotas"."""

from __future__ import annotations

import re

__all__ = [
    "EXPRESS_EVENTS",
    "EXPRESS_SECONDS",
    "INLINE_CONCURRENCY",
    "MOST_BYTES",
    "STANDARD_SECONDS",
    "is_too_deep",
    "size",
    "too_large",
]

MOST_BYTES = 262_144
"""UTF-8 bytes of an input or an output."""
STANDARD_SECONDS = 31_536_000
"""The longest that a Standard execution runs: one year."""
EXPRESS_SECONDS = 300
"""The longest that an Express execution runs."""
EXPRESS_EVENTS = 250_000
"""Far more than an Express execution has in its five minutes. AWS has no such limit; but a loop in which no virtual time
passes has to end, and ends as it would on AWS: timed out."""
INLINE_CONCURRENCY = 40
"""Iterations of an inline Map that run at once when MaxConcurrency does not say less."""

DEEPEST = 400
"""Levels of arrays and objects in an output. No quota of AWS: what is deeper overflows Python's stack here or there."""


def is_too_deep(text: str) -> bool:
    """Tell whether a JSON text has too many levels. Only a text with that many brackets is looked at closely."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            return True
    return False


_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r"[\[\]{}]")


def size(text: str) -> int:
    """Return the bytes of a JSON text; exact only where it matters, near and above the limit."""
    if len(text) * 4 <= MOST_BYTES:
        return len(text)
    return len(text.encode("utf-8", "surrogatepass"))


def too_large(what: str) -> str:
    """Return the cause of States.DataLimitExceeded."""
    return f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
