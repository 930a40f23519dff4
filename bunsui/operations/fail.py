"""`fail`: fails the job, with an error's name for machines, with a message for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.failure import failing
from bunsui.operations.emission.text import whole
from bunsui.operations.fields import CONFIG, Text

_RESERVED = ("States.", "Bunsui.")
"""How names begin that Step Functions and bunsui give, and that are retried and explained by what they mean there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailParams:
    """Fails the job."""

    __pydantic_config__: ClassVar = CONFIG

    error: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$")] = "JobFailed"
    """The error's name, such as `NoSales`."""
    message: Text
    """Why, for people: the error's cause."""

    def __post_init__(self) -> None:
        """Refuse names that mean something already."""
        taken = next((beginning for beginning in _RESERVED if self.error.startswith(beginning)), None)
        if taken is not None:
            raise ValueError(f"error: names that begin with {taken} have a meaning already")


def _emit(params: FailParams, operation: Operation, context: EmitContext) -> Emitted:
    return {context.state: failing(context, error=params.error, cause=whole(params.message, context), result="{}")}


def _permissions(params: FailParams, context: EmitContext) -> tuple[Permission, ...]:
    return ()


TYPE = OperationType(
    name="fail",
    summary="Fails the job, with an error's name and a message",
    no_retry="a failure is meant to stay one",
    params=FailParams,
    emit=_emit,
    permissions=_permissions,
    result="Nothing: no operation runs after it.",
    result_fields=frozenset(),
    default_timeout_seconds=None,
    ends_job=True,
    no_poll="a failure gives no result",
    hints={
        "JobFailed": "The pipeline itself decided to fail; the cause is its message.",
        "States.QueryEvaluationError": "The expression of `message` could not be evaluated, or gave no text.",
    },
    example="""\
type: fail
error: NoSales
message: "{% 'no sales for ' & $params.date %}"
""",
)
