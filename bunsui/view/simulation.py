"""A run on the virtual clock as people and programs read it: jobs on a timeline, the result or the failure, all events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.model.values import Json
from bunsui.services.simulate import Simulation
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.safe import safe, safe_lines
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, anything, choice, document, listed, or_null, text
from bunsui.view.session_result import result_lines
from bunsui.view.session_view import bar_room, job_rows, progress_lines
from bunsui.view.spans import Line, Role

RUN_STATUSES = {
    "succeeded": SessionStatus.SUCCEEDED,
    "failed": SessionStatus.FAILED,
    "timed_out": SessionStatus.TIMED_OUT,
    "aborted": SessionStatus.CANCELLED,
}
"""How a run on the virtual clock may end, and what that is for a session."""


def simulation_lines(simulation: Simulation, *, columns: int) -> tuple[Line, ...]:
    """Give the jobs with their bars, then the result or what went wrong, and how much history it made."""
    snapshot = _snapshot(simulation)
    facts = simulation.facts
    title, *jobs = progress_lines(snapshot, bar_width=bar_room(job_rows(snapshot), columns))
    lines = [title, *jobs, Line()]
    if facts.error or facts.cause:
        lines.append(Line.of(("failure", Role.STRONG)))
        lines.append(Line.of((facts.error, Role.BAD)).indented(2))
        lines += [Line.of(text).indented(2) for text in safe_lines(facts.cause, limit_lines=40) if text]
    elif shown := _result(facts.output):
        lines += [Line.of(("result", Role.STRONG)), *(line.indented(2) for line in shown)]
    count = len(simulation.result.events)
    lines += [Line(), Line.of((f"{count} events, virtual time; no code was run", Role.MUTED))]
    return tuple(lines)


def simulation_json(simulation: Simulation) -> dict[str, Json]:
    """Give status, output, error, cause and events, as DescribeExecution and GetExecutionHistory spell them."""
    result = simulation.result
    return {
        "format_version": FORMAT_VERSION,
        "kind": "simulation",
        "name": simulation.name,
        "status": str(result.status),
        "output": result.output,
        "error": result.error,
        "cause": result.cause,
        "events": [_event(event) for event in result.events],
    }


def simulation_schema() -> Schema:
    """Describe what `simulation_json` gives."""
    event: Json = {
        "type": "object",
        "description": "One event as GetExecutionHistory spells it; its timestamp is RFC 3339 with an offset.",
        "required": ["id", "previousEventId", "timestamp", "type"],
    }
    return document(
        "simulation",
        "Of `simulate`: a run on the virtual clock.",
        {
            "name": text("The pipeline, or the file's name without its endings."),
            "status": choice("As DescribeExecution says it.", (status.upper() for status in RUN_STATUSES)),
            "output": anything("The execution's output; null when it did not succeed."),
            "error": or_null(text("The error's name; null when it succeeded.")),
            "cause": or_null(text("The error's text; null when there is none.")),
            "events": listed(event, "The whole history, oldest first."),
        },
    )


def _result(output: Json) -> tuple[Line, ...]:
    if output is None or isinstance(output, (bool, int, float, str)):
        return () if output is None else (Line.of(safe(output)),)
    return result_lines(output)


def _event(event: dict[str, Any]) -> dict[str, Json]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in event.items()}


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
