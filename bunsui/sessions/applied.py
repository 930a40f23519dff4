"""Tell whether the files say what is applied: the next attempt is planned with the files, and runs what is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.model.json import Json
from bunsui.model.values import Reference, Sensitive, Unknown, Value
from bunsui.sessions.shape import job_of

_INNER = ("Branches", "ItemProcessor", "Iterator")
_ELSEWHERE = (*_INNER, "Comment")
"""What is no part of a state by itself; a comment changes nothing, and that of the first state tells of code."""


def differing_jobs(wanted: Mapping[str, Value], applied: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the jobs whose states differ, sorted; what stands between jobs counts as the job `""`.

    `wanted` is compiled from the files: what only an apply knows in it (a function's version) fits anything, since a resume is
    free to run other code.
    """
    ours, theirs = dict(_states(wanted)), dict(_states(applied))
    both = ours.keys() & theirs.keys()
    differing = (ours.keys() ^ theirs.keys()) | {name for name in both if not _fits(ours[name], theirs[name])}
    return tuple(sorted({job_of(name) for name in differing}))


def _states(machine: Value) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Return every state without the machines inside of it, which follow by themselves."""
    states = machine.get("States") if isinstance(machine, Mapping) else None
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        yield name, {key: value for key, value in state.items() if key not in _ELSEWHERE}
        for key in _INNER:
            inner = state.get(key)
            for scope in inner if isinstance(inner, (list, tuple)) else (inner,):
                yield from _states(scope)


def _fits(wanted: Value, applied: Value) -> bool:
    if isinstance(wanted, (Reference, Unknown, Sensitive)):
        return True
    if isinstance(wanted, Mapping):
        return (
            isinstance(applied, Mapping)
            and wanted.keys() == applied.keys()
            and all(_fits(value, applied[key]) for key, value in wanted.items())
        )
    if isinstance(wanted, (list, tuple)):
        return (
            isinstance(applied, (list, tuple))
            and len(wanted) == len(applied)
            and all(_fits(*pair) for pair in zip(wanted, applied, strict=True))
        )
    return type(wanted) is type(applied) and wanted == applied
