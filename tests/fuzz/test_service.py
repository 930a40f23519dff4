"""Damaged definitions and inputs at the Step Functions of the embedded AWS: refused in its words, or run, and it goes on."""

from __future__ import annotations

import json

import pytest

from bunsui.emulator.stepfunctions.errors import ApiError
from tests.fuzz.mutation import Mutator
from tests.unit.emulator.stepfunctions.bench import ROLE, Bench, ToldServices, passing, running


def started(bench: Bench, seed: int) -> str | None:
    """Make a machine and start it; None when either was refused. Anything but a refusal is raised."""
    mutator = Mutator(seed)
    definition, payload = json.dumps(mutator.definition()), json.dumps(mutator.payload())
    try:
        machine = bench.ask("CreateStateMachine", name=f"m{seed}", definition=definition, roleArn=ROLE)["stateMachineArn"]
        bench.ask("DescribeStateMachine", stateMachineArn=machine)
        return str(bench.ask("StartExecution", stateMachineArn=machine, input=payload)["executionArn"])
    except ApiError:
        return None


def tried(seeds: range) -> None:
    services = ToldServices()
    services.handlers["lambda", "invoke"] = lambda _request: {"Payload": '{"a": 1}', "StatusCode": 200}
    with running(services) as bench:
        executions = [arn for seed in seeds if (arn := started(bench, seed)) is not None]
        assert executions
        for arn in executions:
            found = bench.ask("DescribeExecution", executionArn=arn)
            assert "The engine of the embedded AWS failed" not in found.get("cause", ""), arn
            bench.ask("GetExecutionHistory", executionArn=arn, maxResults=1000)
        assert bench.ended(bench.start(bench.machine("last", passing(1))))["status"] == "SUCCEEDED"


def test_what_is_asked_of_the_service_is_answered_or_refused() -> None:
    tried(range(3_000_000, 3_000_150))


@pytest.mark.slow
def test_thousands_of_machines_are_answered_or_refused() -> None:
    tried(range(3_100_000, 3_103_000))


def test_a_text_that_is_no_unicode_is_data_as_any() -> None:
    with running() as bench:
        found = bench.ended(bench.start(bench.machine("m", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}), "\ud800"))
    assert (found["status"], found["output"]) == ("SUCCEEDED", '"\ud800"')
