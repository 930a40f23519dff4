"""`wait`: lets time pass, for a while or until an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.asl.model import Wait
from bunsui.model.durations import parse_duration
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.text import whole
from bunsui.operations.fields import CONFIG, DurationOrSeconds, Timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitParams:
    """Lets time pass; nothing is paid for it."""

    __pydantic_config__: ClassVar = CONFIG

    duration: Annotated[DurationOrSeconds | None, Field(alias="for")] = None
    """How long, such as `10m`; an expression gives seconds."""
    until: Timestamp | None = None
    """Until when: an instant such as `2026-01-31T06:00:00Z`, or an expression that gives one."""

    def __post_init__(self) -> None:
        """Demand exactly one."""
        if (self.duration is None) == (self.until is None):
            raise ValueError("write either for: (a duration) or until: (an instant)")
        if isinstance(self.until, str) and not _is_instant(self.until):
            raise ValueError(f"until: there is no instant {self.until}")


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _emit(params: WaitParams, operation: Operation, context: EmitContext) -> Emitted:
    seconds: int | str | None = None
    if isinstance(params.duration, Expression):
        seconds = whole(params.duration, context)
    elif params.duration is not None:
        seconds = parse_duration(params.duration)
    until = params.until
    state = Wait(
        seconds=seconds,
        timestamp=None if until is None else whole(until, context),
        output=context.output("{}"),
        next=context.next,
    )
    return {context.state: state}


def _permissions(params: WaitParams, context: EmitContext) -> tuple[Permission, ...]:
    return ()


TYPE = OperationType(
    name="wait",
    summary="Lets time pass, for a while or until an instant",
    no_retry="a wait does not fail",
    params=WaitParams,
    emit=_emit,
    permissions=_permissions,
    result="Nothing.",
    result_fields=frozenset(),
    default_timeout_seconds=None,
    alternatives=(("for", "until"),),
    no_poll="a wait gives no result",
    hints={
        "States.QueryEvaluationError": "The expression gave no number of seconds, or no instant such as 2026-01-31T06:00:00Z."
    },
    example="type: wait\nfor: 10m\n",
)
