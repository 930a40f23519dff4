"""Rows for executions that nobody recorded: those that a schedule or a person in the console started."""

from __future__ import annotations

from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.execution import Execution
from bunsui.sessions.ids import derived_id, session_of
from bunsui.sessions.payload import read_input
from bunsui.sessions.slots import business_date, rfc3339

OUTSIDE = "outside bunsui"


def adopted(execution: Execution, *, pipeline: str, timezone: str, is_raw: bool = False) -> Session:
    """Give the row of an execution.

    A scheduled one's id follows from pipeline, schedule and slot, any other's from its ARN: everybody who finds it makes the
    same row.
    """
    told = read_input(execution.input, is_raw=is_raw)
    slot = told.slot or execution.started_at
    named = session_of(execution.name)
    if named is not None:
        session_id, number = named
    elif told.schedule:
        session_id, number = derived_id(slot, "schedule", pipeline, told.schedule, rfc3339(slot)), 1
    else:
        session_id, number = derived_id(execution.started_at, "execution", execution.arn), 1
    return Session(
        id=session_id,
        pipeline=pipeline,
        status=execution.status,
        slot=slot,
        date=business_date(slot, timezone),
        params=told.params,
        started_by=told.started_by or (f"schedule {told.schedule}" if told.schedule else OUTSIDE),
        created_at=execution.started_at,
        attempts=(attempt_of(execution, number=number, kind="run" if number == 1 else "resume"),),
        version_arn=execution.version_arn,
        output=execution.output if execution.status is SessionStatus.SUCCEEDED else None,
    )


def attempt_of(execution: Execution, *, number: int, kind: str) -> Attempt:
    """Give the attempt that the execution is."""
    return Attempt(
        number=number,
        execution_arn=execution.arn,
        kind=kind,
        status=execution.status,
        started_at=execution.started_at,
        stopped_at=execution.stopped_at,
        error=execution.error,
        cause=execution.cause,
    )
