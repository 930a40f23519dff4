"""A function that says a sensitive value when it fails: no face shows it, and no row keeps it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from bunsui.codec.writing import to_json
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.execution import Execution, SessionExecutions
from bunsui.services.history.events import session_events
from bunsui.services.session_context import SessionContext
from bunsui.services.watch import show_session
from bunsui.sessions.recorder import SessionRecorder
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.documents.running.events import events_document
from bunsui.view.documents.running.sessions import SessionDocument
from bunsui.view.sessions.events import event_lines
from bunsui.view.sessions.model import detail_lines, session_detail
from bunsui.view.spans import plain
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import START, Room
from tests.services.test_recorded import a_session, machine_of, past_of
from tests.services.test_sensitive import MOCKS, PIPELINE, SECRET, VALUE, told

CAUSE = json.dumps({"errorType": "Refused", "errorMessage": f"token {VALUE} was refused", "stackTrace": [f"  raise {VALUE}"]})


class Described(PassingExecution):
    """Step Functions, which tells the failed execution as it ended."""

    def describe(self, execution_arn: str) -> Execution:
        return Execution(
            arn=execution_arn,
            name="by-hand",
            machine_arn="arn:m",
            status=SessionStatus.FAILED,
            started_at=START,
            stopped_at=START,
            input={"params": {"db": SECRET}},
            output=None,
            error="Refused",
            cause=CAUSE,
        )


def failed(folder: Path) -> tuple[SessionContext, Session, Described]:
    """Return a session whose job `use` said the token that `login` gave when it failed."""
    machine = machine_of(folder, pipeline=PIPELINE)
    mocks: dict[str, Any] = {**MOCKS, "use": {"error": "Refused", "cause": CAUSE}}
    past = past_of(machine, replace(told(), mocks=mocks)).port
    assert machine.pipeline is not None
    execution = Described(cast("SessionExecutions", past))
    room = Room()
    rows = MemorySessionRepository()
    ports = replace(room.context.ports, execution=execution, sessions=rows)
    context = replace(room.context, ports=ports, pipelines={"sales": machine.pipeline})
    attempt = Attempt(
        number=1, execution_arn="arn:01A", kind="run", status=SessionStatus.RUNNING, started_at=START, stopped_at=None
    )
    session = replace(a_session(status=SessionStatus.RUNNING), params={"db": SECRET}, attempts=(attempt,))
    rows.add(session)
    return context, session, execution


def test_a_row_keeps_what_failed_without_the_value(tmp_path: Path) -> None:
    context, session, execution = failed(tmp_path)
    recorder = SessionRecorder(execution, context.ports.sessions)
    row = recorder.take(session, execution.describe("arn:01A"))
    assert row.failure is not None
    assert row.failure.message == "token (sensitive) was refused"
    assert row.failed_job == "use"
    assert VALUE not in repr(context.ports.sessions.get(row.id))


def test_no_face_shows_the_value(tmp_path: Path) -> None:
    context, session, _ = failed(tmp_path)
    seen = show_session(context, session)
    assert seen.failure is not None
    assert seen.failure.message == "token (sensitive) was refused"
    events = session_events(context, seen.session)
    assert any("(sensitive)" in one.message for one in events.events)
    shown = plain(detail_lines(session_detail(seen))) + plain(event_lines(events))
    documents = [to_json(SessionDocument.of(seen)), to_json(events_document(session.id, events))]
    assert VALUE not in shown + json.dumps(documents)
    assert VALUE not in repr(seen)
    assert VALUE not in repr(events)
    assert any(event.data is not None for event in events.events)
