"""Status: where you are, pipeline by pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bunsui.diagnostics import Diagnostic
from bunsui.model.resource import Scope
from bunsui.model.session import Session
from bunsui.plan.model import Action, Plan, Reason, ResourceChange, Retirement
from bunsui.ports.storage import SessionQuery, SessionRepository
from bunsui.services.compiled import Compiler, compile_for_plan
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.plan import plan_project
from bunsui.services.reading import Progress, no_progress

SESSIONS_LOOKED_AT = 200
"""How far back sessions are searched for each pipeline's last one."""


class Standing(Enum):
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
    standing: Standing
    changes: int
    """How many resources apply would change."""
    last_session: Session | None = None
    next_start: datetime | None = None
    """None when nothing in the account starts it, or nothing that can be foreseen."""
    retirement: Retirement | None = None
    """Until when it stays and why, when it is retired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """The project in one environment."""

    scope: Scope
    commit: str
    is_local: bool
    pipelines: tuple[PipelineStatus, ...]
    """By name; empty when the files have errors."""
    diagnostics: tuple[Diagnostic, ...] = ()


_DRIFTED = frozenset(
    {Reason.DRIFT, Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT, Reason.REMOVED_AND_DRIFT, Reason.DELETED_OUTSIDE}
)


def project_status(
    repository: Repository,
    edges: ReconcileEdges,
    sessions: SessionRepository,
    *,
    progress: Progress = no_progress,
    compiler: Compiler = compile_for_plan,
) -> ProjectStatus:
    """Compare everything, and look up each pipeline's last session. Nothing is written."""
    outcome = plan_project(repository, edges, progress=progress, compiler=compiler)
    recent = sessions.find(SessionQuery(limit=SESSIONS_LOOKED_AT))
    return ProjectStatus(
        scope=repository.scope,
        commit=repository.commit,
        is_local=repository.is_local,
        pipelines=_pipelines(outcome.plan, recent) if outcome.plan is not None else (),
        diagnostics=outcome.diagnostics,
    )


def standing_of(changes: Sequence[ResourceChange]) -> Standing:
    """Give how a pipeline stands, from all its resources."""
    reasons = {change.reason for change in changes}
    actions = {change.action for change in changes}
    if Action.REFUSE in actions:
        return Standing.REFUSED
    if Reason.UNREADABLE in reasons:
        return Standing.UNKNOWN
    if not reasons.isdisjoint(_DRIFTED):
        return Standing.DRIFTED
    if Reason.RETIRED in reasons and all(change.desired is None for change in changes):
        return Standing.REMOVED if Action.RETIRE in actions else Standing.RETIRED
    if actions == {Action.NO_OP}:
        return Standing.IN_SYNC
    if actions == {Action.CREATE}:
        return Standing.NEW
    return Standing.REMOVED if actions <= {Action.DELETE, Action.FORGET, Action.RETIRE} else Standing.PENDING


def _pipelines(plan: Plan, recent: Sequence[Session]) -> tuple[PipelineStatus, ...]:
    last: dict[str, Session] = {}
    for session in recent:
        last.setdefault(session.pipeline, session)
    by_name: dict[str, list[ResourceChange]] = {}
    for change in plan.changes:
        by_name.setdefault(change.address.pipeline, []).append(change)
    return tuple(
        PipelineStatus(
            name=name,
            path=plan.pipelines[name].path if name in plan.pipelines else "",
            standing=(standing := standing_of(changes)),
            changes=sum(1 for change in changes if change.is_change),
            last_session=last.get(name),
            retirement=next((change.retirement for change in changes if change.retirement is not None and change.note), None),
            next_start=_next_start(plan, name) if standing not in (Standing.NEW, Standing.REFUSED) else None,
        )
        for name, changes in sorted(by_name.items())
    )


def _next_start(plan: Plan, name: str) -> datetime | None:
    facts = plan.pipelines.get(name)
    return facts.next_starts[0] if facts is not None and facts.next_starts else None
