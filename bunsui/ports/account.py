"""What an account has beside what bunsui makes: asked only for what a plan changes, and nothing is decided by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUsage:
    """How much of a quota is used."""

    used: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionUsage:
    """What an account's functions share in a region."""

    at_once: int
    """How many calls at once the account may have."""
    unreserved: int
    """How many of them are not reserved for a function."""
    code_bytes: QuotaUsage
    """What all versions of all functions take up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRoles:
    """The roles that ECS is handed with a task definition; empty texts for none."""

    task: str = ""
    execution: str = ""


class AccountUsage(Protocol):
    """Asks how much of its quotas an account uses. Each raises CloudError where the caller may not know."""

    def roles(self) -> QuotaUsage:
        """Return how many roles there are, of everybody."""
        ...

    def schedule_groups(self) -> int:
        """Return how many schedule groups there are in the region; what the quota is, Scheduler does not tell."""
        ...

    def state_machines(self) -> int:
        """Return how many state machines there are in the region; what the quota is, Step Functions does not tell."""
        ...

    def functions(self) -> FunctionUsage:
        """Return what functions share in the region."""
        ...


class TaskDefinitions(Protocol):
    """Asks ECS."""

    def roles(self, definition: str) -> TaskRoles | None:
        """Return the roles of a task definition, by its family, family and revision, or ARN; None when there is none of that
        name. Raises CloudError where the caller may not know."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ReferredObject:
    """Something outside that a pipeline names."""

    kind: str
    """One of `bunsui.services.verify.references.KINDS`."""
    name: str
    """Its ARN; the id of a subnet or a security group."""


class Presence(Enum):
    """Whether something is there."""

    THERE = "there"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """What AWS said of one object."""

    presence: Presence
    permission: str = ""
    """The IAM action that the caller lacks, where that is why nobody knows."""
    reason: str = ""
    """Why nobody knows, otherwise."""
    is_public: bool = False
    """Of a subnet: it has a route to an internet gateway."""


class ReferenceReader(Protocol):
    """Asks an account, with calls that read."""

    def look(self, objects: Sequence[ReferredObject]) -> Mapping[ReferredObject, LookedAt]:
        """Return what AWS says of each; raises only where credentials are no good or nothing can be reached."""
        ...
