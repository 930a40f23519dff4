"""A recovery as a value: failed sessions by what made them fail, and what is done about each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bunsui.model.json import Json
from bunsui.model.recovery import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryTarget:
    """One session of a plan, as it stood when it was planned: whatever moved since is not touched."""

    session: str
    execution_arn: str
    """Of its last attempt; empty when none was started."""
    redrive: int
    """How often that execution had been redriven."""
    taken_at: datetime | None = None
    """Since when somebody was on it; None where nobody was."""

    @property
    def told(self) -> list[Json]:
        """Which session it is, and how it stood, as JSON."""
        taken: list[Json] = [self.taken_at.isoformat()] if self.taken_at is not None else []
        return [self.session, self.execution_arn, self.redrive, *taken]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPart:
    """Sessions of one pipeline and one cause about which the same is done."""

    pipeline: str
    strategy: Strategy
    reason: str
    kept: tuple[str, ...]
    runs: tuple[str, ...]
    """Jobs that run, or run again, in the order of the file."""
    outdated: tuple[tuple[str, str], ...]
    """Completed jobs that run again all the same, each with the reason."""
    side_effects: tuple[str, ...]
    """Operations, as JOB.OPERATION, that may have been at work before and do not say that running them twice does no harm."""
    is_certain: bool
    """False when jobs run pipelines, which are looked at only when a session goes on."""
    typical_seconds: float | None
    """How long a whole run took, in the middle of those that are known; None when none is."""
    known_runs: int
    targets: tuple[RecoveryTarget, ...]
    learnt_seconds: float | None = None
    """How long the jobs that run take, by the durations that were learnt (`bunsui.durations.yaml`); None where none were."""
    usd_each: float | None = None
    """What each costs at most, by the definition and those durations, as far as it can be counted; None where nobody knows."""
    uncounted: tuple[str, ...] = ()
    """What is billed too and is not in it."""
    rule: str = ""
    """Where the rule stands that says so, such as `pipelines/orders.yaml:12`; empty for bunsui's own."""
    job: str = ""
    """Where a restart begins, or which job is skipped."""
    output: Mapping[str, Json] = field(default_factory=dict)
    """What stands for the outputs of the job that is skipped."""
    owner: str = ""
    """Who is to see to it by hand, or is on it; empty where nobody is named."""
    note: str = ""
    """What that person should know."""
    deadline_seconds: int | None = None
    """How long a session that is handed over may take."""
    until: datetime | None = None
    """By when whoever is on it wants to be done."""
    items: tuple[str, ...] = ()
    """Jobs with foreach that were at work: their items that succeeded are kept, which is looked at when a session goes on."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why completed jobs run again, by job."""
        return dict(self.outdated)

    @property
    def told(self) -> list[Json]:
        """What is done about each of its sessions, as JSON."""
        told: list[Json] = [self.pipeline, self.strategy.value, list(self.kept), list(self.runs), self.is_certain]
        more: list[Json] = [self.job, dict(self.output), self.owner, self.note, self.deadline_seconds]
        return [*told, *more] if any(more) else told


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryGroup:
    """Failed sessions with one cause."""

    fingerprint: str
    """Empty where nobody has looked."""
    error_class: str
    error: str
    message: str
    """Of the latest of them."""
    place: str
    first_at: datetime
    last_at: datetime
    sample: str
    """The latest session, to be looked at."""
    parts: tuple[RecoveryPart, ...]

    @property
    def count(self) -> int:
        """How many sessions."""
        return sum(len(part.targets) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPlace:
    """Where a plan is for."""

    project: str
    project_id: str
    environment: str
    account: str
    region: str
    is_local: bool = field(default=False, compare=False)
    """True for the embedded AWS, where nothing is paid. Plans of an earlier bunsui do not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPlan:
    """What is to be done about failed sessions."""

    place: RecoveryPlace
    made_at: datetime
    asked: str
    """The filter."""
    groups: tuple[RecoveryGroup, ...]
    is_cut: bool = False
    """True when more sessions fit."""
    unreached: tuple[str, ...] = ()
    """Pipelines whose machine could not be looked at."""

    @property
    def work(self) -> Iterator[tuple[RecoveryPart, RecoveryTarget]]:
        """Everything that is to be started or handed over, group by group."""
        for group in self.groups:
            for part in group.parts:
                if part.strategy is not Strategy.LEAVE:
                    yield from ((part, target) for target in part.targets)

    @property
    def left(self) -> int:
        """How many sessions are left as they are."""
        return sum(len(part.targets) for group in self.groups for part in group.parts if part.strategy is Strategy.LEAVE)

    @property
    def digest(self) -> str:
        """Return 64 hex digits over what is to be done, and where."""
        place = self.place
        work = [[*part.told, *target.told] for part, target in self.work]
        where = [place.project, place.project_id, place.environment, place.account, place.region]
        told = json.dumps([where, work], ensure_ascii=True, separators=(",", ":"))
        return sha256(told.encode()).hexdigest()
