"""What tells a plan where to look, so that it need not look everywhere: the account's record of calls, and its own memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """A call that changed something, made by anybody."""

    name: str
    """As CloudTrail names it, such as `UpdateStateMachine`."""
    at: datetime
    who: str = ""
    """ARN of the caller, with the name of a role's session; empty when the record does not say."""
    id: str = ""
    """CloudTrail's id of the event."""
    subjects: frozenset[str]
    """Every name, ARN and part of an ARN that the call mentions; empty when the record does not say."""


class Trail(Protocol):
    """The account's record of calls. Calls show up in it some minutes after they were made."""

    def changes(self, names: Collection[str], *, since: datetime, is_global: bool = False) -> Sequence[TrailEvent]:
        """Return every successful call of these names since then. `is_global`: of a service that is the same in all regions.

        Raises:
            AccessDenied: the caller may not read the record.
            Refused: there were so many that reading everything is quicker.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found out by the hinted plans so far."""

    looked_at: datetime
    """When the last of them began: calls made half an hour before were heeded by it."""
    verified: Mapping[Address, datetime] = field(default_factory=dict)
    """When a resource was last read and was as applied."""
    doubted: Mapping[Address, datetime] = field(default_factory=dict)
    """When a resource was last read and was not, so that it is read again until it is."""
    version: int = 0
    """Counts how often this was stored; whoever stores it says which one it was made from."""


class VerificationStore(Protocol):
    """Keeps the verification of one project in one environment. Losing it costs reads, never exactness."""

    def load(self) -> Verification | None:
        """Return what is stored, None when nothing is."""
        ...

    def store(self, verification: Verification) -> None:
        """Replace what is stored.

        Raises:
            Conflict: something else is stored than the version that this was made from.

        """
        ...


class Surveyor(Protocol):
    """The ability of a provider to trust what its lists say, and to read only some objects one by one."""

    @property
    def kind(self) -> str:
        """The kind's name."""
        ...

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return what `Provider.read_owned` gives, where only suspects, and what was never applied, are surely read; without
        suspects (None) everything is.

        What else a list shows to exist comes back as it was applied, marked as assumed, unless the list itself tells a
        difference. What no list shows is not there. Where lists are not permitted, everything is read."""
        ...


@runtime_checkable
class RouteReader(Protocol):
    """The ability of the provider of machines to read everything but where most aliases lead, which AWS answers once a
    second."""

    def read_routed(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource],
        routes: Collection[Address],
    ) -> Sequence[ActualResource]:
        """Return what `Provider.read_owned` gives. Only of `routes`, of what was never applied and of what is not as it was
        applied is it asked where the alias leads; of the others that is as it was applied, marked as assumed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a hinted plan works with."""

    trail: Trail
    memory: VerificationStore
    surveyors: Mapping[str, Surveyor]
    """By kind."""
    remark: Callable[[str], None] = lambda sentence: None
    """Takes a sentence on how things were read, for who asks for details."""
