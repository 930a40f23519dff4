from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bunsui.diagnostics import Position
from bunsui.document.load import Documents, load_pipelines
from bunsui.document.project_reading import read_project
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

SCOPE = Scope(project="p", environment="local", account="000000000000", region="us-east-1")
HEAD = "version: 1\nname: daily\n"
PROJECT = "version: 1\nproject: p\nid: 00000000\n"


def load(root: Path, text: str, *, project: str = "") -> Documents:
    (root / "pipelines").mkdir(exist_ok=True)
    (root / "pipelines" / "daily.yaml").write_text(text, encoding="utf-8")
    read = read_project("bunsui.yaml", (PROJECT + project).encode())
    assert [str(finding) for finding in read.diagnostics] == []
    return load_pipelines(RootFolder(root), read.project("local"), registry=builtin_registry(), scope=SCOPE)


def operation(documents: Documents, job: str = "a") -> Operation:
    assert [str(finding) for finding in documents.diagnostics if finding.is_error] == []
    (pipeline,) = documents.pipelines
    return pipeline.job(job).operations[0]


def params(documents: Documents, job: str = "a") -> Any:
    return operation(documents, job).params


def test_mappings_are_merged_and_lists_replaced(tmp_path: Path) -> None:
    text = HEAD + (
        "defaults: {ecs_task: {cluster: etl, task_definition: 'm:1', container: {name: m, command: [x, y]}, launch: ec2}}\n"
        "jobs: {a: {type: ecs_task, container: {command: [z]}}}\n"
    )
    found = params(load(tmp_path, text))
    assert (found.cluster, found.container.name, list(found.container.command)) == ("etl", "m", ["z"])


def test_the_operation_is_nearer_than_the_pipeline_and_that_than_the_project(tmp_path: Path) -> None:
    project = "defaults: {lambda: {timeout: 1m, retry: 4, idempotent: true}}\n"
    text = HEAD + "defaults: {lambda: {timeout: 2m, retry: 5}}\njobs: {a: {type: lambda, function: 'f:1', timeout: 3m}}\n"
    found = operation(load(tmp_path, text, project=project))
    assert found.retry is not None
    assert (found.timeout_seconds, found.retry.attempts, found.idempotent) == (180, 5, True)


def test_what_the_pipeline_says_for_all_types_is_nearer_than_the_project_for_one(tmp_path: Path) -> None:
    project = "defaults: {lambda: {timeout: 1m, retry: {attempts: 7, backoff: 3}}}\n"
    text = HEAD + "defaults: {timeout: 2m, retry: {attempts: 2}}\njobs: {a: {type: lambda, function: 'f:1'}}\n"
    found = operation(load(tmp_path, text, project=project))
    assert found.retry is not None
    assert (found.timeout_seconds, found.retry.attempts, found.retry.backoff) == (120, 2, 3.0)


def test_other_types_are_left_alone_and_nested_operations_are_not(tmp_path: Path) -> None:
    text = HEAD + (
        "defaults: {lambda: {function: 'f:1'}}\n"
        "jobs: {a: {type: choice, cases: [{when: '{% true %}', operations: [{type: lambda}, {type: wait, for: 1m}]}]}}\n"
    )
    (case,) = params(load(tmp_path, text)).cases
    assert [type(inner.params).__name__ for inner in case.operations] == ["LambdaParams", "WaitParams"]


def test_a_default_gives_way_to_what_stands_for_the_same(tmp_path: Path) -> None:
    text = HEAD + "defaults: {wait: {for: 1h}}\njobs: {a: {type: wait, until: '{% $session.slot %}'}, b: {type: wait}}\n"
    documents = load(tmp_path, text)
    assert params(documents).duration is None
    assert params(documents, "b").duration == "1h"


@pytest.mark.parametrize(
    ("project", "defaults", "place"),
    [
        ("", "{lambda: {tiemout: 1m}}", Position("pipelines/daily.yaml", 3, 21)),
        ("", "{lambda: {timeout: 1}}", Position("pipelines/daily.yaml", 3, 30)),
        ("", "{lambda: {payload: '{% $parms.x %}'}}", Position("pipelines/daily.yaml", 3, 34)),
        ("defaults: {lambda: {payload: '{% $parms.x %}'}}\n", "{}", Position("bunsui.yaml", 4, 34)),
        ("defaults: {lambda: {payload: '${var.absent}'}}\n", "{}", Position("bunsui.yaml", 4, 30)),
        ("defaults: {lamda: {timeout: 1m}}\n", "{}", Position("bunsui.yaml", 4, 12)),
    ],
)
def test_a_mistake_in_a_default_is_told_once_where_the_default_stands(
    tmp_path: Path, project: str, defaults: str, place: Position
) -> None:
    jobs = "{a: {type: lambda, function: 'f:1'}, b: {type: lambda, function: 'f:1'}}"
    (finding,) = load(tmp_path, f"{HEAD}defaults: {defaults}\njobs: {jobs}\n", project=project).diagnostics
    assert finding.position == place
    assert finding.pointer.startswith("/defaults/")
    assert "l" in finding.excerpt


def test_the_schema_of_the_project_types_its_defaults() -> None:
    (finding,) = read_project("bunsui.yaml", (PROJECT + "defaults: {lambda: {code: {memory: 1}}}\n").encode()).diagnostics
    assert (finding.code, finding.summary) == ("BS106", "memory must be at least 128, not 1")


def test_code_that_a_default_names_is_no_pipeline(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "f.py").write_text("def h(event, context):\n    return 1\n", encoding="utf-8")
    text = HEAD + (
        "defaults: {lambda: {code: {path: functions, memory: 512}}}\n"
        "jobs: {a: {type: lambda, code: {handler: f.h}}, b: {type: lambda, function: 'f:1'}}\n"
    )
    documents = load(tmp_path, text)
    assert params(documents).code.memory == 512
    assert params(documents, "b").code is None
    assert documents.used == ("functions/",)


KEYS = st.sampled_from(["x", "y", "z"])
PAYLOADS: st.SearchStrategy[Any] = st.recursive(
    st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2), lambda inner: st.dictionaries(KEYS, inner, max_size=3)
)
MAPPINGS = st.dictionaries(KEYS, PAYLOADS, max_size=3)


def over(under: Json, nearer: Json) -> Json:
    """Return RFC 7396's merge, without its removals."""
    if not isinstance(under, dict) or not isinstance(nearer, dict):
        return nearer
    merged = copy.deepcopy(under)
    for key, value in nearer.items():
        merged[key] = over(merged[key], value) if key in merged else value
    return merged


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(far=MAPPINGS, near=MAPPINGS, own=MAPPINGS)
def test_defaults_merge_deeply(tmp_path: Path, far: Json, near: Json, own: Json) -> None:
    project = f"defaults: {json.dumps({'lambda': {'payload': far}})}\n"
    data = {
        "version": 1,
        "name": "daily",
        "defaults": {"lambda": {"payload": near}},
        "jobs": {"a": {"type": "lambda", "function": "f:1", "payload": own}},
    }
    assert params(load(tmp_path, json.dumps(data), project=project)).payload == over(over(far, near), own)
