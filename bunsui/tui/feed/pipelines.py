"""All pipelines side by side: what their rows say, and what their files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.diagnostics import Diagnostic
from bunsui.tui.feed.subject import Reading

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.model.pipeline import Pipeline
    from bunsui.services.overview.runs import RecentRows

PIPELINES_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinesSeen:
    """What was seen of all pipelines."""

    rows: RecentRows
    pipelines: Mapping[str, Pipeline]
    """Those whose files have no errors, by name."""
    broken: Mapping[str, str]
    """The files with errors by the name of their pipeline."""
    diagnostics: tuple[Diagnostic, ...]
    """What was found in the files while they were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelinesSubject:
    """Every pipeline of the project."""

    def read(self, reading: Reading[PipelinesSeen]) -> PipelinesSeen:
        """Two reads of rows, or three where they fill a second page, however many pipelines there are."""
        from bunsui.services.overview.runs import read_recent_rows

        context = reading.account.context()
        return PipelinesSeen(
            rows=read_recent_rows(context.ports.sessions, now=reading.account.now()),
            pipelines=context.pipelines,
            broken=context.broken,
            diagnostics=context.diagnostics,
        )

    def every_seconds(self, value: PipelinesSeen) -> float:
        """Of runs only how they ended is shown."""
        return PIPELINES_SECONDS
