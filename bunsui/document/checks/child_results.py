"""What a pipeline asks of pipelines that it starts: jobs that there are, outputs that they declare, room within their limit."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bunsui.asl.expressions import LIMIT_CHARACTERS, VariableUse, field_step, variables
from bunsui.diagnostics import Diagnostic
from bunsui.document.operation_tree import Spot, operation_spots
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, leaf_jobs
from bunsui.operations.contract import OperationType


class _ChildrenOfJob(NamedTuple):
    """One job that starts children."""

    children: Mapping[str, Pipeline]
    """The pipeline that each operation starts, by the operation's id."""
    spots: Sequence[Spot]
    is_foreach: bool

    def read(self, use: VariableUse, path: Path) -> tuple[Pipeline, tuple[str, ...], str] | None:
        """Return the child whose result a variable reads, what is read of it, and how the result is called there."""
        if use.name == "ops" and use.path and use.path[0] in self.children:
            return self.children[use.path[0]], use.path[1:], f"$ops.{use.path[0]}"
        if use.name != "result":
            return None
        if path[:1] == ("outputs",):
            outer = [spot for spot in self.spots if len(spot.path) == 1]
            child = self.children.get(outer[-1].id) if outer else None
            if not self.is_foreach:
                return (child, use.path, "$result") if child is not None else None
            # Each item's result is under `output` of its entry.
            return (child, use.path[1:], "$result.output") if child is not None and use.path[:1] == ("output",) else None
        own = [spot for spot in self.spots if path[1 : 1 + len(spot.path)] == spot.path]
        before = max(own, key=lambda spot: len(spot.path)).before if own else ()
        child = self.children.get(before[-1][0]) if before else None
        return (child, use.path, "$result") if child is not None else None


def check_child_results(
    document: Document, children: Mapping[str, Pipeline], registry: Mapping[str, OperationType]
) -> Iterator[Diagnostic]:
    """Return the findings about all jobs of a file; `children` are the pipelines of the project by name."""
    data = document.data
    jobs = data.get("jobs") if isinstance(data, Mapping) else None
    for job, entry in (jobs if isinstance(jobs, Mapping) else {}).items():
        if not isinstance(entry, Mapping):
            continue
        spots = operation_spots(entry.get("operations"), registry)
        started = {spot.id: child for spot in spots if (child := _child(spot, children, registry)) is not None}
        if started:
            reader = _ChildrenOfJob(started, spots, "foreach" in entry)
            yield from _of_job(document, job, entry, reader)


def check_limited_children(
    document: Document, children: Mapping[str, Pipeline], registry: Mapping[str, OperationType]
) -> Iterator[Diagnostic]:
    """Return the findings about operations that start a pipeline past its limit; `children` as for the results."""
    data = document.data
    jobs = data.get("jobs") if isinstance(data, Mapping) else None
    for job, entry in (jobs if isinstance(jobs, Mapping) else {}).items():
        if not isinstance(entry, Mapping):
            continue
        for spot in operation_spots(entry.get("operations"), registry):
            keys = registry[spot.type].child_params if spot.type in registry else ()
            child = _child(spot, children, registry)
            if keys and child is not None and child.concurrency is not None:
                yield document.finding(
                    "BS582",
                    f"Step Functions starts {child.name} past its limit of {child.concurrency.limit} at a time",
                    ("jobs", job, "operations", *spot.path, keys[0]),
                    hint=f"Write concurrency: in this pipeline, which decides when {child.name} runs, and remove it there.",
                )


def _child(spot: Spot, children: Mapping[str, Pipeline], registry: Mapping[str, OperationType]) -> Pipeline | None:
    keys = registry[spot.type].child_params if spot.type in registry else ()
    return children.get(str(spot.entry.get(keys[0]))) if keys else None


def _of_job(document: Document, job: str, entry: Mapping[str, Json], reader: _ChildrenOfJob) -> Iterator[Diagnostic]:
    for path, text in _expressions(entry, ()):
        for use in variables(text):
            read = reader.read(use, path)
            problem = _unknown_output(*read) if read is not None and read[1] else None
            if problem is not None:
                yield document.finding("BS309", problem[0], ("jobs", job, *path), hint=problem[1])


def _expressions(value: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expressions(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _expressions(item, (*path, index))
    elif isinstance(value, str) and "{%" in value and len(value) <= LIMIT_CHARACTERS:
        for part in value.split("{%")[1:]:
            yield path, part.partition("%}")[0].strip()


def _unknown_output(child: Pipeline, path: Sequence[str], result: str) -> tuple[str, str] | None:
    jobs = {job.name: job for job in child.jobs}
    if not jobs:
        return None
    if path[0] not in jobs:
        near = difflib.get_close_matches(path[0], list(jobs), n=1, cutoff=0.5)
        hint = f"Did you mean {result}.{near[0]}?" if near else f"Write {result}.JOB.OUTPUT; its jobs are {', '.join(jobs)}."
        return f"the result of {child.name} has no job {path[0]}", hint
    job = jobs[path[0]]
    if len(path) < 2:
        return None
    rule = job.output_rules.get(path[1])
    if rule is not None and rule.sensitive:
        hint = "Let the work read the value itself, by a reference."
        return f"the output {path[1]} of the job {path[0]} of {child.name} is sensitive, and no part of its result", hint
    if path[1] in job.outputs:
        return _of_inner_job(child, path[0], path[1])
    near = difflib.get_close_matches(path[1], list(job.outputs), n=1, cutoff=0.5)
    hint = f"Did you mean {result}.{path[0]}.{near[0]}?" if near else f"Add it to outputs: of {path[0]} in {child.path}."
    return f"the job {path[0]} of {child.name} declares no output {path[1]}", hint


def _of_inner_job(child: Pipeline, job: str, output: str) -> tuple[str, str] | None:
    """The result of a session holds the outputs of its last jobs only."""
    last = leaf_jobs(child.jobs)
    if job in last:
        return None
    behind = _behind(child, job)
    after = next((name for name in last if name in behind), "another job")
    written = field_step(job)
    hint = f'Let {after} hand it on: outputs: {{{output}: "{{% $jobs.{written}.{output} %}}"}}, and read it there.'
    return f"the result of {child.name} holds the outputs of its last jobs, and others depend on {job}", hint


def _behind(child: Pipeline, job: str) -> set[str]:
    """Return the jobs that depend on a job, directly or not; jobs stand in the order of their dependencies or in any."""
    found = {job}
    for _ in child.jobs:
        found |= {other.name for other in child.jobs if not found.isdisjoint(other.depends_on)}
    return found
