"""What alerts need beside sessions: where they are kept, how schedules stand, the channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.ports.alerts.kept import AlertStore
from bunsui.ports.notifications import Notifier
from bunsui.services.morning.ports import MorningPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPorts:
    """The account side of alerts."""

    store: AlertStore
    morning: MorningPorts
    channels: Mapping[str, Notifier]
    """By name, those of the environment."""
