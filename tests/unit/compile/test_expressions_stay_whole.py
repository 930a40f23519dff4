"""Text around an expression never changes what it means: it and the same in another form compile to the same values."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bunsui.asl.expressions import check
from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.context import Sources
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonata.evaluate import EvaluationFailure
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Pipeline, Poll, S3Items
from bunsui.model.values import Expression, Value
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from tests.executing import SCOPE
from tests.unit.operations.harness import operation

REGISTRY = builtin_registry()

FIFO = {"attributes": {"a": "x"}, "group": "g", "deduplication_id": "d"}
FULL: Mapping[str, list[dict[str, Any]]] = {
    "lambda": [{"function": "f:1", "payload": {"a": "x", "list": ["x", "y"]}}],
    "ecs_task": [
        {
            "cluster": "c",
            "task_definition": "t:1",
            "container": {"name": "main", "command": ["x", "y"], "environment": {"A": "x"}, "cpu": 1, "memory": 8},
            "network": {"subnets": ["s"], "security_groups": ["g"]}, "group": "family:x",
        },
        {"cluster": "c", "task_definition": "t:1", "launch": "ec2", "arguments": {"ReferenceId": "x"}},
    ],
    "step_function": [{"state_machine": "arn:aws:states:us-east-1:111122223333:stateMachine:m", "input": {"a": ["x"]}}],
    "pipeline": [{"pipeline": "other", "params": {"a": ["x"]}}, {"pipeline": "raw", "params": {"a": ["x"]}}],
    "aws": [{"action": "glue:startJobRun", "arguments": {"JobName": "j", "Arguments": {"--a": "x"}}, "wait": "job"}],
    "s3": [
        {"action": "put", "bucket": "b", "key": "k", "body": "x", "content_type": "text/plain"},
        {"action": "put", "bucket": "b", "key": "k", "body": {"a": ["x", "y"]}},
        {"action": "get", "bucket": "b", "key": "k", "format": "json"},
        {"action": "copy", "bucket": "b", "key": "k", "source": {"bucket": "b", "key": "k"}},
        {"action": "list", "bucket": "b", "prefix": "p"},
        {"action": "exists", "bucket": "b", "key": "k"},
        {"action": "delete", "bucket": "b", "key": "k"},
    ],
    "approval": [{"message": "m", "evidence": {"a": ["x"]}, "deadline": "1h"}],
    "athena_query": [{"query": "q", "parameters": ["x", ["y"]]}, {"query": "q", "fetch": "rows"}],
    "glue_job": [{"job": "j", "arguments": {"a": "x"}}],
    "http": [
        {
            "url": "https://a.example/b", "connection": "arn:aws:events:us-east-1:111122223333:connection/a/b",
            "headers": {"a": "x"}, "query": {"a": ["x"]}, "body": {"a": ["x"]},
        }
    ],
    "fail": [{"message": "m"}],
    "dynamodb": [
        {"action": "put", "table": "table", "item": {"id": "x", "list": ["x", "y"]}},
        {
            "action": "update", "table": "table", "key": {"id": "x"}, "update": "SET #a = :a", "condition": "#a = :a",
            "names": {"#a": "a"}, "values": {":a": "x"},
        },
    ],
    "sns_publish": [{"topic": "arn:aws:sns:us-east-1:111122223333:t.fifo", "message": ["x", "y"], "subject": "s", **FIFO}],
    "sqs_send": [{"queue": "arn:aws:sqs:us-east-1:111122223333:q.fifo", "body": ["x", "y"], **FIFO}],
    "wait": [{"for": "5m"}, {"until": "2026-01-31T06:00:00Z"}],
    "check": [
        {"that": "{% $params.yes %}", "message": "m"},
        {"that": "{% $params.yes %}", "message": "m", "else": "warn"},
    ],
    "choice": [{"cases": [{"when": "{% $params.yes %}", "operations": [{"type": "wait", "for": "5m"}]}]}],
    "asl": [{"start_at": "A", "states": {"A": {"Type": "Pass", "Output": {"a": "x"}, "End": True}}, "input": {"a": ["x"]}}],
}  # fmt: skip
"""Parameters of every type, so that each field that takes an expression is there once."""

HOSTILE = (
    "$params.a = 'x' ? 'k1' : 'k2'",
    "$params.a & $params.b",
    "$params.a = 'x'",
    "$params.n > 1 or $params.no",
    "-$params.n",
    "$params.n + 1",
    "$member := $params.a",
    "[1..3]",
    "['eu', 'us']",
    "$params.list",
    "[$params.list]",
    "$params.list ~> $count()",
    "$params.missing",
    "$params.rows{k: v}",
    "$params.rows^(>v)",
    "$params.a /* why */",
)


FORMS = ("({})", "true ? {} : 'other'", "$kept := {}", "($kept := {}; $kept)")
"""What means the same as the expression in it; all but the first bind weaker than any operator around them, or bind a name."""
CONDITIONS = {"that", "when"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "operations":
                yield (*path, key)
                yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield (*path, at)
            yield from leaves(item, (*path, at))


def replaced(data: dict[str, Any], path: tuple[Any, ...], text: str) -> dict[str, Any]:
    made: Any = deepcopy(data)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "{% " + text + " %}"
    return made  # type: ignore[no-any-return]


def places() -> Iterator[tuple[str, dict[str, Any], tuple[Any, ...]]]:
    for name, examples in FULL.items():
        for data in examples:
            for path in leaves(data):
                try:
                    operation({"type": name, **replaced(data, path, "$params.a")})
                except (ValidationError, ValueError, TypeError, KeyError):
                    continue
                yield name, data, path


PLACES = list(places())


def compiled(*jobs: Job) -> Json:
    listed = Job(name="before", operations=(operation("{type: wait, for: 1s}"),), outputs={"k": 1})
    found = Pipeline(name="p", path="p.yaml", jobs=(listed, *jobs))
    raw = {"raw": {"limit": 10}}
    machine = compile_pipeline(found, scope=SCOPE, registry=REGISTRY, raw_inputs=raw)
    return without_fingerprints(shown(machine.definition))


def without_fingerprints(definition: Any) -> Json:
    """Return the machine without the text in which it tells one spelling of an expression from another."""
    states = definition["States"]
    return {**definition, "States": {**states, START_STATE: {**states[START_STATE], "Comment": ""}}}


def job(made: Any, *, name: str = "j", **more: Any) -> Job:
    return Job(name=name, depends_on=("before",), operations=(made,), **{"outputs": {"r": Expression("$result")}, **more})


PARAMS: Json = {
    "a": "x", "b": "y", "n": 5, "yes": True, "no": False, "list": [1, 2], "rows": [{"k": "p", "v": 1}, {"k": "q", "v": 2}],
}  # fmt: skip
STATES: Json = {
    "input": {"jobs": {"before": {"k": 1}}, "status": {"before": "succeeded"}, "ops": {}, "item": "i", "label": "0"},
    "result": {"Body": "[1]", "Payload": 1, "ETag": "e", "ContentLength": 3, "CopyObjectResult": {"ETag": "e"}, "Output": {}},
    "context": {"Execution": {"Id": "e"}, "Task": {"Token": "t"}, "Map": {"Item": {"Value": 1, "Index": 0}}, "State": {}},
}
SOURCES = Sources(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=Random(0))


BINDINGS: Mapping[str, Json] = {
    "params": PARAMS, "session": {"slot": "s"}, "resume": {}, "poll_j": {"since": "2026-01-01T00:00:00Z"}, "states": STATES,
}  # fmt: skip


def what_it_gives(text: str) -> Json:
    try:
        return ["gives", jsonata.evaluate(text, BINDINGS, field="f", sources=SOURCES)]
    except EvaluationFailure:
        return ["fails"]


def assert_same_values(one: Json, other: Json) -> None:
    """The machines are the same but for expressions that give the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        assert one.keys() == other.keys()
        for key, item in one.items():
            assert_same_values(item, other[key])
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        for left, right in zip(one, other, strict=True):
            assert_same_values(left, right)
    elif one != other:
        assert jsonata.is_expression(one)
        assert jsonata.is_expression(other)
        assert what_it_gives(str(one)) == what_it_gives(str(other)), (one, other)


@pytest.mark.parametrize(("name", "data", "path"), PLACES, ids=lambda value: value if isinstance(value, str) else None)
def test_what_stands_around_a_parameter_changes_nothing(name: str, data: dict[str, Any], path: tuple[Any, ...]) -> None:
    forms = FORMS[:1] if path[-1] in CONDITIONS else FORMS[1:]
    turn = PLACES.index((name, data, path))

    def all_of(is_wrapped: bool) -> Json:
        written = [forms[(turn + at) % len(forms)].format(text) if is_wrapped else text for at, text in enumerate(HOSTILE)]
        made = [operation({"type": name, **replaced(data, path, text)}) for text in written]
        return compiled(*(job(one, name=f"j{number}") for number, one in enumerate(made)))

    assert_same_values(all_of(False), all_of(True))


def fields_of(params: type) -> Iterator[str]:
    """The fields of a type's parameters that take an expression themselves."""
    hints = typing.get_type_hints(params, include_extras=True)
    for part in dataclasses.fields(params):
        name, hint = part.name, hints[part.name]
        for told in getattr(hint, "__metadata__", ()):
            if isinstance(told, FieldInfo) and told.alias:
                name, hint = told.alias, hint.__origin__
        try:
            TypeAdapter(hint).validate_python(Expression("$params.a"))
        except ValidationError:
            continue
        yield name


HOST_FIRST = {"http": {"url"}}
"""Fields that take only expressions which begin with a known text, as none of those above does; they stand alone."""


@pytest.mark.parametrize("kind", REGISTRY.values(), ids=lambda kind: kind.name)
def test_every_field_that_takes_an_expression_is_tried_above(kind: OperationType) -> None:
    tried = {path[0] for name, _, path in PLACES if name == kind.name}
    assert set(fields_of(kind.params)) - HOST_FIRST.get(kind.name, set()) <= tried


CALL = operation({"type": "lambda", "function": "f:1", "payload": {"a": "x"}})


def in_a_job(place: str, text: str) -> Json:
    expression = Expression(text)
    match place:
        case "when":
            return compiled(job(CALL, when=expression))
        case "items":
            return compiled(job(CALL, foreach=Foreach(items=expression, label=Expression("'l'"))))
        case "distributed items":
            return compiled(job(CALL, foreach=Foreach(items=expression, is_distributed=True, label=expression)))
        case "label":
            return compiled(job(CALL, foreach=Foreach(items=(1, 2), label=expression)))
        case "batch label":
            return compiled(job(CALL, foreach=Foreach(items=(1, 2), is_distributed=True, batch=2, label=expression)))
        case "object":
            source = S3Items(bucket="b", key=expression, format="csv")
            return compiled(job(CALL, foreach=Foreach(source=source, is_distributed=True)))
        case "until" | "fail_if":
            poll = Poll(every_seconds=5, timeout_seconds=60, **{"until": Expression("true"), place: expression})  # type: ignore[arg-type]
            return compiled(job(dataclasses.replace(CALL, poll=poll)))
        case _:
            outputs: Mapping[str, Value] = {"one": expression, "two": {"in": [expression, 1, [expression]]}}
            return compiled(job(CALL, outputs=outputs))


SEEN_BY_FORM = {"items", "distributed items", "when", "until", "fail_if"}
"""What is a list, or true or false, by its form needs no test in the run."""
JOB_PLACES = ("when", "items", "distributed items", "label", "batch label", "object", "until", "fail_if", "outputs")


@pytest.mark.parametrize("place", JOB_PLACES)
def test_what_stands_around_an_expression_of_a_job_changes_nothing(place: str) -> None:
    forms = FORMS[:1] if place in SEEN_BY_FORM else FORMS[1:]
    for at, text in enumerate(HOSTILE):
        assert_same_values(in_a_job(place, text), in_a_job(place, forms[at % len(forms)].format(text)))


ATOMS = st.sampled_from(("$params.a", "$params.n", "$params.list", "'x'", "2", "true", "null", "$params.missing", "[1..2]"))
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from((" & ", " = ", " + ", " and ", " in ", " < ")), inner).map("".join),
        st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]} ? {parts[1]} : {parts[2]}"),
        inner.map(lambda text: f"$x := {text}"),
        inner.map(lambda text: f"[{text}]"),
        inner.map(lambda text: f"$string({text})"),
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=25)
@given(text=EXPRESSIONS, place=st.sampled_from(JOB_PLACES))
def test_parentheses_around_any_expression_change_nothing(text: str, place: str) -> None:
    assume(check(text) is None)
    assert_same_values(in_a_job(place, text), in_a_job(place, f"({text})"))
