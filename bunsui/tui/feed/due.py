"""Overdue runs: schedules were to start them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import DUE_SECONDS

if TYPE_CHECKING:
    from bunsui.services.morning.expected import ExpectedRun


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSubject:
    """What was due in the last day, and is late or missing."""

    def read(self, reading: Reading[tuple[ExpectedRun, ...]]) -> tuple[ExpectedRun, ...]:
        """Two reads of rows, one of what was applied, and a list of schedules; no machine is looked at."""
        from datetime import timedelta

        from bunsui.services.morning.overdue import overdue_runs

        context, ports = reading.account.context(), reading.account.morning()
        now = context.ports.clock.now()
        return overdue_runs(context, ports, since=now - timedelta(hours=24), now=now) if ports is not None else ()

    def every_seconds(self, value: tuple[ExpectedRun, ...]) -> float:
        """What is late is late by minutes."""
        return DUE_SECONDS
