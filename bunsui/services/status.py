"""Status: where you are, pipeline by pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic
from bunsui.model.address import ALERTS, ENVIRONMENT, RESIDENT
from bunsui.model.alerts import channel_of
from bunsui.model.resource import Scope
from bunsui.plan.model import Plan
from bunsui.plan.partial import by_pipeline
from bunsui.ports.session_rows import SessionRepository
from bunsui.project.compile import Compiler, compile_for_plan, documents_of
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import unknown_name
from bunsui.refresh.full import Progress, no_progress
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.state_recovery import is_recoverable
from bunsui.services.overview.details import PipelineDetails
from bunsui.services.overview.runs import read_recent_rows
from bunsui.services.overview.standing import (
    FiledPipeline,
    PipelineStanding,
    PipelineStatus,
    PlanAttempt,
    files_of,
    pipeline_statuses,
    standing_of,
)
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import EVERYTHING, PlanRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """One channel."""

    name: str
    standing: PipelineStanding
    changes: int
    """How many resources apply would change."""
    subscribers: int | None
    """How many subscriptions of its topic are confirmed; None where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketStatus:
    """The bucket that bunsui makes, or made, for the environment."""

    name: str
    """In AWS."""
    standing: PipelineStanding
    changes: int
    """How many resources apply would change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMachineStatus:
    """What the environment has a machine of its own for, with all that belongs to it."""

    standing: PipelineStanding
    changes: int
    """How many resources apply would change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """The project in one environment."""

    scope: Scope
    commit: str
    is_local: bool
    pipelines: tuple[PipelineStatus, ...]
    """By name; empty when the files have errors."""
    channels: tuple[ChannelStatus, ...] = ()
    """Those for which bunsui makes a topic, or made one, by name."""
    alerts: OwnMachineStatus | None = None
    """What words the alerts; None where there is no channel."""
    resident: OwnMachineStatus | None = None
    """What looks at sessions when nobody does; None where the environment has none."""
    bucket: BucketStatus | None = None
    """None where there is none of ours."""
    diagnostics: tuple[Diagnostic, ...] = ()
    is_recoverable: bool | None = None
    """Whether the state can be restored to an earlier moment; None where nobody can tell, or nobody would."""
    taken_at: datetime | None = None
    """When it was looked up."""
    since: datetime | None = None
    """Sessions that began before were not read; None when all were."""
    details: Mapping[str, PipelineDetails] = field(default_factory=dict)
    """More of pipelines that were named, by name."""


def project_status(
    repository: Repository,
    ports: ReconcilePorts,
    sessions: SessionRepository,
    *,
    names: Sequence[str] = (),
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> ProjectStatus:
    """Compare everything, or the pipelines that are named, and look up their last sessions. Nothing is written.

    Raises:
        NotFound: `unknown-pipeline`, for a name that neither files nor account know.

    """
    request = PlanRequest(exactly=tuple(names)) if names else EVERYTHING
    outcome = plan_project(repository, ports, request, progress=progress, compiler=compiler)
    now = ports.clock.now()
    rows = read_recent_rows(sessions, now=now)
    attempt = PlanAttempt(plan=outcome.plan, diagnostics=outcome.diagnostics if outcome.plan is None else ())
    files: Mapping[str, FiledPipeline] = {}
    if outcome.plan is None:
        documents = documents_of(repository)
        files = files_of(documents.pipelines, documents.broken, (*documents.diagnostics, *outcome.diagnostics))
    found = pipeline_statuses(attempt, files, rows)
    plan = outcome.plan if not names else None
    return ProjectStatus(
        scope=repository.scope,
        commit=repository.commit,
        is_local=repository.is_local,
        pipelines=_pick_named(found, names) if names else found,
        channels=_channels(plan) if plan is not None else (),
        alerts=_own_machine(plan, ALERTS) if plan is not None else None,
        resident=_own_machine(plan, RESIDENT) if plan is not None else None,
        bucket=_bucket(plan) if plan is not None else None,
        diagnostics=outcome.diagnostics,
        is_recoverable=is_recoverable(ports),
        taken_at=now,
        since=rows.since,
    )


def _pick_named(found: Sequence[PipelineStatus], names: Sequence[str]) -> tuple[PipelineStatus, ...]:
    by_name = {one.name: one for one in found}
    for name in names:
        if name not in by_name:
            summary, see = "there is no pipeline of that name", command_line("status")
            raise unknown_name("unknown-pipeline", summary, what="pipeline", name=name, known=by_name, see=see)
    return tuple(by_name[name] for name in dict.fromkeys(names))


def _channels(plan: Plan) -> tuple[ChannelStatus, ...]:
    by_owner = by_pipeline(change for change in plan.changes if channel_of(change.address.pipeline))
    return tuple(
        ChannelStatus(
            name=channel_of(owner),
            standing=standing_of(changes),
            changes=sum(1 for change in changes if change.is_change),
            subscribers=next((change.actual.subscribers for change in changes if change.actual is not None), None),
        )
        for owner, changes in sorted(by_owner.items())
    )


def _own_machine(plan: Plan, owner: str) -> OwnMachineStatus | None:
    changes = [change for change in plan.changes if change.address.pipeline == owner]
    if not changes:
        return None
    return OwnMachineStatus(standing=standing_of(changes), changes=sum(1 for change in changes if change.is_change))


def _bucket(plan: Plan) -> BucketStatus | None:
    changes = [change for change in plan.changes if change.address.pipeline == ENVIRONMENT]
    if not changes:
        return None
    return BucketStatus(
        name=changes[0].physical_name,
        standing=standing_of(changes),
        changes=sum(1 for change in changes if change.is_change),
    )
