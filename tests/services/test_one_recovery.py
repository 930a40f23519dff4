"""One session goes on as a person chose: redriven, restarted, or with a job's outputs given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bunsui.errors import InvalidInput, Refused
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, OutputRule, Pipeline
from bunsui.model.recovery import Strategy
from bunsui.model.session import JobStatus, Session, SessionStatus
from bunsui.model.values import Expression
from bunsui.services.recovery.estimates import longest_way, with_estimates
from bunsui.services.recovery.single import carry_by_strategy, plan_by_strategy
from bunsui.services.resume import plan_resumption, resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import follow
from bunsui.sessions.checkpoints import ResumeWishes
from bunsui.sessions.recovery.given import read_given_outputs
from bunsui.view.sessions.resumption import duration_lines
from tests.fakes.session_room import Room


def failed(room: Room, job: str = "load") -> Session:
    room.failing = {job}
    row = list(follow(room.context, start_session(room.context, RunRequest(pipeline="daily"))))[-1].session
    room.failing = set()
    return row


def given(**outputs: Mapping[str, Json]) -> ResumeWishes:
    return ResumeWishes(given=outputs)


def test_a_job_whose_outputs_are_given_does_not_run_and_those_after_it_read_them() -> None:
    room = Room()
    session = failed(room, "extract")
    resumed = resume_session(room.context, session, given(extract={"files": ["z"], "unread": 0}))
    assert (resumed.plan.restored, resumed.plan.to_run) == (("extract",), ("load",))
    resume = room.inputs[-1]["resume"]
    assert isinstance(resume, Mapping)
    assert resume["jobs"] == {"extract": {"files": ["z"], "unread": 0}}
    last = list(follow(room.context, resumed.session))[-1]
    assert [job.status for job in last.jobs] == [JobStatus.RESTORED, JobStatus.SUCCEEDED]


def test_given_outputs_stay_in_the_attempts_after() -> None:
    room = Room()
    session = failed(room, "extract")
    room.failing = {"load"}
    again = resume_session(room.context, session, given(extract={"files": ["z"], "unread": 0}))
    second = list(follow(room.context, again.session))[-1].session
    room.failing = set()
    plan = plan_resumption(room.context, second).plan
    assert (plan.restored, plan.to_run) == (("extract",), ("load",))
    assert plan.payload["jobs"] == {"extract": {"files": ["z"], "unread": 0}}


def test_outputs_are_given_for_a_job_that_is_there_and_not_run_again() -> None:
    room = Room()
    session = failed(room)
    with pytest.raises(Exception, match="unknown-job"):
        plan_resumption(room.context, session, given(nothing={}))
    both = replace(given(load={"rows": 1}), begin=frozenset({"load"}))
    with pytest.raises(InvalidInput, match="keep-and-from"):
        plan_resumption(room.context, session, both)


LOAD = Job(
    name="load",
    operations=(),
    outputs={"rows": Expression("1"), "note": Expression("1")},
    output_rules={"rows": OutputRule(type="integer"), "note": OutputRule(default="none", has_default=True)},
)


def test_what_is_given_is_read_by_what_the_job_declares() -> None:
    assert read_given_outputs([LOAD], ['{"rows": 7}']) == {"load": {"rows": 7, "note": "none"}}
    assert read_given_outputs([LOAD], ['{"rows": 7, "note": null}']) == {"load": {"rows": 7, "note": None}}
    assert read_given_outputs([replace(LOAD, outputs={})], []) == {"load": {}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is no JSON"),
        ("[1]", "it is no object"),
        ("{}", "the output rows is missing"),
        ('{"rows": "7"}', "the output rows is to be of type integer"),
        ('{"rows": true}', "the output rows is to be of type integer"),
        ('{"rows": 7, "more": 1}', "the job declares no output more"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_given_outputs([LOAD], [text])
    assert (caught.value.code, caught.value.facts) == ("wrong-output", {"job": "load", "reason": reason})
    assert caught.value.hint == "Its outputs are: rows, note."


@pytest.mark.parametrize("texts", [[], ['{"rows": 1}', '{"rows": 2}']])
def test_each_job_that_is_skipped_needs_its_outputs(texts: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_given_outputs([LOAD, replace(LOAD, name="bare", outputs={})], texts)
    assert (caught.value.code, caught.value.facts) == ("outputs-needed", {"jobs": "load", "given": str(len(texts))})
    with pytest.raises(InvalidInput) as caught:
        read_given_outputs([replace(LOAD, outputs={})], ["{}"])
    assert caught.value.facts == {"jobs": "none of them", "given": "1"}


def test_a_redrive_goes_on_in_the_same_execution() -> None:
    room = Room()
    session = failed(room)
    planned = plan_by_strategy(room.context, session, Strategy.REDRIVE)
    assert (planned.plan.restored, planned.plan.to_run, planned.is_unchanged) == (("extract",), ("load",), True)
    started = carry_by_strategy(room.context, planned).session
    last = list(follow(room.context, started))[-1].session
    assert [(attempt.kind, attempt.how) for attempt in last.attempts] == [("run", "run"), ("redrive", "redrive")]
    assert last.status is SessionStatus.SUCCEEDED
    assert len({attempt.execution_arn for attempt in last.attempts}) == 1


def test_a_restart_is_the_next_attempt_from_the_start() -> None:
    room = Room()
    planned = plan_by_strategy(room.context, failed(room), Strategy.RESTART)
    assert planned.plan.to_run == ("extract", "load")
    started = carry_by_strategy(room.context, planned).session
    assert "resume" not in room.inputs[-1]
    assert len(started.attempts) == 2


def test_what_is_too_old_is_not_redriven_and_what_succeeded_goes_on_in_no_way() -> None:
    room = Room()
    session = failed(room)
    room.clock.sleep(15 * 86400)
    with pytest.raises(Refused, match="not-redrivable"):
        plan_by_strategy(room.context, session, Strategy.REDRIVE)
    done = list(follow(room.context, start_session(room.context, RunRequest(pipeline="daily"))))[-1].session
    for strategy in (Strategy.REDRIVE, Strategy.RESTART):
        with pytest.raises(InvalidInput, match="nothing-to-resume"):
            plan_by_strategy(room.context, done, strategy)


def test_wishes_for_jobs_belong_to_a_resume() -> None:
    room = Room()
    with pytest.raises(InvalidInput, match="only-resumed"):
        plan_by_strategy(room.context, failed(room), Strategy.RESTART, ResumeWishes(keep=frozenset({"extract"})))


def test_a_plan_tells_how_long_the_jobs_take_that_run_by_earlier_successes() -> None:
    room = Room()
    session = failed(room)
    planned = with_estimates(room.context, plan_by_strategy(room.context, session, Strategy.RESUME))
    assert list(planned.durations) == ["load"]
    assert [line.text for line in duration_lines(planned)] == [
        "takes  nobody knows how long: load (no run succeeded in one go yet)"
    ]
    room.failing.clear()
    start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(60)
    room.context.rounds.visit(room.context.machines)
    planned = with_estimates(room.context, plan_by_strategy(room.context, session, Strategy.RESUME))
    assert [line.text for line in duration_lines(planned)] == ["takes  load about 1.0 s (1 run)"]


def test_a_plan_tells_what_the_jobs_take_together_and_what_that_costs_at_most() -> None:
    room = Room()
    session = failed(room)
    planned = with_estimates(room.context, plan_by_strategy(room.context, session, Strategy.RESTART))
    assert planned.estimate is not None
    assert (planned.estimate.seconds, planned.estimate.is_learnt) == (None, False)
    assert planned.estimate.cost is not None
    assert planned.estimate.cost.usd == pytest.approx(5 * 0.000025)
    assert planned.estimate.cost.uncounted == ("lambda in extract", "lambda in load")
    (pipeline,) = room.context.pipelines.values()
    context = replace(room.context, pipelines={"daily": replace(pipeline, durations={"extract": 60, "load": 30})})
    assert with_estimates(context, planned).estimate == replace(planned.estimate, seconds=90.0, is_learnt=True)
    resumed = with_estimates(context, plan_by_strategy(context, session, Strategy.RESUME))
    assert resumed.estimate is not None
    assert (resumed.estimate.seconds, resumed.estimate.is_learnt) == (30.0, True)
    assert resumed.estimate.cost is not None
    assert resumed.estimate.cost.uncounted == ("lambda in load",)
    redriven = with_estimates(context, plan_by_strategy(context, session, Strategy.REDRIVE))
    assert redriven.estimate == resumed.estimate


def test_jobs_side_by_side_take_as_long_as_the_longest_way_through_them() -> None:
    def job(name: str, *before: str) -> Job:
        return Job(name=name, operations=(), depends_on=before)

    pipeline = Pipeline(name="p", path="p.yaml", jobs=(job("d", "b", "c"), job("a"), job("b", "a"), job("c", "a")))
    assert longest_way(pipeline, {"a": 1.0, "b": 5.0, "c": 2.0, "d": 1.0}) == 7.0
    assert longest_way(pipeline, {"c": 2.0, "d": 1.0}) == 3.0
    assert longest_way(pipeline, {}) == 0.0
