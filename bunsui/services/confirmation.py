"""Which names somebody has to type before a plan is applied: the one rule for the command line and the terminal UI.

The environment's name, where `protected: true` and the plan takes something away, and wherever it deletes at once. A pipeline's
own name, where that says `protect: true` and others notice the change. What was retired with a name is not asked about again
when its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.kinds.registry import kind as kind_named
from bunsui.plan.model import Action, Plan, ResourceChange, Risk

_FROM = list(Risk).index(Risk.AFFECTS_RUNNING_SESSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What has to be typed."""

    environment: str = ""
    """The environment's name; empty when it need not be typed."""
    pipelines: tuple[str, ...] = ()
    """Names of protected pipelines."""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that has to be typed, in order."""
        return (*((self.environment,) if self.environment else ()), *self.pipelines)


def needed(plan: Plan, *, environment: str, is_protected: bool) -> Confirmation:
    """Give what has to be typed before this plan is applied."""
    takes_away = any(map(_takes_away, plan.pending))
    asks = plan.at_once or (is_protected and takes_away)
    guarded = dict.fromkeys(change.address.pipeline for change in plan.pending if _is_guarded(change))
    return Confirmation(environment=environment if asks else "", pipelines=tuple(guarded))


def _takes_away(change: ResourceChange) -> bool:
    """True for the retirement of anything, and for what removes data that was not retired before."""
    if change.action is Action.RETIRE:
        return True
    return (
        change.action in (Action.DELETE, Action.REPLACE) and kind_named(change.address.kind).holds_data and not _is_over(change)
    )


def _is_guarded(change: ResourceChange) -> bool:
    protects = any(said.lifecycle.protect for said in (change.desired, change.applied) if said is not None)
    return protects and list(Risk).index(change.risk) >= _FROM and not _is_over(change)


def _is_over(change: ResourceChange) -> bool:
    return change.retirement is not None and change.retirement.is_over
