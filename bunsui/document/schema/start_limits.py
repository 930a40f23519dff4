"""The shape of what limits how many sessions run at a time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.model.admission.concurrency import CONCURRENCY_POLICIES, MOST_AT_ONCE

_POLICIES = {
    "queue": "It waits in line, first come first served.",
    "skip": "It is not started.",
    "replace": "The oldest that runs is stopped, and it takes that place.",
}


class ConcurrencyEntry(Entry):
    """How many sessions of the pipeline run at a time, of those that bunsui starts."""

    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)]
    """How many."""
    policy: Annotated[
        Literal["queue", "skip", "replace"],
        Field(json_schema_extra={"enumDescriptions": [_POLICIES[one] for one in CONCURRENCY_POLICIES]}),
    ] = "queue"
    """What becomes of a run that finds no room. A resume, a redrive, a restart and runs of a backfill wait in line."""
