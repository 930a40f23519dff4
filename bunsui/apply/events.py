"""What happens during an apply, as it happens: a closed union that faces match on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bunsui.model.resource import Address
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
class ApplyFinished:
    """The last event of every apply."""

    done: int
    failed: int
    skipped: int
    interrupted: bool
    seconds: float

    @property
    def is_complete(self) -> bool:
        """True when everything in the plan was done."""
        return not (self.failed or self.skipped or self.interrupted)


ApplyEvent: TypeAlias = ChangeStarted | ChangeWaiting | ChangeNoted | ChangeDone | ChangeFailed | ChangeSkipped | ApplyFinished
