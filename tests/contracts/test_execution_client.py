"""What an execution client promises (`bunsui.ports.execution.ExecutionClient`)."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

import pytest

from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.errors import Conflict, InvalidInput, Missing, Refused
from bunsui.model.json import Json
from bunsui.model.session import SessionStatus
from bunsui.ports.execution import Execution, SessionExecutions
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from tests.contracts.conftest import CLOUDS, Cloud, opened

QUICK: Mapping[str, Json] = {
    "StartAt": "first",
    "States": {
        "first": {"Type": "Pass", "Next": "second"},
        "second": {"Type": "Pass", "Result": {"rows": 3}, "End": True},
    },
}
SLOW: Mapping[str, Json] = {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
FAILING: Mapping[str, Json] = {"StartAt": "no", "States": {"no": {"Type": "Fail", "Error": "TooFew", "Cause": "no rows"}}}


class Bench(ABC):
    """A client, and what is around it: machines, and time that passes."""

    name: str
    client: SessionExecutions

    @abstractmethod
    def machine(self, definition: Mapping[str, Json]) -> str:
        """Make a machine of that definition; give its ARN."""

    @abstractmethod
    def change(self, machine: str, definition: Mapping[str, Json]) -> None:
        """Return the machine another definition."""

    @abstractmethod
    def publish(self, machine: str) -> str:
        """Publish a version of the machine; give its ARN."""

    @abstractmethod
    def alias(self, version: str) -> str:
        """Make an alias that leads to the version; give its ARN."""

    @abstractmethod
    def redrive(self, execution_arn: str) -> None:
        """Revive an execution, as somebody else does in the console."""

    @abstractmethod
    def sleep(self, seconds: float) -> None:
        """Let time pass."""

    @property
    @abstractmethod
    def calls(self) -> int:
        """How often anybody was asked for anything."""

    def ended(self, execution_arn: str) -> Execution:
        """Wait until the execution ended."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            execution = self.client.describe(execution_arn)
            if execution.status is not SessionStatus.RUNNING:
                return execution
            self.sleep(0.05)
        raise AssertionError("the execution did not end")


class CloudBench(Bench):
    """The client of AWS at an emulator."""

    def __init__(self, cloud: Cloud) -> None:
        self.name = cloud.name
        self.cloud = cloud
        self.client = StepFunctionsClient(cloud.connection)
        self.writer = cloud.connection.writer("stepfunctions")

    def machine(self, definition: Mapping[str, Json]) -> str:
        answer = self.writer.create_state_machine(
            name=f"{self.cloud.scope.project}-{len(json.dumps(definition))}",
            definition=json.dumps(definition),
            roleArn=f"arn:aws:iam::{self.cloud.scope.account}:role/run",
        )
        return str(answer["stateMachineArn"])

    def change(self, machine: str, definition: Mapping[str, Json]) -> None:
        self.writer.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition), publish=True)

    def publish(self, machine: str) -> str:
        return str(self.writer.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"])

    def alias(self, version: str) -> str:
        routes = [{"stateMachineVersionArn": version, "weight": 100}]
        answer = self.writer.create_state_machine_alias(name="live", routingConfiguration=routes)
        return str(answer["stateMachineAliasArn"])

    def redrive(self, execution_arn: str) -> None:
        self.writer.redrive_execution(executionArn=execution_arn)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    @property
    def calls(self) -> int:
        return self.cloud.connection.traffic.calls


class MemoryBench(Bench):
    """The engine on a virtual clock."""

    name = "memory"

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.client: MemoryExecutionClient = MemoryExecutionClient(self.clock)
        self.machines: list[str] = []

    def machine(self, definition: Mapping[str, Json]) -> str:
        arn = f"arn:aws:states:eu-west-1:123456789012:stateMachine:m{len(json.dumps(definition))}"
        self.client.machine(arn, definition=definition)
        self.machines.append(arn)
        return arn

    def change(self, machine: str, definition: Mapping[str, Json]) -> None:
        self.client.machine(machine, definition=definition)

    def publish(self, machine: str) -> str:
        return self.client.publish(machine)

    def alias(self, version: str) -> str:
        arn = version.rpartition(":")[0] + ":live"
        self.client.alias(arn, version)
        return arn

    def redrive(self, execution_arn: str) -> None:
        self.client.redrive(execution_arn)

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    @property
    def calls(self) -> int:
        return sum(len(self.client.executions(machine, limit=100)) for machine in self.machines)


@pytest.fixture(params=["memory", *CLOUDS])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each implementation."""
    if request.param == "memory":
        yield MemoryBench()
        return
    with opened(request.param, request) as cloud:
        yield CloudBench(cloud)


def test_a_run_is_described_with_its_input_and_output(bench: Bench) -> None:
    machine = bench.machine(QUICK)
    arn = bench.client.start(machine, name="one", payload={"params": {"day": "月"}})
    execution = bench.ended(arn)
    assert execution.arn == arn
    assert execution.name == "one"
    assert execution.machine_arn == machine
    assert execution.status is SessionStatus.SUCCEEDED
    assert execution.input == {"params": {"day": "月"}}
    assert execution.output == {"rows": 3}
    assert execution.stopped_at is not None
    assert execution.started_at <= execution.stopped_at
    assert execution.started_at.utcoffset() is not None


def test_a_failure_is_described_with_error_and_cause_and_no_output(bench: Bench) -> None:
    execution = bench.ended(bench.client.start(bench.machine(FAILING), name="one", payload={}))
    assert execution.status is SessionStatus.FAILED
    assert execution.error == "TooFew"
    assert "no rows" in execution.cause
    assert execution.output is None


def test_a_repeated_start_gives_the_same_execution_while_it_runs(bench: Bench) -> None:
    machine = bench.machine(SLOW)
    first = bench.client.start(machine, name="one", payload={"a": 1, "b": [1]})
    assert bench.client.start(machine, name="one", payload={"b": [1], "a": 1}) == first
    bench.client.stop(first, reason="test")


def test_a_repeated_start_gives_the_same_execution_after_it_ended(bench: Bench) -> None:
    machine = bench.machine(QUICK)
    first = bench.client.start(machine, name="one", payload={"a": 1})
    bench.ended(first)
    assert bench.client.start(machine, name="one", payload={"a": 1}) == first


def test_a_name_that_another_input_has_is_a_conflict(bench: Bench) -> None:
    machine = bench.machine(SLOW)
    first = bench.client.start(machine, name="one", payload={"a": 1})
    with pytest.raises(Conflict):
        bench.client.start(machine, name="one", payload={"a": 2})
    bench.client.stop(first, reason="test")


def test_an_input_above_the_limit_is_refused_before_the_call(bench: Bench) -> None:
    machine = bench.machine(QUICK)
    calls = bench.calls
    with pytest.raises(InvalidInput) as refusal:
        bench.client.start(machine, name="one", payload={"a": "月" * 90_000})
    assert refusal.value.code == "input-too-large"
    assert bench.calls == calls


def test_an_execution_that_nobody_knows_is_missing(bench: Bench) -> None:
    machine = bench.machine(QUICK)
    unknown = machine.replace(":stateMachine:", ":execution:") + ":nobody"
    with pytest.raises(Missing):
        bench.client.describe(unknown)
    with pytest.raises(Missing):
        bench.client.history(unknown)


def test_the_history_is_in_order_and_has_the_states(bench: Bench) -> None:
    arn = bench.client.start(bench.machine(QUICK), name="one", payload={"a": 1})
    bench.ended(arn)
    events = bench.client.history(arn)
    assert [event.id for event in events] == sorted({event.id for event in events})
    assert events[0].type == "ExecutionStarted"
    assert events[-1].type == "ExecutionSucceeded"
    entered = [event.details["name"] for event in events if event.type == "PassStateEntered"]
    assert entered == ["first", "second"]
    exited = [event for event in events if event.type == "PassStateExited"]
    output = exited[-1].details["output"]
    assert isinstance(output, str)
    assert json.loads(output) == {"rows": 3}


def test_the_history_after_an_event_is_the_rest_of_the_whole(bench: Bench) -> None:
    arn = bench.client.start(bench.machine(QUICK), name="one", payload={})
    bench.ended(arn)
    whole = bench.client.history(arn)
    for event in whole:
        assert bench.client.history(arn, after=event.id) == [later for later in whole if later.id > event.id]


def test_a_stopped_run_is_cancelled_and_may_be_stopped_again(bench: Bench) -> None:
    arn = bench.client.start(bench.machine(SLOW), name="one", payload={})
    bench.client.stop(arn, reason="wrong day")
    assert bench.ended(arn).status is SessionStatus.CANCELLED
    bench.client.stop(arn, reason="wrong day")


def test_the_latest_executions_are_those_that_started_last_and_once_they_ended_those_that_ended_last(bench: Bench) -> None:
    machine = bench.machine(SLOW)
    arns = []
    for name in ("run-1", "run-2", "run-3"):
        arns.append(bench.client.start(machine, name=name, payload={}))
        bench.sleep(0.02)
    bench.client.stop(arns[0], reason="test")
    bench.ended(arns[0])
    assert [one.arn for one in bench.client.executions(machine, limit=10)] == arns[::-1]
    latest = [arns[2], arns[0]] if bench.name != "moto" else [arns[2], arns[1]]  # moto goes by the start alone
    assert [one.arn for one in bench.client.executions(machine, limit=2)] == latest
    assert [one.arn for one in bench.client.executions(machine, limit=10, status=SessionStatus.CANCELLED)] == [arns[0]]
    assert [one.arn for one in bench.client.executions(machine, limit=10, status=SessionStatus.RECOVERING)] == []
    for arn in arns[1:]:
        bench.client.stop(arn, reason="test")


def test_the_definition_of_a_run_is_given(bench: Bench) -> None:
    arn = bench.client.start(bench.machine(QUICK), name="one", payload={})
    bench.ended(arn)
    assert bench.client.definition(arn) == QUICK


def test_a_machine_has_the_definition_that_its_next_execution_runs(bench: Bench) -> None:
    assert bench.client.definition(bench.machine(QUICK)) == QUICK
    with pytest.raises(Missing):
        bench.client.definition(bench.machine(QUICK) + "-not")


def inside(kind: str, **fields: Json) -> Mapping[str, Json]:
    """Return a machine with one state of that kind."""
    return {"StartAt": "whole", "States": {"whole": {"Type": kind, "End": True, **fields}}}


def branch(name: str, **fields: Json) -> Mapping[str, Json]:
    """Return a branch with one state, a Pass unless said otherwise."""
    return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True, **fields}}}


def test_what_happens_inside_branches_is_told_and_each_event_follows_one_before_it(bench: Bench) -> None:
    arn = bench.client.start(
        bench.machine(inside("Parallel", Branches=[branch("left"), branch("right")])), name="one", payload={}
    )
    bench.ended(arn)
    events = bench.client.history(arn)
    exited = [event.details["name"] for event in events if event.type.endswith("StateExited")]
    assert sorted(str(name) for name in exited) == ["left", "right", "whole"]
    assert all(event.previous_id < event.id for event in events)
    started = next(event.id for event in events if event.type == "ParallelStateStarted")
    entered = [event.previous_id for event in events if event.type == "PassStateEntered"]
    assert entered == [started, started]


def test_iterations_of_a_map_are_told_with_their_places(bench: Bench) -> None:
    each = inside("Map", ItemsPath="$.items", ItemProcessor=branch("item"))
    arn = bench.client.start(bench.machine(each), name="one", payload={"items": [1, 2, 3]})
    assert bench.ended(arn).output == [1, 2, 3]
    events = bench.client.history(arn)
    places = [event.details["index"] for event in events if event.type == "MapIterationStarted"]
    assert sorted(int(str(place)) for place in places) == [0, 1, 2]


def test_a_failed_branch_ends_its_siblings(bench: Bench) -> None:
    waits = branch("waits", Type="Wait", Seconds=600)
    arn = bench.client.start(bench.machine(inside("Parallel", Branches=[waits, FAILING])), name="one", payload={})
    execution = bench.ended(arn)
    assert (execution.status, execution.error) == (SessionStatus.FAILED, "TooFew")


def test_a_machine_whose_time_is_up_has_timed_out(bench: Bench) -> None:
    machine = bench.machine({**SLOW, "TimeoutSeconds": 1})
    assert bench.ended(bench.client.start(machine, name="one", payload={})).status is SessionStatus.TIMED_OUT


def test_a_version_runs_what_was_published_whatever_the_machine_is_now(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto knows no versions")
    machine = bench.machine(QUICK)
    version = bench.publish(machine)
    bench.change(machine, FAILING)
    execution = bench.ended(bench.client.start(version, name="one", payload={}))
    assert (execution.output, execution.version_arn) == ({"rows": 3}, version)
    assert bench.client.definition(execution.arn) == QUICK


def test_an_alias_runs_the_version_that_it_leads_to(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto knows no aliases")
    machine = bench.machine(QUICK)
    version = bench.publish(machine)
    alias = bench.alias(version)
    bench.change(machine, FAILING)
    execution = bench.ended(bench.client.start(alias, name="one", payload={}))
    assert (execution.output, execution.version_arn, execution.machine_arn) == ({"rows": 3}, version, machine)
    assert bench.client.definition(alias) == QUICK


def test_a_machine_that_nobody_made_is_missing(bench: Bench) -> None:
    unknown = bench.machine(QUICK) + "-not"
    with pytest.raises(Missing):
        bench.client.start(unknown, name="one", payload={})


def test_a_run_in_flight_has_no_end_yet(bench: Bench) -> None:
    arn = bench.client.start(bench.machine(SLOW), name="one", payload={})
    execution = bench.client.describe(arn)
    assert (execution.status, execution.stopped_at, execution.output) == (SessionStatus.RUNNING, None, None)
    bench.client.stop(arn, reason="test")


def test_the_reason_of_a_stop_is_its_cause(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto forgets the cause of a stop")
    arn = bench.client.start(bench.machine(SLOW), name="one", payload={})
    bench.client.stop(arn, reason="wrong day")
    assert bench.ended(arn).cause == "wrong day"
    assert bench.client.history(arn)[-1].type == "ExecutionAborted"


def test_a_redrive_with_the_same_token_happens_once(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto knows no redrive")
    arn = bench.client.start(bench.machine(FAILING), name="one", payload={})
    bench.ended(arn)
    bench.client.redrive(arn, token="first")
    bench.ended(arn)
    bench.client.redrive(arn, token="first")
    assert bench.client.describe(arn).redrive_count == 1
    bench.client.redrive(arn, token="second")
    assert bench.ended(arn).redrive_count == 2


def test_what_did_not_fail_is_not_redriven_and_the_error_says_why(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto knows no redrive")
    arn = bench.client.start(bench.machine(QUICK), name="one", payload={})
    bench.ended(arn)
    with pytest.raises(Refused) as caught:
        bench.client.redrive(arn, token="first")
    assert caught.value.facts["reason"]


def test_a_redrive_by_somebody_else_is_told_with_its_number_and_its_time(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto knows no redrive")
    machine = bench.machine(FAILING)
    arn = bench.client.start(machine, name="one", payload={})
    before = bench.ended(arn)
    assert (before.redrive_count, before.redriven_at) == (0, None)
    bench.sleep(0.05)
    bench.redrive(arn)
    after = bench.ended(arn)
    assert after.status is SessionStatus.FAILED
    assert after.redrive_count == 1
    assert after.redriven_at is not None
    assert after.stopped_at is not None
    assert before.stopped_at is not None
    assert before.stopped_at < after.redriven_at <= after.stopped_at
    assert [event.type for event in bench.client.history(arn) if event.type.startswith("Execution")] == [
        "ExecutionStarted",
        "ExecutionFailed",
        "ExecutionRedriven",
        "ExecutionFailed",
    ]
    (listed,) = bench.client.executions(machine, limit=10)
    assert (listed.redrive_count, listed.redriven_at, listed.changed_at) == (1, after.redriven_at, after.stopped_at)


def test_what_was_redriven_is_listed_by_its_redrive_as_long_as_it_runs(bench: Bench) -> None:
    if bench.name == "moto":
        pytest.skip("moto knows no redrive")
    machine = bench.machine(SLOW)
    first, second = (bench.client.start(machine, name=name, payload={}) for name in ("one", "two"))
    for arn in (first, second):
        bench.sleep(0.02)
        bench.client.stop(arn, reason="test")
        bench.ended(arn)
    assert [one.arn for one in bench.client.executions(machine, limit=1)] == [second]
    bench.sleep(0.02)
    bench.redrive(first)
    (latest,) = bench.client.executions(machine, limit=1)
    assert (latest.arn, latest.status, latest.changed_at) == (first, SessionStatus.RUNNING, latest.redriven_at)
    bench.client.stop(first, reason="test")
