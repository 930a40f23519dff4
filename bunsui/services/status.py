"""Status: where you are, pipeline by pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bunsui.diagnostics import Diagnostic
from bunsui.model.address import ENVIRONMENT, is_pipeline
from bunsui.model.alerts import channel_of
from bunsui.model.pipeline import NOTHING_SAID, About
from bunsui.model.resource import Scope
from bunsui.model.session import Session
from bunsui.plan.model import OUTSIDE_CHANGES, Action, Plan, Reason, ResourceChange, Retirement
from bunsui.plan.partial import by_pipeline
from bunsui.ports.session_rows import SessionQuery, SessionRepository
from bunsui.project.compile import Compiler, compile_for_plan
from bunsui.project.repository import Repository
from bunsui.refresh.full import Progress, no_progress
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.state_recovery import is_recoverable
from bunsui.services.plan import plan_project

SESSIONS_LOOKED_AT = 200
"""How far back sessions are searched for each pipeline's last one."""


class PipelineStanding(Enum):
    """How a pipeline in the account stands to the repository, gravest first."""

    REFUSED = "refused"
    """Something of that name exists and is not ours."""
    UNKNOWN = "unknown"
    """Something could not be read."""
    DRIFTED = "drifted"
    """Somebody changed it outside."""
    PENDING = "pending"
    """The repository has changes that are not applied."""
    NEW = "new"
    """Nothing of it is in the account yet."""
    RETIRED = "retired"
    """It is no longer in the repository; nothing starts it, and it stays for its sessions."""
    REMOVED = "removed"
    """It is in the account and no longer in the repository."""
    IN_SYNC = "in sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStatus:
    """One pipeline."""

    name: str
    path: str
    """Empty when the repository no longer has it."""
    about: About = NOTHING_SAID
    """What its file tells people."""
    standing: PipelineStanding
    changes: int
    """How many resources apply would change."""
    last_session: Session | None = None
    looked_at: datetime | None = None
    """When the executions of its machine were looked at: what began since is not among its sessions. None for never."""
    next_start: datetime | None = None
    """None when nothing in the account starts it, or nothing that can be foreseen."""
    enabled: bool = True
    """False: its file says `enabled: false`, and nothing starts it."""
    retirement: Retirement | None = None
    """Until when it stays and why, when it is retired."""


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
class ProjectStatus:
    """The project in one environment."""

    scope: Scope
    commit: str
    is_local: bool
    pipelines: tuple[PipelineStatus, ...]
    """By name; empty when the files have errors."""
    channels: tuple[ChannelStatus, ...] = ()
    """Those for which bunsui makes a topic, or made one, by name."""
    bucket: BucketStatus | None = None
    """None where there is none of ours."""
    diagnostics: tuple[Diagnostic, ...] = ()
    is_recoverable: bool | None = None
    """Whether the state can be restored to an earlier moment; None where nobody can tell, or nobody would."""
    taken_at: datetime | None = None
    """When it was looked up."""


def project_status(
    repository: Repository,
    ports: ReconcilePorts,
    sessions: SessionRepository,
    *,
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> ProjectStatus:
    """Compare everything, and look up each pipeline's last session. Nothing is written."""
    outcome = plan_project(repository, ports, progress=progress, compiler=compiler)
    recent = sessions.find(SessionQuery(limit=SESSIONS_LOOKED_AT))
    looked_at = {mark.pipeline: mark.looked_at for mark in sessions.watermarks().values() if not mark.is_gone}
    return ProjectStatus(
        scope=repository.scope,
        commit=repository.commit,
        is_local=repository.is_local,
        pipelines=_pipelines(outcome.plan, recent, looked_at) if outcome.plan is not None else (),
        channels=_channels(outcome.plan) if outcome.plan is not None else (),
        bucket=_bucket(outcome.plan) if outcome.plan is not None else None,
        diagnostics=outcome.diagnostics,
        is_recoverable=is_recoverable(ports),
        taken_at=ports.clock.now(),
    )


def standing_of(changes: Sequence[ResourceChange]) -> PipelineStanding:
    """Return how a pipeline stands, from all its resources."""
    reasons = {change.reason for change in changes}
    actions = {change.action for change in changes}
    if Action.REFUSE in actions:
        return PipelineStanding.REFUSED
    if Reason.UNREADABLE in reasons:
        return PipelineStanding.UNKNOWN
    if not reasons.isdisjoint(OUTSIDE_CHANGES):
        return PipelineStanding.DRIFTED
    if Reason.RETIRED in reasons and all(change.desired is None for change in changes):
        return PipelineStanding.REMOVED if Action.RETIRE in actions else PipelineStanding.RETIRED
    if actions == {Action.NO_OP}:
        return PipelineStanding.IN_SYNC
    if actions == {Action.CREATE}:
        return PipelineStanding.NEW
    return PipelineStanding.REMOVED if actions <= {Action.DELETE, Action.FORGET, Action.RETIRE} else PipelineStanding.PENDING


def _pipelines(plan: Plan, recent: Sequence[Session], looked_at: Mapping[str, datetime]) -> tuple[PipelineStatus, ...]:
    last: dict[str, Session] = {}
    for session in recent:
        last.setdefault(session.pipeline, session)
    by_name = by_pipeline(change for change in plan.changes if is_pipeline(change.address.pipeline))
    return tuple(
        PipelineStatus(
            name=name,
            path=plan.pipelines[name].path if name in plan.pipelines else "",
            about=plan.pipelines[name].about if name in plan.pipelines else NOTHING_SAID,
            standing=(standing := standing_of(changes)),
            changes=sum(1 for change in changes if change.is_change),
            last_session=last.get(name),
            looked_at=looked_at.get(name),
            enabled=plan.pipelines[name].enabled if name in plan.pipelines else True,
            retirement=next((change.retirement for change in changes if change.retirement is not None and change.note), None),
            next_start=_next_start(plan, name) if standing not in (PipelineStanding.NEW, PipelineStanding.REFUSED) else None,
        )
        for name, changes in sorted(by_name.items())
    )


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


def _bucket(plan: Plan) -> BucketStatus | None:
    changes = [change for change in plan.changes if change.address.pipeline == ENVIRONMENT]
    if not changes:
        return None
    return BucketStatus(
        name=changes[0].physical_name,
        standing=standing_of(changes),
        changes=sum(1 for change in changes if change.is_change),
    )


def _next_start(plan: Plan, name: str) -> datetime | None:
    facts = plan.pipelines.get(name)
    return facts.next_starts[0] if facts is not None and facts.next_starts else None
