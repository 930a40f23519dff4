"""Express executions.

Facts: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html (five minutes, no redrive, no limit of
events) and https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html.
"""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.engine.execution import Status
from tests.scripted import fails, gives, machine, played, task

LOOP: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Count",
    "States": {
        "Count": {"Type": "Pass", "Output": {"n": "{% $states.input.n + 1 %}"}, "Next": "Enough"},
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.n >= 7000 %}", "Next": "Done"}],
            "Default": "Count",
        },
        "Done": {"Type": "Succeed"},
    },
}


@pytest.mark.slow
def test_a_history_may_have_more_events_than_a_standard_one() -> None:
    express, standard = played(LOOP, {"n": 0}, kind="EXPRESS"), played(LOOP, {"n": 0})
    assert (express.status, express.output) == (Status.SUCCEEDED, {"n": 7000})
    assert len(express.types) > 25_000
    assert (standard.status, len(standard.types)) == (Status.FAILED, 25_000)


def test_the_same_events_are_told_as_of_a_standard_execution() -> None:
    definition = machine(A={"Type": "Pass"}, B=task(Retry=[{"ErrorEquals": ["Broken"]}]), C={"Type": "Wait", "Seconds": 5})
    tries = [fails(), gives({"ok": True})]
    assert played(definition, kind="EXPRESS", B=tries).types == played(definition, B=tries).types


def test_only_an_execution_that_is_awaited_tells_no_redrives() -> None:
    reads = machine(A={"Type": "Pass", "Parameters": {"execution.$": "$$.Execution"}})
    assert "RedriveCount" not in played(reads, kind="EXPRESS", is_awaited=True).output["execution"]
    assert played(reads, kind="EXPRESS").output["execution"]["RedriveCount"] == 0
    assert played(reads).output["execution"]["RedriveCount"] == 0


def test_five_minutes_are_the_most_whatever_the_machine_says() -> None:
    run = played({**machine(A={"Type": "Wait", "Seconds": 301}), "TimeoutSeconds": 3600}, kind="EXPRESS")
    assert (run.status, run.seconds) == (Status.TIMED_OUT, 300)


def test_the_machines_own_timeout_counts_when_it_is_shorter() -> None:
    run = played({**machine(A={"Type": "Wait", "Seconds": 301}), "TimeoutSeconds": 60}, kind="EXPRESS")
    assert (run.status, run.seconds) == (Status.TIMED_OUT, 60)
