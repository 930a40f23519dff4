"""Where a pipeline's machine stands in an account, by the names that bunsui gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from bunsui.model.names import STATE_MACHINE_NAME_LIMIT, resource_name
from bunsui.model.pipeline import SlotOffset
from bunsui.model.resource import Scope

ALIAS = "live"
"""The alias that is started; apply moves it to the newest version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineMachine:
    """A pipeline's machine in the account."""

    pipeline: str
    arn: str
    timezone: str
    """The pipeline's, an IANA name."""
    is_raw: bool = False
    """True when bunsui did not compile it: its input is the parameters themselves."""
    sensitive: frozenset[str] = frozenset()
    """The names of the parameters whose values may only be references."""
    slot: SlotOffset = field(default_factory=SlotOffset)
    """The pipeline's, from the start of a run that names no slot."""

    @property
    def alias_arn(self) -> str:
        """What a session starts."""
        return f"{self.arn}:{ALIAS}"


def machine_of(
    scope: Scope, pipeline: str, *, timezone: str = "UTC", name: str | None = None, is_raw: bool = False
) -> PipelineMachine:
    """Return the pipeline's machine; `name` is that of a pipeline that says `resource_name`."""
    physical = name or resource_name(scope.project, scope.environment, pipeline, limit=STATE_MACHINE_NAME_LIMIT)
    arn = f"arn:{scope.partition}:states:{scope.region}:{scope.account}:stateMachine:{physical}"
    return PipelineMachine(pipeline=pipeline, arn=arn, timezone=timezone, is_raw=is_raw)
