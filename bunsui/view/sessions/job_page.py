"""One job of a session as a page: how it went in each execution, and what its operations were given and answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.session import Session
from bunsui.view.safe import safe, safe_lines
from bunsui.view.sessions.advice import NextStep
from bunsui.view.sessions.values import value_lines
from bunsui.view.sessions.wording import JOB_SYMBOLS, between, clock_time, duration, status_word
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the terminal UI's first frame.
    from bunsui.services.history.job_runs import JobRuns, JobTurn
    from bunsui.sessions.history.operation_runs import OperationRun, OperationTry

_MESSAGE_LINES = 6


def job_page(found: JobRuns, *, now: datetime, zone: tzinfo = UTC, is_whole: bool = False) -> tuple[Line, ...]:
    """Return the page; `is_whole` cuts no value."""
    return tuple(_page(found, now, zone, is_whole=is_whole))


def job_steps(found: JobRuns, session: Session) -> tuple[NextStep, ...]:
    """Return the commands that tell more of the job."""
    children = [run.child_arn for run in found.runs if run.child_arn]
    steps = [NextStep(command=command_line("show", arn), why="the execution that it started") for arn in children[-1:]]
    return (
        *steps,
        NextStep(command=command_line("logs", session.id, "--job", found.job), why="what it wrote"),
        NextStep(command=command_line("events", session.id, "--job", found.job), why="what happened, event by event"),
    )


def _page(found: JobRuns, now: datetime, zone: tzinfo, *, is_whole: bool) -> Iterator[Line]:
    for turn in found.turns:
        yield _turn_line(found.job, turn, now, several=len(found.turns) > 1)
    for number in found.forgotten:
        yield line(span(f"Step Functions does not know execution {number} any more: nothing of it is here", Role.WARN))
    for run in found.runs:
        yield line()
        yield from _run_lines(run, now, zone, is_whole=is_whole)
    if not found.runs:
        yield line()
        yield line(span("none of its operations ran", Role.MUTED))
    if found.left_out:
        yield line()
        yield line(span(f"{found.left_out:,} more runs of its operations; --full shows all, --item one item's", Role.MUTED))
    elif found.is_apart:
        yield line()
        yield line(span("its items ran in executions of their own; --item LABEL shows one of them", Role.MUTED))
    shown = found.shown
    if shown is not None and shown.progress.output is not None:
        yield line()
        yield from value_lines("outputs", shown.progress.output, is_whole=is_whole)


def _turn_line(job: str, turn: JobTurn, now: datetime, *, several: bool) -> Line:
    progress = turn.progress
    symbol, role = JOB_SYMBOLS[progress.status]
    took = between(progress.started_at, progress.stopped_at, now=now)
    where = f"  in execution {turn.execution}" if several else ""
    return Line.of(
        (f"{symbol} ", role),
        (safe(job), Role.NAME),
        (f"  {status_word(progress.status)}", role),
        f"  {duration(took.total_seconds() if took is not None else None)}",
        (where, Role.MUTED),
        (f"  {safe(progress.error)}" if progress.error else "", Role.BAD),
    )


def _run_lines(run: OperationRun, now: datetime, zone: tzinfo, *, is_whole: bool) -> Iterator[Line]:
    symbol, role = JOB_SYMBOLS[run.status]
    took = between(run.started_at, run.stopped_at, now=now)
    yield Line.of(
        (f"{symbol} ", role),
        (safe(run.state), Role.STRONG),
        (f"  item {safe(run.item)}" if run.item else "", Role.NAME),
        (f"  {status_word(run.status)}", role),
        f"  {duration(took.total_seconds() if took is not None else None)}",
        (f"  {safe(run.calls)}  {safe(_target(run.target))}" if run.calls else "", Role.MUTED),
    )
    if run.calls:
        yield from (one.indented(2) for one in value_lines("input ", run.input, is_whole=is_whole))
    before: OperationTry | None = None
    for number, one in enumerate(run.tries, 1):
        yield from (item.indented(2) for item in _try_lines(number, one, before, now, zone))
        before = one
    if run.child_arn:
        yield line(span("started  ", Role.MUTED), span(run.child_arn), indent=2)
    if run.output is not None:
        yield from (one.indented(2) for one in value_lines("output", run.output, is_whole=is_whole))


def _try_lines(number: int, one: OperationTry, before: OperationTry | None, now: datetime, zone: tzinfo) -> Iterator[Line]:
    took = between(one.started_at, one.stopped_at, now=now)
    waited = one.started_at - before.stopped_at if before is not None and before.stopped_at is not None else None
    message, *more = safe_lines(one.message, limit_lines=_MESSAGE_LINES) if one.message else [safe("")]
    symbol, role = ("✗", Role.BAD) if one.error else ("●", Role.RUNNING) if one.stopped_at is None else ("✓", Role.GOOD)
    yield Line.of(
        (f"try {number}  ", Role.MUTED),
        f"{clock_time(one.started_at, zone)}  {duration(took.total_seconds() if took is not None else None):>8}  ",
        (f"{symbol} ", role),
        (safe(one.error), Role.BAD),
        f"  {message}" if message and message != one.error else "",
        (f"  (waited {duration(waited.total_seconds())})" if waited is not None else "", Role.MUTED),
    )
    yield from (line(span(text), indent=9) for text in more)


def _target(arn: str) -> str:
    """Return the end of an ARN that names the thing and its version: `function:NAME:3` is `NAME:3`."""
    parts = arn.split(":")
    return ":".join(parts[6:]) if arn.startswith("arn:") and len(parts) > 6 else arn
