"""A small compiler for one operation: lowers its YAML, emits it, evaluates the JSONata in what came out."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import yaml
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils
from pydantic import TypeAdapter

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Catcher, Retrier, State, Task, code
from bunsui.compile.values import asl_value, jsonata
from bunsui.model.address import Address
from bunsui.model.durations import parse_duration
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Expression, Reference, Value
from bunsui.operations.contract import OperationType, Permission
from bunsui.operations.registry import builtin_registry

SCOPE = Scope(project="shop", environment="dev", account="111122223333", region="us-east-1")
_NAMES = {"ops": "$states.input.ops", "jobs": "$states.input.jobs"}


@dataclass(slots=True, kw_only=True)
class Context:
    """Implements `EmitContext`: outputs record the result under the operation's id."""

    operation: Operation
    state: str = "job"
    next: str | None = "after"
    scope: Scope = SCOPE
    pipeline: str = "sales"
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    taken: set[str] = field(default_factory=set)

    def sub(self, suffix: str) -> str:
        name = f"{self.state}.{suffix}"
        assert name not in self.taken
        self.taken.add(name)
        return name

    def value(self, value: Value) -> Json:
        return asl_value(value, _NAMES.get)

    def expression(self, value: Value) -> str:
        return jsonata(value, _NAMES.get)

    def output(self, result: str) -> str:
        return code(f"$merge([$states.input, {{'ops': {{{string_literal(self.operation.id)}: {result}}}}}])")

    def nested(self, operations: Sequence[Operation], *, suffix: str) -> tuple[str, Mapping[str, State]]:
        entry = f"{self.state}.{suffix}"
        states: dict[str, State] = {}
        for number, operation in enumerate(operations):
            inner = Context(operation=operation, state=entry if number == 0 else f"{entry}.{number}", next=self.next)
            states |= builtin_registry()[operation.type].emit(operation.params, operation, inner)
        return entry, states

    def function(self) -> Json | Reference:
        return Reference(Address("lambda_function", "sales", f"job.{self.operation.id}"), "version_arn")

    def pipeline_arn(self, pipeline: str) -> str:
        return f"arn:aws:states:us-east-1:111122223333:stateMachine:shop--dev--{pipeline}:live"

    @property
    def machine_arn(self) -> str:
        return "arn:aws:states:us-east-1:111122223333:stateMachine:shop--dev--sales"

    def raw_input(self, pipeline: str) -> Mapping[str, Value] | None:
        return {"limit": 10} if pipeline == "raw" else None

    def child_resume(self, pipeline: str, params: Value) -> Json:
        return f"{{% $resume.children.{pipeline} %}}"

    def skip_job(self) -> str:
        return "job.skipped"


def lowered(value: Any) -> Any:
    """Return YAML data with its expressions."""
    if isinstance(value, dict):
        return {key: lowered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [lowered(item) for item in value]
    match = re.fullmatch(r"\{%\s*(.*?)\s*%\}", value, re.DOTALL) if isinstance(value, str) else None
    return Expression(match.group(1)) if match else value


def operation(text: str | dict[str, Any], **more: Any) -> Operation:
    """Return the operation that the YAML says."""
    given = dict(yaml.safe_load(text) if isinstance(text, str) else text)
    kind = builtin_registry()[given.pop("type")]
    timeout, name = given.pop("timeout", None), given.pop("id", kind.name)
    if kind.name == "choice":
        for case in given.get("cases", []):
            case["operations"] = tuple(operation(item) for item in case["operations"])
        if "default" in given:
            given["default"] = tuple(operation(item) for item in given["default"])
    params = _adapter(cast("Hashable", kind.params)).validate_python(lowered(given))
    return Operation(
        id=name, type=kind.name, params=params, timeout_seconds=parse_duration(timeout) if timeout else None, **more
    )


@lru_cache(maxsize=64)
def _adapter(params: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("type[Any]", params))


def kind_of(made: Operation) -> OperationType:
    return builtin_registry()[made.type]


def emitted(text: str | dict[str, Any], **context: Any) -> Mapping[str, State]:
    """Return the states of the operation that the YAML says."""
    made = operation(text)
    return kind_of(made).emit(made.params, made, Context(operation=made, **context))


def the_task(text: str | dict[str, Any], **context: Any) -> Any:
    """Return the only state, a Task; its arguments as Any, since tests look into them."""
    (state,) = emitted(text, **context).values()
    assert isinstance(state, Task)
    return state


def needs(text: str | dict[str, Any]) -> tuple[Permission, ...]:
    """Return the permissions that the operation asks for."""
    made = operation(text)
    return kind_of(made).permissions(made.params, Context(operation=made))


def allowed(text: str | dict[str, Any]) -> set[tuple[Any, Any]]:
    """Return the pairs of action and resource that the operation asks for."""
    return {
        (action, resource) for permission in needs(text) for action in permission.actions for resource in permission.resources
    }


def evaluated(value: Any, **variables: Any) -> Any:
    """Return the JSON with every `{% %}` evaluated, as Step Functions does; a key whose value is undefined fails."""
    if isinstance(value, dict):
        return {key: evaluated(item, **variables) for key, item in value.items()}
    if isinstance(value, list):
        return [evaluated(item, **variables) for item in value]
    match = re.fullmatch(r"\{%(.*)%\}", value, re.DOTALL) if isinstance(value, str) else None
    if match is None:
        return value
    expression = Jsonata(match.group(1))
    for name, given in variables.items():
        expression.assign(name, _with_nulls(given))
    expression.register_lambda("parse", json.loads)
    result = expression.evaluate(None)
    return json.loads(json.dumps(result)) if not isinstance(result, float) else result


def _with_nulls(value: Any) -> Any:
    """Python's None is "nothing" to jsonata-python, which has an own value for JSON's null."""
    if isinstance(value, dict):
        return {key: _with_nulls(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_nulls(item) for item in value]
    return Utils.NULL_VALUE if value is None else value


def result_of(state: Any, result: Any, ident: str | None = None) -> Any:
    """Return the operation's result, as the state's Output records it when the call answered `result`."""
    output = evaluated(state.output, states={"input": {}, "result": result})
    return output["ops"] if ident is None else output["ops"][ident]
