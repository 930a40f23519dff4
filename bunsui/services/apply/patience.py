"""How long an apply waits for the lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bunsui.apply.lease import PATIENCE_SECONDS, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for the lock, and who learns of the wait."""

    seconds: float = PATIENCE_SECONDS
    waiting: Callable[[Waiting], None] = lambda waiting: None
    stopped: Callable[[], bool] = lambda: False
