"""Which jobs' outputs a job reads, from the expressions in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass

from bunsui.asl.expressions import variables
from bunsui.model.pipeline import Job
from bunsui.model.values import Expression

_WHOLE = "*"
"""Stands for every job that this one depends on: the expression takes `$jobs` as a whole, or is not ours to read."""


def jobs_read(job: Job, jobs: Sequence[Job]) -> frozenset[str]:
    """Give the names of the jobs whose outputs the job reads.

    A job that hands `$jobs` on as a whole, or brings raw states with expressions of their own, reads all that it depends on.
    """
    found = {name for part in (job.operations, job.when, job.foreach, job.outputs) for name in _reads(part)}
    return ancestors(job.name, jobs) if _WHOLE in found else frozenset(found)


def ancestors(name: str, jobs: Sequence[Job]) -> frozenset[str]:
    """Give the jobs that the job depends on, directly or not."""
    parents = {job.name: job.depends_on for job in jobs}
    found: set[str] = set()
    waiting = list(parents.get(name, ()))
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting.extend(parents.get(parent, ()))
    return frozenset(found)


def _reads(part: object) -> Iterator[str]:
    if isinstance(part, Expression):
        for use in variables(part.text):
            if use.name == "jobs":
                yield use.path[0] if use.path else _WHOLE
    elif isinstance(part, str):
        if "{%" in part:
            yield _WHOLE
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _reads(value)
    elif isinstance(part, Sequence):
        for value in part:
            yield from _reads(value)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _reads(getattr(part, field.name))
