"""The repository side of every use case: files to compiled pipelines, findings collected, no account needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeAlias

from bunsui.compile.limits import refusals
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.diagnostics import Diagnostic, has_errors, sorted_diagnostics
from bunsui.document.load import Documents, load_pipelines
from bunsui.errors import NotFound
from bunsui.kinds.canonical import sharing
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import Address, AppliedResource, DesiredResource
from bunsui.model.starts import next_starts
from bunsui.operations.contract import OperationType
from bunsui.plan.closure import closed
from bunsui.plan.model import PipelineFacts
from bunsui.plan.model import SyntheticWait as Wait
from bunsui.services.edges import Repository
from bunsui.services.selecting import chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledProject:
    """Everything that the files say, compiled."""

    documents: Documents
    pipelines: Mapping[str, CompiledPipeline]
    """By name; only those that were asked for and what they start."""
    selected: frozenset[str] | None
    """Names of the pipelines that were asked for, closed under what they start; None when all were."""
    diagnostics: tuple[Diagnostic, ...]
    """Of the files and of the compiler, sorted, the project's rules applied."""

    @property
    def resources(self) -> tuple[DesiredResource, ...]:
        """Every resource that the repository wants."""
        return tuple(resource for compiled in self.pipelines.values() for resource in compiled.resources)

    @property
    def moved(self) -> Mapping[str, str]:
        """Give the names of pipelines by those that they had before."""
        return {old: pipeline.name for pipeline in self.documents.pipelines for old in pipeline.lifecycle.moved_from}

    schedules_enabled: bool
    """False when the environment starts nothing by itself."""

    def refusals(self, names: Collection[str]) -> tuple[Diagnostic, ...]:
        """Give what Step Functions would refuse in these pipelines, the project's rules applied; for who compiled without."""
        by_name = {pipeline.name: pipeline for pipeline in self.documents.pipelines}
        compiled = {name: self.pipelines[name].definition for name in names if name in self.pipelines}
        found = [
            finding
            for name, definition in compiled.items()
            if definition and not by_name[name].is_raw
            for finding in refusals(by_name[name], definition)
        ]
        return sorted_diagnostics(self.documents.rules.applied(found))

    def facts(self, as_of: datetime) -> dict[str, PipelineFacts]:
        """Give what a reader of a plan wants to know of each pipeline."""
        by_name = {pipeline.name: pipeline for pipeline in self.documents.pipelines}
        result: dict[str, PipelineFacts] = {}
        for name, compiled in self.pipelines.items():
            starts = _next_starts(by_name[name], as_of) if self.schedules_enabled else ()
            result[name] = _facts(by_name[name], compiled, starts)
        return result


Applied: TypeAlias = Mapping[Address, AppliedResource]
Compiler: TypeAlias = Callable[[Repository, Sequence[str], Callable[[], Applied]], CompiledProject]
"""Compiles for a plan, as `compile_for_plan` does."""


def compile_for_plan(repository: Repository, select: Sequence[str], applied: Callable[[], Applied]) -> CompiledProject:
    """Do as `compile_project` does, the caller asking for `refusals`. What was applied is asked for when no file has an error,
    so that what is equal to it is held once."""
    made = compile_project(repository, select=select, asks_whether_refused=False)
    if has_errors(made.diagnostics):
        return made
    return replace(made, pipelines={name: beside(one, applied()) for name, one in made.pipelines.items()})


def compile_project(
    repository: Repository, *, select: Sequence[str] = (), asks_whether_refused: bool = True
) -> CompiledProject:
    """Load and compile the pipelines that `select` names or describes (`bunsui.services.selecting`), and those that they
    start; all when it is empty. Without `asks_whether_refused` the caller asks for `refusals`.

    Raises:
        NotFound: `unknown-pipeline`, with the name that was probably meant.

    """
    documents = documents_of(repository)
    names = selected_names(documents, select, repository)
    compiled = compile_documents(repository, documents, names, asks_whether_refused=asks_whether_refused)
    return project_of(repository, documents, names, compiled)


def documents_of(repository: Repository) -> Documents:
    """Read the files."""
    return load_pipelines(
        repository.source,
        repository.project,
        registry=repository.registry,
        scope=repository.scope,
        parameters=repository.parameters,
    )


def selected_names(documents: Documents, select: Sequence[str], repository: Repository) -> frozenset[str] | None:
    """Give the names of the pipelines that `select` asks for, closed under what they start; None when it asks for all."""
    return _selected(documents, select, repository.registry) if select else None


def compile_documents(
    repository: Repository,
    documents: Documents,
    names: Collection[str] | None = None,
    *,
    asks_whether_refused: bool = True,
) -> dict[str, CompiledPipeline]:
    """Compile those of the pipelines that are named, all when None, each with what it must know of the others."""
    return dict(compile_each(repository, documents, names, asks_whether_refused=asks_whether_refused))


def compile_each(
    repository: Repository, documents: Documents, names: Collection[str] | None, *, asks_whether_refused: bool
) -> Iterator[tuple[str, CompiledPipeline]]:
    """Do as `compile_documents` does, one after the other."""
    machine_names = {pipeline.name: pipeline.resource_name for pipeline in documents.pipelines if pipeline.resource_name}
    raw_inputs = {pipeline.name: pipeline.literal_defaults for pipeline in documents.pipelines if pipeline.is_raw}
    for pipeline in documents.pipelines:
        if names is None or pipeline.name in names:
            yield (
                pipeline.name,
                compile_pipeline(
                    pipeline,
                    scope=repository.scope,
                    registry=repository.registry,
                    machine_names=machine_names,
                    raw_inputs=raw_inputs,
                    asks_whether_refused=asks_whether_refused,
                ),
            )


def project_of(
    repository: Repository,
    documents: Documents,
    names: frozenset[str] | None,
    compiled: Mapping[str, CompiledPipeline],
) -> CompiledProject:
    """Put together what the files say and what became of it."""
    found = tuple(item for one in compiled.values() for item in one.diagnostics)
    return CompiledProject(
        documents=documents,
        pipelines=compiled,
        selected=names,
        schedules_enabled=repository.project.environment.schedules_enabled,
        diagnostics=sorted_diagnostics((*documents.diagnostics, *documents.rules.applied(found))),
    )


def beside(compiled: CompiledPipeline, applied: Applied) -> CompiledPipeline:
    """Give the same, made of parts of what was applied wherever these are equal (`bunsui.kinds.canonical.sharing`)."""
    resources: list[DesiredResource] = []
    definition = compiled.definition
    for resource in compiled.resources:
        known = applied.get(resource.address)
        if known is not None:
            attributes: Mapping[str, Any] = {
                name: sharing(value, known.attributes.get(name)) for name, value in resource.attributes.items()
            }
            if resource.attributes.get("definition") is definition:
                definition = attributes["definition"]
            resource = replace(resource, attributes=attributes)
        resources.append(resource)
    return replace(compiled, definition=definition, resources=tuple(resources))


def _selected(documents: Documents, names: Sequence[str], registry: Mapping[str, OperationType]) -> frozenset[str]:
    known = {pipeline.name: pipeline for pipeline in documents.pipelines}
    names = [name for expression in names for name in chosen(expression, documents.pipelines)]
    broken = any(found.is_error for found in documents.diagnostics)
    for name in names:
        if name not in known and not broken:
            close = get_close_matches(name, known, n=1)
            hint = f"Did you mean `{close[0]}`?" if close else "See all of them:\n  bunsui status"
            raise NotFound("unknown-pipeline", "there is no pipeline of that name", hint=hint, pipeline=name)
    return closed(names, known, registry)


def _next_starts(pipeline: Pipeline, as_of: datetime) -> tuple[datetime, ...]:
    """The next start of each schedule, earliest first."""
    enabled = (schedule for schedule in pipeline.schedules if schedule.enabled)
    return tuple(sorted(at for one in enabled for at in next_starts(one.expression, one.timezone, after=as_of)))


def _facts(pipeline: Pipeline, compiled: CompiledPipeline, starts: tuple[datetime, ...]) -> PipelineFacts:
    return PipelineFacts(
        name=pipeline.name,
        path=pipeline.path,
        synthetic_waits=tuple(Wait(job=wait.job, waits_for=wait.waits_for) for wait in compiled.synthetic),
        makespan=compiled.makespan,
        critical_path=float(len(compiled.critical_path)),
        jobs=len(pipeline.jobs),
        next_starts=starts,
    )
