"""What others put beside ours: found, and removed where the files say that nothing else may be there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from bunsui.model.address import Address
from bunsui.model.beside import BesideOurs
from bunsui.model.resource import AppliedResource


class Depth(Enum):
    """How much is asked for it."""

    PLAN = "plan"
    """One call a function, and lists: what a plan can afford."""
    DRIFT = "drift"
    """All that is known to be put there: some calls for each object."""


class BesideReader(Protocol):
    """Finds what others put beside what was applied."""

    def find(
        self, applied: Mapping[Address, AppliedResource], depth: Depth
    ) -> Mapping[Address, tuple[BesideOurs, ...]]:  # fmt: skip
        """Return it by what it was put beside; nothing of what may not be asked for, which is told otherwise. Policies on roles
        are read with the roles."""
        ...

    def remove(self, one: BesideOurs) -> None:
        """Take it away; success when it is already gone."""
        ...
