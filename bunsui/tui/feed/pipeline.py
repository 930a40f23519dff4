"""One pipeline: its own last runs, its jobs, what a run costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.subject import Reading

if TYPE_CHECKING:
    from bunsui.services.overview.details import PipelineDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSubject:
    """The pipeline of a name."""

    name: str

    def read(self, reading: Reading[PipelineDetails]) -> PipelineDetails:
        """Read its rows, the definition that is applied and some histories."""
        from bunsui.services.overview.details import pipeline_details

        return pipeline_details(reading.account.context(), self.name)

    def every_seconds(self, value: PipelineDetails) -> None:
        """Whoever sees a new run in the list asks again."""
        return
