"""What a session completed, job by job, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from bunsui.services.history.completed_jobs import JobCheckpoint, ResumeVerdict
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import clock_time
from bunsui.view.spans import Line, Role, Span, span
from bunsui.view.table import Layout, table

COLUMNS = ("job", "completed", "in attempt", "a resume", "why")
_LAYOUT = Layout(whole=frozenset({0}), drop=(4, 2))
_ROLES = {
    ResumeVerdict.KEPT: Role.GOOD,
    ResumeVerdict.RUNS: Role.RUNNING,
    ResumeVerdict.RUNS_AGAIN: Role.WARN,
    ResumeVerdict.ASKED_AGAIN: Role.MUTED,
    ResumeVerdict.NONE: Role.MUTED,
}
_WORDS = {ResumeVerdict.KEPT: "keeps it", ResumeVerdict.RUNS: "runs it", ResumeVerdict.RUNS_AGAIN: "runs it again",
          ResumeVerdict.ASKED_AGAIN: "asks it again", ResumeVerdict.NONE: ""}  # fmt: skip


def checkpoint_lines(found: Sequence[JobCheckpoint], *, zone: tzinfo, width: int | None = None) -> tuple[Line, ...]:
    """Return the jobs as an aligned table: when each completed, and what a resume would do with it."""
    return table(COLUMNS, [_row(one, zone) for one in found], _LAYOUT, width=width)


def _row(one: JobCheckpoint, zone: tzinfo) -> tuple[Span, ...]:
    checkpoint = one.checkpoint
    done = f"{clock_time(checkpoint.at, zone)} {checkpoint.outcome.value}" if checkpoint is not None else ""
    return (
        span(safe(one.job), Role.NAME),
        span(done, Role.PLAIN) if done else span(_tell_progress(one), Role.MUTED),
        span(str(checkpoint.attempt) if checkpoint is not None else "", Role.MUTED),
        span(_to_do(one), _ROLES[one.verdict]),
        span(safe(one.why or (one.items.why_again if one.items is not None else "")), Role.MUTED),
    )


def _tell_progress(one: JobCheckpoint) -> str:
    return "not completed" if one.items is None or not one.items.total else f"{one.items.done:,} of {one.items.total:,} items"


def _to_do(one: JobCheckpoint) -> str:
    if one.items is None:
        return _WORDS[one.verdict]
    return f"runs {one.items.to_run:,} items" if one.items.kept else "runs all items"
