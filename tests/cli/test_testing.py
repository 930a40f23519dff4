"""`bunsui test` and `bunsui simulate` from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from tests.cli.test_validate import PROJECT, ROOT, bunsui

PIPELINE = """\
version: 1
name: work
jobs:
  a:
    operations:
      - {type: lambda, function: "work:live"}
    outputs: {n: "{% $result.n %}"}
tests:
  - name: works
    mocks: {a: {return: {n: 1}, after: 1h}}
    expect: {output: {a: {n: 1}}}
"""
LATE = PIPELINE.replace("after: 1h", "after: 5m")
MACHINE = {"StartAt": "t", "States": {"t": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
           "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.text"}, "End": True}}}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "bunsui.yaml").write_text(PROJECT)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "work.yaml").write_text(LATE)
    return tmp_path


def test_tests_that_pass_end_well(project: Path) -> None:
    done = bunsui("test", "--coverage", "--junit", "report.xml", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "✓ work  works  5 min 00 s\n" in done.stdout
    assert "work  states 2/2 (100 %)" in done.stdout
    assert "1 passed in " in done.stdout
    assert parse(project / "report.xml").getroot().get("tests") == "1"


def test_a_failing_test_exits_with_1(project: Path) -> None:
    (project / "pipelines" / "work.yaml").write_text(PIPELINE)
    done = bunsui("test", cwd=project)
    assert done.returncode == 1
    assert "the run failed with States.Timeout" in done.stdout


def test_files_with_errors_exit_with_5_and_the_others_are_tested(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text("version: [\n")
    done = bunsui("test", cwd=project)
    assert done.returncode == 5
    assert "1 passed" in done.stdout
    assert "pipelines/bad.yaml" in done.stderr


def test_machine_output_is_one_json_document(project: Path) -> None:
    found = json.loads(bunsui("test", "--json", cwd=project).stdout)
    assert (found["kind"], found["passed"], found["failed"]) == ("tests", 1, 0)
    assert found["tests"][0]["line"] == 9
    assert found["coverage"][0]["states"] == {"taken": 2, "all": 2, "missed": []}


def test_machine_output_leaves_findings_in_the_files_to_stderr(project: Path) -> None:
    (project / "pipelines" / "bad.yaml").write_text("version: [\n")
    done = bunsui("test", "--json", cwd=project)
    assert done.returncode == 5
    assert json.loads(done.stdout)["passed"] == 1
    assert "pipelines/bad.yaml" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--watch", "--init", "a"), "--watch and --init"),
        (("--record", "-", "--junit", "x.xml"), "--junit and --record"),
        (("--replay", "2", "--coverage"), "--coverage and --replay"),
        (("--watch", "--json"), "--json and --watch"),
    ],
)
def test_options_that_would_do_nothing_together_are_refused(project: Path, arguments: tuple[str, ...], said: str) -> None:
    done = bunsui("test", *arguments, cwd=project)
    assert done.returncode == 5
    assert f"choose one of {said}" in done.stderr


def test_a_project_without_tests_is_told_how_to_begin_one(project: Path) -> None:
    for tests in project.glob("pipelines/*.test.yaml"):
        tests.unlink()
    pipeline = next(project.glob("pipelines/*.yaml"))
    pipeline.write_text(pipeline.read_text().split("\ntests:")[0] + "\n")
    done = bunsui("test", cwd=project)
    assert f"next: bunsui test {pipeline.stem} --init a" in done.stderr
    assert bunsui("test", pipeline.stem, "--init", "a", cwd=project).returncode == 0


def test_mocks_can_be_begun(project: Path) -> None:
    assert "a:\n      return:\n        n: null\n" in bunsui("test", "--init", "a", cwd=project).stdout


def test_watching_tests_again_after_a_change_and_ends_when_interrupted(project: Path) -> None:
    log = project / "log.txt"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with log.open("w") as output:
        # A shell without job control lets background programs, and what they start, ignore interrupts.
        hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        command = [sys.executable, "-c", f"{hears}; from bunsui.cli.main import main; main()", "test", "--watch"]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=project, env=environment)
        try:
            _wait(log, "1 passed")
            (project / "pipelines" / "work.yaml").write_text(PIPELINE)
            _wait(log, "1 failed")
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130


def _wait(log: Path, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_a_definition_is_simulated_without_a_project(tmp_path: Path) -> None:
    (tmp_path / "m.asl.json").write_text(json.dumps(MACHINE))
    mocks = "{t: {return: {MessageId: m}, after: 3h}}"
    done = bunsui("simulate", "m.asl.json", "--input", '{"text": "x"}', "--mocks", mocks, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["status"], found["output"], found["error"], found["cause"]) == ("SUCCEEDED", {"MessageId": "m"}, None, None)
    assert [event["type"] for event in found["events"]] == [
        "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited",
        "ExecutionSucceeded",
    ]  # fmt: skip
    assert found["events"][-1]["timestamp"] == "2026-01-01T03:00:00+00:00"


def test_a_simulation_that_fails_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "m.asl.json").write_text(json.dumps(MACHINE))
    (tmp_path / "mocks.yaml").write_text("t: {error: Busy, cause: too much}\n")
    (tmp_path / "input.json").write_text('{"text": "x"}')
    done = bunsui("simulate", "m.asl.json", "-i", "input.json", "-m", "mocks.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "Busy\n  too much\n" in done.stdout


def test_a_task_without_a_mock_exits_with_5_and_shows_mocks_that_work(tmp_path: Path) -> None:
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets"}
    invoke = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}
    later = {**invoke, "OutputPath": "$.Payload", "End": True}
    machine = {"StartAt": "a: b", "States": {"Later": later, "a: b": {**call, "Next": "Later"}}}
    (tmp_path / "m.asl.json").write_text(json.dumps(machine))
    done = bunsui("simulate", "m.asl.json", cwd=tmp_path)
    assert done.returncode == 5
    mocks = [text.strip() for text in done.stderr.splitlines() if ": {return: " in text]
    assert mocks == ['"a: b": {return: {}}', "Later: {return: {Payload: {}}}"]
    again = bunsui("simulate", "m.asl.json", "--mocks", "\n".join(mocks), cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("✓ m  succeeded  0.0 s  2/2 states\n")


def test_the_example_of_the_help_works_when_it_is_pasted(tmp_path: Path) -> None:
    shown = bunsui("simulate", "--help", cwd=tmp_path).stdout.splitlines()
    first = next(index for index, text in enumerate(shown) if "echo '" in text)
    example = "\n".join(shown[first : shown.index(next(text for text in shown[first:] if "{return:" in text)) + 1])
    script = f'bunsui() {{ "{sys.executable}" -m bunsui "$@"; }}\n{example}\n'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "✓ ask  succeeded" in done.stdout
    assert "try 2" in done.stdout


def test_a_pipeline_is_simulated_by_name_or_by_its_file(project: Path) -> None:
    for name in ("work", "pipelines/work.yaml"):
        done = bunsui("simulate", name, "--mocks", "{a: {return: {n: 1}}}", cwd=project)
        assert done.returncode == 0, done.stderr
        assert "✓ work  succeeded" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gone.asl.json",), "the file cannot be read"),
        (("m.asl.json", "-i", "{"), "not valid YAML"),
        (("m.asl.json", "--at", "soon"), "not an instant"),
        (("m.asl.json", "-p", "a=1"), "has no parameters"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "m.asl.json").write_text(json.dumps(MACHINE))
    done = bunsui("simulate", *arguments, cwd=tmp_path)
    assert done.returncode == 5
    assert said in done.stderr
    assert "Traceback" not in done.stderr
