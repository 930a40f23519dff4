"""What a run did, as tests look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.model.json import Json
from bunsui.model.session import JobProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A finished run."""

    status: str
    """succeeded, failed, timed_out or aborted."""
    output: Json = None
    error: str = ""
    cause: str = ""
    jobs: tuple[JobProgress, ...] = ()
    """In the order of the file; a raw machine's top-level states."""
    path: tuple[str, ...] = ()
    """The jobs that ran, in the order in which they began."""
    side_by_side: frozenset[frozenset[str]] = frozenset()
    """Pairs of jobs that no order binds: they lie in different branches of a Parallel."""
    retries: Mapping[str, int] = field(default_factory=dict)
    """Tries beyond the first, by state; states without any are left out."""
    seconds: float = 0
    """On the virtual clock."""
