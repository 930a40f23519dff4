"""What still needs what is retired: asked of Step Functions, a call or a few for each retired machine or function."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from bunsui.errors import CloudError
from bunsui.model.resource import Address, AppliedResource
from bunsui.model.session import SessionStatus
from bunsui.plan.retirement import Ended, Hold
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
) -> dict[Address, Hold]:
    """Give what needs each resource that is retired and not wanted again.

    Sessions that can be redriven are asked for only once the time is over: before, they decide nothing. Of a retired function
    only sessions count that started before it left its machine.
    """
    result: dict[Address, Hold] = {}
    for address, item in applied.items():
        if item.retired_at is None or address in wanted:
            continue
        machine = item if address.kind == "state_machine" else applied.get(Address("state_machine", address.pipeline))
        arn = machine.outputs.get("arn") if machine is not None else None
        if execution is None or arn is None:
            result[address] = Hold()
            continue
        is_due = as_of >= item.retired_at + kept_for
        before = item.retired_at if machine is not item else None
        result[address] = _asked(execution, arn, before=before, is_due=is_due)
    return result


def with_former_names(names: Collection[str], moved: Mapping[str, str]) -> frozenset[str]:
    """Give the pipelines and what they were called before: a move is one change."""
    return frozenset(names) | {old for old, new in moved.items() if new in names}


def _asked(execution: ExecutionClient, arn: str, *, before: datetime | None, is_due: bool) -> Hold:
    def found(status: SessionStatus) -> list[ExecutionSummary]:
        listed = execution.executions(arn, limit=_LOOKED_AT, status=status)
        return [one for one in listed if before is None or one.started_at <= before]

    try:
        running = found(SessionStatus.RUNNING)
        ended = [one for status in _UNSUCCESSFUL for one in found(status)] if is_due and not running else []
    except CloudError as error:
        return Hold(unknown=f"what runs on it could not be asked: {error.summary}")
    return Hold(
        running=tuple(one.name for one in running),
        unsuccessful=tuple(Ended(name=one.name, at=one.stopped_at) for one in ended if one.stopped_at is not None),
    )
