"""`check`: goes on only if something holds: data quality, and gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bunsui.asl.model import Choice, Pass, Rule, State, code
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.remarks import warned_variable
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.conditions import truth_rules
from bunsui.operations.emission.failure import failing
from bunsui.operations.emission.text import whole
from bunsui.operations.fields import CONFIG, Condition, Text

ERROR = "CheckFailed"
"""The error that a failed check raises; `retry.errors` never sees it, since nothing would change by trying again."""

PASSED = "{'passed': true}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckParams:
    """Goes on only if something holds."""

    __pydantic_config__: ClassVar = CONFIG

    that: Condition
    """An expression that gives true when all is well."""
    otherwise: Annotated[Literal["fail", "warn", "skip"], Field(alias="else")] = "fail"
    """What happens when it is not true: the job fails, or goes on and is marked as warned, or the rest of it is skipped."""
    message: Text = "the check did not hold"
    """Why, for people: the error's cause, or what is warned of."""


def _emit(params: CheckParams, operation: Operation, context: EmitContext) -> Emitted:
    message = context.expression(params.message)
    more: dict[str, State] = {}
    passed: Json = None
    if context.next is not None:
        follow, passed = context.next, context.output(PASSED)
    else:
        follow = context.sub("passed")
        more[follow] = Pass(output=context.output(PASSED))
    match params.otherwise:
        case "fail":
            otherwise = context.sub("failed")
            more[otherwise] = failing(context, error=ERROR, cause=_cause(params, context), result="{'passed': false}")
        case "warn":
            otherwise = context.sub("warned")
            more[otherwise] = Pass(
                output=context.output(f"{{'passed': false, 'message': {message}}}"),
                assign={warned_variable(context.state): code(message)},
                next=context.next,
                comment="Goes on all the same, and marks job and session",
            )
        case "skip":
            otherwise = context.skip_job()
    neither, states = truth_rules(params.that, "that", context)
    rule = Rule(condition=whole(params.that, context), next=follow, output=passed)
    return {context.state: Choice(rules=(*neither, rule), default=otherwise), **more, **states}


def _cause(params: CheckParams, context: EmitContext) -> str:
    return whole(params.message, context)


def _permissions(params: CheckParams, context: EmitContext) -> tuple[Permission, ...]:
    return ()


TYPE = OperationType(
    name="check",
    skips_with=("else", "skip"),
    summary="Goes on only if something holds: data quality, and gates",
    no_retry="what a check looks at stays the same",
    params=CheckParams,
    emit=_emit,
    permissions=_permissions,
    result="`passed`, true or false, and the `message` when it is false.",
    result_fields=frozenset({"passed", "message"}),
    default_timeout_seconds=None,
    no_poll="a check asks nobody: what it looks at stays the same",
    hints={
        ERROR: "What `that` says did not hold; the cause is the check's message.",
        "States.QueryEvaluationError": "The expression could not be evaluated: does it compare a text with a number?",
    },
    example="""\
type: check
that: "{% $params.count > 0 %}"
else: fail
message: "no rows for this day"
""",
)
