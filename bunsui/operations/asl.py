"""`asl`: Amazon States Language, written by hand, as one operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from bunsui.asl.model import Branch, Parallel, Pass, RawState, State, code
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression, Value, map_leaves
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission, StateNeeds
from bunsui.operations.fields import CONFIG, Anything
from bunsui.operations.integrations.state_needs import StateOwner, definition_needs, is_met
from bunsui.operations.lambda_function import FunctionPermission

_SCOPES = ("Branches", "ItemProcessor", "Iterator")
_JSONPATH = ("InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters", "ItemsPath")
"""Fields that only JSONPath states have; a machine in JSONata cannot hold such states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AslParams:
    """States written by hand, in JSONata, as one operation."""

    __pydantic_config__: ClassVar = CONFIG

    start_at: Annotated[str, Field(min_length=1)]
    """Name of the first state."""
    states: Annotated[dict[str, dict[str, Any]], Field(min_length=1)]
    """The states by name, in Amazon States Language. `End: true` and Succeed end the operation."""
    input: Anything = None
    """What the first state finds in `$states.input`; `{}` when not given."""
    permissions: Sequence[FunctionPermission] = ()
    """What the states' own calls need beside what their literal arguments tell."""

    def __post_init__(self) -> None:
        """Refuse states that could not stand in the machine."""
        if self.start_at not in self.states:
            raise ValueError(f"start_at: there is no state {self.start_at}")
        names = [name for name, _ in _every_state(self.states)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"states: two states are called {twice}")
        for name, state in _every_state(self.states):
            old = next((key for key in _JSONPATH if key in state), None)
            if old is not None or state.get("QueryLanguage") == "JSONPath":
                raise ValueError(f"states: {name} uses JSONPath ({old or 'QueryLanguage'}); only JSONata can stand here")


def _every_state(states: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Return all states by name, inner ones too. One that is no mapping has no fields here; the validator refuses it."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for name, said in states.items() if isinstance(states, Mapping) else ():
        state: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        found.append((name, state))
        for scope in _inner(state):
            found += _every_state(scope.get("States", {}))
    return found


def _inner(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    scopes = [state[key] for key in _SCOPES if key in state]
    listed = [scope for given in scopes for scope in (given if isinstance(given, (list, tuple)) else [given])]
    return [scope for scope in listed if isinstance(scope, Mapping)]


def _emit(params: AslParams, operation: Operation, context: EmitContext) -> Emitted:
    """A Parallel of one branch: its output is the result, `End` needs no rewriting, the job's Retry and Catch hold for all."""
    names = {name: context.sub(name) for name, _ in _every_state(params.states)}
    first = context.sub("input")
    states: dict[str, State] = {first: Pass(output=_input(params, context), next=names[params.start_at])}
    for name, state in params.states.items():
        fields = _rename_states(state, names)
        assert isinstance(fields, Mapping), "a state stays a mapping"
        states[names[name]] = RawState(fields=fields)
    wrapper = Parallel(
        branches=(Branch(start_at=first, states=states),),
        output=context.output("$states.result[0]"),
        retry=context.retry,
        catch=context.catch,
        next=context.next,
    )
    return {context.state: wrapper}


def _input(params: AslParams, context: EmitContext) -> Json:
    return {} if params.input is None else context.value(params.input)


def _rename_states(state: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Json]:
    """Return the state with every name of a state replaced, and nothing else changed."""
    result: dict[str, Json] = {}
    for key, value in state.items():
        if key in ("Next", "Default"):
            result[key] = names.get(str(value), str(value))
        elif key in ("Catch", "Choices") and isinstance(value, (list, tuple)):
            result[key] = [_rename_states(item, names) if isinstance(item, Mapping) else _pass_through(item) for item in value]
        elif key in _SCOPES and isinstance(value, (list, tuple)):
            result[key] = [_renamed_scope(item, names) for item in value]
        elif key in _SCOPES:
            result[key] = _renamed_scope(value, names)
        else:
            result[key] = _pass_through(value)
    return result


def _renamed_scope(scope: Any, names: Mapping[str, str]) -> Json:
    if not isinstance(scope, Mapping):
        return _pass_through(scope)
    result: dict[str, Json] = {}
    for key, value in scope.items():
        if key == "StartAt":
            result[key] = names.get(str(value), str(value))
        elif key == "States" and isinstance(value, Mapping):
            result[key] = {
                names.get(str(name), str(name)): _rename_states(state, names)
                if isinstance(state, Mapping)
                else _pass_through(state)
                for name, state in value.items()
            }
        else:
            result[key] = _pass_through(value)
    return result


def _pass_through(value: Value) -> Json:
    """Expressions here are in Step Functions' own names, so they go through as they are."""

    def written(leaf: Value) -> Value:
        return code(leaf.text) if isinstance(leaf, Expression) else leaf

    return map_leaves(value, written)  # type: ignore[return-value]  # whatever is known only after apply stays a leaf


def _permissions(params: AslParams, context: EmitContext) -> tuple[Permission, ...]:
    return (*(one for needs in _needs(params, context) for one in needs.permissions), *_said(params))


def _unmet(params: AslParams, context: EmitContext) -> Sequence[StateNeeds]:
    said = _said(params)
    return [needs for needs in _needs(params, context) if needs.unmet and not is_met(needs.unmet, said)]


def _needs(params: AslParams, context: EmitContext) -> list[StateNeeds]:
    """Return what the states need that can be told; expressions among their arguments are known in the run only."""
    machine = StateOwner(name=context.machine_arn.rpartition(":")[2], scope=context.scope)
    return list(definition_needs({"States": _pass_through(params.states)}, machine))


def _said(params: AslParams) -> tuple[Permission, ...]:
    return tuple(Permission(actions=tuple(given.actions), resources=tuple(given.resources)) for given in params.permissions)


def _expressions(params: AslParams) -> Sequence[Expression]:
    """Only those of `input` are in bunsui's names."""
    found: list[Expression] = []

    def note(leaf: Value) -> Value:
        if isinstance(leaf, Expression):
            found.append(leaf)
        return leaf

    map_leaves(params.input, note)
    return found


TYPE = OperationType(
    name="asl",
    summary="States written by hand, in Amazon States Language with JSONata",
    params=AslParams,
    emit=_emit,
    permissions=_permissions,
    unmet=_unmet,
    result="The output of the state that ends it.",
    expressions=_expressions,
    foreign=("states",),
    default_timeout_seconds=None,
    hints={
        "States.Runtime": "A state could not run: see the cause for its name and field.",
        "States.QueryEvaluationError": "An expression gave nothing, or something of the wrong type; the cause names state and "
        "field. Inside `states`, only Step Functions' own names exist: $states, and variables that are assigned.",
    },
    example="""\
type: asl
input: {date: "{% $params.date %}"}
start_at: Pick
states:
  Pick:
    Type: Choice
    Choices: [{Condition: "{% $states.input.date < '2026-01-01' %}", Next: Old}]
    Default: New
  Old: {Type: Pass, Output: {archive: true}, End: true}
  New: {Type: Pass, Output: {archive: false}, End: true}
""",
)
