"""What makes applies safe, against each other or against crashes: the lock, the journal, the records they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who works: shown to whoever waits, and kept with every apply."""

    who: str = ""
    """ARN of the caller."""
    host: str = ""
    link: str = ""
    """Address of the CI run; empty outside CI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRecord:
    """The one lock of an environment, as it is stored. It is never deleted, so that its fence only grows."""

    id: str
    """The holder's own, another for each attempt to get the lock; `bunsui unlock` asks for it."""
    fence: int
    """Grows by one whenever the lock changes hands."""
    version: str
    """Another after every write."""
    held: bool
    lease_seconds: float
    """How long the record must be watched unchanged before somebody else may take it."""
    operation: str
    """What the holder does: apply, destroy, state mv. Only shown, so that any text is good."""
    actor: Actor
    since: datetime
    """When it was taken, by the holder's clock; only shown, never compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """What a write of the state must prove: that the lock is still this holder's."""

    id: str
    number: int


class LockStore(Protocol):
    """Keeps the lock record of one project in one environment."""

    def read(self) -> LockRecord | None:
        """Return the record, None when the lock was never taken. Consistent read."""
        ...

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        """Store the record if the stored one still has the version of `over` (None: there is none), else Conflict."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One resource that an apply works on: written before its first call, gone with the write of its applied value."""

    address: Address
    physical_name: str
    action: str
    steps: tuple[str, ...]
    """What is to be done, in order."""
    done: int = 0
    """How many of the steps were finished."""
    apply_id: str = ""
    plan_id: str = ""
    """The saved plan that this belongs to; empty when it was applied straight."""
    intended: AppliedResource | None = None
    """What is being written; None when it is being removed."""


class Journal(Protocol):
    """What is being written at the moment, and the applied values. Every write is Conflict once the lock is another's."""

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        """Store the entry, or the progress of one that is stored."""
        ...

    def settle(
        self,
        outcome: Mapping[Address, AppliedResource | None],
        fence: Fence,
        *,
        texts: Sequence[AppliedText] = (),
        deployments: Sequence[Deployment] = (),
    ) -> None:
        """In one transaction remember the resources (None: forget the address), the texts and the deployments, and remove the
        resources' entries. A few at a time. With a pipeline's machine its text, its hold and its pause are forgotten, too; a
        deployment ends the hold of its pipeline."""
        ...

    def pending(self) -> Mapping[Address, JournalEntry]:
        """Return the entries that were begun and not settled: what an apply that died was working on. Consistent read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMark:
    """Which state this is, and how many applies it has seen."""

    lineage: str = ""
    """Made with the state's first apply; another state has another. Empty before."""
    serial: int = 0
    head: str = field(default="", compare=False)
    """The id of the last record in the audit trail; empty when there is none."""
    head_hash: str = field(default="", compare=False)
    """The hash of that record as it stands."""


OUTCOMES = ("begun", "complete", "incomplete", "interrupted", "failed")
"""How an apply may stand in the audit trail; one that stays `begun` was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRecord:
    """One line of the audit trail."""

    id: str
    """Sorts by time."""
    operation: str
    """As in LockRecord."""
    actor: Actor
    begun_at: datetime
    commit: str = ""
    plan_id: str = ""
    digest: str = ""
    """The digest of the changes that were to be made."""
    fence: int = 0
    outcome: str = "begun"
    """One of `OUTCOMES`."""
    ended_at: datetime | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Counts, reasons, and whatever else the operation wants to be remembered."""
    lineage: str = ""
    """Of the state that it belongs to; empty before it is stored."""
    serial: int = 0
    """Its place in the trail, counted from 1; 0 before it is stored."""
    previous: str = ""
    """The hash of the record before it; empty for the first."""
    hash: str = field(default="", compare=False)
    """Of the record as it is stored; empty before."""

    @property
    def before(self) -> StateMark:
        """Which state this was, and how many applies it had seen, before this one was counted."""
        return StateMark(lineage=self.lineage if self.serial > 1 else "", serial=max(0, self.serial - 1))


class ApplyLog(Protocol):
    """The applies of one environment."""

    def mark(self) -> StateMark:
        """Return which state this is. Consistent read."""
        ...

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        """Store a new record behind the last one and count it; give it with its place and the hash of the one before. Again for
        the same id, nothing more happens. Conflict once the lock is another's."""
        ...

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        """Store the record as it ended, in the place that `open` gave it. Conflict once the lock is another's."""
        ...

    def applies(self, *, limit: int | None) -> Sequence[ApplyRecord]:
        """Return the latest records, newest first; all when `limit` is None."""
        ...

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        """Return the last record that carried out the saved plan, None when there is none."""
        ...


DeploymentEntry: TypeAlias = Deployment | Hold | Pause


class DeploymentStore(Protocol):
    """What is deployed of the pipelines of one environment, and what operators decided about it."""

    def deployments(self, pipeline: str, *, limit: int | None = None) -> Sequence[Deployment]:
        """Return the records of a pipeline, newest first; all when `limit` is None. Consistent read."""
        ...

    def interventions(self) -> Interventions:
        """Return the holds and pauses of all pipelines. Consistent read."""
        ...

    def write(self, entries: Sequence[DeploymentEntry], fence: Fence, *, ends: Sequence[Hold | Pause] = ()) -> None:
        """In one transaction store the entries, each in place of a former one of its kind and pipeline (a record: of its id),
        and remove `ends`. Conflict once the lock is another's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All of them together: they share one table."""

    locks: LockStore
    journal: Journal
    log: ApplyLog
    deployed: DeploymentStore
