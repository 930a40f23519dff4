"""The events of a session as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Shape, member
from bunsui.services.history.events import EventList, SessionEvent


class SessionEventPart(ShapeOf[SessionEvent]):
    """One event of one execution, without inputs and outputs."""

    at: datetime = member("When it happened.")
    execution: int = member("The number of the execution, from 1.")
    id: int = member("The event's own number in its execution, from 1.")
    type: str = member("As AWS names it, such as `TaskFailed`.")
    job: str = member("The job that it belongs to; empty for none.")
    state: str = member("The state that it belongs to; empty for none.")
    item: str = member("The label of the item that the state works on; empty outside of a foreach.")
    error: str = member("The error's name; empty for none.")
    message: str = member("The line of the error's cause that says what happened; empty without an error.")


class EventsDocument(Shape, kind="events"):
    """Of `events`: what the executions of a session went through."""

    session: str = member("The session's id.")
    events: tuple[SessionEventPart, ...] = member("Oldest first.")
    forgotten: tuple[int, ...] = member("The executions that Step Functions does not know any more.")


def events_document(session_id: str, found: EventList) -> EventsDocument:
    """Return the document of `bunsui events --json`."""
    parts = tuple(map(SessionEventPart.of, found.events))
    return EventsDocument(session=session_id, events=parts, forgotten=found.forgotten)
