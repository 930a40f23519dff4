"""Logs of the embedded AWS are written as Lambda and ECS write them, and each execution finds its own lines in them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bunsui.aws.connect import connect, drops_without
from bunsui.aws.container_logs import EcsContainerLogs
from bunsui.aws.logs import CloudWatchLogReader
from bunsui.aws.map_runs import StepFunctionsMapRuns
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.emulator.launcher.launcher import ensure_running
from bunsui.emulator.stepfunctions.tasks.container_logs import UNNAMED_GROUP, UNNAMED_PREFIX
from bunsui.sessions.logs.called_work import WorkReader
from bunsui.sessions.logs.task_logs import LogQuery, TaskLogReader, TaskLogs
from bunsui.system_clock import SystemClock
from tests.e2e.test_embedded import make_function, make_machine
from tests.e2e.test_embedded_stepfunctions import calling
from tests.embedded import EmbeddedAccount, credentials_of, fresh_account
from tests.faults.amount import amount

pytestmark = pytest.mark.embedded

SAYS = """
import time

print("loading")

def handler(event, context):
    for number in range(event["lines"]):
        print(event["who"], "says", number)
        time.sleep(event.get("pause", 0))
    if event.get("fails"):
        raise ValueError("the last line matters")
    return context.log_stream_name
"""


class Lab:
    """An account of the embedded AWS, and what reads the logs of its executions."""

    def __init__(self, account: EmbeddedAccount) -> None:
        self.account = account
        endpoint = account.endpoint
        self.connection = connect(
            region=account.region,
            endpoint_url=endpoint.url,
            credentials=credentials_of(endpoint, account.account),
            drops=drops_without(endpoint.capabilities),
            threads=4,
        )
        self.execution = StepFunctionsClient(self.connection)

    def start(self, machine: str, name: str, payload: dict[str, Any]) -> str:
        return self.execution.start(machine, name=name, payload=payload)

    def ended(self, arn: str) -> None:
        deadline = time.monotonic() + 60
        while self.execution.describe(arn).stopped_at is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def logs(self, arn: str, query: LogQuery | None = None) -> TaskLogs:
        work = WorkReader(self.execution, StepFunctionsMapRuns(self.connection))
        containers = EcsContainerLogs(self.connection, unnamed=(UNNAMED_GROUP, UNNAMED_PREFIX))
        reader = TaskLogReader(CloudWatchLogReader(self.connection), containers)
        found = work.work(arn)
        return reader.read(
            found,
            query or LogQuery(),
            now=SystemClock().now(),
            rivals=lambda one, start, end: work.rivals(one, [arn], start=start, end=end),
        )

    def machine(self, function: str, **more: Any) -> str:
        payload = "{% $states.input %}"
        definition = calling("arn:aws:states:::lambda:invoke", {"FunctionName": function, "Payload": payload}, **more)
        return str(make_machine(self.account, f"m{time.monotonic_ns()}", definition)["stateMachineArn"])


@pytest.fixture
def lab(embedded_account: EmbeddedAccount) -> Lab:
    return Lab(embedded_account)


def said(found: TaskLogs) -> list[str]:
    return [entry.message for entry in found.entries if " says " in entry.message]


def test_of_many_executions_at_once_every_line_belongs_to_its_own(lab: Lab) -> None:
    machine = lab.machine(make_function(lab.account, "talks", SAYS))
    arns = [
        lab.start(machine, f"run-{number}", {"who": f"session {number}", "lines": 30}) for number in range(amount(8, 20, 20))
    ]
    for arn in arns:
        lab.ended(arn)
    for number, arn in enumerate(arns):
        found = lab.logs(arn)
        assert said(found) == [f"session {number} says {line}" for line in range(30)]
        assert (found.others, found.missing_ends) == (0, 0)


def test_a_function_logs_in_the_stream_that_it_is_told_between_marks_of_its_request(lab: Lab) -> None:
    machine = lab.machine(make_function(lab.account, "marks", SAYS))
    arns = [lab.start(machine, name, {"who": name, "lines": 1}) for name in ("first",)]
    lab.ended(arns[0])
    arns.append(lab.start(machine, "second", {"who": "second", "lines": 1}))
    lab.ended(arns[1])
    first, second = (lab.logs(arn) for arn in arns)
    kinds = [entry.message.split(" ")[0] for entry in first.entries]
    assert kinds == ["INIT_START", "loading", "START", "first", "END", "REPORT"]
    assert [entry.message.split(" ")[0] for entry in second.entries] == ["START", "second", "END", "REPORT"]
    output: Any = lab.execution.describe(arns[0]).output
    assert {entry.stream for entry in (*first.entries, *second.entries)} == {output["Payload"]}
    request_id = output["SdkResponseMetadata"]["RequestId"]
    assert first.entries[2].message == f"START RequestId: {request_id} Version: $LATEST"


def test_of_three_thousand_lines_the_last_is_there(lab: Lab) -> None:
    machine = lab.machine(make_function(lab.account, "chatty", SAYS))
    arn = lab.start(machine, "run", {"who": "chatty", "lines": 3000, "fails": True})
    lab.ended(arn)
    last = [entry.message for entry in lab.logs(arn, LogQuery(limit=3)).entries]
    assert last[0].startswith("[ERROR] ValueError: the last line matters\nTraceback (most recent call last):\n")
    whole = lab.logs(arn)
    assert (len(said(whole)), whole.is_cut) == (3000, False)


def test_what_runs_is_written_while_it_runs(lab: Lab) -> None:
    machine = lab.machine(make_function(lab.account, "slow", SAYS))
    arn = lab.start(machine, "run", {"who": "slow", "lines": 5, "pause": 0.5})
    deadline = time.monotonic() + 30
    while not said(lab.logs(arn)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert lab.execution.describe(arn).stopped_at is None
    lab.ended(arn)
    found = lab.logs(arn)
    times = [entry.at for entry in found.entries if " says " in entry.message]
    assert (times[-1] - times[0]).total_seconds() > 1.5


def test_a_container_without_a_log_of_its_own_is_heard_here(folder: Path) -> None:
    lab = Lab(fresh_account(ensure_running(folder, ecs="process")))
    ecs = lab.account.client("ecs")
    ecs.create_cluster(clusterName="etl")
    program = "import sys; print('loading', flush=True); print('ValueError: bad weights', file=sys.stderr); sys.exit(3)"
    container = {"name": "train", "image": "x", "memory": 128, "command": [sys.executable, "-c", program]}
    ecs.register_task_definition(family="train", containerDefinitions=[container])
    arguments = {"Cluster": "etl", "TaskDefinition": "train:1", "LaunchType": "EC2"}
    machine = make_machine(lab.account, "train", calling("arn:aws:states:::ecs:runTask.sync", arguments))["stateMachineArn"]
    arn = lab.start(machine, "run", {})
    lab.ended(arn)
    found = lab.logs(arn)
    assert [(entry.container, entry.message) for entry in found.entries] == [
        ("train", "loading"),
        ("train", "ValueError: bad weights"),
    ]


def test_of_executions_that_take_turns_in_the_same_environments_each_error_is_its_own(lab: Lab) -> None:
    """More executions than environments: a worker is given to the next as soon as it has answered."""
    machine = lab.machine(make_function(lab.account, "fails", SAYS))
    arns = [
        lab.start(machine, f"run-{number}", {"who": f"session {number}", "lines": 2, "fails": True})
        for number in range(amount(12, 40, 40))
    ]
    for number, arn in enumerate(arns):
        lab.ended(arn)
        found = lab.logs(arn)
        assert said(found) == [f"session {number} says {line}" for line in range(2)]
        marks = [
            entry.message.split(" ")[0] for entry in found.entries if entry.message.startswith(("START", "[ERROR]", "END"))
        ]
        assert marks == ["START", "[ERROR]", "END"]
