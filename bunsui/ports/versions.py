"""Published versions of what can have them (machines, functions): old ones are removed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineVersion:
    """What a version of a machine is."""

    description: str
    """As it was given when it was published; bunsui's begin with its name."""
    functions: frozenset[str]
    """ARNs of the function versions that its definition names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionVersion:
    """One published version of a function."""

    arn: str
    number: int
    description: str
    is_routed: bool
    """True when an alias leads to it."""


class Versions(Protocol):
    """Versions of machines, with what leads to one of them."""

    def machine_versions(self, machine_arn: str) -> Sequence[str]:
        """Return the ARNs of all versions, newest first."""
        ...

    def machine_version(self, version_arn: str) -> MachineVersion | None:
        """Return what a version is; None when it is gone."""
        ...

    def lead(self, alias_arn: str, version_arn: str) -> None:
        """Lead the alias to that version alone; executions that run go on with theirs. Missing when one of them is gone."""
        ...


class PublishedVersions(Protocol):
    """Versions of functions that something relies on."""

    def find_gone(self, version_arns: Collection[str]) -> frozenset[str]:
        """Return those of these that are not there any more; one that nobody may ask for is taken to be there."""
        ...


class VersionStore(Protocol):
    """Step Functions and Lambda. Removing what is gone already succeeds."""

    def machine_versions(self, machine_arn: str) -> Sequence[str]:
        """Return the ARNs of all versions, newest first."""
        ...

    def routed(self, machine_arn: str) -> frozenset[str]:
        """Return the versions that the machine's aliases lead to."""
        ...

    def machine_version(self, version_arn: str) -> MachineVersion | None:
        """Return what a version is; None when it is gone."""
        ...

    def function_versions(self, function_arn: str) -> Sequence[FunctionVersion]:
        """Return all published versions, newest first; none when the function is gone."""
        ...

    def remove_machine_version(self, version_arn: str) -> None:
        """Remove it; executions that run go on. Conflict when an alias leads to it by now."""
        ...

    def remove_function_version(self, version_arn: str) -> None:
        """Remove it. Conflict when an alias leads to it by now."""
        ...
