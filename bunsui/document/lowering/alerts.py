"""`alerts` of a pipeline: who is told of which event, on channels that the environment has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.document.channels import channel_hint, read_alerts
from bunsui.document.lowering.values import Lowering
from bunsui.model.alerts import MOST_CHANNELS, Alert
from bunsui.model.values import Value


def lower_alerts(lowering: Lowering, entry: Mapping[str, Value]) -> tuple[Alert, ...]:
    """Return the pipeline's alerts, the project's where it says nothing, none where nobody is told of anything."""
    if not lowering.tells:
        return ()
    if "alerts" not in entry:
        return lowering.alerts
    told: dict[str, dict[str, None]] = {}
    for index, alert in enumerate(alerts := tuple(read_alerts(entry["alerts"]))):
        _check(lowering, index, alert.notify)
        told.setdefault(alert.event, {}).update(dict.fromkeys(alert.notify))
        if len(told[alert.event]) > MOST_CHANNELS:
            summary = f"{alert.event} is told on {len(told[alert.event])} channels"
            hint = f"A rule of EventBridge has at most {MOST_CHANNELS} targets; more may subscribe to one channel's topic."
            lowering.report("BS106", summary, ("alerts", index), hint=hint)
    return alerts


def _check(lowering: Lowering, index: int, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name not in lowering.channels:
            lowering.report(
                "BS241",
                f"there is no channel {name} in this environment",
                ("alerts", index, "notify", place),
                hint=channel_hint(name, lowering.channels),
            )
