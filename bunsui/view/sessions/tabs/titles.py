"""What stands beside the tabs: which attempt, which job, what a log leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bunsui.view.spans import Line, Role, Span, line, span

if TYPE_CHECKING:
    from bunsui.sessions.logs.task_logs import TaskLogs


class ReadLog(Protocol):
    """What a look at a log says beside its lines."""

    @property
    def found(self) -> TaskLogs:
        """The look."""

    @property
    def is_cut(self) -> bool:
        """True when there are lines before the first one."""

    @property
    def is_over(self) -> bool:
        """True when no line can come any more."""


def attempt_title(number: int, count: int) -> Line:
    """Return which attempt is shown; nothing for a session with one."""
    if count < 2:
        return line()
    role = Role.STRONG if number == count else Role.WARN
    return line(span("attempt ", Role.MUTED), span(f"‹{number} of {count}›", role))


def narrowed_title(job: str, *, narrow: bool, remarks: int = 0) -> Line:
    """Return of which jobs something is shown, how to change that, and that not everything was read."""
    more = [span("  not all were read", Role.WARN)] if remarks else []
    if narrow and job:
        return line(span("of ", Role.MUTED), span(job, Role.NAME), span("  o all jobs", Role.MUTED), *more)
    return line(span("of all jobs", Role.MUTED), span(f"  o only {job}" if job else "", Role.MUTED), *more)


def log_title(seen: ReadLog | None, *, job: str, lines: int, follows: bool, wraps: bool, is_match: bool) -> Line:
    """Return how many lines there are, whether it follows, and what is left out."""
    if seen is None:
        return line(span("reading …", Role.MUTED))
    parts: list[Span] = [span(f"{lines:,} lines", Role.PLAIN)]
    parts.append(span("  of all jobs" if not job else f"  of {job}", Role.MUTED if not job else Role.NAME))
    if seen.is_over:
        parts.append(span("  ended", Role.MUTED))
    else:
        parts.append(span("  following" if follows else "  f follows", Role.RUNNING if follows else Role.MUTED))
    parts += [span("  wrapped", Role.MUTED)] if wraps else []
    parts += [span("  n N matches", Role.WARN)] if is_match else []
    parts += [span("  earlier ones are not here", Role.WARN)] if seen.is_cut else []
    found = seen.found
    if found.other_lines:
        parts.append(span(f"  {found.other_lines:,} of unknown origin left out", Role.WARN))
    if found.missing_ends:
        parts.append(span(f"  {found.missing_ends} run{'s' * (found.missing_ends != 1)} without an end yet", Role.MUTED))
    if found.unlogged:
        parts.append(span(f"  no log of {', '.join(found.unlogged)}", Role.WARN))
    return line(*parts)
