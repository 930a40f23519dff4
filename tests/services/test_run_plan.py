"""What a run would do, told before it starts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from bunsui.errors import InvalidInput, Missing, NotFound, Refused
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.json import Json
from bunsui.model.pipeline import Parameter, Pipeline, RawDefinition
from bunsui.model.session import SessionStatus
from bunsui.model.values import Expression, Value
from bunsui.services.run import RunRequest, prepare_intent, start_session
from bunsui.services.running.foreseen_jobs import JobProspect
from bunsui.services.running.run_plan import plan_run
from bunsui.services.session_context import SessionContext
from bunsui.services.stop import stop_session
from tests.fakes.session_room import PIPELINE, Room

DAILY = RunRequest(pipeline="daily")
SECRET = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:token-AbCdEf"


class Counted:
    """A port whose calls are counted."""

    def __init__(self, port: object, calls: Counter[str]) -> None:
        self._port, self._calls = port, calls

    def __getattr__(self, name: str) -> Any:
        self._calls[name] += 1
        return getattr(self._port, name)


class Forgetful(Counted):
    """Executions whose histories are gone."""

    def __init__(self, port: object) -> None:
        super().__init__(port, Counter())

    def history(self, arn: str) -> None:
        raise Missing("missing", "it does not exist", arn=arn)


def counting(room: Room, calls: Counter[str]) -> SessionContext:
    ports = room.context.ports
    counted = {"execution": Counted(ports.execution, calls), "sessions": Counted(ports.sessions, calls)}
    return replace(room.context, ports=replace(ports, **counted))  # type: ignore[arg-type]


def with_when(text: str) -> Pipeline:
    extract, load = PIPELINE.jobs
    return replace(PIPELINE, jobs=(extract, replace(load, when=Expression(text))))


def test_nothing_is_started_or_written_and_few_calls_are_made() -> None:
    room, calls = Room(), Counter[str]()
    plan = plan_run(counting(room, calls), DAILY)
    assert calls == {"definition": 1, "executions": 1, "find": 1}
    assert (room.inputs, room.sessions.find_prefix("", limit=5)) == ([], [])
    assert plan.starts
    assert [(job.name, job.level, job.prospect) for job in plan.jobs] == [
        ("extract", 1, JobProspect.RUNS),
        ("load", 2, JobProspect.RUNS),
    ]


def test_a_key_costs_one_call_more_and_one_for_its_session() -> None:
    room, calls = Room(), Counter[str]()
    request = replace(DAILY, key="fix-4711")
    plan_run(counting(room, calls), request)
    assert calls == {"definition": 1, "executions": 1, "find": 1, "intended": 1}
    start_session(room.context, request)
    calls.clear()
    plan_run(counting(room, calls), request)
    assert calls == {"definition": 1, "executions": 1, "find": 1, "intended": 1, "get": 1}


def test_what_is_foreseen_of_parameters_and_slot_is_what_the_run_is_given() -> None:
    room = Room(with_when("$params.region = 'us' and $session.date = '2026-02-03'"))
    for region, prospect in (("us", JobProspect.RUNS), ("jp", JobProspect.SKIPPED)):
        request = replace(DAILY, params=[f"region={region}"], slot="2026-02-03")
        plan = plan_run(room.context, request)
        session = start_session(room.context, request)
        assert (plan.params, plan.slot, plan.date) == (session.params, session.slot, session.date)
        assert plan.jobs[1].prospect is prospect


def test_without_a_slot_it_is_said_that_a_later_start_has_a_later_one() -> None:
    room = Room()
    assert not plan_run(room.context, DAILY).is_slot_given
    assert plan_run(room.context, replace(DAILY, slot="2026-02-03")).is_slot_given


def test_a_used_key_starts_nothing_and_its_session_is_named() -> None:
    room = Room()
    request = replace(DAILY, key="fix-4711")
    session = start_session(room.context, request)
    room.clock.sleep(600)
    plan = plan_run(room.context, request)
    assert plan.existing is not None
    assert (plan.existing.id, plan.starts, plan.slot) == (session.id, False, session.slot)
    assert plan_run(room.context, replace(DAILY, key="other")).existing is None


@pytest.mark.parametrize("is_stopped", [False, True])
def test_what_a_cut_short_start_left_is_started_unless_it_was_stopped(is_stopped: bool) -> None:
    room = Room()
    request = replace(DAILY, key="fix-4711")
    intent = prepare_intent(room.context, request)
    row = intent.new_session("01KBH3X2J4ABCDEFGHJKMNPQRS", at=room.clock.now())
    room.sessions.add(row)
    if is_stopped:
        stop_session(room.context, row, reason="")
    plan = plan_run(room.context, request)
    assert plan.existing is not None
    assert plan.starts is not is_stopped
    start_session(room.context, request)
    assert len(room.inputs) == (0 if is_stopped else 1)


@pytest.mark.parametrize("other", [{"params": ["region=us"]}, {"slot": "2026-01-30"}])
def test_a_key_that_was_used_otherwise_is_refused_as_by_the_run(other: dict[str, Any]) -> None:
    room = Room()
    start_session(room.context, replace(DAILY, key="fix-4711"))
    with pytest.raises(InvalidInput, match="key-used"):
        plan_run(room.context, replace(DAILY, key="fix-4711", **other))


def test_what_the_run_refuses_the_plan_refuses() -> None:
    with pytest.raises(Refused, match="pipeline-disabled"):
        plan_run(Room(replace(PIPELINE, enabled=False)).context, DAILY)
    with pytest.raises(InvalidInput, match="bad-parameters"):
        plan_run(Room().context, replace(DAILY, params=["region=fr"]))
    with pytest.raises(NotFound, match="not-applied"):
        plan_run(Room(replace(PIPELINE, name="other")).context, RunRequest(pipeline="other"))


def test_duration_and_what_runs_now_are_told() -> None:
    room = Room()
    assert plan_run(room.context, DAILY).history.typical_seconds is None
    first = start_session(room.context, DAILY)
    assert plan_run(room.context, DAILY).running == 1
    room.clock.sleep(60)
    assert room.context.manager.sync(first).status is SessionStatus.SUCCEEDED
    plan = plan_run(room.context, DAILY)
    assert (plan.running, plan.history.typical_seconds, plan.history.count) == (0, 2.0, 1)


def test_what_jobs_take_is_told_by_the_last_five_runs_and_why_it_is_not_known() -> None:
    room, calls = Room(), Counter[str]()
    assert {one.why for one in plan_run(room.context, DAILY).durations.values()} == {"no run succeeded in one go yet"}
    for _ in range(6):
        session = start_session(room.context, DAILY)
        room.clock.sleep(60)
        room.context.manager.sync(session)
    plan = plan_run(counting(room, calls), DAILY)
    assert plan.durations == dict.fromkeys(("extract", "load"), TypicalDuration(seconds=1.0, runs=5))
    assert calls["history"] == 5
    forgetful = replace(room.context, ports=replace(room.context.ports, execution=Forgetful(room.execution)))  # type: ignore[arg-type]
    told = plan_run(forgetful, DAILY).durations["load"]
    assert (told.seconds, told.why) == (None, "Step Functions does not know the last 5 successes any more")


def test_a_run_costs_what_the_middle_one_of_the_last_did_and_before_the_first_what_the_definition_allows() -> None:
    room = Room()
    before = plan_run(room.context, DAILY).cost
    assert before is not None
    assert (before.usd, before.is_foreseen, before.region) == (5 * 0.000025, True, "eu-west-1")
    assert before.uncounted == ("lambda in extract", "lambda in load")
    session = start_session(room.context, DAILY)
    room.clock.sleep(60)
    room.context.manager.sync(session)
    after = plan_run(room.context, DAILY).cost
    assert after is not None
    assert (after.runs, after.is_foreseen, after.is_local) == (1, False, True)
    assert [part.service for part in after.parts] == ["Step Functions", "Lambda"]
    assert after.uncounted[0] == "the Lambda time of extract, of whose function no memory is known"


def test_a_sensitive_parameter_shows_its_reference_and_never_a_value() -> None:
    secret = Parameter(name="token", type="string", schema={"type": "string"}, sensitive=True)
    room = Room(replace(PIPELINE, parameters=(*PIPELINE.parameters, secret)))
    plan = plan_run(room.context, replace(DAILY, params=[f"token={SECRET}"]))
    assert plan.params["token"] == SECRET
    with pytest.raises(InvalidInput) as caught:
        plan_run(room.context, replace(DAILY, params=["token=hunter2"]))
    assert "hunter2" not in f"{caught.value}{caught.value.facts}"
    literal = replace(secret, default="hunter2", required=False)
    room = Room(replace(PIPELINE, parameters=(*PIPELINE.parameters, literal)))
    assert plan_run(room.context, DAILY).params["token"] == "(sensitive)"


def test_a_job_that_an_operation_may_skip_is_known_from_the_applied_machine() -> None:
    room = Room()
    states: dict[str, Json] = {"extract.skipped": {"Type": "Pass", "End": True}}
    room.apply({"StartAt": "extract.skipped", "States": states})
    assert [job.prospect for job in plan_run(room.context, DAILY).jobs] == [JobProspect.RUNS, JobProspect.DEPENDS]


def test_a_definition_of_its_own_has_parameters_and_no_jobs() -> None:
    raw = replace(PIPELINE, jobs=(), definition=RawDefinition(path="own.asl.json", document={}))
    plan = plan_run(Room(raw).context, replace(DAILY, params=["region=us"]))
    assert (plan.is_raw, plan.jobs, plan.params) == (True, (), {"region": "us"})


def test_what_the_files_say_otherwise_than_what_is_applied_is_named() -> None:
    room = Room()
    changed: dict[str, Value] = {"StartAt": "load", "States": {"load": {"Type": "Task", "Resource": "other", "End": True}}}
    context = replace(room.context, compiled=lambda _: changed)
    assert "load" in plan_run(context, DAILY).unapplied
