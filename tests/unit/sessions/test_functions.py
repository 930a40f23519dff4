from __future__ import annotations

import pytest

from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.sessions.functions import function_name, functions_of, log_group_of
from bunsui.sessions.machines import machine_of
from bunsui.sessions.shape import machine_shape


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("arn:aws:lambda:eu-west-1:111111111111:function:clean", "clean"),
        ("arn:aws:lambda:eu-west-1:111111111111:function:clean:live", "clean"),
        ("clean:live", "clean"),
        ("arn:aws:states:::lambda:invoke", ""),
        ("arn:aws:states:::sns:publish", ""),
        ("arn:aws:states:eu-west-1:111111111111:activity:by-hand", ""),
        ("{% $params.function %}", ""),
        ("", ""),
    ],
)
def test_a_resource_is_a_function_or_it_is_not(resource: str, name: str) -> None:
    assert function_name(resource) == name
    assert log_group_of(resource) == (f"/aws/lambda/{name}" if name else "")


def test_functions_are_found_in_both_query_languages_and_at_any_depth() -> None:
    invoke = "arn:aws:states:::lambda:invoke"
    inner: Json = {"StartAt": "b", "States": {"b": {"Type": "Task", "Resource": invoke, "Parameters": {"FunctionName": "two"}}}}
    states: Json = {
        "_start": {"Type": "Pass"},
        "a": {"Type": "Task", "Resource": invoke, "Arguments": {"FunctionName": "one:3"}},
        "_par-1": {"Type": "Parallel", "Branches": [inner]},
        "c": {"Type": "Map", "Iterator": {"StartAt": "c.x", "States": {"c.x": {"Type": "Task", "Resource": "three"}}}},
        "d": {"Type": "Task", "Resource": invoke, "Arguments": {"FunctionName": "{% $params.f %}"}},
    }
    found = functions_of(machine_shape({"StartAt": "_start", "States": states}))
    assert [(function.job, function.state, function.name) for function in found] == [
        ("a", "a", "one"),
        ("b", "b", "two"),
        ("c", "c.x", "three"),
    ]


def test_a_machine_stands_where_its_names_say() -> None:
    scope = Scope(project="p", environment="e", account="111111111111", region="eu-west-1")
    assert machine_of(scope, "daily").alias_arn == "arn:aws:states:eu-west-1:111111111111:stateMachine:p--e--daily:live"
    assert machine_of(scope, "daily", name="Mine").arn.endswith(":stateMachine:Mine")
