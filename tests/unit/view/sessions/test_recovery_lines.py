"""A recovery as people read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from bunsui.model.recovery import Strategy
from bunsui.services.recovery.carrying import RecoveryStatus, RecoveryStep
from bunsui.sessions.recovery.plan import RecoveryPlan
from bunsui.sessions.recovery.strategies import OWN_RULE
from bunsui.view.sessions.recovery import plan_lines, step_line, total_line
from tests.fakes.session_room import START
from tests.unit.view.printed import _recovery_plan

HANDED = RecoveryStatus.HANDED_OVER


def text_of(plan: RecoveryPlan) -> list[str]:
    return [line.text for line in plan_lines(plan, zone=UTC)]


def test_a_group_says_its_cause_what_is_done_what_may_happen_twice_and_how_long_it_takes() -> None:
    assert text_of(_recovery_plan()) == [
        "1 × load: ValueError [code]  x",
        "  started 2026-01-31 18:00:00 to 2026-01-31 18:01:00; the latest is 01KBH3X2J4ABCDEFGHJKMNPQRS, f1-0123456789ab",
        "  daily  resume 1  load: its code changed",
        "    keeps extract",
        "    runs  load",
        "    again clean: its code changed",
        "    of load only the items that did not succeed, if nothing of it changed",
        "    may happen twice: load.call (nothing says idempotent: true)",
        "    a whole run takes about 1 min 02 s (3 runs); what runs about 40 s, by learnt durations",
        "    cost: an estimate of at most 0.0030 USD, by list prices",
        "      not counted: glue_job in load, logs, storage, data transfer, free tiers and discounts",
        "",
        "could not be looked at, so that sessions may be missing: hourly",
        "1 cause, 1 session: 1 to resume",
    ]


def test_costs_are_summed_and_what_nobody_knows_is_said() -> None:
    (group,) = _recovery_plan().groups
    (part,) = group.parts
    many = replace(part, targets=part.targets * 200)
    told = text_of(replace(_recovery_plan(), groups=(replace(group, parts=(many,)),)))
    assert "    cost: an estimate of at most 0.60 USD, 0.0030 each, by list prices" in told
    unknown = replace(part, learnt_seconds=None, usd_each=None)
    told = text_of(replace(_recovery_plan(), groups=(replace(group, parts=(unknown,)),)))
    assert told[8:10] == ["    a whole run takes about 1 min 02 s (3 runs)", "    cost is not known"]


def test_on_the_laptop_nothing_is_paid_and_the_plan_says_where_it_would_be() -> None:
    plan = _recovery_plan()
    local = replace(plan, place=replace(plan.place, is_local=True))
    would = "    cost if this ran on AWS in eu-west-1: an estimate of at most 0.0030 USD, by list prices"
    assert set(text_of(local)) - set(text_of(plan)) == {would}
    assert (local.digest, local.place) == (plan.digest, plan.place)  # an earlier bunsui saved plans that do not say it


def test_what_is_left_says_why_and_no_more() -> None:
    plan = _recovery_plan()
    (group,) = plan.groups
    part = replace(group.parts[0], strategy=Strategy.LEAVE, reason="somebody stopped it")
    left = replace(plan, groups=(replace(group, parts=(part, part)),), unreached=(), is_cut=True)
    assert text_of(left)[2:4] == ["  daily  leave 1  somebody stopped it", "  daily  leave 1  somebody stopped it"]
    assert text_of(left)[-2:] == [
        "more sessions fit than are looked at: narrow the filter",
        "1 cause, 2 sessions: nothing to start; 2 left as they are",
    ]


def test_an_empty_plan_is_a_line() -> None:
    assert total_line(replace(_recovery_plan(), groups=())).text == "0 causes, 0 sessions: nothing to start"


def test_a_step_tells_the_attempt_or_why_it_was_not_touched() -> None:
    step = RecoveryStep(
        session="01A", pipeline="daily", strategy=Strategy.REDRIVE, status=RecoveryStatus.STARTED, attempt=2
    )  # fmt: skip
    assert step_line(step, number=3, total=10).text == "3/10  01A  daily  redriven  attempt 2"
    moved = replace(step, status=RecoveryStatus.MOVED, why="it runs again")
    assert step_line(moved, number=4, total=10).text == "4/10  01A  daily  not touched  it runs again"


def with_part(**changes: object) -> RecoveryPlan:
    plan = _recovery_plan()
    (group,) = plan.groups
    part = replace(group.parts[0], outdated=(), side_effects=(), **changes)  # type: ignore[arg-type]
    return replace(plan, groups=(replace(group, parts=(part,)),), unreached=())


def test_a_rule_of_bunsuis_own_is_told_as_such() -> None:
    assert text_of(with_part(rule=OWN_RULE))[2] == "  daily  resume 1  load: its code changed (bunsui's own rule)"
    assert text_of(with_part(rule="pipelines/daily.yaml:7"))[2] == "  daily  resume 1  load: its code changed"


def test_a_session_that_is_handed_over_says_to_whom_what_and_how_long() -> None:
    plan = with_part(
        strategy=Strategy.MANUAL, reason="data: x:7 says manual", owner="data-team", note="Ask", deadline_seconds=3600
    )
    assert text_of(plan)[2:5] == [
        "  daily  manual 1  data: x:7 says manual",
        "    goes to data-team, within 1 h 00 min",
        "    Ask",
    ]
    assert text_of(plan)[-1] == "1 cause, 1 session: 1 to hand over"
    nobody = with_part(strategy=Strategy.MANUAL, reason="x")
    assert text_of(nobody)[3] == "    goes to whoever takes it (nobody is named)"


def test_what_somebody_is_on_says_until_when_and_whether_that_is_over() -> None:
    plan = with_part(strategy=Strategy.LEAVE, reason="mika is on it", until=START)
    late = replace(plan, made_at=START + timedelta(seconds=1))
    assert text_of(replace(plan, made_at=START))[3] == f"    until {START:%Y-%m-%d %H:%M:%S}"
    assert text_of(late)[3] == f"    it was to be done by {START:%Y-%m-%d %H:%M:%S}"


def test_a_job_that_is_skipped_is_told_with_what_stands_for_it_and_not_as_kept() -> None:
    plan = with_part(strategy=Strategy.SKIP, job="load", output={"rows": 0}, kept=("extract", "load"), runs=("report",))
    assert text_of(plan)[2:6] == [
        "  daily  skip load 1  load: its code changed",
        '    load does not run, and gives {"rows": 0}',
        "    keeps extract",
        "    runs  report",
    ]
    assert text_of(plan)[-1] == "1 cause, 1 session: 1 to resume without a job"


def test_a_session_that_was_handed_over_says_for_whom_it_waits() -> None:
    step = RecoveryStep(
        session="01A", pipeline="daily", strategy=Strategy.MANUAL, status=HANDED, attempt=1, why="waits for mika"
    )  # fmt: skip
    assert step_line(step, number=1, total=1).text == "1/1  01A  daily  handed over  waits for mika"
