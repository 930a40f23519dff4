"""The plan: a value that is printed, saved, reviewed and interpreted, and does nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.diagnostics import Diagnostic
from bunsui.diff.model import DiffItem, ResourceDiff
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference
from bunsui.ports.ledger import StateMark


class Action(Enum):
    """What apply will do to a resource."""

    NO_OP = "no-op"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    RETIRE = "retire"
    """Take out of service, and keep for the sessions that may need it; a later apply deletes it."""
    ADOPT = "adopt"
    """Write the state only: AWS already has what is desired."""
    FORGET = "forget"
    """Remove from the state only: AWS no longer has it."""
    REFUSE = "refuse"
    """It exists and is not ours; the plan cannot be applied."""


class Reason(Enum):
    """Why: the rows of the three-way table."""

    IN_SYNC = "in sync"
    CONFIGURED = "the repository changed"
    DRIFT = "changed outside bunsui"
    CONFIGURED_AND_DRIFT = "the repository changed, and it was changed outside"
    CONFLICT = "an outside change is about to be overwritten"
    ALREADY_THERE = "already as desired"
    NEW = "new in the repository"
    REMOVED = "removed from the repository"
    REMOVED_AND_DRIFT = "removed from the repository, and changed outside"
    GONE = "already gone"
    DELETED_OUTSIDE = "deleted outside bunsui"
    UNKNOWN_ORIGIN = "exists with our tags, but the state does not know it"
    NOT_OURS = "exists and is not ours"
    UNREADABLE = "could not be read"
    INTERRUPTED = "an apply was interrupted here"
    ASSUMED = "not read: assumed to be as last applied"
    RULES = "what the file says of its lifecycle changed"
    PREVENTED = "prevent_destroy forbids it"
    MOVED = "the pipeline has another name"
    RETIRED = "retired"


class Risk(Enum):
    """What a change may do to people who rely on the resource, mildest first."""

    NONE = "none"
    COSMETIC = "cosmetic"
    NEW_SESSIONS_ONLY = "new-sessions-only"
    AFFECTS_RUNNING_SESSIONS = "affects-running-sessions"
    OVERWRITES_OUTSIDE_CHANGE = "overwrites-outside-change"
    WIDENS_PERMISSIONS = "widens-permissions"
    RETIRES = "retires"
    REPLACES = "replaces"
    DESTROYS = "destroys"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Why something that is no longer wanted is still there."""

    since: datetime | None = None
    """None when this plan retires it."""
    until: datetime | None = None
    """The earliest time of its deletion; None when this plan retires it."""
    running: tuple[str, ...] = ()
    """Names of sessions that run on it."""
    redrivable: tuple[str, ...] = ()
    """Names of sessions that can be redriven on it."""
    unknown: str = ""
    """Why nobody could tell what needs it."""
    is_over: bool = False
    """True when this plan deletes it."""
    keeps: tuple[Address, ...] = ()
    """What stays with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """One row of the plan."""

    address: Address
    physical_name: str
    action: Action
    reason: Reason
    risk: Risk = Risk.NONE
    diff: ResourceDiff = field(default_factory=ResourceDiff)
    """Actual against desired: what apply will change."""
    drift: tuple[DiffItem, ...] = ()
    """Applied against actual: what somebody changed outside."""
    desired: DesiredResource | None = None
    actual: ActualResource | None = None
    applied: AppliedResource | None = None
    depends_on: tuple[Address, ...] = ()
    """Changes that must succeed first."""
    note: str = ""
    """A sentence for the reader, such as why it is refused."""
    newly_allowed: tuple[tuple[str, str], ...] = ()
    """Pairs of action and resource that a role is allowed after this change and was not before."""
    retirement: Retirement | None = None
    """Set for what is retired, stays with something retired, or is deleted after it was."""

    @property
    def is_change(self) -> bool:
        """True when apply has something to do or to refuse."""
        return self.action is not Action.NO_OP


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticWait:
    """A wait that the DAG does not ask for, added because Step Functions is structured."""

    job: str
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFacts:
    """What a reader wants to know of a pipeline beside its resources."""

    name: str
    path: str
    synthetic_waits: tuple[SyntheticWait, ...] = ()
    makespan: float = 0.0
    critical_path: float = 0.0
    jobs: int = 0
    next_starts: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The commit that a plan compares the checkout with, where it does not compare it with AWS."""

    revision: str
    """As it was asked for, such as `origin/main`."""
    commit: str
    """The merge base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change, and why."""

    scope: Scope
    as_of: datetime
    commit: str
    changes: tuple[ResourceChange, ...]
    """Every resource, also those without a change, by pipeline, then in apply order."""
    diagnostics: tuple[Diagnostic, ...] = ()
    pipelines: Mapping[str, PipelineFacts] = field(default_factory=dict)
    complete: bool = True
    """False when only some pipelines were planned, so that removals were not looked for."""
    mark: StateMark = field(default_factory=StateMark)
    """Which state the plan was made from, and how many applies it had seen."""
    select: tuple[str, ...] | None = None
    """The names of the pipelines that were planned; None means all."""
    refresh: str = "full"
    """How much of AWS was read: full, touched, hinted or none."""
    frozen: str = ""
    """The freeze window in which the plan was made; empty outside of one."""
    at_once: bool = False
    """True when what is removed is deleted without being retired."""
    running: Mapping[Address, tuple[str, ...] | None] = field(default_factory=dict)
    """Names of the sessions in flight, by the machines that change; None where they could not be listed."""
    reserved: Mapping[str | Reference, int | None] = field(default_factory=dict)
    """How often at once functions may run that changed machines call in a Map, by what the definitions call them; None where
    the caller may not know. Those without a limit of their own are not in it."""
    given_roles: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """The services that may take on each role that somebody else made and something that changes names, by its ARN; none when
    it is not there, None where the caller may not know."""
    saved_as: str = ""
    """The id of the plan file that this carries out; empty for a plan that was just made."""
    basis: Basis | None = None
    """None: the plan compares with AWS. Else its changes are those of the repository, and nothing of it can be applied."""
    saved_digest: str = ""
    """The digest of that file's changes, of which some may be done already."""

    @property
    def pending(self) -> tuple[ResourceChange, ...]:
        """The rows that apply would act on or refuse."""
        return tuple(change for change in self.changes if change.is_change)

    @property
    def refused(self) -> tuple[ResourceChange, ...]:
        """The rows that forbid an apply."""
        return tuple(change for change in self.changes if change.action is Action.REFUSE)

    @property
    def can_apply(self) -> bool:
        """True when there is something to do and nothing forbids it."""
        return self.basis is None and bool(self.pending) and not self.refused and not any(d.is_error for d in self.diagnostics)

    def counts(self) -> dict[Action, int]:
        """Give how many changes there are of each action, no-ops left out."""
        result: dict[Action, int] = {}
        for change in self.pending:
            result[change.action] = result.get(change.action, 0) + 1
        return result
