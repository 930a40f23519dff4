"""The events of a session as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.services.history.events import EventList, SessionEvent, UnreadRuns


class SessionEventPart(ShapeOf[SessionEvent]):
    """One event of the session's execution or of one below it, without inputs and outputs."""

    at: datetime = member("When it happened.")
    execution: int = member("The number of the session's execution in which, or below which, it happened; from 1.")
    id: int = member("The event's own number in its execution, from 1.")
    type: str = member("As AWS names it, such as `TaskFailed`.")
    job: str = member("The job that it belongs to, behind the jobs that run that: PARENT/JOB; empty for none.")
    state: str = member("The state that it belongs to; empty for none.")
    item: str = member("The label of the item that the state works on; empty outside of a foreach.")
    error: str = member("The error's name; empty for none.")
    message: str = member("The line of the error's cause that says what happened; empty without an error.")
    execution_arn: str | Absent = member("Where it happened: the session's own execution, or one below it.", default=ABSENT)


class UnreadRunsPart(ShapeOf[UnreadRuns]):
    """Executions below a job whose events are not told."""

    job: str = member("The job; PARENT/JOB in a pipeline that a job runs.")
    count: int | None = member("How many; null where nobody says.")
    example: str = member("The ARN of one of them, or of the run of the Map that they are items of.")
    is_map_run: bool = member("True where `example` is the run of a Map.")
    is_gone: bool = member("True where Step Functions does not tell of them (any more); else they are too many.")


class EventsDocument(Shape, kind="events"):
    """Of `events`: what the executions of a session and those below them went through."""

    session: str = member("The session's id.")
    events: tuple[SessionEventPart, ...] = member("In order of time; those of an execution in its own order.")
    forgotten: tuple[int, ...] = member("The executions that Step Functions does not know any more.")
    unread: tuple[UnreadRunsPart, ...] | Absent = member("Executions below whose events are not here.", default=ABSENT)


def events_document(session_id: str, found: EventList) -> EventsDocument:
    """Return the document of `bunsui events --json`."""
    parts, unread = tuple(map(SessionEventPart.of, found.events)), tuple(map(UnreadRunsPart.of, found.unread))
    return EventsDocument(session=session_id, events=parts, forgotten=found.forgotten, unread=unread)
