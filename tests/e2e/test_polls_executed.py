"""`poll`, really executed on the embedded AWS."""

from __future__ import annotations

import pytest

from bunsui.model.pipeline import Job, Operation, Pipeline, Poll
from bunsui.model.values import Expression
from bunsui.operations.dynamodb import DynamodbParams
from tests.embedded import EmbeddedAccount
from tests.executing import Ended, Run, compiled, echo, execute

pytestmark = [pytest.mark.embedded]

COUNT = Expression("$exists($ops.ask) ? $ops.ask.n + 1 : 1")
"""A result that grows with each question, made of the answer to the one before."""


def pipeline(poll: Poll, *, isolate: bool = False) -> Pipeline:
    ask = Operation(id="ask", type="echo", params=echo({"n": COUNT}).params, poll=poll)
    after = Job(name="after", operations=(echo(1),), outputs={"x": 1})
    return Pipeline(
        name="polls",
        path="p.yaml",
        jobs=(Job(name="polled", operations=(ask,), isolate=isolate, outputs={"n": Expression("$result.n")}), after),
    )


def ended(account: EmbeddedAccount, found: Pipeline) -> Ended:
    return execute(account, [Run(name="polls", definition=compiled(found).definition)])["polls"]


def test_it_succeeds_with_the_third_answer(embedded_account: EmbeddedAccount) -> None:
    poll = Poll(until=Expression("$result.n = 3"), every_seconds=1, timeout_seconds=60)
    found = ended(embedded_account, pipeline(poll))
    assert (found.status, found.output) == ("SUCCEEDED", {"polled": {"n": 3}, "after": {"x": 1}})


def test_it_times_out_with_what_it_heard_last(embedded_account: EmbeddedAccount) -> None:
    poll = Poll(until=Expression("$result.n = 100"), every_seconds=1, timeout_seconds=2)
    found = ended(embedded_account, pipeline(poll))
    assert (found.status, found.error) == ("FAILED", "Bunsui.PollTimedOut")
    assert found.cause.startswith("until of polled did not hold within 2s after ")
    assert "; the last answer: {" in found.cause


def test_fail_if_fails_an_isolated_job_alone(embedded_account: EmbeddedAccount) -> None:
    poll = Poll(until=Expression("$result.n = 9"), fail_if=Expression("$result.n = 2"), every_seconds=1)
    found = ended(embedded_account, pipeline(poll, isolate=True))
    assert (found.error, found.cause) == ("Bunsui.JobsFailed", "failed: polled (Bunsui.PollFailed)")


def test_a_service_is_asked_again_and_again(embedded_account: EmbeddedAccount) -> None:
    table = embedded_account.client("dynamodb")
    table.create_table(
        TableName="asked",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    add = DynamodbParams(action="update", table="asked", key={"id": "x"}, update="ADD runs :one", values={":one": 1})
    poll = Poll(until=Expression("$result.runs >= 3"), every_seconds=1, timeout_seconds=60)
    ask = Operation(id="add", type="dynamodb", params=add, poll=poll)
    job = Job(name="polled", operations=(ask,), outputs={"runs": Expression("$result.runs")})
    found = ended(embedded_account, Pipeline(name="polls", path="p.yaml", jobs=(job,)))
    assert (found.status, found.output) == ("SUCCEEDED", {"polled": {"runs": 3}}), found.cause
