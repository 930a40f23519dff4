"""Definitions are printed in a key order that reads well, and hold nothing that Step Functions does not know."""

from __future__ import annotations

from bunsui.asl.model import (
    Branch,
    Catcher,
    Choice,
    Fail,
    Map,
    Parallel,
    Pass,
    RawState,
    Retrier,
    Rule,
    State,
    StateMachine,
    Succeed,
    Task,
    Wait,
    code,
)
from bunsui.asl.printing import definition_size, definition_text, nested_states, printed

INNER = Branch(start_at="x", states={"x": Pass()})

STATES: dict[str, State] = {
    "task": Task(
        resource="arn:aws:states:::lambda:invoke",
        arguments={"FunctionName": "f"},
        output=code("$states.result"),
        assign={"v": 1},
        retry=(Retrier(errors=("A",), interval_seconds=2, max_attempts=3, max_delay_seconds=9, full_jitter=True),),
        catch=(Catcher(errors=("States.ALL",), next="fail", output={}),),
        timeout_seconds=60,
        heartbeat_seconds=5,
        next="wait",
        comment="why",
    ),
    "never": Task(resource="r", retry=(Retrier(errors=("B",), interval_seconds=1, max_attempts=0),), next="wait"),
    "wait": Wait(seconds=0, next="choice"),
    "choice": Choice(rules=(Rule(condition=code("true"), next="map", output={}, comment="yes"),), default="done"),
    "map": Map(items=[], processor=INNER, item_selector={"a": 1}, max_concurrency=2, next="parallel"),
    "parallel": Parallel(branches=(INNER,), next="raw"),
    "raw": RawState(fields={"Type": "Pass", "Next": "done", "X": 1}),
    "done": Succeed(),
    "fail": Fail(error="E", cause="c"),
}


def test_every_state_is_printed_with_what_it_is_first_and_where_it_leads_last() -> None:
    document = printed(StateMachine(start_at="task", states=STATES, comment="c", timeout_seconds=9))
    assert list(document) == ["Comment", "QueryLanguage", "StartAt", "TimeoutSeconds", "States"]
    found = document["States"]
    assert list(found) == list(STATES)
    assert list(found["task"]) == [
        "Type", "Comment", "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds", "Retry", "Catch", "Assign", "Output",
        "Next",
    ]  # fmt: skip
    assert found["task"]["Retry"] == [
        {
            "ErrorEquals": ["A"],
            "MaxAttempts": 3,
            "IntervalSeconds": 2,
            "BackoffRate": 2.0,
            "MaxDelaySeconds": 9,
            "JitterStrategy": "FULL",
        }
    ]
    assert found["never"]["Retry"] == [{"ErrorEquals": ["B"], "MaxAttempts": 0}]
    assert found["task"]["Catch"] == [{"ErrorEquals": ["States.ALL"], "Output": {}, "Next": "fail"}]
    assert found["wait"] == {"Type": "Wait", "Seconds": 0, "Next": "choice"}
    assert found["choice"] == {
        "Type": "Choice",
        "Choices": [{"Comment": "yes", "Condition": "{% true %}", "Output": {}, "Next": "map"}],
        "Default": "done",
    }
    assert found["map"]["ItemProcessor"] == {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "x",
        "States": {"x": {"Type": "Pass", "End": True}},
    }
    assert found["raw"] == {"Type": "Pass", "Next": "done", "X": 1}
    assert found["done"] == {"Type": "Succeed"}
    assert found["fail"] == {"Type": "Fail", "Error": "E", "Cause": "c"}


def test_nested_states_are_given_with_their_names() -> None:
    assert [name for name, _ in nested_states(STATES)].count("x") == 2


def test_the_size_is_that_of_the_bytes_that_are_sent() -> None:
    assert definition_text({"a": "日"}) == '{"a":"日"}'
    assert definition_size({"a": "日"}) == 11
