"""All ways to start something of a pipeline: the one list from which keys, menu and help are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.binding import Binding

from bunsui.services.overview.standing import PipelineStatus
from bunsui.tui.actions.starts.action import StartAction
from bunsui.tui.actions.starts.backfill import BACKFILL
from bunsui.tui.actions.starts.run import RUN

START_ACTIONS: Sequence[StartAction] = (RUN, BACKFILL)
START_BY_NAME: Mapping[str, StartAction] = {action.name: action for action in START_ACTIONS}
START_BINDINGS = tuple(Binding(one.key, one.handle, f"{one.name}…", id=f"pipeline.{one.name}") for one in START_ACTIONS)


def possible_starts(pipeline: PipelineStatus | None) -> tuple[StartAction, ...]:
    """Return what can be started of the pipeline; nothing of none."""
    return tuple(action for action in START_ACTIONS if pipeline is not None and action.fits(pipeline))
