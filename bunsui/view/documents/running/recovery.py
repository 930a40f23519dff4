"""A recovery as JSON: the plan, which is what a file holds too, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.reading import Malformed, from_json
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.errors import InvalidInput, Refused
from bunsui.model.json import Json
from bunsui.model.recovery import Strategy
from bunsui.services.recovery.carrying import RecoveryOutcome, RecoveryStatus, RecoveryStep
from bunsui.sessions.recovery.plan import RecoveryGroup, RecoveryPart, RecoveryPlace, RecoveryPlan, RecoveryTarget


class RecoveryPlacePart(ShapeOf[RecoveryPlace]):
    """Where the plan is for."""

    project: str = member("The project's name.")
    project_id: str = member("Its id.")
    environment: str = member("The environment's name.")
    account: str = member("The AWS account.")
    region: str = member("The AWS region.")
    is_local: bool | Absent = member(
        "True for the embedded AWS, where nothing is paid: costs are what it would be on AWS in the region.", default=ABSENT
    )


class RecoveryTargetPart(ShapeOf[RecoveryTarget]):
    """One session, as it stood: one that moved since is not touched."""

    session: str = member("Its id.")
    execution_arn: str = member("Of its last attempt; empty when none was started.")
    redrive: int = member("How often that execution had been redriven.")
    taken_at: datetime | None | Absent = member("Since when somebody was on it; null where nobody was.", default=ABSENT)


class RecoveryPartPart(ShapeOf[RecoveryPart]):
    """Sessions of one pipeline about which the same is done."""

    pipeline: str = member("The pipeline's name.")
    strategy: Strategy = member("What is done.")
    reason: str = member("Why.")
    kept: tuple[str, ...] = member("Jobs whose results are kept.")
    runs: tuple[str, ...] = member("Jobs that run, or run again.")
    outdated: Mapping[str, str] = member("Completed jobs that run again all the same, each with the reason.", of="reasons")
    side_effects: tuple[str, ...] = member(
        "Operations, as JOB.OPERATION, that may happen a second time and do not say `idempotent: true`."
    )
    is_certain: bool = member("False when jobs run pipelines, which are looked at only when a session goes on.")
    typical_seconds: float | None = member("How long a whole run takes, from those that succeeded; null when none is known.")
    known_runs: int = member("From how many runs that is.")
    learnt_seconds: float | None | Absent = member(
        "How long the jobs that run take, by `bunsui.durations.yaml`; null where nothing was learnt.", default=ABSENT
    )
    usd_each: float | None | Absent = member(
        "USD that each costs at most, by list prices of the region and as far as it can be counted; null when nobody knows.",
        default=ABSENT,
    )
    uncounted: tuple[str, ...] | Absent = member("What is billed too and is not in it.", default=ABSENT)
    targets: tuple[RecoveryTargetPart, ...] = member("The sessions.")
    rule: str | Absent = member(
        "Where the rule stands that says so: `FILE:LINE` where the file says what is applied, `bunsui's own`, or empty for what"
        " was asked for, and where something else comes first.",
        default=ABSENT,
    )
    job: str | Absent = member("Where a `restart-from` begins, or which job is skipped.", default=ABSENT)
    output: Mapping[str, Json] | Absent = member("What stands for the outputs of a job that is skipped.", default=ABSENT)
    owner: str | Absent = member("Who is to see to it by hand, or is on it; empty for nobody.", default=ABSENT)
    note: str | Absent = member("What that person should know.", default=ABSENT)
    deadline_seconds: int | None | Absent = member("How long a session that is handed over may take.", default=ABSENT)
    until: datetime | None | Absent = member("By when whoever is on it wants to be done.", default=ABSENT)
    items: tuple[str, ...] | Absent = member(
        "Jobs with foreach that were at work: their items that succeeded are kept, which is looked at when a session goes on.",
        default=ABSENT,
    )


class RecoveryGroupPart(ShapeOf[RecoveryGroup]):
    """Failed sessions with one cause."""

    fingerprint: str = member("What their failures share; empty where nobody has looked why.")
    class_: str = member("What kind of failure it was; empty when it is not known.", of="error_class")
    error: str = member("The error's name.")
    message: str = member("What happened, of the latest.")
    place: str = member("The job, with that of a child pipeline behind a slash; empty when no job was at work.")
    first_at: datetime = member("When the first of them began.")
    last_at: datetime = member("When the latest began.")
    sample: str = member("The id of the latest.")
    parts: tuple[RecoveryPartPart, ...] = member("What is done about them.")


class RecoveryPlanDocument(ShapeOf[RecoveryPlan], kind="recovery-plan"):
    """Of `recover`, and of `recover --out`: what is to be done about failed sessions. `bunsui recover FILE` carries it out."""

    place: RecoveryPlacePart = member()
    made_at: datetime = member("When it was planned.")
    asked: str = member("The filter as it was typed.")
    groups: tuple[RecoveryGroupPart, ...] = member("The most sessions first.")
    is_cut: bool = member("More sessions fit.")
    unreached: tuple[str, ...] = member("Pipelines whose machine could not be looked at: sessions may be missing.")
    digest: str = member("64 hex digits over what is to be done, and where.")


class RecoveryStepPart(ShapeOf[RecoveryStep]):
    """What became of one session."""

    session: str = member("Its id.")
    pipeline: str = member("The pipeline's name.")
    strategy: Strategy = member("What was to be done.")
    status: RecoveryStatus = member("What became of it.")
    attempt: int = member("The attempt that runs now, or the last one; 0 for none.")
    why: str = member("Why nothing was started, or for whom it waits; empty when something was.")


class RecoveryDocument(ShapeOf[RecoveryOutcome], kind="recovery"):
    """Of `recover --yes` and `recover FILE --yes`: what became of each session of the plan."""

    plan_digest: str = member("Of the plan.", of="plan.digest")
    steps: tuple[RecoveryStepPart, ...] = member("In the plan's order; sessions that it leaves are not among them.")


def read_recovery_plan(document: Json) -> RecoveryPlan:
    """Return the plan of a saved document.

    Raises:
        InvalidInput: it is no recovery plan.
        Refused: it was edited.

    """
    again = "Plan again:\n  bunsui recover --out recovery.json"
    try:
        read = from_json(RecoveryPlanDocument, document)
    except Malformed as error:
        raise InvalidInput("no-recovery-plan", "the file holds no recovery plan", hint=again, reason=str(error)) from error
    plan = RecoveryPlan(
        place=_place(read.place),
        made_at=read.made_at,
        asked=read.asked,
        groups=tuple(map(_group, read.groups)),
        is_cut=read.is_cut,
        unreached=read.unreached,
    )
    if plan.digest != read.digest:
        raise Refused("plan-edited", "the plan was edited after it was saved", hint=again, digest=read.digest)
    return plan


_LATER = ("rule", "job", "output", "owner", "note", "deadline_seconds", "until", "items")
"""What plans of an earlier bunsui do not say."""


def _place(read: RecoveryPlacePart) -> RecoveryPlace:
    told = {name: getattr(read, name) for name in RecoveryPlace.__dataclass_fields__}
    return RecoveryPlace(**{name: value for name, value in told.items() if not isinstance(value, Absent)})


def _group(read: RecoveryGroupPart) -> RecoveryGroup:
    return RecoveryGroup(
        fingerprint=read.fingerprint,
        error_class=read.class_,
        error=read.error,
        message=read.message,
        place=read.place,
        first_at=read.first_at,
        last_at=read.last_at,
        sample=read.sample,
        parts=tuple(map(_part, read.parts)),
    )


def _part(read: RecoveryPartPart) -> RecoveryPart:
    return RecoveryPart(
        pipeline=read.pipeline,
        strategy=read.strategy,
        reason=read.reason,
        kept=read.kept,
        runs=read.runs,
        outdated=tuple(read.outdated.items()),
        side_effects=read.side_effects,
        is_certain=read.is_certain,
        typical_seconds=read.typical_seconds,
        known_runs=read.known_runs,
        learnt_seconds=None if isinstance(read.learnt_seconds, Absent) else read.learnt_seconds,
        usd_each=None if isinstance(read.usd_each, Absent) else read.usd_each,
        uncounted=() if isinstance(read.uncounted, Absent) else read.uncounted,
        targets=tuple(
            RecoveryTarget(
                session=one.session,
                execution_arn=one.execution_arn,
                redrive=one.redrive,
                taken_at=None if isinstance(one.taken_at, Absent) else one.taken_at,
            )
            for one in read.targets
        ),
        **{name: value for name in _LATER if not isinstance(value := getattr(read, name), Absent)},
    )
