"""A saved plan as a value: what an apply of it may do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.plan.model import Action
from bunsui.ports.ledger import StateMark


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedChange:
    """What a saved plan says about one resource."""

    address: Address
    action: Action
    before: str
    """Fingerprint of what AWS had; empty for nothing."""
    after: str
    """Fingerprint of what the repository wanted; empty for nothing."""
    revision: str
    """The live revision that the plan saw."""

    @property
    def row(self) -> tuple[str, str, str, str]:
        """What it contributes to the digest."""
        return str(self.address), self.action.value, self.before, self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A saved plan, to be checked against one made anew."""

    id: str
    project: str
    project_id: str
    environment: str
    account: str
    region: str
    commit: str
    as_of: datetime
    mark: StateMark
    select: tuple[str, ...] | None
    refresh: str
    """How much of AWS was read."""
    at_once: bool
    """Whether removals are not to wait for retirement."""
    digest: str
    desired: str
    """Fingerprint of everything that the repository wanted."""
    changes: tuple[SavedChange, ...]
    """Those with something to do."""


def checksum(document: Mapping[str, Json]) -> str:
    """Return the fingerprint of a plan's document, its own `checksum` apart."""
    rest = {key: value for key, value in document.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def edited(why: str, **facts: object) -> Refused:
    """Return the error for a plan that is not as bunsui wrote it."""
    return Refused(
        "plan-edited",
        "the plan file is not as bunsui wrote it, so it is not applied",
        hint="Plan again:\n  bunsui plan --out plan.json",
        why=why,
        **facts,
    )
