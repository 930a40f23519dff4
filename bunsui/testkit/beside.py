"""What others put beside ours, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.model.address import Address
from bunsui.model.beside import BesideOurs
from bunsui.model.resource import AppliedResource
from bunsui.ports.beside import Depth


@dataclass(slots=True)
class MemoryBesideReader:
    """Implements `bunsui.ports.beside.BesideReader`. `found` may be changed as others would."""

    found: dict[tuple[str, str], tuple[BesideOurs, ...]] = field(default_factory=dict)
    """By kind and physical name."""
    for_drift: frozenset[str] = frozenset()
    """The `what` of things that plans do not ask for."""

    def find(self, applied: Mapping[Address, AppliedResource], depth: Depth) -> Mapping[Address, tuple[BesideOurs, ...]]:
        """Return what stands beside what was applied."""
        asked = {address: self.found.get((address.kind, item.physical_name), ()) for address, item in applied.items()}
        seen = {
            address: tuple(one for one in some if depth is Depth.DRIFT or one.what not in self.for_drift)
            for address, some in asked.items()
        }
        return {address: some for address, some in seen.items() if some}

    def remove(self, one: BesideOurs) -> None:
        """Take it away; success when it is already gone."""
        self.found = {key: tuple(other for other in some if other != one) for key, some in self.found.items()}
