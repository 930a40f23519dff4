"""The jobs that a file names, in its order, whether or not it is whole: what a list of them shows while somebody edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.read_text import read_text
from bunsui.document.yaml.tree import Path, pointer
from bunsui.model.json import Json

CLOSING = ("on_failure", "finally")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineJob:
    """A job as the file has it."""

    name: str
    path: Path
    line: int
    types: tuple[str, ...]
    """The types of its operations, in their order; one without a type is an empty text."""
    is_short: bool
    """True where the keys of its only operation stand in the job itself."""
    depends_on: tuple[str, ...]
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a pipeline's file names."""

    name: str
    title: str
    jobs: tuple[OutlineJob, ...]
    closing: tuple[str, ...]
    """Which of `on_failure` and `finally` are there."""
    is_raw: bool
    """True where it manages a definition instead of jobs."""


def read_outline(file: str, content: bytes, *, findings: Sequence[Diagnostic] = ()) -> Outline | None:
    """Return what a pipeline's file names; None when it cannot be read as YAML."""
    text = read_text(file, content)
    if text.problems or text.spanned is None:
        return None
    data: Mapping[str, Json] = text.data if isinstance(text.data, Mapping) else {}
    jobs = data.get("jobs")
    spanned = text.spanned
    found = []
    for name, job in (jobs if isinstance(jobs, Mapping) else {}).items():
        entry = spanned.entry(("jobs", name))
        here = pointer(("jobs", name))
        found.append(
            OutlineJob(
                name=name,
                path=("jobs", name),
                line=spanned.line_number(entry.start) if entry is not None else 0,
                types=tuple(_types(job)),
                is_short=isinstance(job, Mapping) and "operations" not in job and "type" in job,
                depends_on=tuple(_names(job.get("depends_on"))) if isinstance(job, Mapping) else (),
                findings=tuple(one for one in findings if one.pointer == here or one.pointer.startswith(f"{here}/")),
            )
        )
    return Outline(
        name=_text(data.get("name")),
        title=_text(data.get("title")),
        jobs=tuple(found),
        closing=tuple(key for key in CLOSING if key in data),
        is_raw="definition" in data,
    )


def _types(job: Json) -> Iterator[str]:
    if not isinstance(job, Mapping):
        return
    operations = job.get("operations")
    if isinstance(operations, list):
        yield from (_text(one.get("type")) if isinstance(one, Mapping) else "" for one in operations)
    elif "type" in job:
        yield _text(job["type"])


def _names(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
