"""What alerts need beside sessions: where they are kept, how schedules stand, the channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.model.environment.quiet_hours import QuietHours
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
    quiet: Mapping[str, QuietHours] = field(default_factory=dict)
    """Of the channels that have some."""
