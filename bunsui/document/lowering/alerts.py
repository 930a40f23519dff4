"""`alerts` of a pipeline: who is told of which event, on channels that the environment has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bunsui.document.channels import DEADLINE_HINT, RESIDENT_HINT, channel_hint, deadline_problem, read_alerts
from bunsui.document.lowering.values import Lowering, mapping_at
from bunsui.document.yaml.tree import Path
from bunsui.model.alerts import MOST_CHANNELS, NEEDS_RESIDENT, NEEDS_SCHEDULE, SLOWER, Alert
from bunsui.model.environment.alert_routes import channels_by_route
from bunsui.model.pipeline import Pipeline
from bunsui.model.values import Value
from bunsui.operations.integrations.gates import opens_gate


def lower_alerts(lowering: Lowering, entry: Mapping[str, Value]) -> tuple[Alert, ...]:
    """Return the pipeline's alerts, the project's where it says nothing, none where nobody is told of anything."""
    if not lowering.tells:
        return ()
    is_own = "alerts" in entry
    written = tuple(read_alerts(entry["alerts"])) if is_own else lowering.alerts
    alerts = tuple(_with_channels(lowering, index, alert, entry, is_own=is_own) for index, alert in enumerate(written))
    if not is_own:
        return alerts
    told: dict[str, dict[str, None]] = {}
    for index, alert in enumerate(alerts):
        _check(lowering, index, written[index].notify)
        _check_event(lowering, index, alert)
        told.setdefault(alert.event, {}).update(dict.fromkeys(alert.notify))
        if len(told[alert.event]) > MOST_CHANNELS:
            summary = f"{alert.event} is told on {len(told[alert.event])} channels"
            hint = f"A rule of EventBridge has at most {MOST_CHANNELS} targets; more may subscribe to one channel's topic."
            lowering.report("BS106", summary, ("alerts", index), hint=hint)
    return alerts


def _with_channels(lowering: Lowering, index: int, alert: Alert, entry: Mapping[str, Value], *, is_own: bool) -> Alert:
    """Return an alert with its channels, by the project's routes where it names none."""
    if alert.notify:
        return alert
    owner, tags = entry.get("owner"), mapping_at(entry, "tags")
    known = {key: tag for key, tag in tags.items() if isinstance(tag, str)}
    found = channels_by_route(lowering.routes, alert.event, owner if isinstance(owner, str) else "", known)
    if not found:
        path: Path = ("alerts", index) if is_own else ("name",)
        why = "no route takes the pipeline" if lowering.routes else "it names no channel, and bunsui.yaml has no alert_routes"
        said = "" if is_own else " (from the project's alerts)"
        hint = "End alert_routes in bunsui.yaml with a default, `- {notify: [CHANNEL]}`, or write `notify:` here."
        lowering.report("BS626", f"nobody is told of the event {alert.event}{said}: {why}", path, hint=hint)
    return replace(alert, notify=found)


def check_watched(lowering: Lowering, pipeline: Pipeline, *, is_own: bool) -> None:
    """Find events of which nobody can tell for this pipeline. `is_own`: the alerts are the pipeline's, not the project's."""
    gated = any(opens_gate(operation, lowering.registry) for job in pipeline.jobs for operation in job.operations)
    for index, alert in enumerate(pipeline.alerts):
        why, hint = "", "Remove it."
        if alert.event in NEEDS_RESIDENT and pipeline.is_raw:
            why, hint = "the pipeline is a definition of its own, of which only failures are told", "Take `event: failed`."
        elif pipeline.is_raw and (beyond := [name for name in alert.notify if name in lowering.resident_only]):
            why = f"the resident tells on the channel {beyond[0]}, and watches no pipeline that is a definition of its own"
            hint = "Name a channel that is a topic of SNS."
        elif alert.event in NEEDS_SCHEDULE and is_own and not pipeline.schedules:
            why, hint = "the pipeline has no schedule that would start a run", "Give it a schedule, or remove the alert."
        elif alert.event == SLOWER and gated:
            why, hint = "a job waits for an approval, and people take as long as they take", "Take `event: late`, or remove it."
        if why:
            path: Path = ("alerts", index, "event") if is_own else ("name",)
            said = "" if is_own else " (from the project's alerts)"
            hint = hint if is_own else "Write `alerts:` of the pipeline's own, without that event."
            lowering.report("BS611", f"nobody can tell of the event {alert.event}{said}: {why}", path, hint=hint)


def _check_event(lowering: Lowering, index: int, alert: Alert) -> None:
    problem = deadline_problem(alert)
    if problem:
        lowering.report("BS610", problem, ("alerts", index), hint=DEADLINE_HINT)
    if alert.event in NEEDS_RESIDENT and not lowering.has_resident:
        lowering.report(
            "BS242",
            f"the event {alert.event} needs a resident that watches for it, and this environment has none",
            ("alerts", index, "event"),
            detail=f"AWS sends nothing for it: somebody has to watch {NEEDS_RESIDENT[alert.event]}.",
            hint=RESIDENT_HINT,
        )


def _check(lowering: Lowering, index: int, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        if name not in lowering.channels:
            lowering.report(
                "BS241",
                f"there is no channel {name} in this environment",
                ("alerts", index, "notify", place),
                hint=channel_hint(name, lowering.channels),
            )
