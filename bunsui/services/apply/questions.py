"""What somebody has to be asked before a plan is applied: the one rule for every face.

The environment's name, where `protected: true` and the plan takes something away, and wherever it deletes at once. A pipeline's
own name, where that says `protect: true` and others notice the change, and where the plan ends its hold. What was retired with
a name is not asked about again when its time is over. Where nothing has to be typed, a mere yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import OWN_MACHINES
from bunsui.plan.model import Action, Plan, ResourceChange, Risk

_FROM = list(Risk).index(Risk.AFFECTS_RUNNING_SESSIONS)


class Stakes(Enum):
    """Why the environment's name has to be typed."""

    DESTROYS = "it removes everything that is asked for, with the data in it"
    DELETES_AT_ONCE = "it deletes without retiring first"
    TAKES_AWAY = "it takes something away from a protected environment"
    ONE_KEY_AWAY = "the environment is protected, and the plan one key away"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentQuestion:
    """The environment's name has to be typed."""

    name: str
    stakes: Stakes


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineQuestion:
    """A protected pipeline's name has to be typed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementQuestion:
    """A mere yes is asked for."""

    environment: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldQuestion:
    """Whether the hold of a pipeline may end; its name has to be typed."""

    name: str
    version: str
    """Where it is held."""
    reason: str


Question: TypeAlias = EnvironmentQuestion | PipelineQuestion | HoldQuestion | AgreementQuestion


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


def needed(plan: Plan, *, environment: str, is_protected: bool, is_one_key_away: bool = False) -> Confirmation:
    """Return what has to be typed before this plan is applied; of a protected environment always its name where the plan is one
    key away."""
    takes_away = any(map(_takes_away, plan.pending))
    asks = plan.at_once or (is_protected and (takes_away or is_one_key_away))
    guarded = dict.fromkeys(change.address.pipeline for change in plan.pending if _is_guarded(change))
    return Confirmation(environment=environment if asks else "", pipelines=tuple(guarded))


def stakes_of(plan: Plan, *, destroys: bool) -> Stakes:
    """Return why the environment's name is asked for, where it is."""
    if destroys:
        return Stakes.DESTROYS
    if plan.at_once:
        return Stakes.DELETES_AT_ONCE
    return Stakes.TAKES_AWAY if any(map(_takes_away, plan.pending)) else Stakes.ONE_KEY_AWAY


def _takes_away(change: ResourceChange) -> bool:
    """True for the retirement of anything, and for what removes data that was not retired before."""
    if change.action is Action.RETIRE:
        return True
    holds_data = kind_named(change.address.kind).holds_data and change.address.pipeline not in OWN_MACHINES
    return change.action in (Action.DELETE, Action.REPLACE) and holds_data and not _is_over(change)


def _is_guarded(change: ResourceChange) -> bool:
    protects = any(said.lifecycle.protect for said in (change.desired, change.applied) if said is not None)
    return protects and list(Risk).index(change.risk) >= _FROM and not _is_over(change)


def _is_over(change: ResourceChange) -> bool:
    return change.retirement is not None and change.retirement.is_over
