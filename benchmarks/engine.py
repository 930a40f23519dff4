"""Measures the engine: `python -m benchmarks.engine [--executions N] [--jobs N] [--items N] [--peer N]`.

Runs a compiled pipeline many times on the virtual clock, then an inline Map (Express, since a Standard history holds 25,000
events) and a distributed one, and as often as `--peer` says the same pipeline on moto's interpreter. It fails when 1,000
executions of 20 jobs would take longer than 20 seconds, or a Map 10.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.engine_peer import moto_seconds, without_tasks
from benchmarks.families import FAMILIES
from bunsui.compile.pipeline import compile_pipeline
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.engine.clock import VirtualClock
from bunsui.engine.program import prepare
from bunsui.engine.run import ExecutionResult, run
from bunsui.engine.status import Status
from bunsui.engine.tasks import TaskReport, TaskRequest, TaskSucceeded
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder

FAMILY = "dbt"
MOST_SECONDS = 20.0
"""For 1,000 executions of 20 jobs."""
MOST_MAP_SECONDS = 10.0
"""For 10,000 items."""


class Echo:
    """Answers every task at once."""

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Return the number of rows that everything gives."""
        report(TaskSucceeded(output={"Payload": {"rows": 3}, "StatusCode": 200}))
        return lambda: None


def definition_of(jobs: int) -> Mapping[str, Any]:
    """Return the machine of a pipeline of that many jobs, each reading what the jobs before it gave."""
    dag = FAMILIES[FAMILY](jobs, random.Random(1))
    lines = ["version: 1", "name: measured", "jobs:"]
    for job, needs in dag.items():
        total = " + ".join(f"$jobs.{need}.rows" for need in needs) or "1"
        lines += [
            f"  {job}:",
            f"    depends_on: [{', '.join(needs)}]",
            "    outputs: {rows: '{% $result.rows %}'}",
            "    operations:",
        ]
        lines += [f"      - {{type: lambda, function: 'work:live', payload: {{total: '{{% {total} %}}'}}, timeout: 5m}}"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "measured.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        scope = Scope(project="measured", environment="local", account="000000000000", region="us-east-1")
        project = ProjectDocument(name="measured", id="", environment=EnvironmentDocument(name="local"), patterns=("*.yaml",))
        found = load_pipelines(RootFolder(Path(folder)), project, registry=builtin_registry(), scope=scope)
    for finding in found.diagnostics:
        if finding.is_error:
            raise SystemExit(finding.summary)
    return compile_pipeline(found.pipelines[0], scope=scope, registry=builtin_registry()).definition


def executed(definition: Any, payload: Any, kind: str = "STANDARD") -> ExecutionResult:
    """Run once; only success counts."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    result = run(definition, payload, runner=Echo(), clock=clock, kind=kind)
    if result.status is not Status.SUCCEEDED:
        raise SystemExit(f"{result.status}: {result.error} {result.cause}")
    return result


def map_machine(mode: str) -> Mapping[str, Any]:
    """Return a machine that does one task for each item."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "work"}, "End": True}
    config = {"Mode": mode} | ({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})
    each = {"ProcessorConfig": config, "StartAt": "Do", "States": {"Do": task}}
    over = {"Type": "Map", "ItemProcessor": each, "Output": "{% $count($states.result) %}", "End": True}
    return {"QueryLanguage": "JSONata", "StartAt": "All", "States": {"All": over}}


def main(arguments: list[str]) -> int:
    """Measure and print one line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--executions", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--peer", type=int, default=0, help="executions on moto's interpreter, for the ratio")
    options = parser.parse_args(arguments)
    program = prepare(definition_of(options.jobs))
    events = len(executed(program, {}).events)
    began = time.process_time()
    for _ in range(options.executions):
        executed(program, {})
    seconds = time.process_time() - began
    per_thousand = seconds / options.executions * 1000
    sys.stdout.write(f"{options.executions} executions of {options.jobs} jobs ({events} events): {seconds:.2f} s, ")
    sys.stdout.write(f"{per_thousand:.1f} s for 1,000\n")
    slow = per_thousand > MOST_SECONDS
    for mode, kind in (("INLINE", "EXPRESS"), ("DISTRIBUTED", "STANDARD")):
        began = time.process_time()
        executed(map_machine(mode), list(range(options.items)), kind)
        seconds = time.process_time() - began
        sys.stdout.write(
            f"{mode.lower()} Map of {options.items} items: {seconds:.2f} s, {_peak_megabytes():.0f} MB at most so far\n"
        )
        slow = slow or seconds > MOST_MAP_SECONDS
    if options.peer:
        _compare(options.jobs, options.peer)
    return 1 if slow else 0


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _compare(jobs: int, executions: int) -> None:
    """Print what one execution costs here and on moto, tasks replaced by Pass states."""
    definition = without_tasks(definition_of(jobs), "{'rows': 3}")
    theirs = moto_seconds(definition, executions)
    program = prepare(definition)
    began = time.process_time()
    for _ in range(10 * executions):
        executed(program, {})
    ours = (time.process_time() - began) / (10 * executions)
    sys.stdout.write(
        f"the same without tasks: {ours * 1000:.1f} ms here, {theirs * 1000:.0f} ms on moto, {theirs / ours:.0f} times\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
