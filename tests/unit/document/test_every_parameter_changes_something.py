"""No parameter of an operation type, no key of a test and no short form is there for nothing; defaults stand for the key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from bunsui.diagnostics import Severity
from bunsui.document.schema.published import published
from bunsui.operations.registry import BUILTIN
from tests.unit.document.key_toggles import DROP, PROJECT, changed
from tests.unit.document.parameter_toggles import PARAMETERS, Operation
from tests.unit.document.shown_project import same, shown

COMMON = ("id", "type", "timeout", "heartbeat", "retry", "idempotent", "poll", "permissions")
SAY_PERMISSIONS = ("asl", "athena_query", "lambda")
"""Two types with a key of their own for them, and one of those that take the key of all."""
CHILD = {"version": 1, "parameters": {"m": {"type": "string", "default": "x"}}, "jobs": {"a": {"type": "wait", "for": "1m"}}}
OTHERS = tuple({**CHILD, "name": name} for name in ("q", "r"))
FREE = [key for key, (_, made) in PARAMETERS.items() if len(made) == 1 and DROP not in made.values() and "/0/" not in str(made)]
"""Parameters that a default can give: one mapping's key, beside nothing else."""
PARAMETER = {"n": {"type": "string", "default": "x"}}
READ = {"outputs": {"o": "{% $result %}"}}
TESTED = {
    "version": 1,
    "name": "p",
    "parameters": PARAMETER,
    "jobs": {
        "a": {
            "when": "{% $session.date = '2026-01-01' %}",
            "type": "lambda",
            "function": "load:live",
            "payload": {"n": "{% $uppercase($params.n) %}"},
        },
        "b": {
            "depends_on": "a",
            "foreach": {"mode": "distributed", "items": {"s3": "s3://lake/a.json", "format": "json"}},
            "type": "wait",
            "for": "1m",
        },
    },
    "tests": [
        {
            "name": "t",
            "mocks": {"a": {"return": "{% nothing %}"}},
            "objects": {"s3://lake/a.json": [1]},
            "expect": {"jobs": {"a": "succeeded"}},
        }
    ],
}
TEST = "tests/0"
TEST_KEYS: Mapping[str, tuple[str, object]] = {
    "PipelineTestEntry/name": (f"{TEST}/name", "u"),
    "PipelineTestEntry/input": (f"{TEST}/input", {"n": 5}),
    "PipelineTestEntry/session": (f"{TEST}/session", {"date": "2020-01-01"}),
    "PipelineTestEntry/resume": (f"{TEST}/resume", {"jobs": {"a": {}}, "status": {"a": "succeeded"}}),
    "PipelineTestEntry/at": (f"{TEST}/at", "no instant"),
    "PipelineTestEntry/mocks": (f"{TEST}/mocks", {"a": {"error": "E"}}),
    "PipelineTestEntry/objects": (f"{TEST}/objects", {}),
    "PipelineTestEntry/expect": (f"{TEST}/expect", {"status": "failed"}),
    "ExpectEntry/status": (f"{TEST}/expect/status", "failed"),
    "ExpectEntry/path": (f"{TEST}/expect/path", ["b"]),
    "ExpectEntry/jobs": (f"{TEST}/expect/jobs", {"a": "failed"}),
    "ExpectEntry/output": (f"{TEST}/expect/output", 1),
    "ExpectEntry/error": (f"{TEST}/expect/error", "E"),
    "ExpectEntry/cause": (f"{TEST}/expect/cause", "c"),
    "ExpectEntry/retries": (f"{TEST}/expect/retries", 3),
    "ExpectEntry/duration": (f"{TEST}/expect/duration", "9h"),
}
SHORT: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "depends_on": ({"depends_on": "a"}, {"depends_on": ["a"]}),
    "outputs": ({"outputs": ["x"]}, {"outputs": {"x": "{% $result.x %}"}}),
    "foreach: expression": ({"foreach": "{% [1, 2] %}"}, {"foreach": {"items": "{% [1, 2] %}"}}),
    "foreach: list": ({"foreach": [1, 2]}, {"foreach": {"items": [1, 2]}}),
}


def _owned_by_types() -> Iterator[str]:
    schema = published("pipeline-v1")
    assert schema is not None
    for owner, definition in schema["$defs"].items():
        kind, _, name = owner.partition(".")
        if name and kind not in ("job", "default"):
            own = name if kind == "operation" else owner
            kept = ("permissions",) if name in SAY_PERMISSIONS else ()
            skipped = set(COMMON).difference(kept) if kind == "operation" else set()
            yield from (f"{own}/{key}" for key in definition.get("properties", {}) if key not in skipped)


def _tests() -> Iterator[str]:
    schema = published("pipeline-v1")
    assert schema is not None
    for owner in ("PipelineTestEntry", "ExpectEntry"):
        yield from (f"{owner}/{key}" for key in schema["$defs"][owner]["properties"])


def with_operation(operation: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """Return a pipeline of one job with this operation, whose result is an output."""
    return {"version": 1, "name": "p", "parameters": PARAMETER, "jobs": {"a": {"operations": [operation], **READ}}, **more}


def put(operation: Operation, made: Mapping[str, object]) -> dict[str, Any]:
    """Return the operation with a toggle made."""
    for place, value in made.items():
        operation = changed(operation, place, value)
    return dict(operation)


def said(pipeline: Mapping[str, Any]) -> Iterator[object]:
    """Yield what is shown of the pipeline beside those that it may start, in an environment with a bucket."""
    environments = {**PROJECT["environments"], "dev": {**PROJECT["environments"]["dev"], "bucket": "managed"}}
    return shown(pipeline, PROJECT | {"variables": {}, "environments": environments}, OTHERS)


def whole(operation: Mapping[str, Any]) -> tuple[object, ...]:
    """Return all that is shown of a pipeline of one job with this operation; asked for once."""
    return _whole(json.dumps(operation))


@cache
def _whole(operation: str) -> tuple[object, ...]:
    return tuple(said(with_operation(json.loads(operation))))


def test_every_parameter_and_every_key_of_a_test_has_a_toggle() -> None:
    assert set(_owned_by_types()) == PARAMETERS.keys()
    assert set(_tests()) == TEST_KEYS.keys()


def test_each_parameter_changes_what_is_shown() -> None:
    idle: list[str] = []
    for key, (operation, made) in PARAMETERS.items():
        before, after = whole(operation), whole(put(operation, made))
        assert _errors(before) == _errors(after) == [], f"{key}: what is refused has not shown that it does anything"
        if after == before:
            idle.append(key)
    assert idle == [], " ".join(idle)


@pytest.mark.parametrize("name", BUILTIN)
def test_each_key_that_all_operations_have_changes_something_on_every_type_or_is_told(name: str) -> None:
    operation = next(one for one, _ in PARAMETERS.values() if one["type"] == name)
    retried: dict[str, object] = {"retry": {"attempts": 7}, "idempotent": True, "poll": {"until": "{% $result.x %}"}}
    for key, value in ({"timeout": "9m", "heartbeat": "50s"} | retried).items():
        assert not same(said(with_operation({**operation, key: value})), iter(whole(operation))), key


def _errors(parts: Sequence[Any]) -> list[str]:
    return [f"{code} {summary}" for code, summary, severity, _ in parts[0] if severity is Severity.ERROR]


def test_a_default_of_a_type_is_as_good_as_the_key_itself() -> None:
    lost: list[str] = []
    for key in FREE:
        operation, made = PARAMETERS[key]
        ((place, value),) = made.items()
        written = put(operation, made)
        default: Any = value
        for step in reversed(place.split("/")):
            default = {step: default}
        left = put(written, {place: DROP})
        defaults = {"defaults": {operation["type"]: default}}
        if not same(said(with_operation(left, **defaults)), iter(whole(written))):
            lost.append(key)
    assert lost == [], " ".join(lost)


def test_a_job_with_the_keys_of_its_operation_is_the_job_with_a_list_of_it() -> None:
    for operation, _ in {repr(one): (one, key) for key, (one, _) in PARAMETERS.items()}.values():
        short = {**with_operation(operation), "jobs": {"a": {**operation, **READ}}}
        assert same(said(short), iter(whole(operation))), operation


@pytest.mark.parametrize("name", SHORT)
def test_a_short_form_says_what_the_long_one_says(name: str) -> None:
    call = {"type": "lambda", "function": "load:live"}
    short, long = ({"version": 1, "name": "p", "jobs": {"a": call, "b": {**call, **form}}} for form in SHORT[name])
    plain = {"version": 1, "name": "p", "jobs": {"a": call, "b": call}}
    assert same(said(short), said(long))
    assert not same(said(short), said(plain))


def test_each_key_of_a_test_changes_its_verdict() -> None:
    usual = [*said(TESTED)]
    assert usual[-1] == [("t", None, ())], "else what is wrong with it would hide what a key does"
    idle = [key for key, toggle in TEST_KEYS.items() if same(said(changed(TESTED, *toggle)), iter(usual))]
    assert idle == [], " ".join(idle)
