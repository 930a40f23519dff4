"""A timeline of jobs (a Gantt chart): as fractions of a window, and as one line of block characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.model.session import JobProgress

_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineBar:
    """When a job was at work, within a window."""

    offset: float
    """Where it begins, 0 to 1."""
    extent: float
    """How long it is, 0 to 1; offset + extent is at most 1."""
    is_open: bool
    """True while the job is still at work: the bar ends at the window's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that a timeline covers."""

    start: datetime
    stop: datetime

    @property
    def seconds(self) -> float:
        """Its length; never zero, so that it can divide."""
        return max((self.stop - self.start).total_seconds(), 0.001)


def window_of(jobs: Sequence[JobProgress], *, now: datetime) -> Window | None:
    """Return the window from the first job's start to the last one's end, or to now while one is at work.

    None before any start.
    """
    starts = [job.started_at for job in jobs if job.started_at is not None]
    if not starts:
        return None
    stops = [job.stopped_at or now for job in jobs if job.started_at is not None]
    first = min(starts)
    return Window(start=first, stop=max(first, *stops))


def bar_of(job: JobProgress, window: Window, *, now: datetime) -> TimelineBar | None:
    """Return the job's bar; None when it has not begun."""
    if job.started_at is None:
        return None
    stop = job.stopped_at or now
    offset = _clamp((job.started_at - window.start).total_seconds() / window.seconds)
    end = _clamp((stop - window.start).total_seconds() / window.seconds)
    return TimelineBar(offset=offset, extent=max(end - offset, 0.0), is_open=job.stopped_at is None)


def drawn(bar: TimelineBar | None, width: int) -> str:
    """Return the bar as exactly `width` cells; a bar that exists shows at least a sliver, and what took no time no more."""
    if bar is None or width <= 0:
        return " " * max(width, 0)
    start = min(int(bar.offset * width), width - 1)
    eighths = max(round((bar.offset + bar.extent) * width * 8) - start * 8, 1) if bar.extent * width * 8 >= 1 else 1
    full, rest = divmod(min(eighths, (width - start) * 8), 8)
    body = "█" * full + (_EIGHTHS[rest] if rest else "")
    if bar.is_open and body:
        body = body[:-1] + "▒"
    return (" " * start + body).ljust(width)


def _clamp(fraction: float) -> float:
    return min(max(fraction, 0.0), 1.0)
