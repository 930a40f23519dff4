"""What a running embedded AWS judged of the calls of roles, for those who look at it from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import Announcement
from bunsui.model.json import Json

_NOT_JUDGED = "not judged"
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCall:
    """One kind of call of one role."""

    role: str
    """Its ARN."""
    action: str
    """As IAM calls it; the service where nobody knows the action."""
    resource: str
    """An ARN; empty where the call does not tell it."""
    outcome: str
    """`allowed`, `refused` or `not judged`."""
    reason: str
    """Why it was refused, or could not be judged; empty for one that is allowed."""
    count: int
    at: float
    """When it was last called, in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCalls:
    """What was judged since the start."""

    iam: str
    """`enforce` or `warn`."""
    allowed: int = 0
    refused: int = 0
    not_judged: int = 0
    calls: tuple[RoleCall, ...] = ()
    """The kinds that are kept, latest first."""

    @property
    def not_judged_calls(self) -> tuple[RoleCall, ...]:
        """The latest kinds that nobody could judge."""
        return tuple(one for one in self.calls if one.outcome == _NOT_JUDGED)[:_MOST_SHOWN]


def read_judged(running: Announcement) -> JudgedCalls | None:
    """Ask what was judged; None where it does not answer."""
    told = control.ask_judged(running)
    return parse_judged(told) if told else None


def parse_judged(told: Mapping[str, Json]) -> JudgedCalls:
    """Return what the embedded AWS tells as a value."""
    totals: Any = told.get("totals") or {}
    calls: Any = told.get("calls") or []
    return JudgedCalls(
        iam=str(told.get("iam", "")),
        allowed=int(totals.get("allowed", 0)),
        refused=int(totals.get("refused", 0)),
        not_judged=int(totals.get(_NOT_JUDGED, 0)),
        calls=tuple(RoleCall(**one) for one in reversed(calls)),
    )
