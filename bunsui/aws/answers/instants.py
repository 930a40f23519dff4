"""Reads the instants of AWS's answers, which are many: two for each role, two for each machine."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(value: float | str) -> datetime:
    """Return the instant of seconds since 1970 or of ISO 8601 with a zone; any other form as botocore reads it.

    Botocore tries every form that people write, which takes thirty times as long.
    """
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    return found if found is not None and found.tzinfo is not None else instant_in_any_form(value)


def instant_in_any_form(value: float | str) -> datetime:
    """Return the instant as botocore reads it, in UTC. One without a zone is in UTC, whatever the zone of this machine."""
    from botocore.utils import parse_timestamp  # heavy, and needed only when an account is

    found: datetime = parse_timestamp(value)
    return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
