"""Names in the texts of pipelines: which entries of two texts are the same one, and in which order they are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from bunsui.asl.expressions import field_step
from bunsui.model.json import Json

Entries: TypeAlias = Mapping[str, Json]

_READ_JOB = re.compile(r"(?P<of>[$](?:jobs|errors|status)\.)(?:`(?P<quoted>[^`]+)`|(?P<plain>[A-Za-z_][A-Za-z0-9_]*))")


def by_id(value: Json) -> Entries:
    """Return the entries of a list by their `id`, else by their type, counted where it stands again."""
    found: dict[str, Json] = {}
    for entry in value if isinstance(value, list) else ():
        said = entry if isinstance(entry, Mapping) else {}
        name = str(said.get("id") or said.get("type") or "")
        number = 2
        key = name
        while key in found:
            key, number = f"{name}-{number}", number + 1
        found[key] = entry
    return found


def by_event(value: Json) -> Entries:
    """Return the channels that a list of alerts tells of each event, sorted, as `{notify: [CHANNEL]}` by event, with its
    deadline where it has one."""
    found: dict[str, set[str]] = {}
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, Mapping):
            names, deadline = entry.get("notify"), entry.get("deadline")
            name = f"{entry.get('event')} {deadline}" if deadline else str(entry.get("event"))
            found.setdefault(name, set()).update(map(str, names) if isinstance(names, list) else ())
    return {event: {"notify": sorted(names)} for event, names in found.items()}


def in_file_order(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Return all names in the order of `new`, those that are gone behind the one that they followed."""
    order = list(new)
    known = set(order)
    last = -1
    for name in old:
        if name in known:
            last = order.index(name)
        else:
            last += 1
            order.insert(last, name)
    return order


def renamed_jobs(old: Entries, new: Entries) -> dict[str, str]:
    """Return new names by old ones, of the jobs that are otherwise equal, references of one to another followed."""
    names: dict[str, str] = {}
    found = True
    while found:
        found = False
        came = [name for name in new if name not in old and name not in names.values()]
        for before in [name for name in old if name not in new and name not in names]:
            match = next((after for after in came if with_names(old[before], {**names, before: after}) == new[after]), None)
            if match is not None:
                found = True
                names[before] = match
                came.remove(match)
    return names


def with_names(value: Json, names: Mapping[str, str]) -> Json:
    """Return a job, or a part of one, with other jobs called by their new names: in lists of names and in expressions.

    It is only compared and shown, so that what reads as a name is taken for one.
    """
    if not names:
        return value
    if isinstance(value, Mapping):
        return {
            key: _list_of_names(entry, names) if key == "depends_on" else with_names(entry, names)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [with_names(entry, names) for entry in value]
    if isinstance(value, str) and "{%" in value:
        return _READ_JOB.sub(lambda found: _renamed_read(found, names), value)
    return value


def _renamed_read(found: re.Match[str], names: Mapping[str, str]) -> str:
    after = names.get(found["quoted"] or found["plain"])
    return found[0] if after is None else f"{found['of']}{field_step(after)}"


def _list_of_names(value: Json, names: Mapping[str, str]) -> Json:
    return (
        [names.get(entry, entry) if isinstance(entry, str) else entry for entry in value] if isinstance(value, list) else value
    )
