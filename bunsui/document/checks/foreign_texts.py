"""Texts that look like another language's expressions: valid, handed to the task as they are, and hardly meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.expression_hints import foreign_marks, rewritten
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.operations.contract import OperationType

_OF_PEOPLE = frozenset({"description", "title", "message", "subject"})
"""Texts for readers, in which anything may stand in braces."""


def check_texts(document: Document, data: Mapping[str, Json], registry: Mapping[str, OperationType]) -> Iterator[Diagnostic]:
    """Return a warning for each such text where an expression could stand."""
    jobs = data.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, Mapping) else ():
        for key, value in job.items() if isinstance(job, Mapping) else ():
            if key in ("outputs", "operations"):
                yield from _walk(document, value, ("jobs", name, key), registry)


def _walk(document: Document, value: Json, path: Path, registry: Mapping[str, OperationType]) -> Iterator[Diagnostic]:
    if isinstance(value, str):
        if ("{{" in value or "$" in value or value.startswith("States.")) and "${" not in value and "{%" not in value:
            yield from _text(document, value, path)
    elif isinstance(value, Mapping):
        foreign = _foreign_keys(value, registry)
        for key, inner in value.items():
            if key not in foreign and key not in _OF_PEOPLE:
                yield from _walk(document, inner, (*path, key), registry)
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _walk(document, inner, (*path, index), registry)


def _foreign_keys(value: Mapping[str, Json], registry: Mapping[str, OperationType]) -> Sequence[str]:
    kind = value.get("type")
    return registry[kind].foreign if isinstance(kind, str) and kind in registry else ()


def _text(document: Document, value: str, path: Path) -> Iterator[Diagnostic]:
    marks = foreign_marks(value)
    if marks:
        meant = rewritten(value)
        yield document.finding(
            "BS340",
            f"{path[-1]} is handed over as the text that stands here: {marks} is no expression of bunsui",
            path,
            severity=Severity.WARNING,
            hint=f"Write {meant}." if meant else 'An expression stands between {% and %}: "{% $params.NAME %}".',
        )
