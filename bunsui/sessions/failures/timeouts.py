"""Whose timeout it was, in a sentence."""

from __future__ import annotations

from bunsui.model.durations import format_duration
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.trace import StateVisit, Trace

_LONG_SECONDS = 120
"""From here on a length of time is told in larger units."""


def of_pipeline(shape: MachineShape, trace: Trace, *, pipeline: str) -> str:
    """Return that the machine's own timeout passed, and which jobs were at work then, for how long; `pipeline` is named when it
    is not the one that is asked about."""
    whose = f"the timeout of the pipeline {pipeline}" if pipeline else "the pipeline's timeout"
    told = f" of {_span(shape.timeout_seconds)}" if shape.timeout_seconds is not None else ""
    at_work = ", ".join(_at_work(shape, trace))
    return f"{whose}{told} passed" + (f" while {at_work}" if at_work else "")


def of_state(shape: MachineShape, visit: StateVisit, *, is_heartbeat: bool) -> str:
    """Return that the timeout of a state passed, or its heartbeat."""
    if is_heartbeat:
        return "nobody reported within the operation's heartbeat"
    state = shape.states.get(visit.state)
    seconds = state.timeout_seconds if state is not None else None
    return "the operation's timeout" + (f" of {_span(seconds)}" if seconds is not None else "") + " passed"


def _at_work(shape: MachineShape, trace: Trace) -> list[str]:
    started: dict[str, StateVisit] = {}
    for visit in trace.visits:
        state = shape.states.get(visit.state)
        if state is not None and state.job and visit.exited_at is None:
            started.setdefault(state.job, visit)
    end = trace.end.at if trace.end is not None else None
    return [
        f"{job} was at work" + (f" ({_span((end - visit.entered_at).total_seconds())})" if end is not None else "")
        for job, visit in started.items()
    ]


def _span(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < _LONG_SECONDS else format_duration(whole)
