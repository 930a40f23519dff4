"""A run on the virtual clock as people read it: jobs on a timeline, the result or the failure."""

from __future__ import annotations

from datetime import timedelta

from bunsui.model.json import Json
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.services.simulate import Simulation
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.safe import safe, safe_lines
from bunsui.view.sessions.job_rows import bar_room, job_rows
from bunsui.view.sessions.model import job_counts, progress_lines
from bunsui.view.sessions.result import result_lines
from bunsui.view.sessions.wording import SESSION_SYMBOLS, duration, status_word
from bunsui.view.spans import Line, Role

RUN_STATUSES = {
    "succeeded": SessionStatus.SUCCEEDED,
    "failed": SessionStatus.FAILED,
    "timed_out": SessionStatus.TIMED_OUT,
    "aborted": SessionStatus.CANCELLED,
}
"""How a run on the virtual clock may end, and what that is for a session."""


def simulation_lines(simulation: Simulation, *, columns: int, width: int | None = None) -> tuple[Line, ...]:
    """Return the jobs with their bars, then the result or what went wrong, and how much history it made."""
    snapshot = _snapshot(simulation)
    facts = simulation.facts
    _, *jobs = progress_lines(snapshot, bar_width=bar_room(job_rows(snapshot), columns))
    lines = [_title(simulation), *jobs, Line()]
    if facts.error or facts.cause:
        lines.append(Line.of(("failure", Role.STRONG)))
        lines.append(Line.of((facts.error, Role.BAD)).indented(2))
        lines += [Line.of(text).indented(2) for text in safe_lines(facts.cause, limit_lines=40) if text]
    elif shown := _result(facts.output, width):
        lines += [Line.of(("result", Role.STRONG)), *(line.indented(2) for line in shown)]
    count = len(simulation.result.events)
    lines += [Line(), Line.of((f"{count} events, virtual time; no code was run", Role.MUTED))]
    return tuple(lines)


def _title(simulation: Simulation) -> Line:
    """Return the first line: there is no session, and a definition has no jobs."""
    facts = simulation.facts
    status = RUN_STATUSES[facts.status]
    symbol, role = SESSION_SYMBOLS[status]
    counts = job_counts(facts.jobs, noun="states" if simulation.is_raw else "jobs")
    return Line.of(
        (f"{symbol} ", role),
        (simulation.name, Role.NAME),
        (f"  {status_word(status)}", role),
        (f"  {duration(facts.seconds)}", Role.PLAIN),
        (f"  {counts}" if counts else "", Role.MUTED),
    )


def _result(output: Json, width: int | None) -> tuple[Line, ...]:
    if output is None or isinstance(output, (bool, int, float, str)):
        return () if output is None else (Line.of(safe(output)),)
    return result_lines(output, width=width)


def _snapshot(simulation: Simulation) -> SessionSnapshot:
    """Dress the run up as a session, which all views of jobs know."""
    started, status = simulation.started_at, RUN_STATUSES[simulation.facts.status]
    ended = started + timedelta(seconds=simulation.facts.seconds)
    attempt = Attempt(number=1, execution_arn="", kind="run", status=status, started_at=started, stopped_at=ended)
    session = Session(
        id="simulation",
        pipeline=simulation.name,
        status=status,
        slot=started,
        date=started.date().isoformat(),
        params={},
        started_by="simulation",
        created_at=started,
        attempts=(attempt,),
    )
    return SessionSnapshot(session=session, jobs=simulation.facts.jobs, taken_at=ended)
