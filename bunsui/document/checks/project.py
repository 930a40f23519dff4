"""References between pipeline files: unique names, pipelines that start other pipelines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from bunsui.diagnostics import Diagnostic, Position
from bunsui.document.checks.given_values import Child, check_children
from bunsui.document.error_limit import MOST_ERRORS
from bunsui.document.job_graph import find_cycle
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json, value_at
from bunsui.model.pipeline import Operation, Pipeline
from bunsui.operations.contract import OperationType

Loaded = Sequence[tuple[Document, Pipeline | None]]
NEEDS_OTHERS = frozenset({"BS204", "BS207", "BS208", "BS220"})
"""Findings about several files: what one of them says alone cannot be judged so."""


def check_together(loaded: Loaded, registry: Mapping[str, OperationType]) -> tuple[Diagnostic, ...]:
    """Return the findings about all pipeline files together."""
    children = {
        pipeline.name: Child(pipeline, data)
        for document, pipeline in loaded
        if pipeline is not None and isinstance(data := document.data, Mapping)
    }
    given = (finding for document, _ in loaded for finding in check_children(document, children, registry))
    return (*_names(loaded), *_check_former_names(loaded), *_calls(loaded, registry), *given)


def _names(loaded: Loaded) -> Iterator[Diagnostic]:
    first: dict[str, Document] = {}
    for document, _ in loaded:
        name = _name(document)
        if name is None:
            continue
        if name in first:
            other = first[name].at(("name",))
            yield document.finding("BS204", f"the pipeline {name} is defined twice; the other one is at {other}", ("name",))
        first.setdefault(name, document)


def _check_former_names(loaded: Loaded) -> Iterator[Diagnostic]:
    """Former names: free, and claimed by one pipeline only."""
    present = {name: document for document, _ in loaded if (name := _name(document)) is not None}
    claimed: dict[str, str] = {}
    for document, pipeline in loaded:
        for index, old in enumerate(pipeline.lifecycle.moved_from if pipeline is not None else ()):
            path = ("moved", "from", index) if _is_list(document) else ("moved", "from")
            if old == _name(document):
                yield document.finding("BS220", f"{old} is the pipeline's own name", path, hint="Write the name that it had.")
            elif old in present:
                other = present[old].at(("name",))
                yield document.finding(
                    "BS220",
                    f"the pipeline {old} still exists, at {other}",
                    path,
                    hint="Remove that file, or remove moved: here.",
                )
            elif old in claimed:
                yield document.finding("BS220", f"{claimed[old]} says already that it was {old}", path)
            elif pipeline is not None:
                claimed[old] = pipeline.name


def _is_list(document: Document) -> bool:
    moved = document.data.get("moved") if isinstance(document.data, Mapping) else None
    return isinstance(moved, Mapping) and isinstance(moved.get("from"), list)


def _calls(loaded: Loaded, registry: Mapping[str, OperationType]) -> Iterator[Diagnostic]:
    names = {name for document, _ in loaded if (name := _name(document)) is not None}
    edges: dict[str, list[str]] = {}
    places: dict[tuple[str, str], Diagnostic] = {}
    unknown: set[str] = set()
    for document, pipeline in loaded:
        if pipeline is None:
            continue
        paths: dict[Position | None, Path] = {}
        for operation, called in _started_pipelines(pipeline, registry):
            if called not in names:
                # Nobody reads the hints of a thousand wrong names, and each is compared with all pipelines.
                compared = sorted(names) if len(unknown) < MOST_ERRORS else ()
                unknown.add(called)
                near = difflib.get_close_matches(called, compared, n=1, cutoff=0.6)
                hint = f"Did you mean {near[0]}?" if near else "Another project's machine is started with step_function."
                paths = paths or {document.at(path): path for path in _paths(document.data)}
                path = _path_of_name(document, paths.get(operation.position, ()), called)
                yield document.finding("BS207", f"there is no pipeline {called} in this project", path, hint=hint)
            else:
                edges.setdefault(pipeline.name, []).append(called)
                places[pipeline.name, called] = _at(document, operation, "BS208", "", "A pipeline cannot wait for itself.")
    cycle = find_cycle(edges)
    if cycle is not None:
        place = places[cycle[0], cycle[1]]
        yield Diagnostic(
            code=place.code,
            severity=place.severity,
            summary=f"pipelines start each other: {' -> '.join(cycle)}",
            position=place.position,
            hint=place.hint,
            excerpt=place.excerpt,
        )


def _started_pipelines(pipeline: Pipeline, registry: Mapping[str, OperationType]) -> Iterator[tuple[Operation, str]]:
    waiting = [operation for job in pipeline.jobs for operation in job.operations]
    while waiting:
        operation = waiting.pop(0)
        operation_type = registry[operation.type]
        for called in operation_type.calls_pipelines(operation.params):
            yield operation, called
        waiting.extend(operation_type.operations(operation.params))


def _path_of_name(document: Document, operation: Path, called: str) -> Path:
    """Return the path at which an operation names a pipeline; its own where the name stands there by a variable."""
    value = value_at(document.data, operation)
    keys = (key for key, found in value.items() if found == called) if isinstance(value, Mapping) else ()
    return next(((*operation, key) for key in keys), operation)


def _paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all objects, the inner ones first: an object may begin where the one around it does."""
    below = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for step, part in below:
        yield from _paths(part, (*path, step))
    if isinstance(value, Mapping):
        yield path


def _at(document: Document, operation: Operation, code: str, summary: str, hint: str) -> Diagnostic:
    found = document.finding(code, summary, (), hint=hint)
    if operation.position is None:
        return found
    return Diagnostic(
        code=code,
        severity=found.severity,
        summary=summary,
        position=operation.position,
        hint=hint,
        excerpt=document.line(operation.position.line),
    )


def _name(document: Document) -> str | None:
    data = document.data
    name = data.get("name") if isinstance(data, Mapping) else None
    return name if isinstance(name, str) else None
