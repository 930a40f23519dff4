"""`bunsui test` and `bunsui simulate` on the files of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.errors import InvalidInput, NotFound
from bunsui.project.repository import Repository
from bunsui.services.simulate import (
    Simulation,
    input_of,
    prepare_definition,
    prepare_pipeline,
    simulate,
)
from bunsui.services.testing.pipeline_tests import Judgement, fingerprint, run_tests
from bunsui.services.validate import pipeline_in
from bunsui.view.documents.running.runs import report_document, simulation_document
from bunsui.view.sessions.simulation import simulation_lines
from bunsui.view.spans import plain
from bunsui.view.test_report import coverage_lines, summary_lines, verdict_lines
from tests.fakes.workspace import Asked

PROJECT = "version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10\n"
PIPELINE = """\
version: 1
name: sales
parameters:
  day: {type: string, format: date, default: "{% $session.date %}"}
jobs:
  fetch:
    operations:
      - {id: list, type: lambda, function: "list:live", payload: {day: "{% $params.day %}"}, retry: {attempts: 3, delay: 10s}}
      - {type: check, that: "{% $ops.list.count > 0 %}", else: skip}
    outputs: {files: "{% $ops.list.files %}"}
  left:
    depends_on: [fetch]
    foreach: {items: "{% $jobs.fetch.files %}", as: file}
    operations: [{type: lambda, function: "clean:live", payload: {key: "{% $file %}"}}]
    outputs: {cleaned: "{% [$result.output] %}"}
  right:
    depends_on: [fetch]
    operations: [{type: lambda, function: "rates:live"}]
    outputs: {rate: "{% $result.usd %}"}
  load:
    depends_on: [left, right]
    operations: [{type: sns_publish, topic: "arn:aws:sns:us-east-1:111122223333:done", message: "{% $jobs.right.rate %}"}]
    outputs: {id: "{% $result.message_id %}", cleaned: "{% $jobs.left.cleaned %}"}
"""
GOOD = """\
  - name: loads
    input: {day: 2026-01-31}
    mocks:
      fetch.list: [{error: Lambda.TooManyRequestsException}, {return: {count: 2, files: [a, b]}}]
      left: [{item: 1, return: B}, {return: A}]
      right: {return: {usd: 150}, after: 1m}
      load: {return: {message_id: m-1}}
    expect:
      path: [fetch, right, left, load]
      output: {load: {id: m-1, cleaned: [A, B]}}
      retries: {fetch: 1}
      jobs: {load: succeeded}
"""


def project(folder: Path, *, tests: str = "", pipeline: str = PIPELINE, **files: str) -> Repository:
    text = pipeline + (f"tests:\n{tests}" if tests else "")
    for name, content in {"bunsui.yaml": PROJECT, "pipelines/sales.yaml": text, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return bootstrap.repository(Asked(directory=folder))


def shown(outcome: Judgement) -> str:
    return plain(line for verdict in outcome.verdicts for line in verdict_lines(verdict))


def simulated(folder: Path, definition: dict[str, Any], *, mocks: Any = None) -> Simulation:
    prepared = prepare_definition("machine.asl.json", json.dumps(definition).encode())
    assert prepared.machine is not None, prepared.diagnostics
    return simulate(prepared.machine, {}, mocks=mocks)


def test_a_test_of_a_whole_pipeline_passes(tmp_path: Path) -> None:
    outcome = run_tests(project(tmp_path, tests=GOOD))
    assert shown(outcome).startswith("✓ sales  loads  1 min")
    assert not outcome.is_bad
    assert outcome.verdicts[0].facts is not None
    assert outcome.verdicts[0].facts.seconds >= 60


def test_what_differs_is_shown_at_its_place_with_file_and_line(tmp_path: Path) -> None:
    wrong = GOOD.replace("id: m-1, cleaned: [A, B]", "id: m-2, cleaned: [A, C]").replace("fetch: 1}", "fetch: 0}")
    outcome = run_tests(project(tmp_path, tests=wrong))
    text = shown(outcome)
    assert "✗ sales  loads" in text
    assert "output  pipelines/sales.yaml:34:7\n" in text
    assert "      load.cleaned[1]\n        expected C\n        got      B\n" in text
    assert "      load.id\n        expected m-2\n        got      m-1\n" in text
    assert "retries  pipelines/sales.yaml:35:7\n      fetch\n        expected 0\n        got      1\n" in text
    assert outcome.failed == 1


def test_an_operation_that_skips_its_job_takes_the_rest_with_it(tmp_path: Path) -> None:
    tests = """\
  - name: nothing to do
    mocks: {fetch.list: {return: {count: 0}}}
    expect: {status: succeeded, path: [], jobs: {fetch: skipped, load: skipped}}
"""
    outcome = run_tests(project(tmp_path, tests=tests))
    assert shown(outcome) == "✓ sales  nothing to do\n"
    text = plain(coverage_lines(outcome.coverage))
    assert "not taken: state left" in text
    assert text.startswith("sales  states ")


def test_a_task_without_a_mock_is_an_error_that_shows_the_mock_to_write(tmp_path: Path) -> None:
    mocks = "{fetch.list: {return: {count: 1, files: [a]}}, right: {return: {usd: 1}}}"
    tests = f"  - {{name: one, mocks: {mocks}, expect: {{status: failed}}}}\n"
    outcome = run_tests(project(tmp_path, tests=tests))
    text = shown(outcome)
    assert "a task has no mock, and real code is never run here" in text
    assert "left.lambda: {return: …}" in text
    assert report_document(outcome.verdicts, outcome.coverage).failed == 1


@pytest.mark.parametrize(
    ("mock", "said"),
    [("fetc.list", "Did you mean fetch.list?"), ("nothing", "Tasks of this machine: fetch.list")],
)
def test_a_mock_of_no_task_is_an_error(tmp_path: Path, mock: str, said: str) -> None:
    tests = f"  - {{name: one, mocks: {{{mock}: {{return: 1}}}}, expect: {{}}}}\n"
    assert said in shown(run_tests(project(tmp_path, tests=tests)))


def test_a_job_of_several_tasks_must_be_named_by_operation(tmp_path: Path) -> None:
    two = PIPELINE.replace(
        "      - {type: check", '      - {id: more, type: lambda, function: "more:live"}\n      - {type: check'
    )
    tests = "  - {name: one, mocks: {fetch: {return: 1}}, expect: {}}\n"
    text = shown(run_tests(project(tmp_path, tests=tests, pipeline=two)))
    assert "the mock stands for several tasks" in text
    assert "Name the one that is meant: fetch.list, fetch.more." in text


def test_tests_may_stand_in_a_file_beside_the_pipeline(tmp_path: Path) -> None:
    suite = f"version: 1\ntests:\n{GOOD}"
    outcome = run_tests(project(tmp_path, **{"pipelines/sales.test.yaml": suite}))
    assert [str(verdict.test.position) for verdict in outcome.verdicts] == ["pipelines/sales.test.yaml:3:5"]
    assert not outcome.is_bad


@pytest.mark.parametrize(
    ("suite", "code"),
    [
        ("version: 1\npipeline: other\ntests: [{name: a, expect: {}}]\n", "BS219"),
        ("version: 1\ntests: [{name: a, expects: {}}]\n", "BS101"),
        ("version: 1\ntests: [{name: a, expect: {}}, {name: a, expect: {}}]\n", "BS218"),
        ("version: 1\ntests: [{name: a, mocks: {fetch: {returns: 1}}, expect: {}}]\n", "BS101"),
    ],
)
def test_mistakes_in_tests_are_findings(tmp_path: Path, suite: str, code: str) -> None:
    outcome = run_tests(project(tmp_path, **{"pipelines/sales.test.yaml": suite}))
    assert code in {finding.code for finding in outcome.diagnostics}
    assert outcome.is_bad


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (
            "{output: {right: {rate: 1}}}",
            "others depend on right; Expect the outputs of load, or how right ended: jobs: {right: succeeded}.",
        ),
        ("{output: {id: m-1}}", "id is an output of load; Write output: {load: {id: …}}."),
        ("{output: {load.sns_publish: {id: m-1}}}", "load.sns_publish is an operation; Write output: {load: …}."),
        ("{output: {laod: {id: m-1}}}", "the output of the session has no laod; Did you mean load?"),
        ("{output: {load: {ids: m-1}}}", "load declares no output ids; Did you mean id?"),
        ("{output: {nothing: 1}}", "has no nothing; There can be load, each with its declared outputs."),
        ("{jobs: {lod: succeeded}}", "the pipeline has no job lod; Did you mean load?"),
        ("{path: [fetch, publish]}", "the pipeline has no job publish; There are fetch, left, right, load."),
    ],
)
@pytest.mark.parametrize("beside", [True, False], ids=["beside", "in the file"])
def test_what_can_be_expected_is_said(tmp_path: Path, expect: str, said: str, beside: bool) -> None:
    tests = f"  - {{name: a, expect: {expect}}}\n"
    suite = {"pipelines/sales.test.yaml": f"version: 1\ntests:\n{tests}"}
    outcome = run_tests(project(tmp_path, **suite) if beside else project(tmp_path, tests=tests))
    [finding] = [finding for finding in outcome.diagnostics if finding.code == "BS276"]
    summary, _, hint = said.partition("; ")
    assert summary in finding.summary
    assert finding.hint == hint


def test_a_file_of_tests_without_a_pipeline_is_a_finding(tmp_path: Path) -> None:
    suite = "version: 1\ntests: [{name: a, expect: {}}]\n"
    outcome = run_tests(project(tmp_path, **{"pipelines/lost.test.yaml": suite}))
    assert [finding.code for finding in outcome.diagnostics] == ["BS219"]


def test_expressions_in_tests_are_texts(tmp_path: Path) -> None:
    tests = GOOD.replace("usd: 150", 'usd: "{% $not.evaluated ${var.x} %}"')
    assert not run_tests(project(tmp_path, tests=tests)).is_bad


def test_pipelines_without_tests_are_named(tmp_path: Path) -> None:
    outcome = run_tests(project(tmp_path))
    assert "without tests: sales" in plain(summary_lines(outcome.verdicts, untested=outcome.untested))
    assert not outcome.is_bad


def test_an_unknown_pipeline_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as raised:
        run_tests(project(tmp_path), ["sale"])
    assert "sales" in raised.value.hint


def test_a_resumed_run_can_be_tested(tmp_path: Path) -> None:
    tests = """\
  - name: goes on after what was done
    resume:
      status: {fetch: succeeded, left: succeeded}
      jobs: {fetch: {files: [a]}, left: {cleaned: [A]}}
    mocks: {right: {return: {usd: 1}}, load: {return: {message_id: m}}}
    expect: {path: [right, load], jobs: {left: restored}, output: {load: {cleaned: [A]}}}
"""
    assert shown(run_tests(project(tmp_path, tests=tests))) == "✓ sales  goes on after what was done\n"


def test_the_session_and_the_start_can_be_said(tmp_path: Path) -> None:
    pipeline = PIPELINE.replace('cleaned: "{% $jobs.left.cleaned %}"', 'day: "{% $params.day %}"')
    tests = (GOOD.replace("    input: {day: 2026-01-31}\n", "    at: 2026-03-05T10:00:00Z\n")).replace(
        "cleaned: [A, B]", 'day: "2026-03-05"'
    )  # fmt: skip
    assert not run_tests(project(tmp_path, tests=tests, pipeline=pipeline)).is_bad
    bad = tests.replace("2026-03-05T10:00:00Z", "yesterday")
    assert "not an instant" in shown(run_tests(project(tmp_path, tests=bad, pipeline=pipeline)))


def test_the_fingerprint_changes_with_the_files_that_matter(tmp_path: Path) -> None:
    repository = project(tmp_path, **{"code/app.py": "x = 1\n"})
    first = fingerprint(repository)
    (tmp_path / "code/app.py").write_text("x = 2\n")
    assert fingerprint(repository) == first
    (tmp_path / "pipelines/sales.test.yaml").write_text("version: 1\n")
    assert fingerprint(repository) != first


WAIT = {"StartAt": "w", "States": {"w": {"Type": "Wait", "Seconds": 7200, "Next": "s"}, "s": {"Type": "Succeed"}}}
TASK = {"StartAt": "t", "States": {"t": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f"}, "TimeoutSeconds": 5, "End": True}}}  # fmt: skip


def test_hours_of_waiting_are_simulated_at_once(tmp_path: Path) -> None:
    outcome = simulated(tmp_path, WAIT)
    text = plain(simulation_lines(outcome, columns=80))
    assert "succeeded  2 h 00 min" in text
    assert "6 events, virtual time; no code was run" in text
    events = simulation_document(outcome).events
    assert [event["type"] for event in events][-1] == "ExecutionSucceeded"
    assert events[-1]["timestamp"] == "2026-01-01T02:00:00+00:00"
    json.dumps(events)


def test_a_definition_answers_what_it_is_told_as_it_is(tmp_path: Path) -> None:
    assert simulated(tmp_path, TASK, mocks={"t": {"return": {"Payload": 1}}}).result.output == {"Payload": 1}


def test_mocks_may_be_a_list_of_tries(tmp_path: Path) -> None:
    mock = {"state": "t", "path": [], "result": {"kind": "fail", "error": "E", "cause": "c"}}
    outcome = simulated(tmp_path, TASK, mocks=[mock])
    assert (outcome.facts.status, outcome.facts.error, outcome.facts.cause) == ("failed", "E", "c")
    assert "failure\n  E\n  c\n" in plain(simulation_lines(outcome, columns=80))


@pytest.mark.parametrize("mocks", [None, {}, []])
def test_a_task_that_nobody_mocks_stops_the_simulation(tmp_path: Path, mocks: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        simulated(tmp_path, TASK, mocks=mocks)
    assert raised.value.facts["state"] == "t"
    assert "t: {return: {Payload: {}}}" in raised.value.hint


@pytest.mark.parametrize(
    "mocks",
    [
        [1],
        [{}],
        [{"state": "t"}],
        [{"state": "t", "result": []}],
        [{"state": "t", "path": [["a"]]}],
        {"t": {}},
        {"u": {"return": 1}},
    ],
)
def test_mocks_that_cannot_be_read_are_refused(tmp_path: Path, mocks: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        simulated(tmp_path, TASK, mocks=mocks)
    assert raised.value.code in ("mock-invalid", "mock-unknown")


def test_a_wrong_definition_is_not_run() -> None:
    prepared = prepare_definition("m.asl.yaml", b"StartAt: a\nStates:\n  a: {Type: Pass, Next: gone}\n")
    assert prepared.machine is None
    assert any(finding.is_error and finding.position and finding.position.line == 3 for finding in prepared.diagnostics)
    assert prepare_definition("m.asl.json", b"{").machine is None


def test_a_pipeline_is_simulated_with_its_parameters(tmp_path: Path) -> None:
    prepared = prepare_pipeline(project(tmp_path), "sales")
    assert prepared.machine is not None
    payload = input_of(prepared.machine, whole={"session": {"date": "2026-01-01"}}, params=["day=2026-01-02"])
    assert payload == {"session": {"date": "2026-01-01"}, "params": {"day": "2026-01-02"}}
    outcome = simulate(prepared.machine, payload, mocks={"fetch.list": {"return": {"count": 0}}})
    assert outcome.facts.status == "succeeded"
    for whole, params in ((None, ["other=1"]), ({"day": "2026-01-02"}, [])):
        with pytest.raises(InvalidInput):
            input_of(prepared.machine, whole=whole, params=params)


def test_a_file_is_told_to_be_a_pipeline_or_a_definition() -> None:
    assert pipeline_in("pipelines/sales.yaml", PIPELINE.encode()) == "sales"
    assert pipeline_in("m.json", json.dumps(WAIT).encode()) is None
