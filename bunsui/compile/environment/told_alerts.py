"""The alerts of a pipeline in its machine, for the environment's resident: what an apply put in force.

They stand in the comment of the machine's first state, before its recovery policies (`bunsui.compile.policies`): a comment
changes nothing in the run, and whoever reads what was applied has what counts. Of a raw machine nobody writes a comment: rules
of EventBridge tell of it, with a resident too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from bunsui.model.alerts import EVENTS, Alert
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json

ALERTS_VERSION = 1
"""Grows when an older resident would take alerts otherwise."""
_MARK = "Alerts, version "
ALERTS_WRITTEN = re.compile(rf"{_MARK}([0-9]{{1,9}}): ")
"""How the alerts are found in a comment; JSON follows."""


def alerts_comment(alerts: Iterable[Alert]) -> str:
    """Return the alerts as a comment, which `read_told_alerts` reads; empty where there are none."""
    told: list[Json] = [
        {"event": one.event, "notify": list(one.notify), **({"deadline": one.deadline} if one.deadline else {})}
        for one in alerts
    ]
    return f"{_MARK}{ALERTS_VERSION}: {json.dumps(told, ensure_ascii=False, separators=(',', ':'))}" if told else ""


def read_told_alerts(definition: Mapping[str, Json]) -> tuple[Alert, ...]:
    """Return the alerts that a machine's definition holds: none for a raw one, and one that was applied without a resident.

    Of another version only the events are taken that this bunsui knows: it is better to tell those than none.
    """
    states = definition.get("States")
    start = states.get(START_STATE) if isinstance(states, Mapping) else None
    comment = start.get("Comment") if isinstance(start, Mapping) else None
    found = ALERTS_WRITTEN.search(comment) if isinstance(comment, str) else None
    if found is None or not isinstance(comment, str):
        return ()
    try:
        told, _ = json.JSONDecoder().raw_decode(comment, found.end())
        read = [
            Alert(event=str(one["event"]), notify=tuple(map(str, one["notify"])), deadline=str(one.get("deadline", "")))
            for one in told
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(one for one in read if one.event in EVENTS)
