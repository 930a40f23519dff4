"""How much is tried: everything by `make faults`, a sample in the normal suite."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

ALL = bool(os.environ.get("BUNSUI_FAULTS"))
"""True under `make faults`."""
NIGHTLY = os.environ.get("BUNSUI_FAULTS") == "nightly"
"""True where time does not matter."""


def some(points: Sequence[T], *, every: int) -> Sequence[T]:
    """Give all points under `make faults`, else each `every`-th of them."""
    return points if ALL else points[::every]
