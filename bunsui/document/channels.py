"""Where people are told: `channels` of the project file, and its `alerts`, which pipelines have that say nothing.

An environment's channels are laid over the project's. On the embedded AWS each of the project's channels, which lead to
people, is a topic that bunsui makes there; only what stands under `local` itself is taken as it is written.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.project import LOCAL
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.alerts import LATE, NEEDS_RESIDENT, NEEDS_SCHEDULE, TOPIC, Alert, Channel
from bunsui.model.durations import parse_duration
from bunsui.model.environment.alert_routes import AlertRoute
from bunsui.model.environment.quiet_hours import read_quiet_hours
from bunsui.model.json import Json
from bunsui.model.time_zones import DAY_SECONDS
from bunsui.model.values import Value
from bunsui.notifications.contract import QUIET_HOURS

DEADLINE_HINT = 'A deadline is a time of the day in the pipeline\'s zone, as "06:00", or a time after the run was due, as 90m.'
RESIDENT_HINT = "Give it one, `resident: true`, or switch its alerts off, `alerts: disabled`."


def channels_of(data: Mapping[str, Json], environment: str) -> dict[str, Channel]:
    """Return the channels of an environment of a checked project file, by name."""
    own = _entries(_entries(data.get("environments")).get(environment))
    zone = data.get("timezone")
    timezone = zone if isinstance(zone, str) else "UTC"
    shared = {name: _channel(name, entry, timezone) for name, entry in _entries(data.get("channels")).items()}
    if environment == LOCAL:
        shared = {name: Channel(name=name) for name in shared}
    return {**shared, **{name: _channel(name, entry, timezone) for name, entry in _entries(own.get("channels")).items()}}


def read_alerts(value: Value) -> Iterator[Alert]:
    """Return the alerts that can be read; the schema says what is wrong with the others."""
    for entry in value if isinstance(value, (list, tuple)) else ():
        event, names = (entry.get("event"), entry.get("notify", ())) if isinstance(entry, Mapping) else (None, None)
        if isinstance(event, str) and isinstance(names, (list, tuple)):
            deadline = entry.get("deadline")
            yield Alert(
                event=event,
                notify=tuple(name for name in names if isinstance(name, str)),
                deadline=deadline if isinstance(deadline, str) else "",
            )


def read_routes(value: Value) -> Iterator[AlertRoute]:
    """Return the routes that can be read; the schema says what is wrong with the others."""
    for entry in value if isinstance(value, (list, tuple)) else ():
        names = entry.get("notify") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(names, (list, tuple)):
            continue
        owner, tags, events = entry.get("owner"), entry.get("tags"), entry.get("events")
        yield AlertRoute(
            notify=tuple(name for name in names if isinstance(name, str)),
            owner=owner if isinstance(owner, str) else None,
            tags={key: str(tag) for key, tag in tags.items()} if isinstance(tags, Mapping) else {},
            events=tuple(map(str, events)) if isinstance(events, (list, tuple)) else (),
        )


def deadline_problem(alert: Alert) -> str:
    """Return what is wrong with an alert's deadline; empty when nothing is."""
    if alert.event not in NEEDS_SCHEDULE:
        return f"the event {alert.event} has no deadline" if alert.deadline else ""
    if not alert.deadline:
        return "late does not say by when a run is to have succeeded" if alert.event == LATE else ""
    if ":" in alert.deadline:
        return ""
    try:
        seconds = parse_duration(alert.deadline)
    except ValueError:
        return ""  # the schema says what is wrong with its form
    return "" if 60 <= seconds <= DAY_SECONDS else f"a deadline of {alert.deadline} is not between a minute and a day"


def channel_hint(name: str, channels: Collection[str]) -> str:
    """Return what to write instead of a channel that there is not."""
    near = difflib.get_close_matches(name, list(channels), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"Declare it in bunsui.yaml: `channels: {{{name}: {{type: sns}}}}`."


def check_channels(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Find channels of alerts that no environment has, and topics where no rule of an environment can publish. The data may be
    of any shape."""
    declared = _entries(data.get("environments"))
    shared = _entries(data.get("channels"))
    yield from _unknown(document, data, shared, {LOCAL: {}, **declared})
    yield from _keys(document, shared, ("channels",))
    for environment, entry in declared.items():
        own = _entries(_entries(entry).get("channels"))
        yield from _keys(document, own, ("environments", environment, "channels"))
        if environment != LOCAL and _entries(entry).get("alerts") != "disabled":
            yield from _places(document, environment, _entries(entry), shared)


def _unknown(
    document: Document, data: Mapping[str, Json], shared: Mapping[str, Json], environments: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    telling = {
        name: {**shared, **_entries(_entries(entry).get("channels"))}
        for name, entry in environments.items()
        if _entries(entry).get("alerts") != "disabled"
    }
    alerts = tuple(read_alerts(data.get("alerts")))
    for index, alert in enumerate(alerts):
        yield from _check_watched(document, index, alert, environments)
    named = [("alerts", index, alert.notify) for index, alert in enumerate(alerts)]
    named += [("alert_routes", index, route.notify) for index, route in enumerate(read_routes(data.get("alert_routes")))]
    for key, index, names in named:
        for place, name in enumerate(names):
            lacking = [environment for environment, channels in telling.items() if name not in channels]
            if lacking:
                where = "" if len(lacking) == len(telling) else f" in the environment {lacking[0]}"
                known = {known for channels in telling.values() for known in channels} - {name}
                path: Path = (key, index, "notify", place)
                yield document.finding("BS241", f"there is no channel {name}{where}", path, hint=channel_hint(name, known))


def _check_watched(document: Document, index: int, alert: Alert, environments: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Find a deadline that is none, and environments in which nobody watches for the event."""
    problem = deadline_problem(alert)
    if problem:
        yield document.finding("BS610", problem, ("alerts", index), hint=DEADLINE_HINT)
    if alert.event not in NEEDS_RESIDENT:
        return
    asleep = [
        name
        for name, entry in environments.items()
        if _entries(entry).get("alerts") != "disabled" and _entries(entry).get("resident") is not True
    ]
    if asleep:
        yield document.finding(
            "BS242",
            f"the event {alert.event} needs a resident that watches for it, and the environment {asleep[0]} has none",
            ("alerts", index, "event"),
            detail=f"AWS sends nothing for it: somebody has to watch {NEEDS_RESIDENT[alert.event]}.",
            hint=RESIDENT_HINT,
        )


def check_routes(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Find routes that no alert comes to. The data may be of any shape."""
    written = data.get("alert_routes")
    routes = list(read_routes(written if isinstance(written, list) else ()))
    if len(routes) != len(written if isinstance(written, list) else ()):
        return  # the schema says what is wrong
    for index, route in enumerate(routes):
        before = next((place for place, other in enumerate(routes[:index]) if other.covers(route)), None)
        if before is not None:
            yield document.finding(
                "BS627",
                f"no alert comes to this route: route {before + 1} takes all that it would take",
                ("alert_routes", index),
                detail="The first route that takes a pipeline counts.",
                hint="Put it before that one, the default last, or remove it.",
            )


def _keys(document: Document, channels: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    for name, entry in channels.items():
        if {"topic", "encryption_key"} <= _entries(entry).keys():
            yield document.finding(
                "BS243",
                f"the topic of the channel {name} is somebody else's, so that bunsui does not encrypt it",
                (*path, name, "encryption_key"),
                on_key=True,
                hint="Remove encryption_key, or topic.",
            )


def _places(
    document: Document, environment: str, entry: Mapping[str, Json], shared: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    own = _entries(entry.get("channels"))
    for name in {**shared, **own}:
        path: Path = ("environments", environment, "channels", name) if name in own else ("channels", name)
        topic = _entries({**shared, **own}[name]).get("topic")
        parts = topic.split(":") if isinstance(topic, str) else []
        for what, index in (("region", 3), ("account", 4)):
            here = entry.get(what)
            if len(parts) == 6 and isinstance(here, str) and parts[index] != here:
                yield document.finding(
                    "BS243",
                    f"the topic of {name} lies in the {what} {parts[index]}, the environment {environment} in {here}",
                    (*path, "topic"),
                    detail="EventBridge publishes to topics of its own account and region.",
                    hint=f"Give {environment} a channel of its own: `channels: {{{name}: {{type: sns}}}}`.",
                )


def _channel(name: str, entry: Json, timezone: str) -> Channel:
    said = _entries(entry)
    topic, key, called = said.get("topic"), said.get("encryption_key"), said.get("type")
    return Channel(
        name=name,
        type=called if isinstance(called, str) else TOPIC,
        entry=said,
        topic=topic if isinstance(topic, str) else None,
        key=key if isinstance(key, str) else None,
        quiet=read_quiet_hours(said.get(QUIET_HOURS), timezone),
    )


def _entries(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
