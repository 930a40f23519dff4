"""`choice`: runs one of several lists of operations, inside a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.asl.model import Choice, Pass, Rule, State
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.conditions import truth_rules
from bunsui.operations.emission.text import whole
from bunsui.operations.fields import CONFIG, Condition, Operations


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Operations and when they run."""

    __pydantic_config__: ClassVar = CONFIG

    when: Condition
    """An expression that gives true or false."""
    operations: Operations
    """What runs when it is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceParams:
    """Runs the operations of the first case whose condition holds."""

    __pydantic_config__: ClassVar = CONFIG

    cases: Annotated[list[Case], Field(min_length=1, max_length=20)]
    """Looked at in this order."""
    default: Operations = ()
    """What runs when no condition holds; nothing when not given."""


def _emit(params: ChoiceParams, operation: Operation, context: EmitContext) -> Emitted:
    rules: list[Rule] = []
    inner: dict[str, State] = {}
    for number, case in enumerate(params.cases, start=1):
        entry, states = context.nested(case.operations, suffix=f"case{number}")
        neither, failing = truth_rules(case.when, f"case {number}", context)
        rules += [*neither, Rule(condition=whole(case.when, context), next=entry)]
        inner |= {**states, **failing}
    nothing = None
    if params.default:
        default, states = context.nested(params.default, suffix="default")
        inner |= states
    elif context.next is not None:
        default, nothing = context.next, context.output("{}")
    else:
        default = context.sub("default")
        inner[default] = Pass(output=context.output("{}"))
    return {context.state: Choice(rules=tuple(rules), default=default, output=nothing), **inner}


def _permissions(params: ChoiceParams, context: EmitContext) -> tuple[Permission, ...]:
    return ()


def _operations(params: ChoiceParams) -> Sequence[Operation]:
    return [*(operation for case in params.cases for operation in case.operations), *params.default]


TYPE = OperationType(
    name="choice",
    summary="Runs the operations of the first case whose condition holds",
    no_retry="a choice does not fail, and its operations have retries of their own",
    params=ChoiceParams,
    emit=_emit,
    permissions=_permissions,
    result="The result of the last operation that ran; an empty object when none did.",
    default_timeout_seconds=None,
    operations=_operations,
    operation_lists=(("cases", "*", "operations"), ("default",)),
    hints={"States.QueryEvaluationError": "A condition could not be evaluated: does it compare a text with a number?"},
    example="""\
type: choice
cases:
  - when: "{% $params.region = 'jp' %}"
    operations:
      - {type: lambda, function: "load-jp:live"}
default:
  - {type: lambda, function: "load:live"}
""",
)
