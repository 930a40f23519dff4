"""What an operator decided about a pipeline by hand, which no apply undoes by itself: a hold, a pause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.model.deployments.deployment import version_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A rollback that holds: the alias stays where it was led, until it is released or the pipeline itself changes."""

    pipeline: str
    id: str
    """Of the rollback in the audit trail."""
    version_arn: str
    """Where the alias is held."""
    from_version_arn: str
    """Where it led before."""
    since: datetime
    who: str
    reason: str

    @property
    def version(self) -> str:
        """The number of the version that it is held at."""
        return version_number(self.version_arn)

    @property
    def from_version(self) -> str:
        """The number of the version that was rolled back."""
        return version_number(self.from_version_arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Nothing starts the pipeline by itself: its schedules are disabled."""

    pipeline: str
    id: str
    """Of the pause in the audit trail."""
    since: datetime
    who: str
    reason: str
    until: datetime | None = None
    """When it ends; None for when somebody ends it."""
    schedules: tuple[str, ...] = ()
    """Addresses of the schedules that were on before: those that are switched on again."""

    def is_over(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.until is not None and now >= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Interventions:
    """All of an environment, by pipeline."""

    holds: Mapping[str, Hold] = field(default_factory=dict)
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    """Also those whose time is over, until somebody ends them."""


NO_INTERVENTIONS = Interventions()
