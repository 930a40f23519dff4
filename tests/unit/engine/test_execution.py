"""An execution as a whole: its course, its data, its end."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.engine.clock import VirtualClock
from bunsui.engine.execution import EngineExecution, Status
from bunsui.engine.run import run, simulated_names
from bunsui.errors import InvalidInput
from tests.scripted import START, Script, begun, fails, gives, machine, played, task


def test_states_hand_their_output_on() -> None:
    run_ = played(machine(a={"Type": "Pass", "Result": {"x": 1}, "ResultPath": "$.a"}, b={"Type": "Succeed"}), {"y": 2})
    assert (run_.status, run_.output) == (Status.SUCCEEDED, {"y": 2, "a": {"x": 1}})


def test_input_is_selected_shaped_and_put_back_together() -> None:
    state = task(
        InputPath="$.data",
        Parameters={"n.$": "$.n", "name.$": "$$.State.Name"},
        ResultSelector={"got.$": "$.value"},
        ResultPath="$.result",
        OutputPath="$.result.got",
    )
    found = played(machine(work=state), {"data": {"n": 5}}, work=[gives({"value": [1]})])
    assert found.script.requests[0].arguments == {"n": 5, "name": "work"}
    assert found.output == [1]


def test_a_null_path_is_an_empty_object_or_throws_the_result_away() -> None:
    found = played(machine(work=task(InputPath=None, ResultPath=None)), {"a": 1}, work=[gives("lost")])
    assert found.script.requests[0].arguments == {}
    assert found.output == {"a": 1}


def test_jsonata_shapes_with_arguments_assign_and_output() -> None:
    state = task(
        Arguments={"n": "{% $states.input.n + $base %}"},
        Assign={"base": "{% $states.result %}"},
        Output="{% {'was': $base, 'now': $states.result} %}",
    )
    states = machine(first={"Type": "Pass", "Assign": {"base": 10}}, work=state, last={"Type": "Pass", "Output": "{% $base %}"})
    found = played({**states, "QueryLanguage": "JSONata"}, {"n": 1}, work=[gives(7)])
    assert found.script.requests[0].arguments == {"n": 11}
    assert found.output == 7
    outputs = [details["output"] for details in found.details("TaskStateExited")]
    assert outputs == ['{"was":10,"now":7}']


def test_assignments_all_read_the_values_from_before() -> None:
    states = machine(
        first={"Type": "Pass", "Assign": {"x": 3, "a": 6}},
        second={"Type": "Pass", "Assign": {"x": "{% $a %}", "next": "{% $x %}"}},
        third={"Type": "Pass", "Output": "{% {'x': $x, 'next': $next} %}"},
    )
    assert played({**states, "QueryLanguage": "JSONata"}).output == {"x": 6, "next": 3}


def test_a_choice_takes_the_first_rule_that_holds_or_the_default() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericGreaterThan": 5, "Next": "big"}],
        "Default": "small",
    }
    states = machine(pick=choice, big={"Type": "Succeed"}, small={"Type": "Succeed"})
    assert played(states, {"n": 6}).entered == ["pick", "big"]
    assert played(states, {"n": 5}).entered == ["pick", "small"]


def test_a_choice_without_a_way_out_fails_as_on_aws() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsNull": True, "Next": "end"}]}
    found = played(machine(pick=choice, end={"Type": "Succeed"}), {"n": 1})
    assert found.execution.error == "States.Runtime"
    assert found.execution.cause == (
        "An error occurred while executing the state 'pick' (entered at the event id #2). "
        "Failed to transition out of the state. The state does not point to a next state."
    )


def test_a_fail_state_gives_error_and_cause() -> None:
    state = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('because {}', $.c)"}
    found = played(machine(end=state), {"e": "E", "c": 1})
    assert (found.status, found.execution.error, found.execution.cause) == (Status.FAILED, "E", "because 1")


def test_a_stop_from_outside_aborts() -> None:
    found = begun(machine(work=task()), work=[[]])
    found.pass_seconds(10)
    found.execution.stop("Error", "cause")
    assert (found.status, found.types[-1]) == (Status.ABORTED, "ExecutionAborted")
    assert found.details("ExecutionAborted") == [{"error": "Error", "cause": "cause"}]
    assert found.script.stopped == ["work"]
    found.execution.stop("again", None)
    assert found.execution.error == "Error"


def test_listeners_hear_of_the_end_once() -> None:
    ends: list[str] = []
    found = begun(machine(work=task()), work=[gives(1)])
    found.execution.on_end(lambda ended: ends.append(str(ended.status)))
    assert ends == []
    found.drain()
    found.execution.on_end(lambda ended: ends.append("late"))
    assert ends == ["SUCCEEDED", "late"]


def test_it_can_be_asked_while_it_runs() -> None:
    found = begun(machine(rest={"Type": "Wait", "Seconds": 100}))
    found.pass_seconds(5)
    assert found.status is Status.RUNNING
    assert found.types == ["ExecutionStarted", "WaitStateEntered"]


def test_it_starts_once() -> None:
    found = played(machine(a={"Type": "Pass"}))
    with pytest.raises(InvalidInput):
        found.execution.start()


def test_the_same_seed_gives_the_same_history() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "JitterStrategy": "FULL"}]
    state = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}}
    definition = machine(name=state, work=task(Retry=retry))
    tries = [fails(), gives(1)]
    histories = [played(definition, seed=seed, work=tries).execution.events for seed in (5, 5, 6)]
    assert histories[0] == histories[1]
    assert histories[0] != histories[2]


def test_the_callers_text_of_the_input_is_kept() -> None:
    clock = VirtualClock(START)
    text = '{ "a": 1 }'
    execution = EngineExecution(
        machine(a={"Type": "Pass"}),
        {"a": 1},
        names=simulated_names(),
        runner=Script(clock),
        clock=clock,
        payload_text=text,
    )
    execution.start()
    while clock.step():
        pass
    assert execution.events[0]["executionStartedEventDetails"]["input"] == text
    assert execution.events[1]["stateEnteredEventDetails"]["input"] == text
    assert execution.events[2]["stateExitedEventDetails"]["output"] == '{"a":1}'


def test_running_to_the_end_gives_the_result() -> None:
    clock = VirtualClock(START)
    result = run(machine(a={"Type": "Pass"}), 5, runner=Script(clock), clock=clock)
    assert (result.status, result.output, len(result.events)) == (Status.SUCCEEDED, 5, 4)


BAD: dict[str, Any] = {
    "no states": {"StartAt": "a"},
    "an unknown start": {"StartAt": "b", "States": {"a": {"Type": "Succeed"}}},
    "an unknown target": {"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}}},
    "no way on": {"StartAt": "a", "States": {"a": {"Type": "Pass"}}},
    "an unknown type": {"StartAt": "a", "States": {"a": {"Type": "Bogus"}}},
    "no resource": {"StartAt": "a", "States": {"a": {"Type": "Task", "End": True}}},
    "a catch to nowhere": {
        "StartAt": "a",
        "States": {"a": task(End=True, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "x"}])},
    },
    "a path that is a number": {"StartAt": "a", "States": {"a": {"Type": "Pass", "InputPath": 3, "End": True}}},
    "choices that are no list": {"StartAt": "a", "States": {"a": {"Type": "Choice", "Choices": {}}}},
    "a list": [],
}


@pytest.mark.parametrize("definition", list(BAD.values()), ids=list(BAD))
def test_what_cannot_run_is_refused_before_it_starts(definition: Any) -> None:
    clock = VirtualClock(START)
    with pytest.raises(InvalidInput):
        EngineExecution(definition, {}, names=simulated_names(), runner=Script(clock), clock=clock)


def test_an_index_past_the_end_is_null_in_templates_and_nowhere_else() -> None:
    template = {"Type": "Pass", "Parameters": {"x.$": "$.a[3]"}}
    assert played(machine(a=template), {"a": [1]}).output == {"x": None}
    assert played(machine(a={"Type": "Pass", "InputPath": "$.a[3]"}), {"a": [1]}).execution.error == "States.Runtime"
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.a[3]", "IsPresent": True, "Next": "there"}], "Default": "gone"}
    states = machine(pick=choice, there={"Type": "Succeed"}, gone={"Type": "Succeed"})
    assert played(states, {"a": [1]}).entered == ["pick", "gone"]


def test_data_that_nests_ever_deeper_fails_the_state_at_one_depth() -> None:
    wraps = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Parameters": {"item.$": "$"}, "Next": "In"}}}
    run = played(wraps, {})
    assert (run.status, run.execution.error) == (Status.FAILED, "States.Runtime")
    assert "nested too deeply" in str(run.execution.cause)
    assert run.types.count("PassStateExited") == 399


def test_brackets_in_texts_do_not_count_as_depth() -> None:
    keeps = {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}
    assert played(keeps, {"a": "[" * 1_000 + '"{'}).status is Status.SUCCEEDED


def test_an_assign_holds_256_kib_at_most() -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html, "Limits"."""
    fits, exceeds = "x" * 200_000, "x" * 300_000
    assign: dict[str, Any] = {"Type": "Pass", "Parameters": {}, "ResultPath": None}
    assert played(machine(In={**assign, "Assign": {"v": fits}}), {}).status is Status.SUCCEEDED
    run = played(machine(In={**assign, "Assign": {"v": exceeds}}), {})
    assert (run.status, run.execution.error) == (Status.FAILED, "States.DataLimitExceeded")
