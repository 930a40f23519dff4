"""Approvals as states: what is written where, what comes back, and the ways out without an answer."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bunsui.asl.model import Catcher, Fail, Parallel, Pass, Task
from bunsui.model.gates import GATE_FORMAT, gates_partition, may_approve, rejection_cause, rejection_in, tokens_partition
from bunsui.stored_words import StoredForm
from tests.unit.operations.harness import emitted, evaluated, kind_of, needs, operation, result_of

ASKED: dict[str, Any] = {"type": "approval", "message": "well", "deadline": "24h"}
CATCH = (Catcher(errors=("States.ALL",), next="job.caught"),)
TIMEOUT = ("States.Timeout",)


def gate(more: dict[str, Any] | None = None, **context: Any) -> Task:
    state = emitted({**ASKED, **(more or {})}, **context)["job"]
    assert isinstance(state, Task)
    return state


def puts(state: Task) -> dict[str, Any]:
    arguments: Any = state.arguments
    return {one["Put"]["TableName"]: one["Put"]["Item"] for one in arguments["TransactItems"]}


def test_the_token_is_put_into_its_own_table_and_nowhere_else() -> None:
    state = gate({"evidence": {"rows": 7}})
    assert state.resource == "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems.waitForTaskToken"
    row, secret = puts(state)["bunsui-state"], puts(state)["bunsui-approvals"]
    assert row["pk"] == {"S": gates_partition("shop", "dev", "sales")}
    assert secret["pk"] == {"S": tokens_partition("shop", "dev", "sales")}
    assert secret["token"] == {"S": "{% $states.context.Task.Token %}"}
    assert "Token" not in str(row)
    assert row["sk"] == secret["sk"]
    assert (row["message"], row["evidence"]) == ({"S": "well"}, {"S": '{"rows":7}'})


def test_the_machine_may_put_under_its_own_partitions_only() -> None:
    found = {str(one.resources[0]): one for one in needs(ASKED)}
    for table, partition in (("bunsui-state", "shop#dev#gates#sales"), ("bunsui-approvals", "shop#dev#sales")):
        permission = found[f"arn:aws:dynamodb:us-east-1:111122223333:table/{table}"]
        assert permission.actions == ("dynamodb:PutItem",)
        assert permission.condition == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [partition]}}
    key = found["arn:aws:kms:us-east-1:111122223333:key/*"]
    assert key.condition["StringEquals"] == {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}


def test_machines_write_the_format_that_is_read() -> None:
    assert StoredForm.GATE.format == GATE_FORMAT


def test_step_functions_counts_the_deadline() -> None:
    assert gate().timeout_seconds == 86_400
    assert gate().catch == ()


@pytest.mark.parametrize(
    ("answer", "on_reject", "result"),
    [
        ({"decision": "approved", "by": "ann", "note": "n", "at": "t"}, "fail", ("approved", "ann", "n", "t")),
        ({}, "fail", ("approved", "", "", "")),
        ("yes", "fail", ("approved", "", "", "")),
        ({"decision": "rejected", "by": 7}, "continue", ("rejected", "7", "", "")),
        ({"decision": "maybe"}, "continue", ("approved", "", "", "")),
    ],
)
def test_whatever_comes_back_has_four_fields(answer: Any, on_reject: str, result: tuple[str, ...]) -> None:
    told = result_of(gate({"on_reject": on_reject}), answer, "approval")
    assert told == dict(zip(("decision", "by", "note", "at"), result, strict=True))


def test_a_rejection_that_is_told_as_a_success_approves_nothing() -> None:
    with pytest.raises(Exception, match="rejected, but not by SendTaskFailure"):
        result_of(gate(), {"decision": "rejected"}, "approval")


def test_a_rejection_may_skip_the_rest_of_the_job() -> None:
    (catcher,) = gate({"on_reject": "skip"}).catch
    assert (catcher.errors, catcher.next, catcher.output) == (("ApprovalRejected",), "job.skipped", "{% $states.input %}")


@pytest.mark.parametrize(("on_deadline", "decision"), [("approve", "approved"), ("reject", "rejected")])
def test_the_deadline_may_count_as_a_decision(on_deadline: str, decision: str) -> None:
    states = emitted({**ASKED, "on_deadline": on_deadline, "on_reject": "continue"}, catch=CATCH)
    first, last = gate({"on_deadline": on_deadline, "on_reject": "continue"}, catch=CATCH).catch
    assert (first.errors, last) == (TIMEOUT, CATCH[0])
    after = states[first.next]
    assert isinstance(after, Pass)
    assert after.next == "after"
    told = evaluated(after.output, states={"input": {}, "context": {"State": {"EnteredTime": "t"}}})["ops"]["approval"]
    assert told == {"decision": decision, "by": "deadline", "note": "nobody decided within 24h", "at": "t"}


def test_a_deadline_that_rejects_fails_as_a_rejection_does() -> None:
    (catcher,) = gate({"on_deadline": "reject"}).catch
    state = emitted({**ASKED, "on_deadline": "reject"})[catcher.next]
    assert state == Fail(error="ApprovalRejected", cause="nobody decided within 24h")
    isolated = emitted({**ASKED, "on_deadline": "reject"}, catch=CATCH)[catcher.next]
    assert isinstance(isolated, Parallel)
    assert isolated.catch == CATCH


def test_a_deadline_that_rejects_skips_where_rejections_skip() -> None:
    told = [(one.errors, one.next) for one in gate({"on_deadline": "reject", "on_reject": "skip"}).catch]
    assert told == [(("ApprovalRejected",), "job.skipped"), (TIMEOUT, "job.skipped")]


def test_writing_the_gate_is_tried_again_and_no_answer_is() -> None:
    (retrier,) = gate().retry
    assert all(name.startswith("DynamoDb.") for name in retrier.errors)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"deadline": "366d"}, "365d at most"),
        ({"deadline": "soon"}, "deadline"),
        ({"approvers": [""]}, "approvers"),
        ({"on_deadline": "continue"}, "on_deadline"),
        ({"four_eyes": "yes"}, "four_eyes"),
    ],
)
def test_what_cannot_be_kept_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        operation({**ASKED, **more})


def test_a_test_tells_the_decision_alone() -> None:
    made = operation(ASKED)
    answer = kind_of(made).answer
    assert answer(made.params, "rejected") == {"decision": "rejected"}
    assert answer(made.params, {"note": "n"}) == {"note": "n"}
    assert answer(made.params, None) == {}


@pytest.mark.parametrize(("by", "note"), [("ann", ""), ("ann", "no"), ("ann", "a — rejected by b"), ("ann", "two\nlines")])
def test_who_rejected_and_why_is_read_back_from_the_cause(by: str, note: str) -> None:
    assert rejection_in(rejection_cause(by=by, note=note)) == (by, note)


def test_another_cause_is_all_note() -> None:
    assert rejection_in("no") == ("", "no")


def test_no_pattern_stands_for_whoever_reads_the_token() -> None:
    assert may_approve((), "arn:aws:iam::1:user/anybody")
    assert not may_approve(("",), "arn:aws:iam::1:user/anybody")
