"""Redriving executions.

Facts: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html and
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
"""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.engine.execution import Status
from bunsui.errors import Refused
from tests.scripted import Played, begun, fails, gives, machine, played, scope, task

DAY = 86_400


def branch(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": scope(states)}


def redriven(run: Played) -> Played:
    run.execution.redrive()
    run.drain()
    return run


def test_only_the_failed_step_runs_again_with_the_same_input() -> None:
    run = played(machine(first=task(), second=task()), {"a": 1}, first=[gives({"b": 2})], second=[fails(), gives("done")])
    redriven(run)
    assert (run.status, run.output) == (Status.SUCCEEDED, "done")
    assert [(request.state, request.arguments) for request in run.script.requests] == [
        ("first", {"a": 1}),
        ("second", {"b": 2}),
        ("second", {"b": 2}),
    ]
    place = run.types.index("ExecutionRedriven")
    assert run.types[place - 1 : place + 2] == ["ExecutionFailed", "ExecutionRedriven", "LambdaFunctionScheduled"]
    assert run.details("ExecutionRedriven") == [{"redriveCount": 1}]


def test_the_state_is_not_entered_again_and_retries_count_anew() -> None:
    state = task(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}])
    run = redriven(played(machine(work=state), work=[fails(), fails(), fails(), gives()]))
    assert run.status is Status.SUCCEEDED
    assert [request.attempt for request in run.script.requests] == [0, 1, 0, 1]
    assert run.types.count("TaskStateEntered") == 1


def test_only_failed_and_aborted_branches_run_again() -> None:
    state = {"Type": "Parallel", "Branches": [branch(a=task(), b=task()), branch(c=task()), branch(d=task())]}
    run = played(
        machine(all=state),
        b=[fails(after_seconds=5), gives("b")],
        c=[gives("c")],
        d=[gives("d1", after_seconds=60), gives("d2", after_seconds=60)],
    )
    assert [request.state for request in run.script.requests] == ["a", "c", "d", "b"]
    redriven(run)
    assert run.output == ["b", "c", "d2"]
    assert [request.state for request in run.script.requests][4:] == ["b", "d"]


def test_only_failed_iterations_run_again() -> None:
    state = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": branch(work=task())}
    run = played(machine(each=state), [1, 2, 3], work=[gives("one"), fails(), gives("two"), gives("three")])
    redriven(run)
    assert run.output == ["one", "two", "three"]
    assert [request.path[0][1] for request in run.script.requests] == [0, 1, 1, 2]


def test_the_context_tells_the_redrive() -> None:
    state = task(Parameters={"n.$": "$$.Execution.RedriveCount"})
    run = redriven(played(machine(work=state), work=[fails(), gives()]))
    assert [request.arguments for request in run.script.requests] == [{"n": 0}, {"n": 1}]


def test_the_timeout_of_the_machine_begins_anew() -> None:
    definition = {**machine(work=task()), "TimeoutSeconds": 100}
    run = played(definition, work=[gives(after_seconds=150), gives(after_seconds=90)])
    assert run.status is Status.TIMED_OUT
    assert redriven(run).status is Status.SUCCEEDED
    assert run.seconds == 190


def test_a_stopped_execution_goes_on_where_it_was() -> None:
    run = begun(machine(first=task(), work=task()), work=[[], gives("done")])
    run.pass_seconds(5)
    run.execution.stop("Tired", "enough")
    assert (run.status, run.execution.error, run.execution.cause) == (Status.ABORTED, "Tired", "enough")
    assert run.script.stopped == ["work"]
    redriven(run)
    assert (run.status, run.output) == (Status.SUCCEEDED, "done")
    assert (run.execution.error, run.entered) == (None, ["first", "work"])


@pytest.mark.parametrize("kind", ["EXPRESS", "STANDARD"])
def test_a_success_and_an_express_execution_cannot_be_redriven(kind: str) -> None:
    run = played(machine(a={"Type": "Pass"}), kind=kind)
    with pytest.raises(Refused) as refused:
        run.execution.redrive()
    assert refused.value.code == "execution-not-redrivable"


def test_after_fourteen_days_it_is_too_late() -> None:
    run = played(machine(work=task()), work=[fails()])
    run.pass_seconds(14 * DAY + 1)
    with pytest.raises(Refused):
        run.execution.redrive()


def test_a_full_history_cannot_be_redriven() -> None:
    state = {"Type": "Map", "ItemProcessor": branch(keep={"Type": "Pass"})}
    run = played(machine(each=state), list(range(10_000)))
    with pytest.raises(Refused):
        run.execution.redrive()


def test_a_map_run_redrives_its_failed_children() -> None:
    processor = {**branch(work=task()), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    state = {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 1}
    run = played(machine(each=state), [1, 2, 3], work=[gives("one"), fails(), gives("two"), gives("three")])
    (map_run,) = run.execution.map_runs
    assert map_run.status is Status.FAILED
    assert map_run.execution_counts()["pendingRedrive"] == 2
    redriven(run)
    assert run.output == ["one", "two", "three"]
    assert (map_run.redrive_count, map_run.status) == (1, Status.SUCCEEDED)
    assert map_run.children[1].redrive_count == 1
    assert "MapRunRedriven" in run.types
    assert run.execution.map_runs == [map_run]


def test_children_wait_for_their_place_to_be_redriven() -> None:
    processor = {**branch(work=task()), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    state = {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 2, "ToleratedFailureCount": 2}
    slow = [gives("ok", after_seconds=10)]
    run = played(machine(each=state), [1, 2, 3], work=[fails(), fails(), fails(), *slow])
    run.execution.redrive()
    run.clock.step()
    (map_run,) = run.execution.map_runs
    assert [child.status for child in map_run.children.values()] == [Status.RUNNING, Status.RUNNING, Status.PENDING_REDRIVE]
    assert map_run.execution_counts()["pendingRedrive"] == 1
    run.drain()
    assert run.output == ["ok"] * 3
    assert run.seconds == 20


@pytest.mark.slow
def test_thousands_of_children_are_redriven() -> None:
    processor = {**branch(work=task()), "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    state = {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 5, "ToleratedFailureCount": 2999}
    run = played(machine(each=state), list(range(3000)), work=[fails()] * 3000 + [gives("ok")])
    assert run.status is Status.FAILED
    assert redriven(run).output == ["ok"] * 3000
