"""The account side of the morning page, beside that of sessions."""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.ports.schedules import ScheduleReader
from bunsui.ports.storage import StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningPorts:
    """What was applied, and what EventBridge Scheduler has now."""

    state: StateStore
    schedules: ScheduleReader
