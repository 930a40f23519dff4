"""`glue_job`: what is started, what is allowed, what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.model.address import Address
from bunsui.model.values import Unknown
from tests.unit.operations.harness import SCOPE, allowed, evaluated, kind_of, operation, result_of, the_task

JOB = {"type": "glue_job", "job": "bronze", "arguments": {"date": "{% $params.date %}", "--mode": "full"}}


def test_arguments_are_texts_under_glues_names() -> None:
    state = the_task({**JOB, "workers": {"type": "G.1X", "count": 2}})
    assert state.resource == "arn:aws:states:::glue:startJobRun.sync"
    assert evaluated(state.arguments, params={"date": 20260131}) == {
        "JobName": "bronze",
        "Arguments": {"--date": "20260131", "--mode": "full"},
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
    }


def test_the_result_says_which_run_it_was_and_how_long_it_took() -> None:
    answer = {"Id": "jr_1", "JobName": "bronze", "JobRunState": "SUCCEEDED", "ExecutionTime": 66, "Attempt": 0}
    assert result_of(the_task(JOB), answer, "glue_job") == {"id": "jr_1", "state": "SUCCEEDED", "seconds": 66}


def test_nothing_is_allowed_but_runs_of_this_job() -> None:
    actions = ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
    assert allowed(JOB) == {(action, "arn:aws:glue:us-east-1:111122223333:job/bronze") for action in actions}
    later = {"type": "glue_job", "job": Unknown("offline")}
    assert {resource for _, resource in allowed(later)} == {"arn:aws:glue:us-east-1:111122223333:job/*"}


def test_it_logs_where_glue_jobs_do() -> None:
    made = operation(JOB)
    found = kind_of(made).logs(made.params, Address("lambda_function", "p", "j"), SCOPE)
    assert found is not None
    assert found.group == "/aws-glue/jobs/output"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"arguments": {"date": "a", "--date": "b"}}, "--date is given twice"),
        ({"job": "a/b"}, "the job's name"),
        ({"workers": {"type": "G.1X", "count": 0}}, "greater than or equal to 1"),
        ({"arguments": {"n": 5}}, "valid string"),
    ],
)
def test_a_run_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({**JOB, **given})
