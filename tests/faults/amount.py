"""How much is tried: a sample in the normal suite, more by `make faults`, everything by `make faults FAULTS=nightly`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

ALL = bool(os.environ.get("BUNSUI_FAULTS"))
"""True under `make faults`."""
NIGHTLY = os.environ.get("BUNSUI_FAULTS") == "nightly"
"""True where time does not matter."""


def amount(sample: int, merge: int, nightly: int) -> int:
    """Return how many are tried: in the normal suite, before a merge, at night."""
    return nightly if NIGHTLY else merge if ALL else sample


def some(points: Sequence[T], *, every: int, merge: int = 1) -> Sequence[T]:
    """Return all points at night, each `merge`-th under `make faults`, else each `every`-th of them."""
    return points[:: amount(every, merge, 1)]
