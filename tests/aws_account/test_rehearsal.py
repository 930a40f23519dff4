"""The questions are asked of the embedded AWS as they will be of an account: what asks them works, and nothing is left."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.aws_account.__main__ import BUDGET_DOLLARS
from tests.aws_account.account import ACCOUNT_VARIABLE, PREFIX, Account, new_run, open_account
from tests.aws_account.leftovers import look, sweep
from tests.aws_account.questions import anonymous
from tests.aws_account.record import QUESTIONS, Report, ask_all, write
from tests.aws_account.walk import Walk, absent_tables, remove_tables
from tests.embedded import EmbeddedAccount

NOT_THERE = {"placement", "throttled-athena"}
"""The embedded AWS has no capacity to run out of, and its Athena takes any number of queries."""
OTHERWISE = {
    "absent-role": "who calls the embedded IAM is not judged",
    "describe-by-alias": "the embedded Step Functions describes machines and versions only",
}
"""Where the embedded AWS may answer otherwise than bunsui relies on for AWS, and why."""


def posing(embedded: EmbeddedAccount) -> Account:
    """Return the embedded account as one that bunsui takes for AWS."""
    return Account(
        number=embedded.account,
        region=embedded.region,
        run=new_run(),
        is_aws=False,
        client=embedded.client,
        line=(sys.executable, "-m", "benchmarks.as_aws", embedded.endpoint.url, embedded.account),
    )


@pytest.mark.slow
@pytest.mark.embedded
def test_the_walk_goes_all_questions_are_answered_and_nothing_is_left(
    embedded_account: EmbeddedAccount, tmp_path: Path
) -> None:
    account = posing(embedded_account)
    absent = absent_tables(account)
    walk = Walk(account, tmp_path / "project")
    walk.go()
    assert [step for step in walk.steps if not step.went] == []
    report = ask_all(account, walk)
    assert {
        one.question.name: one.why for one in report.asked if one.answer is None and one.question.name not in NOT_THERE
    } == {}
    for line in report.lines():
        print(line)
    others = {one.question.name: one.answer for one in report.asked if not one.holds and one.question.name not in NOT_THERE}
    assert others.keys() <= OTHERWISE.keys(), others
    write(report, account, tmp_path / "cases")
    for path in (tmp_path / "cases").iterdir():
        assert account.number not in path.read_text()
        assert account.run not in path.read_text()
    assert look(account, account.run).found
    assert remove_tables(account, absent) == []
    left = sweep(account, account.run, seconds=30)
    assert (left.found, left.unknown) == ((), ())


def test_nothing_is_asked_of_an_account_that_is_not_named() -> None:
    for named in ({}, {ACCOUNT_VARIABLE: ""}, {ACCOUNT_VARIABLE: "12345"}):
        with pytest.raises(SystemExit, match="names no account"):
            open_account(named)


def test_all_questions_together_stay_within_the_budget() -> None:
    assert sum(question.dollars for question in QUESTIONS) <= BUDGET_DOLLARS / 2  # what the walk costs is not counted
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)


def test_what_is_kept_tells_nothing_of_the_account_and_of_the_moment() -> None:
    account = Account(number="123456789012", region="eu-west-1", run=f"{PREFIX}abc123", is_aws=True, client=lambda name: None)
    told = {
        "arn": "arn:aws:states:eu-west-1:123456789012:stateMachine:bunsui-day-abc123-x",
        "cause": "(Request ID: 0b9e1f58-3c0d-4a5e-8f2b-6a4c55d0a001, Extended Request ID: aB+/=) at 2026-01-02T03:04:05.678Z",
        "count": [1, None, True],
    }
    assert anonymous(told, account) == {
        "arn": "arn:aws:states:REGION:111111111111:stateMachine:RUN-x",
        "cause": "(Request ID: UUID, Extended Request ID: ID) at MOMENT",
        "count": [1, None, True],
    }


def test_a_report_names_what_did_not_go_and_what_was_not_asked() -> None:
    report = Report(steps=(), seen={"point_in_time_recovery": "ENABLED"}, asked=())
    assert report.is_as_relied_on
    assert list(report.lines()) == [f"seen point_in_time_recovery: {json.dumps('ENABLED')}"]
