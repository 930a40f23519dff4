"""The repository side of every use case: files to compiled pipelines, findings collected, no account needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from bunsui.command_line import command_line
from bunsui.compile.alerts import channel_resources
from bunsui.compile.environment.channel_grants import channel_entries
from bunsui.compile.environment.resident import resident_resources
from bunsui.compile.limits import refusals
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.compile.storage.bucket import environment_bucket
from bunsui.diagnostics import Diagnostic, has_errors, sorted_diagnostics
from bunsui.document.load import Documents, load_pipelines
from bunsui.kinds.canonical.json import sharing
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import ALERTS, ENVIRONMENT, RESIDENT, Address, is_pipeline
from bunsui.model.alerts import EVENTS, channel_of, notified
from bunsui.model.environment.resident import ResidentPlace
from bunsui.model.pipeline import About, Pipeline
from bunsui.model.resource import AppliedResource, DesiredResource
from bunsui.model.starts import next_starts
from bunsui.operations.contract import OperationType
from bunsui.plan.ignore_rules import left_to_others
from bunsui.plan.model import PipelineFacts
from bunsui.plan.model import PlannedWait as Wait
from bunsui.plan.references import may_become
from bunsui.project.closure import closed, started
from bunsui.project.repository import Repository
from bunsui.project.selectors import chosen
from bunsui.project.unknown_names import unknown_name

PROJECT_FILE = "bunsui.yaml"
"""Where channels are declared."""
Applied: TypeAlias = Mapping[Address, AppliedResource]
"""What was applied last, by address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledProject:
    """Everything that the files say, compiled."""

    documents: Documents
    pipelines: Mapping[str, CompiledPipeline]
    """By name; only those that were asked for, what they start, the channels that they tell with the machine that words it, and
    the environment's bucket: these have no definition."""
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
        """Return the names of pipelines by those that they had before."""
        return {old: pipeline.name for pipeline in self.documents.pipelines for old in pipeline.lifecycle.moved_from}

    schedules_enabled: bool
    """False when the environment starts nothing by itself."""

    def refusals(self, names: Collection[str]) -> tuple[Diagnostic, ...]:
        """Return what Step Functions would refuse in these pipelines, the project's rules applied; for who compiled without."""
        by_name = {pipeline.name: pipeline for pipeline in self.documents.pipelines}
        compiled = {name: self.pipelines[name].definition for name in names if name in self.pipelines}
        found = [
            finding
            for name, definition in compiled.items()
            if definition and not by_name[name].is_raw
            for finding in refusals(by_name[name], definition)
        ]
        return sorted_diagnostics(self.documents.rules.applied(found))

    def errors(self, applied: Callable[[], Applied]) -> tuple[Diagnostic, ...]:
        """Return every finding, sorted, when one of them forbids a plan; empty when none does. What Step Functions would refuse
        counts in definitions that it has not taken yet, as far as what was applied says; that is asked for only when the files
        have no error.
        """
        if has_errors(self.diagnostics):
            return sorted_diagnostics((*self.diagnostics, *self.refusals(self.pipelines)))
        refused = self.refusals(self._unproven(applied()))
        return sorted_diagnostics((*self.diagnostics, *refused)) if has_errors(refused) else ()

    def _unproven(self, applied: Applied) -> frozenset[str]:
        machines = {address.pipeline: item for address, item in applied.items() if address.kind == MACHINE}
        taken = {name: item.attributes.get("definition") for name, item in machines.items()}
        return frozenset(name for name, one in self.pipelines.items() if not may_become(one.definition, taken.get(name)))

    def facts(self, as_of: datetime, registry: Mapping[str, OperationType]) -> dict[str, PipelineFacts]:
        """Return what a reader of a plan wants to know of each pipeline."""
        by_name = {pipeline.name: pipeline for pipeline in self.documents.pipelines}
        result: dict[str, PipelineFacts] = {}
        for name, compiled in self.pipelines.items():
            if not is_pipeline(name):
                result[name] = PipelineFacts(name=name, path=PROJECT_FILE, about=About(title=_title(name)))
                continue
            starts = _next_starts(by_name[name], as_of) if self.schedules_enabled else ()
            called = started(by_name[name], registry)
            result[name] = replace(_facts(by_name[name], compiled, starts), starts=called)
        return result


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
    repository: Repository, *, select: Sequence[str] = (), named: Sequence[str] = (), asks_whether_refused: bool = True
) -> CompiledProject:
    """Load and compile the pipelines that `select` names or describes (`bunsui.project.selectors`), and those that they
    start; all when it is empty. `named` files are read whether the project's patterns find them or not. Without
    `asks_whether_refused` the caller asks for `refusals`.

    Raises:
        NotFound: `unknown-pipeline`, with the name that was probably meant.

    """
    documents = documents_of(repository, named=named)
    names = selected_names(documents, select, repository)
    compiled = compile_documents(repository, documents, names, asks_whether_refused=asks_whether_refused)
    return project_of(repository, documents, names, compiled)


def documents_of(repository: Repository, *, named: Sequence[str] = ()) -> Documents:
    """Read the files, and the named ones."""
    return load_pipelines(
        repository.source,
        repository.project,
        registry=repository.registry,
        scope=repository.scope,
        parameters=repository.parameters,
        named=named,
        services=repository.services,
        channel_types=repository.channel_types,
    )


def selected_names(documents: Documents, select: Sequence[str], repository: Repository) -> frozenset[str] | None:
    """Return the names of the pipelines that `select` asks for, closed under what they start; None when it asks for all."""
    if not select:
        return None
    owners = {channel.name: channel.owner for channel in repository.project.channels.values() if channel.is_made}
    shared = frozenset(environment_bucket(repository.scope))
    has = {
        ALERTS: any(one.is_direct for one in repository.project.channels.values()),
        RESIDENT: repository.resident is not None,
    }
    alerts = frozenset(owner for owner, is_there in has.items() if is_there and owner in select)
    asked = [name for name in select if name not in shared | alerts]
    return shared | alerts | (_selected(documents, asked, repository.registry, owners) if asked else frozenset())


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
    channels, ignored = repository.project.channels, repository.project.ignored_tags
    machine_names = {pipeline.name: pipeline.resource_name for pipeline in documents.pipelines if pipeline.resource_name}
    raw_inputs = {pipeline.name: pipeline.literal_defaults for pipeline in documents.pipelines if pipeline.is_raw}
    for pipeline in documents.pipelines:
        if names is None or pipeline.name in names:
            made = compile_pipeline(
                pipeline,
                scope=repository.scope,
                registry=repository.registry,
                machine_names=machine_names,
                raw_inputs=raw_inputs,
                channels=channels,
                has_resident=repository.resident is not None,
                asks_whether_refused=asks_whether_refused,
            )
            yield pipeline.name, replace(made, resources=left_to_others(made.resources, ignored))
    shared = {
        **environment_bucket(repository.scope),
        **channel_resources(channels, repository.scope),
        **resident_resources(repository.resident, _resident_place(repository), repository.scope, channels),
    }
    for owner, resources in shared.items():
        if names is None or owner in names:
            yield owner, CompiledPipeline(definition={}, resources=left_to_others(resources, ignored))


def _resident_place(repository: Repository) -> ResidentPlace:
    """Return what the resident is told of where it works."""
    scope, project = repository.scope, repository.project
    return ResidentPlace(
        project=scope.project,
        project_id=scope.project_id,
        environment=scope.environment,
        timezone=project.timezone,
        version=repository.resident.version if repository.resident is not None else "",
        bucket=scope.bucket,
        bucket_kms_key=scope.bucket_kms_key,
        retention_seconds=project.environment.retention_seconds,
        channels=channel_entries(project.channels, scope),
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
    """Return the same, made of parts of what was applied wherever these are equal (`bunsui.kinds.canonical.json.sharing`)."""
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


def _selected(
    documents: Documents, names: Sequence[str], registry: Mapping[str, OperationType], owners: Mapping[str, str]
) -> frozenset[str]:
    known = {pipeline.name: pipeline for pipeline in documents.pipelines}
    names = [name for expression in names for name in chosen(expression, documents.pipelines)]
    broken = any(found.is_error for found in documents.diagnostics)
    for name in names:
        if name not in known and name not in owners.values() and not broken:
            summary, see = "there is no pipeline of that name", command_line("status")
            raise unknown_name("unknown-pipeline", summary, what="pipeline", name=name, known=known, see=see)
    chosen_ones = closed(names, known, registry)
    told = {channel for name in chosen_ones for event in EVENTS for channel in notified(known[name].alerts, event)}
    telling = {ALERTS} if told else set()
    return chosen_ones | telling | {owner for channel, owner in owners.items() if channel in told or owner in names}


def _title(owner: str) -> str:
    """Return what goes by a name in place of a pipeline's."""
    titles = {
        ENVIRONMENT: "the environment's bucket",
        ALERTS: "what words the environment's alerts",
        RESIDENT: "the environment's resident",
    }
    return titles.get(owner) or f"channel {channel_of(owner)}"


def _next_starts(pipeline: Pipeline, as_of: datetime) -> tuple[datetime, ...]:
    """The next start of each schedule, earliest first."""
    enabled = [schedule for schedule in pipeline.schedules if schedule.enabled and pipeline.enabled]
    return tuple(sorted(at for one in enabled for at in next_starts(one.expression, one.timezone, after=as_of)))


def _facts(pipeline: Pipeline, compiled: CompiledPipeline, starts: tuple[datetime, ...]) -> PipelineFacts:
    return PipelineFacts(
        name=pipeline.name,
        path=pipeline.path,
        synthetic_waits=tuple(Wait(job=wait.job, waits_for=wait.waits_for) for wait in compiled.synthetic),
        makespan=compiled.makespan,
        critical_path=compiled.critical_path_seconds,
        jobs=len(pipeline.jobs),
        next_starts=starts,
        about=pipeline.about,
        enabled=pipeline.enabled,
        verify=pipeline.verify,
        text=pipeline.text,
    )
