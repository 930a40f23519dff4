"""What an operator decided about a pipeline by hand, in words for lists: a hold, a pause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bunsui.model.names import person
from bunsui.services.overview.standing import PipelineStatus
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role, line, span


def standing_text(status: PipelineStatus) -> str:
    """Return how it stands in a few words, for a cell: `in sync, held at 4`."""
    held = (f"held at {safe(status.hold.version)}",) if status.hold is not None else ()
    paused = ("paused",) if status.pause is not None else ()
    return ", ".join((status.standing.value, *held, *paused))


def intervention_lines(status: PipelineStatus, zone: tzinfo) -> Iterator[Line]:
    """Return a line for the hold and one for the pause, with who, since when and why."""
    hold, pause = status.hold, status.pause
    if hold is not None:
        said = f"held at version {hold.version}{_by(hold.who)} since {instant(hold.since, zone)}: {hold.reason}"
        yield line(span(said, Role.WARN))
    if pause is not None:
        until = f" until {instant(pause.until, zone)}" if pause.until is not None else ""
        said = f"paused{_by(pause.who)} since {instant(pause.since, zone)}{until}: {pause.reason}"
        yield line(span(said, Role.WARN))


def _by(who: str) -> str:
    return f" by {person(who)}" if who else ""
