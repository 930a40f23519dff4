"""The text of a pipeline as its author reads it, in one form: long, with the defaults of operation types laid under.

It is kept with what was applied, so that a plan can name what was edited by the author's own keys. It holds what was filled in
for variables, and of `${ssm:…}` only the name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bunsui.model.alerts import Alert
from bunsui.model.durations import format_duration
from bunsui.model.estimates.learnt_durations import LEARNT_DURATIONS, JobDurations
from bunsui.model.json import Json

LONGEST_TEXT = 2_000_000
"""Characters; what is longer is not kept."""
_LEFT_OUT = frozenset({"version", "name", "tests", "accept"})
"""Keys that nothing is made of, and the one by which the text is found."""


def author_text(
    data: Mapping[str, Json],
    project_defaults: Mapping[str, Json],
    project_alerts: Sequence[Json] = (),
    durations: JobDurations = MappingProxyType({}),
    *,
    alerts: Sequence[Alert] = (),
) -> str:
    """Return the pipeline's filled-in data as compact JSON, keys in their order, over the project's `defaults` and `alerts`.

    With it stand what was learnt of its jobs, and the channels of those `alerts` that routes chose. Empty for a raw pipeline,
    whose definition is no text of ours, and for one that is too long.
    """
    if "definition" in data:
        return ""
    rest = {key: value for key, value in data.items() if key not in _LEFT_OUT}
    if project_defaults:
        rest["defaults"] = _over(project_defaults, rest.get("defaults", {}))
    if project_alerts and "alerts" not in rest:
        rest["alerts"] = list(project_alerts)
    told = rest.get("alerts")
    if isinstance(told, list) and len(told) == len(alerts):
        rest["alerts"] = [_with_notify(entry, alert) for entry, alert in zip(told, alerts, strict=True)]
    if durations:
        rest[LEARNT_DURATIONS] = {job: format_duration(seconds) for job, seconds in durations.items()}
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= LONGEST_TEXT else ""


def _with_notify(entry: Json, alert: Alert) -> Json:
    if not isinstance(entry, Mapping) or "notify" in entry:
        return entry
    return {**entry, "notify": list(alert.notify)}


def _over(under: Json, over: Json) -> Json:
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    return {**under, **{key: _over(under[key], value) if key in under else value for key, value in over.items()}}
