"""What one event tells of the data that went in or came out: of a call, or of the whole execution."""

from __future__ import annotations

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.sessions.history.operation_runs import ANSWERED, call_in, result_in
from bunsui.sessions.trace import TRIES, parsed, text_of


def event_data(event: HistoryEvent) -> Json:
    """Return what a call was given or answered, or what the execution was; None for an event that tells of neither. What
    states hand on to each other is left out: in a compiled machine that is everything, again and again."""
    if event.type == "TaskScheduled":
        return call_in(parsed(text_of(event, "parameters")))[1]
    if event.type in TRIES or event.type == "ExecutionStarted":
        return parsed(text_of(event, "input"))
    if event.type in ANSWERED:
        return result_in(parsed(text_of(event, "output")))
    return parsed(text_of(event, "output")) if event.type == "ExecutionSucceeded" else None
