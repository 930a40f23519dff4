"""Sets how this process keeps its memory: little, and without looking for what is not there."""

from __future__ import annotations

import gc
import sys
from typing import Final

from bunsui.performance import Shortcut, uses

OBJECTS_BETWEEN_COLLECTIONS: Final = 50_000
"""Compiling makes many small objects that stay: to look through them after each 700, as Python does unasked, costs an eighth of
the time and frees nothing."""
_M_ARENA_MAX: Final = -8
"""`mallopt(3)`."""


def prepare_memory() -> None:
    """Collect seldom, and have all threads share one heap: that each of those that read AWS has its own costs 10 MB of 110 and,
    with Python, spares no waiting."""
    if uses(Shortcut.RARE_COLLECTIONS):
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    if uses(Shortcut.ONE_HEAP) and sys.platform == "linux":
        _share_one_heap()


def _share_one_heap() -> None:
    """Ask the C library; where it is not glibc, or cannot be asked, nothing is changed."""
    try:
        from ctypes import CDLL  # not every Python was built with it

        CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (ImportError, OSError, AttributeError):
        return
