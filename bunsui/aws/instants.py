"""Reads the instants of AWS's answers, which are many: two for each role, two for each machine."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(value: float | str) -> datetime:
    """Give the instant of seconds since 1970 or of ISO 8601 with a zone; any other form as botocore reads it.

    Botocore tries every form that people write, which takes thirty times as long.
    """
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    return found if found is not None and found.tzinfo is not None else _in_any_form(value)


def _in_any_form(value: str) -> datetime:
    from botocore.utils import parse_timestamp  # heavy, and needed only when an account is

    found: datetime = parse_timestamp(value)
    return found
