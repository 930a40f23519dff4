from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from bunsui.asl.model import Pass
from bunsui.diagnostics import Position, Severity
from bunsui.document.error_limit import MOST_ERRORS
from bunsui.document.load import Documents, load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.document.project_reading import read_project
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation, Pipeline, Retry, SlotOffset
from bunsui.model.resource import Scope
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext, Emitted, OperationType
from bunsui.operations.fields import CONFIG, Text
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

SCOPE = Scope(project="p", environment="local", account="000000000000", region="us-east-1")
HEAD = "version: 1\nname: daily\n"


def load(
    root: Path, *, registry: Mapping[str, OperationType] | None = None, defaults: Mapping[str, Json] | None = None
) -> Documents:
    project = ProjectDocument(
        name="p", id="x" * 8, environment=EnvironmentDocument(name="local"), timezone="Asia/Tokyo", defaults=defaults or {}
    )  # fmt: skip
    return load_pipelines(RootFolder(root), project, registry=registry or builtin_registry(), scope=SCOPE)


def write(root: Path, text: str, *, name: str = "pipelines/daily.yaml") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def only(documents: Documents) -> Pipeline:
    assert [str(finding) for finding in documents.diagnostics if finding.is_error] == []
    (pipeline,) = documents.pipelines
    return pipeline


def test_a_project_without_pipelines_is_told_so(tmp_path: Path) -> None:
    (finding,) = load(tmp_path).diagnostics
    assert (finding.code, finding.severity) == ("BS217", Severity.WARNING)


def test_that_there_is_no_pipeline_file_is_told_where_the_patterns_stand(tmp_path: Path) -> None:
    text = b"version: 1\nproject: p\nid: 00000000\npipelines: [none/*.yaml]\n"
    project = read_project("bunsui.yaml", text).project("local")
    (finding,) = load_pipelines(RootFolder(tmp_path), project, registry=builtin_registry(), scope=SCOPE).diagnostics
    assert finding.position == Position("bunsui.yaml", 4, 12)


def test_of_a_thousand_errors_a_hundred_are_told(tmp_path: Path) -> None:
    tags = "".join(f"  t{number}: '${{var.absent}}'\n" for number in range(1_000))
    write(tmp_path, HEAD + "tags:\n" + tags + "jobs: {a: {operations: [{type: wait, for: 1s}]}}\n")
    found = [finding.code for finding in load(tmp_path).diagnostics]
    assert found.count("BS205") == MOST_ERRORS
    assert found.count("BS014") == 1


def test_a_thousand_warnings_are_all_told(tmp_path: Path) -> None:
    jobs = "".join(f"  j{n}: {{operations: [{{type: lambda, function: f}}]}}\n" for n in range(300))
    write(tmp_path, HEAD + "jobs:\n" + jobs)
    found = [finding.code for finding in load(tmp_path).diagnostics]
    assert found == ["BS271"] * 300


def test_a_parameter_whose_type_is_no_text_is_a_finding(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD + "parameters: {p: {type: {a: 1}, default: 5}}\njobs: {a: {operations: [{type: wait, for: 1s}]}}\n",
    )
    assert [finding.code for finding in load(tmp_path).diagnostics] == ["BS103"]


def test_retries_of_operation_pipeline_and_project_are_laid_over_each_other(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD
        + "defaults: {retry: {delay: 9s}, timeout: 7m}\njobs:\n  a:\n    operations:\n"
        + '      - {type: lambda, function: "f:1", retry: {backoff: 3}}\n'
        + '      - {type: lambda, function: "f:1", timeout: 1m}\n',
    )
    one, other = only(load(tmp_path, defaults={"retry": {"attempts": 5}})).job("a").operations
    assert one.retry == Retry(attempts=5, delay_seconds=9, backoff=3.0)
    assert other.retry == Retry(attempts=5, delay_seconds=9)
    assert (one.timeout_seconds, other.timeout_seconds) == (420, 60)


@pytest.mark.parametrize("where", ["operation", "pipeline", "project"])
def test_an_empty_retry_is_one_with_every_default(tmp_path: Path, where: str) -> None:
    own, defaults = (", retry: {}" if where == "operation" else ""), ("defaults: {retry: {}}\n" if where == "pipeline" else "")
    write(tmp_path, HEAD + defaults + f'jobs:\n  a: {{operations: [{{type: lambda, function: "f:1"{own}}}]}}\n')
    found = load(tmp_path, defaults={"retry": {}} if where == "project" else {})
    assert only(found).job("a").operations[0].retry == Retry()


JOIN = """
jobs:
  start: {operations: [{type: lambda, function: "f:1"}], outputs: {uri: "{% $result.uri %}"}}
  x: {depends_on: [start], when: "{% $jobs.start.uri = 'a' %}", operations: [{type: wait, for: 1s}], outputs: {rows: 1}}
  y: {depends_on: [start], when: "{% $jobs.start.uri = 'b' %}", operations: [{type: wait, for: 1s}], outputs: {rows: 2}}
  join:
    depends_on: [x, y]
    run_if: none_failed
    operations: [{type: lambda, function: "f:1", payload: {u: "{% $jobs.start.uri %}", r: "{% JOINED %}"}}]
"""


@pytest.mark.parametrize(
    "joined",
    [
        "$exists($jobs.x.rows) ? $jobs.x.rows : $jobs.y.rows",
        "$exists($jobs.x) ? $jobs.x.rows : $jobs.y.rows",
        "$not($exists($jobs.x.rows)) ? $jobs.y.rows : $jobs.x.rows",
        "($exists($jobs.x.rows) ? $jobs.x.rows : $jobs.y.rows) + 1",
        "$exists($jobs.x.rows) ? $jobs.x.rows : $exists($jobs.y.rows) ? $jobs.y.rows : 0",
    ],
)
def test_a_join_of_two_branches_is_valid(tmp_path: Path, joined: str) -> None:
    write(tmp_path, HEAD + JOIN.replace("JOINED", joined))
    assert load(tmp_path).diagnostics == ()


@pytest.mark.parametrize(
    "joined",
    [
        "$jobs.x.rows",
        "$exists($jobs.x.rows) ? $jobs.y.rows : 0",
        "$exists($jobs.x.rows) and $jobs.start.uri = 'a' ? 1 : $jobs.y.rows",
        "$exists($jobs.x.rows) ? 1 : $jobs.x.rows",
    ],
)
def test_a_join_that_reads_a_branch_without_asking_is_an_error(tmp_path: Path, joined: str) -> None:
    write(tmp_path, HEAD + JOIN.replace("JOINED", joined))
    assert "BS310" in [finding.code for finding in load(tmp_path).diagnostics]


def test_without_any_retry_there_is_none(tmp_path: Path) -> None:
    write(tmp_path, HEAD + 'jobs:\n  a: {operations: [{type: lambda, function: "f:1"}]}\n')
    assert only(load(tmp_path)).job("a").operations[0].retry is None


def test_ids_are_made_from_the_type_and_stay_unique(tmp_path: Path) -> None:
    operation = '{type: lambda, function: "f:1"}'
    write(
        tmp_path,
        HEAD + f"jobs:\n  a:\n    operations: [{operation}, {{id: lambda-2, type: wait, for: 1m}}, {operation}]\n",
    )
    assert [found.id for found in only(load(tmp_path)).job("a").operations] == ["lambda", "lambda-2", "lambda-3"]


def test_operations_inside_operations_are_lowered(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD
        + "jobs:\n  a:\n    operations:\n      - type: choice\n        cases:\n"
        + '          - when: "{% true %}"\n            operations: [{type: wait, for: 1m}, {type: wait, for: 2m}]\n',
    )
    (choice,) = only(load(tmp_path)).job("a").operations
    nested = builtin_registry()["choice"].operations(choice.params)
    assert [(found.id, found.type) for found in nested] == [("wait", "wait"), ("wait-2", "wait")]


def test_time_zone_and_slot_of_a_schedule(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD
        + 'schedules:\n  - {id: a, cron: "0  3 * * ? *", slot: {offset: -1d}}\n  - {id: b, rate: 1 hour, timezone: UTC}\n'
        + "jobs:\n  a: {operations: [{type: wait, for: 1m}]}\n",
    )
    one, other = only(load(tmp_path)).schedules
    assert (one.expression, one.timezone, one.slot) == ("cron(0 3 * * ? *)", "Asia/Tokyo", SlotOffset(days=-1))
    assert (other.expression, other.timezone, other.enabled) == ("rate(1 hour)", "UTC", True)


def test_a_raw_definition_is_read_with_its_placeholders_replaced(tmp_path: Path) -> None:
    waits = '{"Type": "Wait", "Seconds": ${n}, "End": true, "Comment": "${n} $${left}"}'
    machine = f'{{\n\t"StartAt": "A",\n\t"States": {{"A": {waits}}}\n}}'
    write(tmp_path, machine, name="pipelines/machine.asl.json")
    write(tmp_path, HEAD + "definition: machine.asl.json\nsubstitutions: {n: 5}\nresource_name: Kept\n")
    pipeline = only(load(tmp_path))
    assert pipeline.definition is not None
    assert pipeline.definition.path == "pipelines/machine.asl.json"
    state = {"Type": "Wait", "Seconds": 5, "End": True, "Comment": "5 ${left}"}
    assert pipeline.definition.document == {"StartAt": "A", "States": {"A": state}}
    assert (pipeline.is_raw, pipeline.resource_name) == (True, "Kept")


def test_definitions_and_code_folders_below_pipelines_are_no_pipelines(tmp_path: Path) -> None:
    write(tmp_path, "StartAt: A\nStates: {A: {Type: Succeed}}\n", name="pipelines/machine.yaml")
    write(tmp_path, "not: a pipeline\n", name="pipelines/code/settings.yaml")
    write(tmp_path, HEAD + "definition: machine.yaml\n")
    write(tmp_path, "def handler(event, context): ...\n", name="pipelines/code/app.py")
    code = "{type: lambda, code: {path: pipelines/code, handler: app.handler}}"
    write(tmp_path, f"version: 1\nname: other\njobs: {{a: {{operations: [{code}]}}}}\n", name="pipelines/other.yaml")
    documents = load(tmp_path)
    assert [str(finding) for finding in documents.diagnostics if finding.is_error] == []
    assert documents.files == ("pipelines/daily.yaml", "pipelines/other.yaml")


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "jobs: [\n")
    write(tmp_path, "version: 1\nname: fine\njobs: {a: {operations: [{type: wait, for: 1m}]}}\n", name="pipelines/fine.yaml")
    documents = load(tmp_path)
    assert [pipeline.name for pipeline in documents.pipelines] == ["fine"]
    assert {finding.position.file for finding in documents.diagnostics if finding.position} == {"pipelines/daily.yaml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShoutParams:
    """Says something loudly."""

    __pydantic_config__: ClassVar = CONFIG

    words: Text
    """What is said."""


def shout(params: ShoutParams, operation: Operation, context: EmitContext) -> Emitted:
    return {context.state: Pass(output=context.output(context.expression(params.words)), next=context.next)}


SHOUT = OperationType(
    name="shout",
    summary="Says something loudly",
    params=ShoutParams,
    emit=shout,
    permissions=lambda params, context: (),
    result="The words.",
)


def test_the_type_of_a_plugin_is_checked_and_lowered_like_ours(tmp_path: Path) -> None:
    registry = builtin_registry().with_types({"shout": SHOUT})
    write(tmp_path, HEAD + 'jobs: {a: {operations: [{type: shout, words: "{% $session.date %}"}]}}\n')
    (operation,) = only(load(tmp_path, registry=registry)).job("a").operations
    assert operation.params == ShoutParams(words=Expression("$session.date"))
    write(tmp_path, HEAD + "jobs: {a: {operations: [{type: shout, word: hi}]}}\n")
    found = load(tmp_path, registry=registry).diagnostics
    assert {finding.code for finding in found} == {"BS101"}
    assert "BS108" in {finding.code for finding in load(tmp_path).diagnostics}


def test_files_with_errors_are_known_by_the_name_of_their_pipeline(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "jobs: {a: {operations: [{type: wait, for: 1s}]}}\n")
    write(tmp_path, "version: 1\nname: broken\njobs: {a: {colour: red}}\n", name="pipelines/other.yaml")
    write(tmp_path, "version: 1\nname: {\n", name="pipelines/quoted.yaml")
    write(tmp_path, "version: 1\nname: raw\ndefinition: gone.asl.json\n", name="pipelines/raw.yaml")
    assert load(tmp_path).broken == {
        "broken": "pipelines/other.yaml",
        "quoted": "pipelines/quoted.yaml",
        "raw": "pipelines/raw.yaml",
    }
