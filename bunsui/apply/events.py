"""What happens during an apply, as it happens: a closed union that faces match on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.plan.model import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStarted:
    """Work on a resource began."""

    address: Address
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWaiting:
    """Work on a resource waits for something, such as IAM."""

    address: Address
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNoted:
    """Something worth knowing happened besides, such as old versions that were removed."""

    address: Address
    note: str
    is_passing: bool = False
    """True for what goes on now, such as an upload, and is of no interest afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDone:
    """A resource is as desired, and the state knows it."""

    address: Address
    action: Action
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFailed:
    """Work on a resource failed; its dependents are skipped."""

    address: Address
    action: Action
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSkipped:
    """Nothing was tried, because something that it needs failed or the apply was stopped."""

    address: Address
    action: Action
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNoted:
    """Something worth knowing about the state itself, such as that it cannot be restored yet."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineLeft:
    """A pipeline was left as it is, since something forbids to apply it; the others went on."""

    pipeline: str
    code: str
    message: str
    hint: str = ""


class SmokeVerdict(Enum):
    """How a smoke run ended, as far as the apply that watched it can tell."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TOO_LATE = "too-late"
    """It had not succeeded within its time."""
    NOT_STARTED = "not-started"
    UNSEEN = "unseen"
    """Nobody saw its end: the apply was asked to stop, or AWS did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRunStarted:
    """A session that proves a deployed version is watched."""

    pipeline: str
    version: str
    session: str
    within_seconds: int
    is_earlier: bool = False
    """True when an apply that ended before had started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRunEnded:
    """What came of it, and of the version."""

    pipeline: str
    version: str
    session: str
    """Empty when none was started."""
    verdict: SmokeVerdict
    seconds: float = 0.0
    cause: str = ""
    """Why it did not succeed; empty when it did."""
    rolled_back_to: str = ""
    """The version that new sessions run again; empty when the pipeline was not rolled back."""
    not_rolled_back: str = ""
    """Why a version that failed stays; empty when it does not, and when nothing failed."""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFinished:
    """The last event of every apply."""

    done: int
    failed: int
    skipped: int
    interrupted: bool
    seconds: float
    left: int = 0
    """How many pipelines were left as they are."""
    unproved: int = 0
    """How many smoke runs did not succeed, or were not seen to."""

    @property
    def is_complete(self) -> bool:
        """True when everything in the plan was done."""
        return not (self.failed or self.skipped or self.interrupted or self.left)


def pipelines_left(left: Mapping[str, Refused]) -> tuple[PipelineLeft, ...]:
    """Build one event for each pipeline that is left, the facts of its refusal in the message."""
    return tuple(_left(pipeline, error) for pipeline, error in left.items())


def _left(pipeline: str, error: Refused) -> PipelineLeft:
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    message = f"{error.summary} ({facts})" if facts else error.summary
    return PipelineLeft(pipeline=pipeline, code=error.code, message=message, hint=error.hint)


ApplyEvent: TypeAlias = (
    ChangeStarted
    | ChangeWaiting
    | ChangeNoted
    | ChangeDone
    | ChangeFailed
    | ChangeSkipped
    | PipelineLeft
    | StateNoted
    | SmokeRunStarted
    | SmokeRunEnded
    | ApplyFinished
)
