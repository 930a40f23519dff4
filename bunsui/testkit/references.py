"""Referred objects over a dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.ports.account import LookedAt, Presence, ReferredObject


@dataclass(slots=True, kw_only=True)
class MemoryReferences:
    """Implements `bunsui.ports.account.ReferenceReader`: what is not said is missing."""

    known: Mapping[str, LookedAt] = field(default_factory=dict)
    """By ARN or id."""
    asked: list[ReferredObject] = field(default_factory=list)

    def look(self, objects: Sequence[ReferredObject]) -> Mapping[ReferredObject, LookedAt]:
        """Return what is known of each."""
        self.asked += objects
        missing = LookedAt(presence=Presence.MISSING)
        return {one: self.known.get(one.name, missing) for one in objects}
