"""Rows for executions that nobody recorded: those that a schedule or a person in the console started."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bunsui.model.references import without_values
from bunsui.model.session import OUTSIDE, SCHEDULE, Session, SessionStatus
from bunsui.ports.execution import Execution
from bunsui.sessions.ids import derived_id, session_of
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.payload import read_input
from bunsui.sessions.slots import business_date, shift_slot


def adopted_row(execution: Execution, machine: PipelineMachine, *, is_described: bool = True) -> Session:
    """Return the row of an execution, before its first attempt.

    Its id is the one in the execution's name, if bunsui gave that; any other's begins with the execution's start and follows
    from its ARN. What a list alone tells (`is_described` False) leaves out what the execution was given.
    """
    named = session_of(execution.name)
    row = Session(
        id=named[0] if named is not None else derived_id(execution.started_at, "execution", execution.arn),
        pipeline=machine.pipeline,
        status=SessionStatus.PENDING,
        slot=execution.started_at,
        date=business_date(execution.started_at, machine.timezone),
        params={},
        started_by="",
        created_at=execution.started_at,
        is_described=is_described,
    )
    return with_input(row, execution, machine) if is_described else row


def with_input(row: Session, execution: Execution, machine: PipelineMachine) -> Session:
    """Return the row of an adopted execution with what the execution was given."""
    told = read_input(execution.input, timezone=machine.timezone, is_raw=machine.is_raw)
    slot = told.slot or _slot_of_start(execution, machine)
    return replace(
        row,
        slot=slot,
        date=business_date(slot, told.timezone),
        # Whoever started it elsewhere may have given a value, which the machine refuses and no row keeps.
        params=without_values(told.params, machine.sensitive),
        started_by=told.started_by or (f"{SCHEDULE}{told.schedule}" if told.schedule else OUTSIDE),
    )


def _slot_of_start(execution: Execution, machine: PipelineMachine) -> datetime:
    """Return the slot that the machine itself takes where its input names none; a raw one knows of none."""
    at = execution.started_at
    return at if machine.is_raw else shift_slot(at, machine.slot, machine.timezone)


def kind_of(execution_name: str) -> str:
    """Return how an execution began, by its name (`ATTEMPT_KINDS`)."""
    named = session_of(execution_name)
    return "run" if named is None or named[1] == 1 else "resume"
