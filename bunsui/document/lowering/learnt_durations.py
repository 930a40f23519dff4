"""`bunsui.durations.yaml`: how long jobs take, as `bunsui graph --update-estimates` learnt it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bunsui.diagnostics import Diagnostic, Position, Severity, has_errors
from bunsui.document.schema.check import durations_check
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document
from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import InvalidInput
from bunsui.model.durations import format_duration, parse_duration
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE, JobDurations
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.ports.source import Source

_HEADER = """\
# How long jobs usually take, learnt from runs that succeeded, in steps of a scale: a run that takes a little longer
# changes nothing here. bunsui arranges the jobs of a pipeline by it where Step Functions cannot express their order
# exactly. A job that is not here counts as the median of its pipeline's; without this file all jobs count the same.
# Refresh it with `bunsui graph --update-estimates`, and review it: it changes state machines.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationsDocument:
    """What the file says."""

    document: Document | None = None
    """None where there is no such file, or one with errors."""
    pipelines: Mapping[str, JobDurations] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def read_durations(source: Source) -> DurationsDocument:
    """Read the file where there is one; what is wrong with it comes back as diagnostics."""
    if not source.holds(DURATIONS_FILE):
        return DurationsDocument()
    try:
        content = source.read(DURATIONS_FILE)
    except InvalidInput as error:
        at = Position(DURATIONS_FILE, 1, 1)
        refused = Diagnostic(code="BS001", severity=Severity.ERROR, summary=error.summary, position=at, hint=error.hint)
        return DurationsDocument(diagnostics=(refused,))
    intake = read_document(DURATIONS_FILE, content)
    if intake.document is None:
        return DurationsDocument(diagnostics=intake.diagnostics)
    document = intake.document
    findings = [*durations_check()(document, document.data)]
    pipelines: dict[str, JobDurations] = {}
    if not has_errors(findings):
        pipelines = {name: dict(_jobs(document, name, jobs, findings)) for name, jobs in _entries(document).items()}
    return DurationsDocument(document=document, pipelines=pipelines, diagnostics=tuple(findings))


def check_durations(read: DurationsDocument, pipelines: Iterable[Pipeline], broken: Collection[str]) -> Iterator[Diagnostic]:
    """Find what was learnt of pipelines and jobs that there are not; nothing is known of those whose files have errors."""
    known = {pipeline.name: {job.name for job in pipeline.jobs} for pipeline in pipelines}
    for name, jobs in read.pipelines.items():
        if name in broken or read.document is None:
            continue
        if name not in known:
            yield _stale(read.document, f"there is no pipeline {name}", ("pipelines", name))
            continue
        for job in jobs:
            if job not in known[name]:
                yield _stale(read.document, f"the pipeline {name} has no job {job}", ("pipelines", name, job))


def own_durations(pipeline: Pipeline, learnt: Mapping[str, JobDurations]) -> JobDurations:
    """Return what was learnt of the jobs that the pipeline has, in the order of its file."""
    known = learnt.get(pipeline.name, {})
    return {job.name: known[job.name] for job in pipeline.jobs if job.name in known}


def durations_text(pipelines: Mapping[str, JobDurations]) -> str:
    """Return the file, by names; the same bytes for the same durations."""
    entries: dict[str, Json] = {
        name: {job: format_duration(jobs[job]) for job in sorted(jobs)} for name, jobs in sorted(pipelines.items()) if jobs
    }
    return _HEADER + yaml_text({"version": 1, "pipelines": entries})


def _entries(document: Document) -> Mapping[str, Mapping[str, str]]:
    found = document.data.get("pipelines") if isinstance(document.data, Mapping) else None
    checked: Mapping[str, Mapping[str, str]] = found if isinstance(found, Mapping) else {}  # type: ignore[assignment]
    return checked


def _jobs(document: Document, pipeline: str, jobs: Mapping[str, str], findings: list[Diagnostic]) -> Iterator[tuple[str, int]]:
    for job, text in jobs.items():
        try:
            yield job, parse_duration(text)
        except ValueError as error:
            findings.append(document.finding("BS113", str(error), ("pipelines", pipeline, job)))


def _stale(document: Document, summary: str, path: tuple[str, ...]) -> Diagnostic:
    return document.finding(
        "BS226",
        summary,
        path,
        on_key=True,
        severity=Severity.WARNING,
        hint="Refresh the file:\n  bunsui graph --update-estimates",
    )
