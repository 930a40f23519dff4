"""How the account stands to repository or last apply, as JSON documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.diff.model import ChangeOperation, DiffItem
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.session import Session, SessionStatus
from bunsui.plan.model import Reason, ResourceChange
from bunsui.ports.hints import TrailEvent
from bunsui.services.overview.authors import DriftAuthors
from bunsui.services.overview.details import PipelineDetails
from bunsui.services.overview.drift import DriftReport
from bunsui.services.overview.runs import PastRun, RecentRuns
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.services.status import BucketStatus, ChannelStatus, OwnMachineStatus, ProjectStatus
from bunsui.view.commands import Offering
from bunsui.view.documents.deployments.history import HoldPart
from bunsui.view.documents.deployments.pause import PausePart
from bunsui.view.documents.estimates import CostEstimatePart, TypicalDurationPart
from bunsui.view.documents.running.sessions import SKIPPED, WARNED, AboutPart
from bunsui.view.plan.wording import jsonable, sentence


class LastSessionPart(ShapeOf[Session]):
    """Its last session; null when none is among those looked at."""

    id: str = member("The session's id.")
    status: SessionStatus = member("Where it stands.")
    created_at: datetime = member("When it was asked for.")
    slot: datetime = member("The business time that it stands for.")
    skipped: bool | Absent = member(SKIPPED, default=ABSENT)
    warned: tuple[str, ...] | Absent = member(WARNED, default=ABSENT)


class PastRunPart(ShapeOf[PastRun]):
    """One of its last runs."""

    session: str = member("The session's id.")
    status: SessionStatus = member("Where it stands.")
    began_at: datetime = member("When it was asked for.")
    seconds: float | None = member("What its latest attempt took; null while it goes on.")


class LastFailurePart(ShapeOf[Session]):
    """The newest of them that failed."""

    session: str = member("Its id.", of="id")
    failed_job: str = member("The job; empty while nobody asked.")
    error: str | None = member("Null where nobody could look.", of="failure.error")
    message: str | None = member("One line.", of="failure.message")


class RecentRunsPart(ShapeOf[RecentRuns]):
    """How its last runs went, at most 20 of them."""

    runs: tuple[PastRunPart, ...] = member("The newest last.")
    whole: bool = member("False when older runs that would belong to them may not have been read.", of="is_whole")
    ok_percent: float | None = member(
        "How many of those that came to an end by themselves succeeded; null when none ended.", of="ok_percent"
    )
    p95_seconds: float | None = member(
        "What 95 of 100 of those took that succeeded in one attempt, by the nearest rank; null when none did."
    )
    measured: int = member("From how many runs that is known.")
    last_failure: LastFailurePart | None = member()


class PipelineDetailsPart(ShapeOf[PipelineDetails]):
    """More of a pipeline that was named."""

    waves: tuple[tuple[str, ...], ...] | None = member(
        "Its jobs by how many others come before; null without jobs.", of="graph.waves"
    )
    critical_path: tuple[str, ...] | None = member("The jobs of the longest way.", of="graph.critical_path")
    durations: Mapping[str, TypicalDurationPart] = member("How long each job takes, by name.")
    cost: CostEstimatePart | None = member("Of a run; null where it cannot be told.")
    tests: int = member("How many tests it has.")
    runs: RecentRunsPart = member("Of its own rows: none is missing.")


class OutsidePart(ShapeOf[ResourceChange]):
    """A resource that somebody changed outside bunsui."""

    resource: str = member("Its address.", of=None)
    reason: Reason = member("What was done.")
    attributes: tuple[str, ...] = member("The attributes that differ from what was applied.", of=None)


class FaultPart(ShapeOf[Diagnostic]):
    """The first error in its file; `validate` tells all."""

    code: str = member("As `explain` knows it.")
    summary: str = member("What is wrong.")
    file: str | None = member("From the project's folder.", of="position.file")
    line: int | None = member("Counted from 1.", of="position.line")


class PipelineStatusPart(ShapeOf[PipelineStatus]):
    """One pipeline."""

    name: str = member("Its name.")
    path: str = member("Its file, from the project's folder; empty when the repository no longer has it.")
    about: AboutPart | Absent = member(default=ABSENT)
    standing: PipelineStanding = member("How the account stands to the repository.")
    changes: int = member("How many resources an apply would change.")
    retired_until: datetime | None = member("Until when it is kept; null when it is not retired.", of="retirement.until")
    held_by: tuple[str, ...] = member("Sessions that keep a retired pipeline.", of=None)
    enabled: bool | Absent = member(
        "False when its file switches it off: no schedule starts it, nor does a run by hand.", default=ABSENT
    )
    next_start: datetime | None = member("Null when nothing starts it, or nothing that can be foreseen.")
    last_session: LastSessionPart | None = member()
    looked_at: datetime | None | Absent = member(
        "When executions of its machine were looked at; what began since is not in `last_session`. Null for never.",
        default=ABSENT,
    )
    next_start_is_about: bool | Absent = member(
        "True when a rate starts it next, which is reckoned from its last start.", of="is_next_start_about", default=ABSENT
    )
    recent: RecentRunsPart | Absent = member(of="runs", default=ABSENT)
    applied_commit: str | Absent = member("What it was applied last from; empty where that is not kept.", default=ABSENT)
    applied_at: datetime | None | Absent = member("When anything of it was written last.", default=ABSENT)
    outside: tuple[OutsidePart, ...] | Absent = member("What somebody changed outside bunsui.", of=None, default=ABSENT)
    why: str | Absent = member("Why it stands so: what could not be read, what is not ours; often empty.", default=ABSENT)
    version: str | Absent = member("The number of the version of its machine that is started.", default=ABSENT)
    role: str | Absent = member("The name of the role that its machine takes on.", default=ABSENT)
    details: PipelineDetailsPart | Absent = member("Only of pipelines that were named.", of=None, default=ABSENT)
    hold: HoldPart | None | Absent = member(default=ABSENT)
    pause: PausePart | None | Absent = member(default=ABSENT)
    fault: FaultPart | None | Absent = member("Null when its file has none.", default=ABSENT)


class ChannelStatusPart(ShapeOf[ChannelStatus]):
    """One channel."""

    name: str = member("Its name.")
    standing: PipelineStanding = member("How the account stands to the repository.")
    changes: int = member("How many resources an apply would change.")
    subscribers: int | None = member("Confirmed subscriptions of its topic; null where nobody knows.")


class OwnMachinePart(ShapeOf[OwnMachineStatus]):
    """What the environment has a machine of its own for, with all that belongs to it."""

    standing: PipelineStanding = member("How the account stands to the repository.")
    changes: int = member("How many resources an apply would change.")


class BucketStatusPart(ShapeOf[BucketStatus]):
    """The bucket that bunsui makes for the environment."""

    name: str = member("Its name in AWS.")
    standing: PipelineStanding = member("How the account stands to the repository.")
    changes: int = member("How many resources an apply would change.")


class StatusDocument(ShapeOf[ProjectStatus], kind="status"):
    """Of `status`: how each pipeline stands."""

    project: str = member("The project's name.", of="scope.project")
    environment: str = member("The environment's name.", of="scope.environment")
    account: str = member("The account's twelve digits.", of="scope.account")
    region: str = member("The region.", of="scope.region")
    commit: str = member("The checkout's, with `*` when the tree is dirty; empty outside git.")
    recoverable: bool | None | Absent = member(
        "The state has point-in-time recovery; null where that cannot be told.", of="is_recoverable", default=ABSENT
    )
    errors: int = member(
        "Errors in the files; with any of them nothing was compared, and pipelines are invalid or unknown.", of=None
    )
    pipelines: tuple[PipelineStatusPart, ...] = member("By name.", of=None)
    channels: tuple[ChannelStatusPart, ...] | Absent = member("Those for which bunsui makes a topic, by name.", default=ABSENT)
    alerts: OwnMachinePart | None | Absent = member("What words the messages; null where no channel is.", default=ABSENT)
    resident: OwnMachinePart | None | Absent = member("What looks at sessions when nobody does.", default=ABSENT)
    bucket: BucketStatusPart | None | Absent = member("Null where bunsui makes none.", default=ABSENT)
    sessions_since: datetime | None | Absent = member(
        "Sessions that began before were not read; null when all were.", of="since", default=ABSENT
    )


def status_document(status: ProjectStatus) -> StatusDocument:
    """Return the status as one JSON document."""
    errors = sum(1 for found in status.diagnostics if found.is_error)
    return StatusDocument.of(status, errors=errors, pipelines=tuple(_pipeline(one, status.details) for one in status.pipelines))


def _pipeline(pipeline: PipelineStatus, details: Mapping[str, PipelineDetails]) -> PipelineStatusPart:
    retirement = pipeline.retirement
    return PipelineStatusPart.of(
        pipeline,
        held_by=(*retirement.running, *retirement.redrivable) if retirement else (),
        outside=tuple(map(_outside, pipeline.outside)),
        details=PipelineDetailsPart.of(found) if (found := details.get(pipeline.name)) is not None else ABSENT,
    )


def _outside(change: ResourceChange) -> OutsidePart:
    attributes = tuple(dict.fromkeys(item.attribute for item in change.drift))
    return OutsidePart.of(change, resource=str(change.address), attributes=attributes)


class DriftedPlacePart(ShapeOf[DiffItem]):
    """A place that somebody changed."""

    attribute: str = member("The attribute of the resource's kind.")
    subject: str = member("The state, statement or attribute.")
    path: tuple[str, ...] = member("Keys below it.")
    operation: ChangeOperation = member("What was done to it.")
    text: str = member("The change in words, shortened.", of=None)
    applied: Json = member("What was applied; null when the place was added.", of=None)
    actual: Json = member("What AWS has; null when the place was removed.", of=None)


class DriftEventPart(ShapeOf[TrailEvent]):
    """A call that changed the resource since bunsui wrote it last."""

    name: str = member("CloudTrail's name of the call.")
    at: datetime = member("When it was made.")
    who: str = member("The caller's ARN; empty when the record does not say.")
    id: str = member("The event's id.")


class DriftedPart(ShapeOf[ResourceChange]):
    """A resource that is not as it was applied."""

    address: Address = member("`kind.pipeline` or `kind.pipeline.name`; stable.")
    physical_name: str = member("The name in AWS.")
    reason: Reason = member("What was done.")
    places: tuple[DriftedPlacePart, ...] = member("What was changed; empty of what was deleted.", of=None)
    note: str = member("A sentence for the reader; often empty.")
    events: tuple[DriftEventPart, ...] | Absent = member(
        "Calls that changed it, newest first, with --who.", of=None, default=ABSENT
    )


class BesidePart(ShapeOf[Diagnostic]):
    """Something that others put beside ours."""

    code: str = member("As `explain` knows it.")
    severity: Severity = member("A warning where strangers are let in, or something else runs.")
    resource: str = member("The address of what it was put beside.", of="subject")
    summary: str = member("What it is, and what it does.")
    hint: Offering = member("How it is removed.")
    accepted: str | None = member("The reason why the project lives with it.", of="accepted.reason")


class DriftDocument(ShapeOf[DriftReport], kind="drift"):
    """What `bunsui drift --json` prints."""

    project: str = member("The project's name.", of="scope.project")
    environment: str = member("The environment.", of="scope.environment")
    account: str = member("Twelve digits.", of="scope.account")
    region: str = member("The region.", of="scope.region")
    taken_at: datetime = member("When everything had been read.")
    resources: int = member("How many were compared.")
    drifted: tuple[DriftedPart, ...] = member("What somebody changed or deleted, by pipeline.", of=None)
    unreadable: tuple[DriftedPart, ...] = member("What could not be read, so that nobody knows.", of=None)
    interrupted: tuple[DriftedPart, ...] = member("What an apply was writing when it died.", of=None)
    beside: tuple[BesidePart, ...] = member("What others put beside ours; it is no drift.", of=None)
    ignored_tags: Mapping[str, tuple[str, ...]] | Absent = member(
        "The names of the tags that are there and are left to others by `ignore.tags`, by address.", of=None, default=ABSENT
    )
    authors_unknown: str | Absent = member(
        "With --who: why the record of calls was not looked at everywhere; empty when it was.", of=None, default=ABSENT
    )


def drift_document(report: DriftReport, authors: DriftAuthors | None = None) -> DriftDocument:
    """Return the report as a document, with who made each change where that was looked up."""
    return DriftDocument.of(
        report,
        drifted=tuple(_part(change, authors) for change in report.drifted),
        unreadable=tuple(map(_part, report.unreadable)),
        interrupted=tuple(map(_part, report.interrupted)),
        beside=tuple(map(BesidePart.of, report.beside)),
        ignored_tags={str(address): names for address, names in report.ignored_tags.items()} or ABSENT,
        authors_unknown=authors.unknown if authors is not None else ABSENT,
    )


def _part(change: ResourceChange, authors: DriftAuthors | None = None) -> DriftedPart:
    events = tuple(map(DriftEventPart.of, authors.events.get(change.address, ()))) if authors is not None else ABSENT
    return DriftedPart.of(change, places=tuple(map(_place, change.drift)), events=events)


def _place(item: DiffItem) -> DriftedPlacePart:
    return DriftedPlacePart.of(
        item,
        text=sentence(item).text,
        applied=None if item.operation is ChangeOperation.ADDED else jsonable(item.before),
        actual=None if item.operation is ChangeOperation.REMOVED else jsonable(item.after),
    )
