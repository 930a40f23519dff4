"""What makes two failures the same: a short text that they share, by which they are grouped.

It is taken over where it failed, the class, the error's name and the message without what differs from run to run: numbers,
dates, ids, ARNs and whatever stands in quotes.
"""

from __future__ import annotations

import re
from hashlib import sha256

FAILURE_VERSION = 1
"""Grows when the same failure gets another fingerprint."""

_DIGITS = 12
_LONGEST = 300
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`|‘[^’\n]*’|“[^”\n]*”")
_ADDRESS = re.compile(r"\b(?:arn:|s3://|https?://)\S+")
_MIXED = re.compile(r"\b(?=[\w-]*\d)[\w-]{8,}\b")
"""Ids: long words with a digit in them, such as UUIDs, ULIDs, digests, dates."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SPACE = re.compile(r"\s+")


def failure_fingerprint(*, place: str, error_class: str, error: str, message: str) -> str:
    """Return the fingerprint of a failure; `place` is the job, or empty."""
    told = "\n".join((place, error_class, error, normalise_message(message)))
    digits = sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"f{FAILURE_VERSION}-{digits}"


def normalise_message(message: str) -> str:
    """Return a message without what differs from run to run. An apostrophe within a word quotes nothing."""
    text = re.sub(r"(?<=\w)'(?=\w)", "", message)
    for pattern, instead in ((_QUOTED, "''"), (_ADDRESS, "#"), (_MIXED, "#"), (_NUMBER, "#"), (_SPACE, " ")):
        text = pattern.sub(instead, text)
    return text.strip()[:_LONGEST]
