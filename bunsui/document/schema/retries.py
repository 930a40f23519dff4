"""The shape of `retry`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Duration, ErrorName, SparedError


class RetryEntry(Entry):
    """How often and when an operation is tried again."""

    attempts: Annotated[int, Field(ge=1, le=100)] = 3
    """How often it is tried in all, the first try included; 1 means no retry."""
    delay: Duration | Annotated[list[Duration], Field(min_length=1, max_length=20)] = "5s"
    """Time before the second try; or a list, for the third and so on as well: waits are the nearest that are not shorter."""
    backoff: Annotated[float, Field(ge=1, le=100)] = 2.0
    """What each delay is multiplied with to give the next."""
    max_delay: Duration | None = None
    """The longest delay."""
    jitter: bool = True
    """Spread the delays at random, so that many failures do not come back at once."""
    errors: Annotated[list[ErrorName], Field(min_length=1)] = Field(default=["any"])
    """Which errors: classes (throttling, infrastructure, timeout, any) or names as Step Functions spells them."""
    except_: Annotated[list[SparedError] | None, Field(alias="except", min_length=1)] = None
    """Errors that are not tried again although `errors` has them: names, or classes (throttling, infrastructure, timeout)."""


Retries: TypeAlias = RetryEntry | Annotated[int, Field(ge=1, le=100)]
"""Retries, or the number of attempts alone, the first try included."""
