"""What still needs what is retired: asked of Step Functions, a call or a few for each retired machine or function."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from bunsui.errors import CloudError
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource
from bunsui.model.session import SessionStatus
from bunsui.plan.retirement import Blockers, EndedRetirement
from bunsui.ports.execution import ExecutionClient, ExecutionSummary

_LOOKED_AT = 100
_UNSUCCESSFUL = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


def holds(
    applied: Mapping[Address, AppliedResource],
    wanted: Collection[Address],
    execution: ExecutionClient | None,
    *,
    as_of: datetime,
    kept_for: timedelta,
) -> dict[Address, Blockers]:
    """Return what needs each resource that is retired and not wanted again.

    Sessions that can be redriven are asked for only once the time is over: before, they decide nothing. Of a retired function
    only sessions count that started before it left its machine.
    """
    result: dict[Address, Blockers] = {}
    for address, item in applied.items():
        if item.retired_at is None or address in wanted:
            continue
        machine = item if address.kind == MACHINE else applied.get(Address(MACHINE, address.pipeline))
        arn = machine.outputs.get("arn") if machine is not None else None
        if execution is None or arn is None:
            result[address] = Blockers()
            continue
        is_due = as_of >= item.retired_at + kept_for
        before = item.retired_at if machine is not item else None
        result[address] = _ask_executions(execution, arn, before=before, is_due=is_due)
    return result


def with_former_names(names: Collection[str], moved: Mapping[str, str]) -> frozenset[str]:
    """Return the pipelines and what they were called before: a move is one change."""
    return frozenset(names) | {old for old, new in moved.items() if new in names}


def _ask_executions(execution: ExecutionClient, arn: str, *, before: datetime | None, is_due: bool) -> Blockers:
    unlisted = False

    def found(status: SessionStatus) -> list[ExecutionSummary]:
        nonlocal unlisted
        listed = execution.executions(arn, limit=_LOOKED_AT, status=status)
        late = [one for one in listed if before is None or one.started_at <= before]
        # Those that run are listed by their start, newest first, so that the ones that matter may stand behind
        unlisted = unlisted or (len(listed) == _LOOKED_AT and not late)
        return late

    try:
        running = found(SessionStatus.RUNNING)
        ended = [one for status in _UNSUCCESSFUL for one in found(status)] if is_due and not running else []
    except CloudError as error:
        return Blockers(unknown=f"what runs on it could not be asked: {error.summary}")
    if unlisted:
        return Blockers(unknown=f"more than {_LOOKED_AT} newer sessions hide whether an older one needs it")
    return Blockers(
        running=tuple(one.name for one in running),
        unsuccessful=tuple(EndedRetirement(name=one.name, at=one.stopped_at) for one in ended if one.stopped_at is not None),
    )
