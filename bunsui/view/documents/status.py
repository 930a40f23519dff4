"""How each pipeline stands as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.model.session import Session, SessionStatus
from bunsui.services.status import BucketStatus, ChannelStatus, PipelineStanding, PipelineStatus, ProjectStatus
from bunsui.view.documents.sessions import SKIPPED, WARNED, AboutPart


class LastSessionPart(ShapeOf[Session]):
    """Its last session; null when none is among those looked at."""

    id: str = member("The session's id.")
    status: SessionStatus = member("Where it stands.")
    created_at: datetime = member("When it was asked for.")
    slot: datetime = member("The business time that it stands for.")
    skipped: bool | Absent = member(SKIPPED, default=ABSENT)
    warned: tuple[str, ...] | Absent = member(WARNED, default=ABSENT)


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


class ChannelStatusPart(ShapeOf[ChannelStatus]):
    """One channel."""

    name: str = member("Its name.")
    standing: PipelineStanding = member("How the account stands to the repository.")
    changes: int = member("How many resources an apply would change.")
    subscribers: int | None = member("Confirmed subscriptions of its topic; null where nobody knows.")


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
    errors: int = member("Errors in the files; with any of them nothing was compared, and no pipeline is listed.", of=None)
    pipelines: tuple[PipelineStatusPart, ...] = member("By name.", of=None)
    channels: tuple[ChannelStatusPart, ...] | Absent = member("Those for which bunsui makes a topic, by name.", default=ABSENT)
    bucket: BucketStatusPart | None | Absent = member("Null where bunsui makes none.", default=ABSENT)


def status_document(status: ProjectStatus) -> StatusDocument:
    """Return the status as one JSON document."""
    errors = sum(1 for found in status.diagnostics if found.is_error)
    return StatusDocument.of(status, errors=errors, pipelines=tuple(map(_pipeline, status.pipelines)))


def _pipeline(pipeline: PipelineStatus) -> PipelineStatusPart:
    retirement = pipeline.retirement
    return PipelineStatusPart.of(pipeline, held_by=(*retirement.running, *retirement.redrivable) if retirement else ())
