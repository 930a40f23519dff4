"""A pipeline read back from the text that was kept when it was applied: without its files, and without judging it again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bunsui.document.interpolation import PlaceholderNames, fill
from bunsui.document.lowering.pipeline import lower
from bunsui.document.lowering.values import Lowering
from bunsui.document.operation_tree import operation_spots
from bunsui.document.yaml.reader import read_document
from bunsui.model.durations import parse_duration
from bunsui.model.estimates.learnt_durations import LEARNT_DURATIONS, JobDurations
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import Scope
from bunsui.operations.contract import OperationType
from bunsui.ports.source import FolderEntry, UnusedPattern

_DROPPED = frozenset({"BS109", "BS211", "BS212"})
"""Findings that leave an operation out of the pipeline."""


def read_applied_text(
    name: str, text: str, *, timezone: str, scope: Scope, registry: Mapping[str, OperationType]
) -> Pipeline | None:
    """Return the pipeline that an author's text (`bunsui.document.author_text`) says; None when it cannot be read whole, as
    with an operation of a plugin that is not installed.

    `timezone` is the project's. The code folders are not there, so the digests of functions stand for nothing, and closing jobs
    are told by their rule alone.
    """
    try:
        data = json.loads(text)
        content = json.dumps({"version": 1, "name": name, **data}).encode()
    except (ValueError, TypeError):
        return None
    document = read_document(f"{name}.yaml", content).document
    if document is None or not _are_known(data, registry):
        return None
    filled = fill(document, PlaceholderNames(variables={}, scope=scope, parameters=None))
    lowering = Lowering(document=document, source=NoFiles(), registry=registry, timezone=timezone, project_defaults={})
    pipeline = lower(lowering, filled.value)
    is_whole = not any(found.is_error for found in filled.diagnostics) and not any(
        found.code in _DROPPED for found in lowering.findings
    )
    return replace(pipeline, durations=_durations(data)) if is_whole and pipeline is not None else None


def _durations(data: Mapping[str, Json]) -> JobDurations:
    """Return what was learnt of the jobs when it was applied."""
    learnt = data.get(LEARNT_DURATIONS)
    told = learnt if isinstance(learnt, Mapping) else {}
    return {job: parse_duration(text) for job, text in told.items() if isinstance(text, str)}


def _are_known(data: Mapping[str, Json], registry: Mapping[str, OperationType]) -> bool:
    """Tell whether every operation is of a type that there is."""
    jobs = data.get("jobs")
    lists = [job.get("operations") for job in jobs.values() if isinstance(job, Mapping)] if isinstance(jobs, Mapping) else []
    return all(spot.type in registry for one in lists for spot in operation_spots(one, registry))


class NoFiles:
    """Implements `bunsui.ports.source.Source` where there are no files: any folder of code has one file without content."""

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        """Find nothing."""
        return ()

    def holds(self, path: str) -> bool:
        """Tell that there is nothing."""
        return False

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Return no bytes, as of an empty lock file."""
        return b""

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        """Return one empty file."""
        return (FolderEntry(path="-", executable=False, content=b""),)

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        """List nothing."""
        return ()

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        """List nothing."""
        return ()
