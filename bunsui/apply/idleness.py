"""Whether sessions still need what is about to go: asked right before, since somebody may have redriven one after the plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from bunsui.apply.retry import CALL_POLICIES
from bunsui.apply.step import ChangeStep
from bunsui.errors import Missing, Refused
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.role import SCHEDULER
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, is_pipeline
from bunsui.model.resource import ActualResource
from bunsui.model.session import SessionStatus
from bunsui.model.values import Reference
from bunsui.ports.execution import ExecutionSummary
from bunsui.retry import retry

REDRIVABLE = timedelta(days=14)
"""Step Functions developer guide, "Restarting state machine executions with redrive"."""
_LISTED = 100
_UNSUCCESSFUL = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


def check_idle(step: ChangeStep, actual: ActualResource) -> None:
    """Check that nothing runs on what was retired and is now deleted.

    Raises:
        Refused: `session-running`.

    """
    if step.change.retirement is None:
        return
    running = next(_running(step, actual), None)
    if running is not None:
        raise Refused(
            "session-running",
            "a session runs on what was retired since the plan was made, so it stays",
            hint="Plan again, and apply when it has ended.",
            resource=actual.physical_name,
            session=running.name,
        )


def check_unneeded(step: ChangeStep, actual: ActualResource) -> None:
    """Check that no session needs what is deleted to make room for its successor of the same name: it runs, or can be redriven.

    Raises:
        Refused: `session-needs-it`.

    """
    if not _serves_sessions(step.change.address):
        return
    needing = next(_running(step, actual), None) or next(_redrivable(step), None)
    if needing is not None:
        raise Refused(
            "session-needs-it",
            "a session runs with it or can be redriven, and it has to be deleted before it can be made anew",
            hint="Apply again when nothing runs and no failed session is younger than 14 days.",
            resource=actual.physical_name,
            session=needing.name,
        )


def _running(step: ChangeStep, actual: ActualResource) -> Iterator[ExecutionSummary]:
    if not is_pipeline(step.change.address.pipeline):
        return  # no session runs with it
    if step.change.address.kind == MACHINE:
        yield from _executions(step, actual.outputs.get("arn", ""), SessionStatus.RUNNING)
    elif _serves_sessions(step.change.address):
        left = step.change.retirement.since if step.change.retirement is not None else None
        for one in _executions(step, _machine_arn(step), SessionStatus.RUNNING):
            if left is None or one.started_at <= left:
                yield one


def _redrivable(step: ChangeStep) -> Iterator[ExecutionSummary]:
    since = step.clock.now() - REDRIVABLE
    for status in _UNSUCCESSFUL:
        for one in _executions(step, _machine_arn(step), status):
            if one.stopped_at is not None and one.stopped_at > since:
                yield one


def _executions(step: ChangeStep, machine_arn: str, status: SessionStatus) -> Iterator[ExecutionSummary]:
    execution = step.execution
    if execution is None or not machine_arn:
        return
    with suppress(Missing):  # the machine went before it
        yield from retry(lambda: execution.executions(machine_arn, limit=_LISTED, status=status), CALL_POLICIES, step.retrying)


def _serves_sessions(address: Address) -> bool:
    serves = kind_named(address.kind).serves_sessions and is_pipeline(address.pipeline)
    return serves and address.name.partition("@")[0] != SCHEDULER


def _machine_arn(step: ChangeStep) -> str:
    try:
        return step.outputs.of(Reference(Address(MACHINE, step.change.address.pipeline), "arn"))
    except Refused:
        return ""  # there is none
