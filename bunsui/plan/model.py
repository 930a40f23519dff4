"""The plan: a value that is printed, saved, reviewed and interpreted, and does nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.diagnostics import Diagnostic
from bunsui.diff.author import AuthorEdit
from bunsui.diff.model import DiffItem, ResourceDiff
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import NO_INTERVENTIONS, Interventions
from bunsui.model.deployments.smoke_run import SmokeRun
from bunsui.model.pipeline import NOTHING_SAID, About
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference
from bunsui.ports.account import FunctionUsage, QuotaUsage, TaskRoles
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
    TAKEN_OVER = "taken over"
    UNREADABLE = "could not be read"
    INTERRUPTED = "an apply was interrupted here"
    ASSUMED = "not read: assumed to be as last applied"
    RULES = "what the file says of its lifecycle changed"
    PREVENTED = "prevent_destroy forbids it"
    OBSERVED = "somebody else owns it as yet"
    MOVED = "the pipeline has another name"
    RETIRED = "retired"
    HOLDS = "it holds what is not bunsui's to remove"
    BESIDE = "others put something beside it, and the file says exclusive"


OUTSIDE_CHANGES = frozenset(
    {Reason.DRIFT, Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT, Reason.REMOVED_AND_DRIFT, Reason.DELETED_OUTSIDE}
)
"""Drift: somebody changed or deleted the resource outside bunsui, so that a change for one of these reasons undoes it."""


KEEPABLE = frozenset({Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT})
"""Reasons for which the files may want some of what was changed outside, or all of it, as it is."""


def undoes_drift(drift: Sequence[DiffItem], diff: ResourceDiff) -> bool:
    """Tell whether a change touches an attribute that was changed outside; True also where nobody knows which these are."""
    return not drift or any(item.attribute in diff.attributes for item in drift)


class Risk(Enum):
    """What a change may do to people who rely on the resource, mildest first."""

    NONE = "none"
    COSMETIC = "cosmetic"
    NEW_SESSIONS_ONLY = "new-sessions-only"
    GRANTS_POWER = "grants-power"
    """Something new may do more than work with data: pass roles, read credentials, anything."""
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
    """Pairs of action and resource that a role is allowed after this change and was not before; of a new role, those that give
    power (`bunsui.diff.powers`)."""
    retirement: Retirement | None = None
    """Set for what is retired, stays with something retired, or is deleted after it was."""

    @property
    def is_change(self) -> bool:
        """True when apply has something to do or to refuse."""
        return self.action is not Action.NO_OP

    @property
    def undoes_outside_change(self) -> bool:
        """True when apply overwrites, deletes or makes anew what somebody changed outside bunsui. An attribute that the files
        want as it was made outside is overwritten by nobody."""
        if self.action in (Action.NO_OP, Action.REFUSE) or self.reason not in OUTSIDE_CHANGES:
            return False
        return self.reason not in KEEPABLE or undoes_drift(self.drift, self.diff)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWait:
    """A wait that the DAG does not ask for, added because Step Functions is structured."""

    job: str
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFacts:
    """What a reader wants to know of a pipeline beside its resources."""

    name: str
    path: str
    synthetic_waits: tuple[PlannedWait, ...] = ()
    makespan: float = 0.0
    critical_path: float = 0.0
    jobs: int = 0
    next_starts: tuple[datetime, ...] = ()
    enabled: bool = True
    """False: its file switches it off."""
    starts: frozenset[str] = frozenset()
    """The pipelines that it starts."""
    about: About = NOTHING_SAID
    """What its file tells people."""
    verify: SmokeRun | None = None
    """What runs after an apply that deploys a version; None for nothing."""
    text: str = field(default="", repr=False)
    """What its file says, as in `Pipeline.text`; empty for raw pipelines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorDiff:
    """What the author of a pipeline edited since it was applied last, or since the commit of a `Basis`."""

    edits: tuple[AuthorEdit, ...] = ()
    """Empty when the file says what it said, so that something else is behind the changes."""
    compiled_by: str = ""
    """Another version of bunsui, which made what was applied: not all changes need to follow from the edits."""
    since: str = ""
    """The commit where the branch began, whose file stands in where the last apply kept no text; empty otherwise."""
    is_whole: bool = True
    """False where something else than that commit's file may have been applied."""


UNTOLD = "BS529"
"""The code of findings about the commit of a `Basis`: what they name is not compared."""
UNREAD = "BS530"
"""The code of the finding that the project cannot be read at the commit that it is to be compared with: nothing is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a plan compares the files with, where it does not compare them with AWS: a commit, or another environment."""

    revision: str
    """As it was asked for, such as `origin/main`; empty where it is an environment."""
    commit: str
    """The merge base, or the commit itself; empty where it is an environment."""
    to: str = ""
    """The revision whose files these are, where they are not the checkout's."""
    is_named: bool = False
    """True when the commit is the revision's own, and no merge base."""
    environment: str = ""
    """The environment whose resources these are compared with; empty where it is a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A commit that a pipeline was applied last from, and that the checkout's branch lacks."""

    commit: str
    unknown: str = ""
    """Why it cannot be told whether the branch lacks it; empty when it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBucket:
    """The environment's bucket, where somebody else makes it."""

    is_there: bool
    encryption: str | None
    """The algorithm, and after a colon the key of KMS as whoever encrypted the bucket named it; None where the caller may not
    know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoom:
    """What an account uses of quotas that a plan's changes count in; None where nothing changes them, or nobody could tell."""

    roles: QuotaUsage | None = None
    schedule_groups: int | None = None
    state_machines: int | None = None
    functions: FunctionUsage | None = None


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
    """False when only some pipelines were planned, so that removals were not looked for, or when this is a part of a plan."""
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
    given_bucket: GivenBucket | None = None
    """The bucket that somebody else made for the environment; None where nothing changes that reads from it."""
    account: AccountRoom = field(default_factory=AccountRoom)
    """What the account has used already, whoever did."""
    task_roles: Mapping[str, TaskRoles | None] = field(default_factory=dict)
    """The roles of the task definitions that changed machines run, by what the machines call them; None for one that is not
    there. Those of which nobody could tell are not in it."""
    behind: Mapping[str, Behind] = field(default_factory=dict)
    """The pipelines that change and were applied last from a commit that the branch lacks, or of which nobody can tell."""
    saved_as: str = ""
    """The id of the plan file that this carries out; empty for a plan that was just made."""
    basis: Basis | None = None
    """None: the plan compares with AWS. Else its changes are those of the repository, and nothing of it can be applied."""
    interventions: Interventions = NO_INTERVENTIONS
    """What operators decided by hand about the pipelines of the environment."""
    edits: Mapping[str, AuthorDiff | None] = field(default_factory=dict)
    """What was edited in pipelines that their files change, by their names; None where no text of them was kept."""
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

    def counts(self) -> dict[Action, int]:
        """Return how many changes there are of each action, no-ops left out."""
        result: dict[Action, int] = {}
        for change in self.pending:
            result[change.action] = result.get(change.action, 0) + 1
        return result
