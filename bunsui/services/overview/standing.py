"""How each pipeline in the account stands to the repository: by a plan, by its file where there is no plan, and by its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import is_pipeline
from bunsui.model.deployments.interventions import Hold, Pause
from bunsui.model.pipeline import NOTHING_SAID, About, Pipeline
from bunsui.model.resource import AppliedResource
from bunsui.model.session import Session
from bunsui.plan.model import OUTSIDE_CHANGES, Action, Plan, Reason, ResourceChange, Retirement
from bunsui.plan.partial import by_pipeline
from bunsui.services.overview.runs import NO_RUNS, RecentRows, RecentRuns
from bunsui.services.overview.starts import next_run

NOT_COMPARED = "nothing is compared while files have errors"


class PipelineStanding(Enum):
    """How a pipeline in the account stands to the repository, gravest first."""

    REFUSED = "refused"
    """Something of that name exists and is not ours."""
    INVALID = "invalid"
    """Its file has errors."""
    UNKNOWN = "unknown"
    """Something could not be read, or nothing was attempt."""
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
    UNPLANNED = "not planned yet"
    """Nobody compared it with the account yet."""
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
    runs: RecentRuns = NO_RUNS
    """How its last runs went."""
    is_next_start_about: bool = False
    """True when a rate starts it next, which is reckoned from its last start."""
    applied_commit: str = ""
    """What it was applied last from; empty where that is not kept, and before a plan."""
    applied_at: datetime | None = None
    """When anything of it was written last."""
    outside: tuple[ResourceChange, ...] = ()
    """What somebody changed of it outside bunsui."""
    version: str = ""
    """The number of the version of its machine that is started; empty where that is not known."""
    role: str = ""
    """The name of the role that its machine takes on, as it is in AWS."""
    why: str = ""
    """Why it stands so, where that is to be told: what could not be read, what is not ours."""
    fault: Diagnostic | None = None
    """The first error in its file."""
    hold: Hold | None = None
    """A rollback that holds it at an earlier version."""
    pause: Pause | None = None
    """An operator's word that nothing starts it by itself; also one whose time is over, until an apply ends it."""

    @property
    def is_compared(self) -> bool:
        """False when no plan tells how it stands, so that role, version and next start are not known either."""
        return self.standing not in (PipelineStanding.INVALID, PipelineStanding.UNPLANNED) and not (
            self.standing is PipelineStanding.UNKNOWN and self.applied_at is None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledPipeline:
    """What a file says of its pipeline."""

    name: str
    path: str
    about: About = NOTHING_SAID
    enabled: bool = True
    is_broken: bool = False
    """True when it cannot be used as it is."""
    fault: Diagnostic | None = None
    """The first error in the file, where one has a place there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAttempt:
    """The last attempt at a plan of the whole project, which tells how the account stands to the files."""

    plan: Plan | None = None
    """None where there is none."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What it found; with errors there is no plan."""
    why_not: str = ""
    """Why nothing was compared, such as a failure; empty as long as it just was not done yet."""

    @property
    def is_refused(self) -> bool:
        """True when files have errors, so that nothing was compared."""
        return has_errors(self.diagnostics)


def files_of(
    pipelines: Iterable[Pipeline], broken: Mapping[str, str], diagnostics: Iterable[Diagnostic]
) -> dict[str, FiledPipeline]:
    """Return what the files say of each pipeline, by name; `broken` are the files with errors by the name of their pipeline."""
    faults: dict[str, Diagnostic] = {}
    for found in diagnostics:
        if found.is_error and found.position is not None:
            faults.setdefault(found.position.file, found)
    whole = {
        one.name: FiledPipeline(
            name=one.name,
            path=one.path,
            about=one.about,
            enabled=one.enabled,
            is_broken=one.path in faults,
            fault=faults.get(one.path),
        )
        for one in pipelines
    }
    return whole | {
        name: FiledPipeline(name=name, path=path, is_broken=True, fault=faults.get(path)) for name, path in broken.items()
    }


def pipeline_statuses(attempt: PlanAttempt, files: Mapping[str, FiledPipeline], rows: RecentRows) -> tuple[PipelineStatus, ...]:
    """Return all pipelines by name: those that the plan compared, those that stand in files only, and those that only sessions
    tell of. What was not compared is unknown, or not planned yet; it is never said to be in sync."""
    plan = attempt.plan
    changes = by_pipeline(plan.changes) if plan is not None else {}
    planned = {name: found for name, found in changes.items() if is_pipeline(name)}
    names = {*planned, *files, *(rows.by_pipeline if plan is None or not plan.complete else ())}
    return tuple(
        _status_by_plan(plan, name, planned[name], rows)
        if plan is not None and name in planned
        else _status_without_plan(name, files.get(name), attempt, rows)
        for name in sorted(names)
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


def _status_by_plan(plan: Plan, name: str, changes: Sequence[ResourceChange], rows: RecentRows) -> PipelineStatus:
    facts, standing = plan.pipelines.get(name), standing_of(changes)
    own = rows.by_pipeline.get(name, ())
    is_there = standing not in (PipelineStanding.NEW, PipelineStanding.REFUSED)
    following = next_run(changes, own, now=rows.read_at) if is_there else None
    machine = next((one.actual for one in changes if one.address.kind == MACHINE and one.actual is not None), None)
    written = max((one.applied for one in changes if one.applied and one.applied.written_at), key=_written_at, default=None)
    return PipelineStatus(
        name=name,
        path=facts.path if facts is not None else "",
        about=facts.about if facts is not None else NOTHING_SAID,
        standing=standing,
        changes=sum(1 for change in changes if change.is_change),
        last_session=rows.last(name),
        looked_at=rows.looked_at.get(name),
        enabled=facts.enabled if facts is not None else True,
        retirement=next((change.retirement for change in changes if change.retirement is not None and change.note), None),
        next_start=following.at if following is not None else None,
        is_next_start_about=following is not None and following.is_about,
        runs=rows.runs(name),
        applied_commit=written.commit if written is not None else "",
        applied_at=written.written_at if written is not None else None,
        version=machine.outputs.get("version_arn", "").rpartition(":")[2] if machine is not None else "",
        role=str(machine.attributes.get("role_arn") or "").rpartition("/")[2] if machine is not None else "",
        outside=tuple(one for one in changes if one.reason in OUTSIDE_CHANGES),
        why=_why(standing, changes),
        hold=plan.interventions.holds.get(name),
        pause=plan.interventions.pauses.get(name),
    )


def _status_without_plan(name: str, file: FiledPipeline | None, attempt: PlanAttempt, rows: RecentRows) -> PipelineStatus:
    standing = PipelineStanding.UNKNOWN if attempt.is_refused or attempt.why_not else PipelineStanding.UNPLANNED
    if file is not None and file.is_broken:
        standing = PipelineStanding.INVALID
    unknown = attempt.why_not or (NOT_COMPARED if attempt.is_refused else "")
    return PipelineStatus(
        name=name,
        path=file.path if file is not None else "",
        about=file.about if file is not None else NOTHING_SAID,
        standing=standing,
        changes=0,
        last_session=rows.last(name),
        looked_at=rows.looked_at.get(name),
        enabled=file.enabled if file is not None else True,
        runs=rows.runs(name),
        why=unknown if standing is PipelineStanding.UNKNOWN else "",
        fault=file.fault if file is not None else None,
    )


def _written_at(applied: AppliedResource) -> datetime:
    assert applied.written_at is not None, "only those are compared"
    return applied.written_at


def _why(standing: PipelineStanding, changes: Sequence[ResourceChange]) -> str:
    """Return what could not be read, or what is in the way."""
    if standing is PipelineStanding.UNKNOWN:
        return next((one.actual.unreadable for one in changes if one.actual is not None and one.actual.unreadable), "")
    if standing is PipelineStanding.REFUSED:
        return next((one.note for one in changes if one.action is Action.REFUSE), "")
    return ""
