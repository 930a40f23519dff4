"""The state as JSON documents: its rows, its history, and what was done to it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from bunsui.apply.trail import Broken, Verified
from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Keywords, Shape, member
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import AppliedResource
from bunsui.ports.ledger import ApplyRecord, LockRecord
from bunsui.services.audit import Audit, SessionAct
from bunsui.services.state import Rebuilt, StateRow


class LifecyclePart(ShapeOf[Lifecycle]):
    """What the file said of its end and of others' changes; it holds when the file is gone."""

    prevent_destroy: bool = member("What holds data is neither removed nor replaced.")
    protect: bool = member("Whoever applies a change that others notice types the pipeline's name.")
    keep_versions: int = member("How many of the newest versions stay in any case.")
    exclusive: bool | Absent = member("True where what others put beside it is removed.", of=None, default=ABSENT)
    ignore: tuple[Annotated[tuple[str, ...], Keywords({"minItems": 1})], ...] = member(
        "Places that belong to others: an attribute, then keys below it.", of=None
    )


class ResourcePart(ShapeOf[AppliedResource]):
    """What was last written to one resource."""

    address: Address = member("`kind.pipeline` or `kind.pipeline.name`.")
    physical_name: str = member("The name in AWS.")
    attributes: Mapping[str, Json] = member("What was written, by the attribute's name; nothing sensitive.")
    outputs: Mapping[str, str] = member("What AWS answered, such as ARNs.")
    revision: str = member("What AWS calls this revision; empty where it has none.")
    written_at: datetime | None = member("When it was written; null after a rebuild.")
    commit: str = member("Of the checkout that was applied; empty when it is not known.")
    plan: str = member("The id of the saved plan that wrote it; empty when it was applied straight.")
    is_known: bool = member("False after a rebuild: nobody knows whether bunsui wrote what is there.")
    lifecycle: LifecyclePart = member(of=None)
    retired_at: datetime | None = member("Since when it is out of service; null while it is in service.")
    depends_on: tuple[Address, ...] = member("Addresses that it needs.")
    half_done: str | None = member("What an apply that died was doing to it; null for nothing.", of=None)


class StateDocument(Shape, kind="state"):
    """Of `state list` and `state show`: what bunsui remembers of its resources."""

    resources: tuple[ResourcePart, ...] = member("By address.")


class RecordPart(ShapeOf[ApplyRecord], name="record"):
    """One record of the audit trail: an apply, or whatever else wrote the state."""

    id: str = member("Sorts by time.")
    operation: str = member("What was done, such as apply, destroy, state mv, unlock.")
    outcome: str = member("begun, complete, incomplete, interrupted or failed; one that stays begun was killed.")
    begun_at: datetime = member("When it began, by the clock of whoever did it.")
    ended_at: datetime | None = member("When it ended; null when it did not.")
    who: str = member("The caller's ARN.", of="actor.who")
    host: str = member("The machine's name.", of="actor.host")
    link: str = member("Address of the CI run, without credentials; empty outside CI.", of="actor.link")
    commit: str = member("Of the checkout, with `*` when it was dirty; empty outside git.")
    plan_id: str = member("Of the saved plan that was carried out; empty for none.")
    digest: str = member("Of the changes that were to be made; empty for none.")
    fence: int = member("How often the lock had changed hands.")
    serial: int = member("Its place in the trail, from 1; 0 for what was written before there was a chain.")
    previous: str = member("The hash of the record before it; empty for the first.")
    hash: str = member("Its own hash: SHA-256 in hex.")
    facts: Mapping[str, Json] = member("Counts, reasons and whatever else the operation wants to be remembered.")


class HistoryDocument(Shape, kind="history"):
    """Of `state history`: whatever wrote the state."""

    applies: tuple[RecordPart, ...] = member("Newest first, as many as --limit allows.")


class BrokenLinkPart(ShapeOf[Broken]):
    """The first link that does not hold; null when all do."""

    serial: int = member("The record's place in the trail, from 1.")
    id: str = member("The record's id; empty when it is missing.")
    why: str = member("What is wrong with it.")


class AnchorPart(ShapeOf[Audit]):
    """What became of --anchor; null when none was given."""

    hash: str = member("As it was given.", of="anchor")
    serial: int | None = member("The record that has it; null when none has.", of="anchored_serial")


class ActPart(ShapeOf[SessionAct]):
    """One act of bunsui's on a session."""

    id: str = member("Of the record that was written before it was done.", of="begun.id")
    act: str = member("The command: run, backfill, resume, redrive, recover or stop.", of="begun.act")
    call: str = member(
        "What Step Functions was asked for: StartExecution, RedriveExecution or StopExecution; empty for nothing.",
        of="begun.call",
    )
    outcome: str = member("done, failed (nothing happened), unknown (no answer), or begun: killed, or under way.")
    error: str = member("The code of the error that it ended with; empty for none.")
    at: datetime = member("When it was about to be done, by the clock of whoever did it.", of="begun.at")
    ended_at: datetime | None = member("When it ended; null when that is not known.")
    who: str = member("The caller's ARN.", of="begun.actor.who")
    host: str = member("The machine's name.", of="begun.actor.host")
    link: str = member("Address of the CI run, without credentials; empty outside CI.", of="begun.actor.link")
    pipeline: str = member("The session's pipeline.", of="begun.pipeline")
    session: str = member("The session's id.", of="begun.session")
    attempt: int = member("The attempt that it begins or stops, from 1; 0 before the first.", of="begun.attempt")
    execution_arn: str = member("The execution; empty where none is known.", of="begun.execution_arn")
    slot: datetime = member("The session's business time.", of="begun.slot")
    params: tuple[str, ...] = member("The names of the session's parameters; no values.", of="begun.params")
    reason: str = member("What was said when it was stopped; empty for nothing.", of="begun.reason")
    serial: int = member("The place of the record that was written before, from 1.", of="begun.serial")
    hash: str = member("The hash of that record: SHA-256 in hex.", of="begun.hash")


class ActsChainPart(ShapeOf[Verified]):
    """What became of the chain of acts on sessions."""

    links: int = member("How many records are chained; an act has two.")
    head: str = member("The hash of the last record; empty without one.")
    broken: BrokenLinkPart | None = member()


class AuditDocument(ShapeOf[Audit], kind="audit"):
    """Of `audit`: the record of everything that wrote the state, of what bunsui did with sessions, and whether it is whole."""

    whole: bool = member("No link of either chain is broken, and the anchor, if one was given, is in the trail.", of="is_whole")
    links: int = member("How many records of applies are chained.", of="chain.links")
    unchained: int = member("How many were written before there was a chain.", of="chain.unchained")
    head: str = member("The hash of the last of these records; empty without one.", of="chain.head")
    broken: BrokenLinkPart | None = member(of="chain.broken")
    anchor: AnchorPart | None = member(of=None)
    applies: tuple[RecordPart, ...] = member("Newest first, as many as --limit allows; all were verified.", of=None)
    acts: tuple[ActPart, ...] | Absent = member(
        "What bunsui did with sessions, newest first, as many as --limit allows; all were verified.", of=None, default=ABSENT
    )
    acts_chain: ActsChainPart | Absent = member(default=ABSENT)


class RebuildDocument(ShapeOf[Rebuilt], kind="rebuild"):
    """Of `state rebuild`: what the state knows now."""

    found: tuple[Address, ...] = member("Addresses that AWS has with the project's tags.")
    dropped: tuple[Address, ...] = member("Addresses that the state knew and AWS does not have.")


class MovedDocument(Shape, kind="moved"):
    """Of `state mv`: a resource is remembered under another address."""

    from_: str = member("The address that it had.")
    to: str = member("The address that it has now.")


class ForgottenDocument(Shape, kind="forgotten"):
    """Of `state rm`: resources that are remembered no more."""

    addresses: tuple[str, ...] = member("As they were given.")


class UnlockDocument(ShapeOf[LockRecord], kind="unlock"):
    """Of `unlock`: a lock was taken from its holder."""

    lock: str = member("The lock's id, as it was given.", of="id")
    holder: str = member("The ARN of whoever held it.", of="actor.who")


def state_document(rows: Sequence[StateRow]) -> StateDocument:
    """Return the state as one JSON document."""
    return StateDocument(resources=tuple(map(_resource, rows)))


def audit_document(audit: Audit, *, limit: int) -> AuditDocument:
    """Return the audit as one JSON document."""
    anchor = AnchorPart.of(audit) if audit.anchor else None
    return AuditDocument.of(
        audit,
        anchor=anchor,
        applies=tuple(map(RecordPart.of, audit.records[:limit])),
        acts=tuple(map(ActPart.of, audit.acts[:limit])),
    )


def _resource(row: StateRow) -> ResourcePart:
    ignored = tuple((place.attribute, *place.path) for place in row.resource.lifecycle.ignore)
    lifecycle = LifecyclePart.of(row.resource.lifecycle, ignore=ignored, exclusive=row.resource.lifecycle.exclusive or ABSENT)
    return ResourcePart.of(row.resource, lifecycle=lifecycle, half_done=row.pending.action if row.pending else None)
