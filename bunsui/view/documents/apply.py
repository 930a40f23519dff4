"""What became of an apply as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from bunsui.apply.events import (
    ApplyEvent,
    ApplyFinished,
    ChangeDone,
    ChangeFailed,
    ChangeNoted,
    ChangeSkipped,
    ChangeStarted,
    ChangeWaiting,
    PipelineLeft,
    SmokeRunEnded,
    SmokeRunStarted,
    SmokeVerdict,
    StateNoted,
)
from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.model.address import Address
from bunsui.plan.model import Action
from bunsui.view.commands import Offering

_ADDRESS = "`kind.pipeline` or `kind.pipeline.name`, as in the plan."
_ACTION = "What was to be done."
_STATUS = "What became of it."
_SENTENCE = "One sentence."
_HINT = "What to do; empty when there is nothing to say."


class DonePart(ShapeOf[ChangeDone]):
    """A change that was done."""

    address: Address = member(_ADDRESS)
    action: Action = member(_ACTION)
    status: Literal["done"] = member(_STATUS, of=None)
    seconds: float = member("How long it took, waiting included.")


class FailedPart(ShapeOf[ChangeFailed]):
    """A change that was failed."""

    address: Address = member(_ADDRESS)
    action: Action = member(_ACTION)
    status: Literal["failed"] = member(_STATUS, of=None)
    code: str = member("The error's stable code.")
    message: str = member(_SENTENCE)
    hint: Offering = member(_HINT)


class SkippedPart(ShapeOf[ChangeSkipped]):
    """A change that was skipped."""

    address: Address = member(_ADDRESS)
    action: Action = member(_ACTION)
    status: Literal["skipped"] = member(_STATUS, of=None)
    because: str = member("What it needs and failed, or that the apply was stopped.")


class NotePart(ShapeOf[ChangeNoted]):
    """Something worth knowing happened besides."""

    address: Address = member(_ADDRESS)
    note: str = member(_SENTENCE)


class LeftPart(ShapeOf[PipelineLeft]):
    """A pipeline that was left as it is, while the others went on."""

    pipeline: str = member("Its name.")
    code: str = member("Why, as a stable code.")
    message: str = member(_SENTENCE)
    hint: Offering = member(_HINT)


class SmokeRunPart(ShapeOf[SmokeRunEnded]):
    """A session that was to prove a deployed version."""

    pipeline: str = member("Its name.")
    version: str = member("The number of the version that was deployed.")
    session: str = member("Its id; empty when none was started.")
    verdict: SmokeVerdict = member("How it ended. With any but `succeeded` the exit code is not 0.")
    seconds: float = member("How long it took.")
    cause: str = member("Why it did not succeed; empty when it did.")
    rolled_back_to: str = member("The version that new sessions run again; empty when nothing was rolled back.")
    not_rolled_back: str = member("Why the version stays all the same; empty when it succeeded, or was rolled back.")
    hint: Offering = member(_HINT)


class ApplyDocument(ShapeOf[ApplyFinished], kind="apply"):
    """Of `apply` and `destroy`: what became of each change. With nothing to do all counts are 0."""

    changes: tuple[DonePart | FailedPart | SkippedPart, ...] = member("In the order in which they ended.", of=None)
    notes: tuple[NotePart, ...] = member("Such as versions that were removed.", of=None)
    state_notes: tuple[str, ...] | Absent = member(
        "What is worth knowing about the state itself, such as that it cannot be restored yet.", of=None, default=ABSENT
    )
    left: tuple[LeftPart, ...] | Absent = member(
        "With any of them the exit code is 4, if nothing failed.", of=None, default=ABSENT
    )
    smoke_runs: tuple[SmokeRunPart, ...] | Absent = member(
        "Of pipelines with `verify`, in the order in which they ended.", of=None, default=ABSENT
    )
    done: int = member("How many changes were made.")
    failed: int = member("How many could not be made.")
    skipped: int = member("How many were not tried.")
    interrupted: bool = member("Somebody asked it to stop.")
    seconds: float = member("How long all of it took.")


def apply_document(events: Sequence[ApplyEvent]) -> ApplyDocument:
    """Return a finished apply as one JSON document: one entry a resource, then the counts."""
    changes: list[DonePart | FailedPart | SkippedPart] = []
    notes: list[NotePart] = []
    state_notes: list[str] = []
    left: list[LeftPart] = []
    smoke_runs: list[SmokeRunPart] = []
    finished = ApplyFinished(done=0, failed=0, skipped=0, interrupted=False, seconds=0.0)
    for event in events:
        match event:
            case ChangeStarted() | ChangeWaiting() | ChangeNoted(is_passing=True) | SmokeRunStarted():
                pass
            case ChangeNoted():
                notes.append(NotePart.of(event))
            case ChangeDone():
                changes.append(DonePart.of(event, status="done"))
            case ChangeFailed():
                changes.append(FailedPart.of(event, status="failed"))
            case ChangeSkipped():
                changes.append(SkippedPart.of(event, status="skipped"))
            case StateNoted():
                state_notes.append(event.note)
            case SmokeRunEnded():
                smoke_runs.append(SmokeRunPart.of(event))
            case PipelineLeft():
                left.append(LeftPart.of(event))
            case ApplyFinished():
                finished = event
            case _:
                assert_never(event)
    told = {"changes": tuple(changes), "notes": tuple(notes), "state_notes": tuple(state_notes), "left": tuple(left)}
    return ApplyDocument.of(finished, **told, smoke_runs=tuple(smoke_runs))
