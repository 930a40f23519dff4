"""What runs after what in the machine that a session ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.subject import Reading

if TYPE_CHECKING:
    from bunsui.view.plan.graph import GraphFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSubject:
    """The machine that the execution of an ARN ran."""

    execution_arn: str

    def read(self, reading: Reading[GraphFlow]) -> GraphFlow:
        """Read the definition that it ran, whatever is applied by now."""
        from bunsui.view.plan.graph import flow

        definition = reading.account.context().ports.execution.definition(self.execution_arn)
        return flow(dict(definition))

    def every_seconds(self, value: GraphFlow) -> None:
        """Nothing of it changes any more."""
        return
