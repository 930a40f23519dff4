"""A pause that was made, or ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bunsui.services.deployments.pause import PauseOutcome, Switched
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role, line, span


def pause_lines(outcome: PauseOutcome, zone: tzinfo) -> Iterator[Line]:
    """Return what became of each schedule, and how a pause ends."""
    pause = outcome.pause
    for one in outcome.schedules:
        yield _schedule_line(one)
    if outcome.is_ended:
        yield line(span("✓ ", Role.GOOD), f"the pause of {pause.pipeline} ended")
        return
    until = f" until {instant(pause.until, zone)}" if pause.until is not None else ""
    yield line(span("✓ ", Role.GOOD), f"{pause.pipeline} is paused{until}; sessions that run go on")
    if pause.until is not None:
        told = "Nobody is awake to end it then: the first apply after that does, and every plan and status says so."
        yield line(span(told, Role.HINT), indent=2)


def _schedule_line(one: Switched) -> Line:
    name, when = span(one.address, Role.NAME), f"  {one.expression} {one.timezone}"
    if one.why_not:
        return line(span("! ", Role.WARN), name, when, span(f"  left as it is: {one.why_not}", Role.WARN))
    return line(span("  "), name, when, span("  on" if one.is_on else "  off", Role.GOOD if one.is_on else Role.MUTED))
