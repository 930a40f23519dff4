"""`check`: goes on only if something holds: data quality, and gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bunsui.asl.model import Branch, Choice, Fail, Parallel, Pass, Rule, State, code
from bunsui.model.pipeline import Operation
from bunsui.model.values import Json
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
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
    """What happens when it is not true: the job fails, or only a note is kept, or the rest of the job is skipped."""
    message: Text = "the check did not hold"
    """Why, for people: the error's cause, or the note."""


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
            more[otherwise] = _failure(_cause(params, context), context)
        case "warn":
            otherwise = context.sub("warned")
            more[otherwise] = Pass(output=context.output(f"{{'passed': false, 'message': {message}}}"), next=context.next)
        case "skip":
            otherwise = context.skip_job()
    rule = Rule(condition=code(context.expression(params.that)), next=follow, output=passed)
    return {context.state: Choice(rules=(rule,), default=otherwise), **more}


def _cause(params: CheckParams, context: EmitContext) -> str:
    return params.message if isinstance(params.message, str) else code(context.expression(params.message))


def _failure(cause: str, context: EmitContext) -> State:
    fail = Fail(error=ERROR, cause=cause)
    if not context.catch:
        return fail
    # A Fail ends everything around it, so an isolated job wraps it in a state that can catch.
    name = context.sub("fail")
    branch = Branch(start_at=name, states={name: fail})
    return Parallel(branches=(branch,), output=context.output("{'passed': false}"), catch=context.catch, next=context.next)


def _permissions(params: CheckParams, context: EmitContext) -> tuple[Permission, ...]:
    return ()


TYPE = OperationType(
    name="check",
    summary="Goes on only if something holds: data quality, and gates",
    params=CheckParams,
    emit=_emit,
    permissions=_permissions,
    result="`passed`, true or false, and the `message` when it is false.",
    result_fields=frozenset({"passed", "message"}),
    default_timeout_seconds=None,
    no_poll="a check asks nobody: what it looks at stays the same",
    hints={
        ERROR: "What `that` says did not hold; the cause is the check's message.",
        "States.QueryEvaluationError": "The expression could not be evaluated, or gave neither true nor false: does it read a "
        "field that is missing? Guard it with $exists.",
    },
    example="""\
type: check
that: "{% $params.count > 0 %}"
else: fail
message: "no rows for this day"
""",
)
