"""Containers that executions ask for run as processes where that is allowed, and end with their execution."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bunsui.model.json import Json
from tests.unit.emulator.stepfunctions.bench import ToldServices, calling, running


def container(*command: str) -> ToldServices:
    """Return an ECS with one task definition of this command."""
    services = ToldServices()
    task: Json = {"TaskArn": "arn:task", "ClusterArn": "arn:c", "TaskDefinitionArn": "arn:d", "Containers": [{"Name": "main"}]}
    services.handlers["ecs", "runTask"] = lambda _request: {"Tasks": [task], "Failures": []}
    described: Json = {"ContainerDefinitions": [{"Name": "main", "Command": list(command)}]}
    services.handlers["ecs", "describeTaskDefinition"] = lambda _request: {"TaskDefinition": described}
    services.handlers["ecs", "stopTask"] = lambda _request: {}
    for action in ("createLogGroup", "createLogStream", "putLogEvents"):
        services.handlers["logs", action] = lambda _request: {}
    return services


def run_task(**override: Json) -> dict[str, Any]:
    """Return a machine that runs a task to its end."""
    overrides = {"ContainerOverrides": [{"Name": "main", **override}]}
    return calling("arn:aws:states:::ecs:runTask.sync", {"Cluster": "c", "TaskDefinition": "d", "Overrides": overrides})


def test_the_command_of_a_container_runs_as_a_process_where_that_is_allowed() -> None:
    code = "import os, sys; sys.exit(0 if os.environ['DAY'] == '3' and 'PYTHONPATH' not in os.environ else 1)"
    with running(container("none"), ecs_mode="process") as bench:
        override: dict[str, Json] = {"Command": [sys.executable, "-c", code], "Environment": [{"Name": "DAY", "Value": "3"}]}
        found = bench.ran(run_task(**override))

    about = json.loads(found["output"])
    assert (about["LastStatus"], about["TaskArn"]) == ("STOPPED", "arn:task")
    assert about["Containers"] == [{"Name": "main", "ExitCode": 0, "LastStatus": "STOPPED"}]


def test_a_container_that_ends_with_a_code_fails_the_task() -> None:
    with running(container(sys.executable, "-c", "raise SystemExit(3)"), ecs_mode="process") as bench:
        found = bench.ran(run_task())

    assert found["error"] == "States.TaskFailed"
    assert json.loads(found["cause"])["Containers"][0]["ExitCode"] == 3


def test_a_container_ends_with_its_execution(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    code = f"import time\nfor _ in range(600):\n    open({str(lives)!r}, 'a').write('.')\n    time.sleep(0.1)"
    with running(container(sys.executable, "-c", code), ecs_mode="process") as bench:
        execution = bench.start(bench.machine("m", run_task()))
        deadline = time.monotonic() + 5
        while not lives.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        bench.ask("StopExecution", executionArn=execution)
        time.sleep(0.5)
        size = lives.stat().st_size
        time.sleep(0.5)

    assert lives.stat().st_size == size


def test_a_container_that_has_not_started_when_its_execution_is_stopped_never_runs() -> None:
    services, release = container(sys.executable, "-c", "import time; time.sleep(60)"), threading.Event()
    described = services.handlers["ecs", "describeTaskDefinition"]

    def slowly(request: Mapping[str, Json]) -> dict[str, Json]:
        release.wait(5)
        return described(request)

    services.handlers["ecs", "describeTaskDefinition"] = slowly
    with running(services, ecs_mode="process") as bench:
        execution = bench.start(bench.machine("m", run_task()))
        bench.ask("StopExecution", executionArn=execution)
        release.set()
        time.sleep(0.3)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("task") and _waits(thread)]


def _waits(thread: threading.Thread) -> bool:
    """Tell whether the thread waits for a process."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name == "_run_all":
            return True
        frame = frame.f_back
    return False


def test_a_container_says_what_would_let_it_run() -> None:
    with running(container("none")) as bench:
        found = bench.ran(run_task())

    assert found["error"] == "States.Runtime"
    assert "ecs:runTask.sync" in found["cause"]
    assert "local: {ecs: process}" in found["cause"]
