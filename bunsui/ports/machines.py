"""The state machines of an account in one region, whoever made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMachine:
    """One machine in the list of all."""

    arn: str
    name: str
    is_express: bool = False
    """True for one whose executions AWS does not list."""


class MachineCatalogue(Protocol):
    """Lists machines; reads only."""

    def machines(self) -> Sequence[ListedMachine]:
        """Return all machines, by name."""
        ...

    def with_tag(self, key: str, value: str) -> Sequence[str]:
        """Return the ARNs of the machines that have the tag with this value, sorted."""
        ...
