"""What a policy makes of a failed session: the first rule that fits and can be carried out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bunsui.compile.policies import NO_POLICIES, ToldPolicies
from bunsui.diagnostics import Position
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, OutputRule
from bunsui.model.recovery import Policy, RecoveryRule, Strategy
from bunsui.model.session import Attempt, Custody, SessionStatus
from bunsui.model.values import Expression
from bunsui.sessions.recovery.policies import PolicyInForce, policy_in_force
from bunsui.sessions.recovery.strategies import OWN_RULE, AppliedChange, Decision, RecoveryCase, choose_strategy
from tests.unit.sessions.recovery.test_strategies import ARN, NOW, case

LOAD = Job(
    name="load",
    operations=(),
    outputs={"rows": Expression("$result.rows")},
    output_rules={"rows": OutputRule(type="integer")},
)


def rule(strategy: Strategy, *only: str, attempts: int | None = None, line: int = 1, **more: object) -> RecoveryRule:
    at = Position("pipelines/daily.yaml", line, 5)
    return RecoveryRule(strategy=strategy, only=only, attempts=attempts, position=at, **more)  # type: ignore[arg-type]


def under(found: RecoveryCase, *rules: RecoveryRule, recoveries: int = 0) -> RecoveryCase:
    """Return the case of a session that was recovered so often, under these rules."""
    (first,) = found.session.attempts
    more = tuple(replace(first, number=number, execution_arn=f"{ARN}--{number}") for number in range(2, recoveries + 2))
    said = ToldPolicies(pipeline=rules, jobs={})
    return replace(
        found,
        session=replace(found.session, attempts=(first, *more)),
        policy=policy_in_force(said, said, "load"),
        jobs={"load": LOAD},
        owner="data-team",
    )


def chosen(found: RecoveryCase, wish: Strategy | None = None) -> Decision:
    return choose_strategy(found, now=NOW, wish=wish)


def test_the_first_rule_that_fits_counts_and_is_named_by_its_place() -> None:
    found = under(
        case("throttling"),
        rule(Strategy.RESTART, "data", line=4),
        rule(Strategy.RESUME, "throttling", attempts=2, line=5),
        rule(Strategy.MANUAL, line=6),
    )
    decision = chosen(found)
    assert (decision.strategy, decision.rule) == (Strategy.RESUME, "pipelines/daily.yaml:5")
    assert decision.reason == "throttling: pipelines/daily.yaml:5 says resume, recovery 1 of 2"


def test_a_rule_fits_an_error_by_its_name() -> None:
    assert chosen(under(case("data"), rule(Strategy.RESTART, "X"))).strategy is Strategy.RESTART


def test_used_up_attempts_lead_to_the_next_rule_and_behind_the_last_to_a_person() -> None:
    rules = rule(Strategy.RESUME, attempts=1, line=4), rule(Strategy.RESTART, attempts=2, line=5)
    assert chosen(under(case("data"), *rules)).strategy is Strategy.RESUME
    second = chosen(under(case("data"), *rules, recoveries=1))
    assert (second.strategy, second.rule) == (Strategy.RESTART, "pipelines/daily.yaml:5")
    assert "pipelines/daily.yaml:4: its 1 attempt is used up" in second.reason
    third = chosen(under(case("data"), *rules, recoveries=2))
    assert (third.strategy, third.owner, third.rule) == (Strategy.MANUAL, "data-team", "pipelines/daily.yaml:5")
    assert "its 2 attempts are used up" in third.reason


def test_a_redrive_that_cannot_be_is_passed_over_and_said() -> None:
    rules = rule(Strategy.REDRIVE, line=4), rule(Strategy.RESTART, line=5)
    old = chosen(under(case("throttling", ended=timedelta(days=15)), *rules))
    assert old.strategy is Strategy.RESTART
    assert "pipelines/daily.yaml:4: no redrive: its execution ended more than 14 days ago" in old.reason
    newer = chosen(under(case("throttling", change=AppliedChange.SOME), *rules))
    assert newer.strategy is Strategy.RESTART
    assert "another version is applied now" in newer.reason


def test_without_a_rule_that_can_be_carried_out_bunsuis_own_counts() -> None:
    decision = chosen(under(case("throttling", ended=timedelta(days=15)), rule(Strategy.REDRIVE, line=4)))
    assert (decision.strategy, decision.rule) == (Strategy.RESUME, OWN_RULE)
    assert "pipelines/daily.yaml:4: no redrive" in decision.reason
    assert chosen(under(case("throttling"), rule(Strategy.MANUAL, "data"))).strategy is Strategy.REDRIVE


def test_what_only_repeats_a_failure_of_the_code_is_left_unless_the_rule_names_it() -> None:
    left = chosen(under(case("code"), rule(Strategy.RESUME, line=4)))
    assert (left.strategy, left.rule) == (Strategy.LEAVE, "pipelines/daily.yaml:4")
    assert "it fails again in the same way" in left.reason
    named = chosen(under(case("code"), rule(Strategy.RESUME, "code")))
    assert named.strategy is Strategy.RESUME
    assert "it fails again in the same way" in named.reason
    assert chosen(under(case("code"), rule(Strategy.MANUAL))).strategy is Strategy.MANUAL


def test_what_somebody_stopped_needs_a_rule_that_names_it() -> None:
    stopped = case("cancelled", status=SessionStatus.CANCELLED)
    assert chosen(under(stopped, rule(Strategy.RESUME))).strategy is Strategy.LEAVE
    assert chosen(under(stopped, rule(Strategy.RESUME, "cancelled"))).strategy is Strategy.RESUME


def test_a_restart_from_says_the_job_and_one_that_is_gone_is_passed_over() -> None:
    decision = chosen(under(case("data"), rule(Strategy.RESTART_FROM, job="load")))
    assert (decision.strategy, decision.job, decision.wishes.begin) == (Strategy.RESTART_FROM, "load", frozenset({"load"}))
    gone = chosen(under(case("data"), rule(Strategy.RESTART_FROM, job="gone")))
    assert (gone.strategy, gone.rule) == (Strategy.RESUME, OWN_RULE)
    assert "there is no job gone any more" in gone.reason


@pytest.mark.parametrize(("output", "fits"), [({"rows": 0}, True), ({"rows": "0"}, False), ({}, False), ({"n": 1}, False)])
def test_a_skip_gives_what_the_job_declares_now_or_is_passed_over(output: Mapping[str, Json], fits: bool) -> None:
    decision = chosen(under(case("data"), rule(Strategy.SKIP, output=output)))
    assert (decision.strategy is Strategy.SKIP) is fits
    assert decision.wishes.given == ({"load": {"rows": 0}} if fits else {})


def test_a_manual_rule_says_who_what_and_by_when() -> None:
    decision = chosen(under(case("data"), rule(Strategy.MANUAL, owner="mika", note="ask", deadline_seconds=60)))
    assert (decision.owner, decision.note, decision.deadline_seconds) == ("mika", "ask", 60)


def test_a_wish_goes_before_the_policy_and_says_what_that_would_have() -> None:
    found = under(case("data"), rule(Strategy.RESTART, line=4))
    assert chosen(found, Strategy.RESUME).reason == "asked for; pipelines/daily.yaml:4 says restart"
    assert chosen(found, Strategy.RESTART).reason == "asked for"


def test_who_is_on_it_goes_before_the_policy_and_not_before_a_wish() -> None:
    found = under(case("data"), rule(Strategy.RESTART))
    custody = Custody(owner="mika", by="mika", at=NOW, attempt=1)
    held = replace(found, session=replace(found.session, custody=custody))
    assert (chosen(held).strategy, chosen(held).reason) == (Strategy.LEAVE, "mika is on it")
    assert chosen(held, Strategy.RESTART).strategy is Strategy.RESTART


def test_what_another_version_wrote_is_not_guessed() -> None:
    found = replace(case("throttling"), policy=PolicyInForce(is_foreign=True))
    assert chosen(found).strategy is Strategy.LEAVE


RESUME: Policy = (rule(Strategy.RESUME, line=7),)
RESTART: Policy = (rule(Strategy.RESTART, line=8),)


@pytest.mark.parametrize(
    ("applied", "written", "places", "is_told"),
    [
        (RESUME, RESUME, ("pipelines/daily.yaml:7",), False),
        (RESUME, RESTART, ("rule 1 of the pipeline, as applied",), True),
        (RESUME, None, ("rule 1 of the pipeline, as applied",), False),
        ((), RESTART, (), True),
        ((), (), (), False),
    ],
)
def test_a_rule_is_named_by_the_file_where_that_says_what_is_applied(
    applied: Policy, written: Policy | None, places: tuple[str, ...], is_told: bool
) -> None:
    said = ToldPolicies(pipeline=written, jobs={}) if written is not None else None
    found = policy_in_force(ToldPolicies(pipeline=applied, jobs={}), said, "load")
    assert (found.rules, found.places, bool(found.remark)) == (applied, places, is_told)
    assert policy_in_force(NO_POLICIES, None, "").rules == ()


@pytest.mark.parametrize(
    ("began", "message", "why"),
    [
        (timedelta(days=400), "x", "its execution began more than a year ago"),
        (timedelta(days=1), "The execution reached the maximum number of history events (25000).", "its history is full"),
    ],
)
def test_what_step_functions_refuses_for_other_reasons_is_not_redriven_either(began: timedelta, message: str, why: str) -> None:
    found = case("throttling")
    (first,) = found.session.attempts
    begun: Attempt = replace(first, started_at=NOW - began)
    assert found.session.failure is not None
    note = replace(found.session.failure, message=message)
    odd = replace(found, session=replace(found.session, attempts=(begun,), failure=note))
    decision = chosen(replace(under(found, rule(Strategy.REDRIVE)), session=odd.session))
    assert decision.strategy is Strategy.RESUME
    assert why in decision.reason
