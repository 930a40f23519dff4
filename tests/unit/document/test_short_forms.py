from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test
from jsonschema import Draft202012Validator

from bunsui.compile.pipeline import compile_pipeline
from bunsui.diagnostics import Position
from bunsui.document.load import Documents, load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.document.schema.check import job_form
from bunsui.document.schema.pipeline import JobEntry
from bunsui.document.schema.published import PIPELINE, published
from bunsui.document.short_forms import long_form
from bunsui.document.yaml.reader import read_document
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

SCOPE = Scope(project="p", environment="local", account="000000000000", region="us-east-1")
HEAD = "version: 1\nname: daily\n"


def load(root: Path, text: str) -> Documents:
    (root / "pipelines").mkdir(exist_ok=True)
    (root / "pipelines" / "daily.yaml").write_text(text, encoding="utf-8")
    project = ProjectDocument(name="p", id="x" * 8, environment=EnvironmentDocument(name="local"))
    return load_pipelines(RootFolder(root), project, registry=builtin_registry(), scope=SCOPE)


def compiled(root: Path, data: dict[str, Any]) -> str:
    """Return everything that a pipeline becomes, as text."""
    documents = load(root, json.dumps(data))
    assert [str(finding) for finding in documents.diagnostics if finding.is_error] == []
    (pipeline,) = documents.pipelines
    made = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())
    resources = [(str(one.address), one.physical_name, repr(one.attributes)) for one in made.resources]
    return repr((made.definition, resources, made.critical_path))


OPERATIONS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"type": "lambda", "function": "f:1", "payload": {"x": "{% $params.date %}"}},
        {"type": "wait", "for": "5m"},
        {"type": "s3", "action": "list", "bucket": "b", "poll": {"until": "{% $count($result.objects) > 0 %}"}},
        {"type": "check", "that": "{% $params.date != '' %}", "else": "skip"},
    ]
)
COMMON: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={"id": st.just("own"), "retry": st.just({"attempts": 4, "errors": ["any"]}), "idempotent": st.just(True)},
)
LONG_NAMES = {"rows": "rows", "cost-center": "`cost-center`", "and": "`and`", "R2": "R2"}
NAMES = st.lists(st.sampled_from(list(LONG_NAMES)), unique=True, max_size=3)
FOREACH = st.sampled_from([None, "{% ['a', 'b'] %}", [1, 2]])


@st.composite
def both_forms(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the jobs of a pipeline in the short form and in the long one."""
    short: dict[str, Any] = {}
    long: dict[str, Any] = {}
    for name in ("a", "b", "c")[: draw(st.integers(1, 3))]:
        before = draw(st.sampled_from([None, *short]))
        operation = draw(OPERATIONS) | draw(COMMON)
        outputs, items = draw(NAMES), draw(FOREACH)
        short[name], long[name] = dict(operation), {"operations": [operation]}
        if outputs and operation["type"] == "lambda" and items is not None:
            # The result of a foreach is the list of the items' results.
            short[name]["outputs"], long[name]["outputs"] = ["output"], {"output": "{% $result.output %}"}
        elif outputs and operation["type"] == "lambda":
            short[name]["outputs"] = outputs
            long[name]["outputs"] = {key: f"{{% $result.{LONG_NAMES[key]} %}}" for key in outputs}
        if items is not None and operation["type"] != "check":
            short[name]["foreach"], long[name]["foreach"] = items, {"items": items}
        if before is not None:
            short[name] = {"depends_on": before, **short[name]}
            long[name]["depends_on"] = [before]
    return short, long


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(both=both_forms())
def test_short_and_long_forms_compile_to_the_same_bytes(
    tmp_path: Path, both: tuple[dict[str, Any], dict[str, Any]]
) -> None:  # fmt: skip
    head = {"version": 1, "name": "daily", "parameters": {"date": {"type": "string", "default": "x"}}}
    short, long = ({**head, "jobs": jobs} for jobs in both)
    schema = published(PIPELINE)
    assert schema is not None
    for data in (short, long):
        assert [error.message for error in Draft202012Validator(schema).iter_errors(data)] == []
    assert compiled(tmp_path, short) == compiled(tmp_path, long)


@pytest.mark.parametrize(
    ("job", "code", "line", "column"),
    [
        ("type: lambda\n    function: f:1\n    paylod: {}", "BS101", 7, 5),
        ("type: lamda\n    function: f:1", "BS108", 5, 11),
        ("function: f:1", "BS102", 5, 5),
        ("type: wait\n    for: five", "BS113", 6, 10),
        ("type: wait\n    for: 1m\n    depends_on: x", "BS201", 7, 17),
        ("type: lambda\n    function: f:1\n    payload: '{% $parms.x %}'", "BS302", 7, 18),
        ("type: wait\n    for: 1m\n    outputs: [rows]", "BS309", 7, 15),
        ("type: wait\n    for: 1m\n    foreach: '{% $jobs.x.y %}'", "BS303", 7, 18),
    ],
)
def test_a_mistake_in_a_short_job_is_told_at_its_own_place(
    tmp_path: Path, job: str, code: str, line: int, column: int
) -> None:  # fmt: skip
    (finding,) = [found for found in load(tmp_path, f"{HEAD}jobs:\n  a:\n    {job}\n").diagnostics if found.is_error]
    assert finding.position is not None
    assert (finding.code, finding.position.line) == (code, line)
    assert finding.position.column >= column
    assert finding.pointer.startswith("/jobs/a")
    assert "operations" not in finding.pointer


def test_an_operation_stands_where_its_type_stands(tmp_path: Path) -> None:
    (pipeline,) = load(tmp_path, HEAD + "jobs:\n  a:\n    description: waits\n    type: wait\n    for: 1m\n").pipelines
    assert pipeline.job("a").operations[0].position == Position("pipelines/daily.yaml", 6, 5)


def test_a_file_without_short_forms_is_the_same_document() -> None:
    document = read_document("a.yaml", b"jobs: {a: {operations: [{type: wait}], depends_on: [b]}}").document
    assert document is not None
    assert long_form(document, job_form(builtin_registry())) is document


def test_the_keys_of_a_job_and_of_an_operation_are_told_apart_by_the_schema() -> None:
    form = job_form(builtin_registry())
    assert set(form.job) == set(JobEntry.model_fields)
    assert not set(form.job) & set(form.operation)
