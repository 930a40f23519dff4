"""Compile one pipeline to everything that it wants: the entry point of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.asl.printing import printed
from bunsui.compile.alerts import alerts
from bunsui.compile.context import CompilerSettings
from bunsui.compile.lifecycle import with_lifecycle
from bunsui.compile.limits import machine_findings, pipeline_findings, refusals
from bunsui.compile.machine import state_machine
from bunsui.compile.raw import raw_permissions
from bunsui.compile.resources import GivenRole, PipelineResources, said_permissions, task_permissions
from bunsui.compile.role_findings import role_findings
from bunsui.compile.storage.written_results import written_result_findings
from bunsui.compile.structure.decompose import Structure, SyntheticWait, structured
from bunsui.compile.structure.order import Cycle, order_of
from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.model.alerts import Channel
from bunsui.model.estimates.learnt_durations import SPREAD, with_assumed
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Value
from bunsui.operations.contract import OperationType

_MAKERS: tuple[Callable[[PipelineResources], Iterable[DesiredResource]], ...] = (PipelineResources.all, alerts)
"""What makes the resources of a pipeline, those to which others refer first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledPipeline:
    """What a pipeline becomes."""

    definition: Mapping[str, Any]
    """The state machine definition; may hold References as leaves. Empty when a finding forbids to compile."""
    resources: tuple[DesiredResource, ...] = ()
    synthetic: tuple[SyntheticWait, ...] = ()
    makespan: float = 0.0
    """Seconds by the durations that were learnt; where none were, how many jobs follow each other at least."""
    critical_path: tuple[str, ...] = ()
    critical_path_seconds: float = 0.0
    """Counted as `makespan`."""
    diagnostics: tuple[Diagnostic, ...] = ()
    given_roles: tuple[GivenRole, ...] = ()
    """Roles that somebody else makes."""
    structure: Structure | None = None
    """None for raw pipelines."""


def compile_pipeline(
    pipeline: Pipeline,
    *,
    scope: Scope,
    registry: Mapping[str, OperationType],
    machine_names: Mapping[str, str] | None = None,
    raw_inputs: Mapping[str, Mapping[str, Value]] | None = None,
    channels: Mapping[str, Channel] | None = None,
    has_resident: bool = False,
    asks_whether_refused: bool = True,
) -> CompiledPipeline:
    """Return the definition and the resources of a pipeline, with what is to be said about them.

    `machine_names` holds the machine names of pipelines that say `resource_name`, by pipeline; `raw_inputs` the defaults of the
    parameters of raw ones. Without `asks_whether_refused` it is left to the caller to find out what Step Functions would refuse
    (`bunsui.compile.limits.refusals`), which takes as long as all the rest. `channels` are all those that its alerts name;
    `has_resident` says that the environment's resident tells them.
    """
    names = dict(machine_names or {})
    if pipeline.resource_name is not None:
        names[pipeline.name] = pipeline.resource_name
    setting = CompilerSettings(
        pipeline=pipeline.name,
        scope=scope,
        registry=registry,
        machine_names=names,
        raw_inputs=raw_inputs or {},
        channels=channels or {},
        has_resident=has_resident,
    )
    if pipeline.definition is not None:
        return _raw(pipeline, setting)
    findings = (*pipeline_findings(pipeline), *written_result_findings(pipeline, setting))
    durations = with_assumed((job.name for job in pipeline.jobs), pipeline.durations)
    spread = SPREAD if durations else ()
    order = order_of({job.name: job.depends_on for job in pipeline.jobs}, durations=durations, spread=spread)
    if has_errors(findings) or isinstance(order, Cycle):
        return CompiledPipeline(definition={}, diagnostics=findings)
    structure = structured(order)
    written = state_machine(pipeline, structure, setting)
    definition = printed(written.machine)
    resources = PipelineResources(
        pipeline=pipeline, setting=setting, definition=definition, permissions=task_permissions(pipeline, setting)
    )
    laid, misnamed = with_lifecycle(pipeline, _made(resources))
    refused = refusals(pipeline, definition) if asks_whether_refused else ()
    return CompiledPipeline(
        definition=definition,
        resources=laid,
        synthetic=structure.synthetic,
        makespan=structure.makespan_seconds,
        critical_path=structure.critical_path,
        critical_path_seconds=structure.critical_path_seconds,
        diagnostics=(
            *findings,
            *role_findings(pipeline, setting),
            *misnamed,
            *machine_findings(pipeline, written, definition),
            *refused,
        ),
        given_roles=tuple(resources.given()),
        structure=structure,
    )


def _made(resources: PipelineResources) -> tuple[DesiredResource, ...]:
    return tuple(resource for maker in _MAKERS for resource in maker(resources))


def _raw(pipeline: Pipeline, setting: CompilerSettings) -> CompiledPipeline:
    assert pipeline.definition is not None, "only called for raw pipelines"
    definition = dict(pipeline.definition.document)
    permissions, unmet = raw_permissions(pipeline, setting, said_permissions(pipeline.permissions))
    findings = () if pipeline.roles.machine else unmet  # of a given role nobody derives what it lacks
    resources = PipelineResources(pipeline=pipeline, setting=setting, definition=definition, permissions=permissions)
    laid, misnamed = with_lifecycle(pipeline, _made(resources))
    return CompiledPipeline(
        definition=definition, resources=laid, diagnostics=(*findings, *misnamed), given_roles=tuple(resources.given())
    )
