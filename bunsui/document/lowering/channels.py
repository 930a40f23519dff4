"""Findings about `channels` of the project file that only their types can make: what their parameters say, who can send."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from bunsui.diagnostics import Diagnostic
from bunsui.document.checks.times import timezone_problem
from bunsui.document.project import LOCAL
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.notifications.contract import QUIET_HOURS, ChannelType
from bunsui.notifications.parameters import ParameterProblem, WrongParameters, channel_parameters
from bunsui.notifications.references import references_in
from bunsui.notifications.registry import BUILTIN_CHANNELS

Types: TypeAlias = Mapping[str, ChannelType]
MOST_BYTES = 2_560
"""That the channels of an environment take as JSON. All variables of a function have 4 KB together."""


def check_entries(document: Document, types: Types) -> Iterator[Diagnostic]:
    """Find what is wrong with channels of the project or its environments.

    Where a secret stands in clear text, no line of the file is shown.
    """
    found = list(_check(document, types))
    in_clear = any(finding.code == "BS621" for finding in found)
    yield from (replace(finding, excerpt="") for finding in found) if in_clear else found


def _check(document: Document, types: Types) -> Iterator[Diagnostic]:
    data = document.data if isinstance(document.data, Mapping) else {}
    shared = _mapping(data.get("channels"))
    declared = _mapping(data.get("environments"))
    yield from _quiet_hours(document, data)
    yield from _entries(document, shared, ("channels",), types)
    for environment, entry in declared.items():
        own = _mapping(_mapping(entry).get("channels"))
        yield from _entries(document, own, ("environments", environment, "channels"), types)
        if _mapping(entry).get("alerts") != "disabled":
            here = own if environment == LOCAL else {**shared, **own}
            yield from _told_by(document, environment, _mapping(entry), here, own)
            yield from _from_elsewhere(document, environment, here, own, types)


def _entries(document: Document, entries: Mapping[str, Json], at: Path, types: Types) -> Iterator[Diagnostic]:
    for name, entry in entries.items():
        if isinstance(entry, Mapping):
            yield from _entry(document, name, entry, (*at, name), types)


def _entry(document: Document, name: str, entry: Mapping[str, Json], at: Path, types: Types) -> Iterator[Diagnostic]:
    called = entry.get("type")
    if not isinstance(called, str) or called not in types:
        near = difflib.get_close_matches(str(called), list(types), n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(types)}, and those of installed packages."
        yield document.finding("BS620", f"there is no type of channels called {called}", (*at, "type"), hint=hint)
        return
    try:
        channel_parameters(types[called], entry)
        list(references_in(entry))
    except WrongParameters as wrong:
        yield from (_wrong(document, name, problem, entry, at) for problem in wrong.problems)
    except ValueError as problem:
        yield document.finding("BS622", f"the channel {name} refers to nothing: {problem}", at, on_key=True)


def _wrong(document: Document, name: str, problem: ParameterProblem, entry: Mapping[str, Json], at: Path) -> Diagnostic:
    path: Path = at
    known: Json = entry
    for part in problem.path:
        if not (isinstance(known, Mapping) and part in known):
            break
        path, known = (*path, part), known[str(part)]
    if problem.is_secret:
        return document.finding(
            "BS621",
            f"{problem.said}: whoever reads the file, the plan or the state can use it",
            path,
            on_key=True,
            hint="Change it where it was given out, store the new one, and refer to it: ${ssm:/path} or ${secret:NAME}.",
        )
    return document.finding("BS622", f"the channel {name} cannot be used: {problem.said}", path, on_key=path != at)


def _told_by(
    document: Document, environment: str, entry: Mapping[str, Json], here: Mapping[str, Json], own: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    """Find channels that only the resident can send on where there is none, and more than it can be told of."""
    for name, channel in here.items():
        said = _mapping(channel)
        is_fifo = str(said.get("topic", "")).endswith(".fifo")
        if entry.get("resident") is True or (said.get("type") == "sns" and not is_fifo):
            continue
        path: Path = ("environments", environment, "channels", name) if name in own else ("channels", name)
        yield document.finding(
            "BS623",
            f"the channel {name} needs a resident that sends on it, and the environment {environment} has none",
            path,
            on_key=True,
            detail="AWS itself tells of failures on topics of SNS only.",
            hint=f"Write `resident: true` in {environment}, or give it a channel {name} of its own: {{type: sns}}.",
        )
    size = len(json.dumps(here, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        summary = f"the channels of {environment} take {size} bytes, and the resident can be told {MOST_BYTES}"
        yield document.finding("BS624", summary, ("environments", environment), on_key=True, hint="Write shorter entries.")


def _from_elsewhere(
    document: Document, environment: str, here: Mapping[str, Json], own: Mapping[str, Json], types: Types
) -> Iterator[Diagnostic]:
    """Find channels whose type an installed package brings: the resident's package holds bunsui, and no other."""
    for name, channel in here.items():
        called = _mapping(channel).get("type")
        if isinstance(called, str) and called in types and called not in BUILTIN_CHANNELS:
            package = types[called].params.__module__.partition(".")[0]
            path: Path = ("environments", environment, "channels", name) if name in own else ("channels", name)
            yield document.finding(
                "BS625",
                f"the type {called} of the channel {name} comes from {package}, which the resident of {environment} has not",
                (*path, "type"),
                detail="The resident is made of bunsui and of what bunsui itself needs; `bunsui alerts test` sends from here.",
                hint="Tell alerts on a type that comes with bunsui, such as webhook.",
            )


def _quiet_hours(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Find quiet hours that are none, and those that nobody would keep. The data may be of any shape."""
    shared = _mapping(data.get("channels"))
    yield from _times(document, shared, ("channels",))
    for name, entry in _mapping(data.get("environments")).items():
        environment = _mapping(entry)
        own = _mapping(environment.get("channels"))
        yield from _times(document, own, ("environments", name, "channels"))
        if environment.get("alerts") != "disabled" and environment.get("resident") is not True:
            here = own if name == LOCAL else {**shared, **own}
            yield from _kept_by_nobody(document, name, here, own)


def _times(document: Document, channels: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    for name, channel in channels.items():
        said = _mapping(_mapping(channel).get(QUIET_HOURS))
        zone = said.get("timezone")
        problem = timezone_problem(zone) if isinstance(zone, str) else None
        if problem is not None:
            at = (*path, name, QUIET_HOURS, "timezone")
            yield document.finding("BS111", problem.summary, at, hint=problem.hint)
        if "from" in said and said["from"] == said.get("to"):
            yield document.finding(
                "BS628",
                f"the quiet hours of {name} begin and end at {said['from']}: that would be the whole day or none of it",
                (*path, name, QUIET_HOURS),
                hint='Such as from "22:00" to "07:00"; or tell the events on another channel.',
            )


def _kept_by_nobody(
    document: Document, environment: str, channels: Mapping[str, Json], own: Mapping[str, Json]
) -> Iterator[Diagnostic]:
    for name, channel in channels.items():
        if QUIET_HOURS in _mapping(channel):
            path: Path = ("environments", environment, "channels", name) if name in own else ("channels", name)
            yield document.finding(
                "BS629",
                f"the quiet hours of {name} need a resident that holds messages, and the environment {environment} has none",
                (*path, QUIET_HOURS),
                on_key=True,
                detail="Without one, AWS itself tells of failures at once.",
                hint=f"Write `resident: true` in {environment}, or give it a channel {name} of its own without quiet hours.",
            )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
