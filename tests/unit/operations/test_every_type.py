from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonata.jsonata import Jsonata
from pydantic import TypeAdapter

from bunsui.asl.expressions import check
from bunsui.asl.model import Choice, Map, Parallel, Pass, Task
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from tests.unit.operations.harness import Context, kind_of, operation

TYPES = list(builtin_registry().values())
every_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from texts(getattr(value, part.name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


def targets(state: Any) -> set[str | None]:
    match state:
        case Choice():
            return {rule.next for rule in state.rules} | {state.default}
        case Pass() | Task() | Parallel() | Map():
            return {state.next} | {catcher.next for catcher in getattr(state, "catch", ())}
        case _:
            return {getattr(state, "next", None)}


@every_type
def test_an_example_compiles_with_its_type(kind: OperationType) -> None:
    made = operation(kind.example)
    assert made.type == kind.name
    states = kind.emit(made.params, made, Context(operation=made))
    assert next(iter(states)) == "job"
    for state in states.values():
        assert targets(state) <= {*states, "after", "job.skipped", None}


@every_type
@pytest.mark.parametrize("following", ["after", None])
def test_every_expression_in_an_example_can_be_parsed(kind: OperationType, following: str | None) -> None:
    made = operation(kind.example)
    states = kind.emit(made.params, made, Context(operation=made, next=following))
    found = [text[2:-2] for text in texts(dict(states)) if text.startswith("{%")]
    for text in found:
        Jsonata(text)
        assert check(text) is None


@every_type
def test_a_type_that_ends_its_scope_names_no_state_outside(kind: OperationType) -> None:
    made = operation(kind.example)
    states = kind.emit(made.params, made, Context(operation=made, next=None))
    for state in states.values():
        assert targets(state) <= {*states, "job.skipped", None}


@every_type
def test_every_task_has_a_timeout(kind: OperationType) -> None:
    made = operation(kind.example)
    for state in kind.emit(made.params, made, Context(operation=made)).values():
        if isinstance(state, Task):
            assert state.timeout_seconds is not None


@every_type
def test_permissions_of_an_example_name_actions_and_resources(kind: OperationType) -> None:
    made = operation(kind.example)
    for permission in kind_of(made).permissions(made.params, Context(operation=made)):
        assert permission.actions
        assert permission.resources
        assert all(":" in action and "*" not in action for action in permission.actions)


@every_type
def test_every_field_is_described_in_the_schema(kind: OperationType) -> None:
    schema = TypeAdapter(kind.params).json_schema(by_alias=True)
    json.dumps(schema)
    for found in [schema, *schema.get("$defs", {}).values()]:
        assert found["additionalProperties"] is False
        for name, field in found["properties"].items():
            assert field.get("description"), f"{kind.name}.{name}"


@every_type
def test_unknown_keys_are_refused(kind: OperationType) -> None:
    with pytest.raises(ValueError, match="nosuchkey"):
        operation({"type": kind.name, "nosuchkey": 1})


@every_type
def test_a_type_says_what_it_is(kind: OperationType) -> None:
    assert kind.summary
    assert not kind.summary.endswith(".")
    assert kind.result
    assert kind.params.__doc__


def test_listing_the_types_imports_none_of_them() -> None:
    program = (
        "import sys\n"
        "from bunsui.operations.registry import builtin_registry\n"
        "registry = builtin_registry()\n"
        "assert 'lambda' in registry and len(list(registry)) == len(registry)\n"
        "assert registry.suggest('lamda') == 'lambda'\n"
        "assert 'pydantic' not in sys.modules and 'yaml' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
