"""How many sessions of a pipeline run at a time, as its file says."""

from __future__ import annotations

from dataclasses import dataclass

QUEUE, SKIP, REPLACE = "queue", "skip", "replace"
CONCURRENCY_POLICIES = (QUEUE, SKIP, REPLACE)
"""What becomes of a run that finds no room: it waits, it is not started, or the oldest that runs is stopped for it."""
MOST_AT_ONCE = 100
"""Of `limit`: a pool is one item of the state table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """A limit, with what becomes of a run that exceeds it."""

    limit: int
    policy: str = QUEUE
    """One of `CONCURRENCY_POLICIES`."""
