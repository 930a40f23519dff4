"""`functions`: code that several operations invoke by its name; the pipeline's own, and the project's.

The project's functions that a pipeline names become functions of that pipeline, as if they stood in its file; each keeps the
place that it has in `bunsui.yaml`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.type_defaults import children_of, place_node
from bunsui.document.yaml.tree import Document, DocumentNode, Path, mapping_node
from bunsui.model.json import Json

FUNCTIONS = "functions"


def with_project_functions(document: Document, project: Document | None) -> Document:
    """Return the document, in the long form, with those of the project's functions that it names and does not have itself."""
    theirs = children_of(children_of(project.root).get(FUNCTIONS)) if project is not None else {}
    own = children_of(document.root).get(FUNCTIONS)
    used = {name for name, _ in named_uses(document.data)} - set(children_of(own))
    taken = {name: place_node(node, (FUNCTIONS, name), file=project.file) for name, node in theirs.items() if name in used}  # type: ignore[union-attr]  # there are none without a project
    if project is None or not taken or (own is not None and not isinstance(own.children, Mapping)):
        return document
    mark = own.mark if own is not None else document.root.mark
    keys = {**(own.keys or {} if own is not None else {}), **{name: node.mark for name, node in taken.items()}}
    root = document.root
    merged: dict[str, DocumentNode] = {
        **children_of(root),
        FUNCTIONS: mapping_node(mark, {**children_of(own), **taken}, keys),
    }
    others = {**document.others, project.file: project.lines}
    return replace(document, root=mapping_node(root.mark, merged, root.keys or {}), others=others)


def named_uses(data: Json) -> Iterator[tuple[str, Path]]:
    """Return each name of a function that an operation has as its `code`, with its place."""
    jobs = data.get("jobs") if isinstance(data, Mapping) else None
    for job, entry in jobs.items() if isinstance(jobs, Mapping) else ():
        if isinstance(entry, Mapping):
            yield from _uses(entry.get("operations"), ("jobs", job, "operations"))


def check_functions(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Return the names that are no function's, with what was probably meant, and the pipeline's own functions without use."""
    given = data.get(FUNCTIONS)
    functions = given if isinstance(given, Mapping) else {}
    used = list(named_uses(data))
    for name, path in used:
        if name not in functions:
            near = difflib.get_close_matches(name, list(functions), n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else f"Add it:  functions: {{{name}: {{path: …, handler: …}}}}"
            yield document.finding("BS224", f"there is no function {name}", path, hint=hint)
    for name in functions:
        if name not in {use for use, _ in used}:
            yield document.finding(
                "BS225",
                f"no operation invokes the function {name}",
                (FUNCTIONS, name),
                on_key=True,
                severity=Severity.WARNING,
                hint=f"Write code: {name} at an operation, or remove it.",
            )
    jobs = data.get("jobs")
    if functions and isinstance(jobs, Mapping) and FUNCTIONS in jobs:
        yield document.finding(
            "BS203", "a job cannot be called functions where the pipeline has functions", ("jobs", FUNCTIONS), on_key=True
        )


def _uses(value: Json, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(value, Mapping):
        code = value.get("code")
        if isinstance(code, str) and value.get("type") == "lambda":
            yield code, (*path, "code")
        for key, item in value.items():
            yield from _uses(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _uses(item, (*path, index))
