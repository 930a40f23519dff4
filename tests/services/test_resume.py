from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bunsui.errors import BunsuiError, Conflict, InvalidInput
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.session import JobStatus, Session, SessionStatus
from bunsui.model.values import Expression
from bunsui.services.resume import plan_resumption, resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import follow
from bunsui.sessions.failures.recurrence import Recurrence
from bunsui.sessions.payload import execution_input
from tests.fakes.session_room import DEFINITION, LOAD, PIPELINE, Room, with_claim

DAILY = RunRequest(pipeline="daily", params=["region=us"])


def failed(room: Room, *jobs: str) -> Session:
    room.failing = set(jobs)
    session = list(follow(room.context, start_session(room.context, DAILY)))[-1].session
    room.failing = set()
    return session


def test_a_resume_restores_what_was_completed_and_runs_the_rest() -> None:
    room = Room()
    session = failed(room, "load")
    resumption = resume_session(room.context, session)
    assert (resumption.plan.restored, resumption.plan.to_run) == (("extract",), ("load",))
    last = list(follow(room.context, resumption.session))[-1]
    assert last.session.id == session.id
    assert last.session.status is SessionStatus.SUCCEEDED
    assert [job.status for job in last.jobs] == [JobStatus.RESTORED, JobStatus.SUCCEEDED]
    assert [(attempt.number, attempt.kind, attempt.status) for attempt in last.session.attempts] == [
        (1, "run", SessionStatus.FAILED),
        (2, "resume", SessionStatus.SUCCEEDED),
    ]


def test_parameters_slot_and_date_stay_with_the_session() -> None:
    room = Room()
    session = failed(room, "load")
    room.clock.sleep(86400)
    resume_session(room.context, session)
    first, second = room.inputs
    assert first["params"] == second["params"] == {"region": "us"}
    assert isinstance(first["session"], Mapping)
    assert second["session"] == {**first["session"], "attempt": 2}


def test_outputs_that_nobody_reads_any_more_are_read_as_a_whole_job() -> None:
    room = Room()
    resume_session(room.context, failed(room, "load"))
    assert room.inputs[1]["resume"] == {
        "jobs": {"extract": {"files": ["a", "b"], "unread": 1}},
        "status": {"extract": "succeeded"},
    }


def test_a_job_that_declares_other_outputs_today_runs_again_with_what_follows() -> None:
    room = Room()
    session = failed(room, "load")
    extract, load = PIPELINE.jobs
    changed = replace(PIPELINE, jobs=(replace(extract, outputs={"files": Expression("$result.files")}), load))
    context = replace(room.context, pipelines={"daily": changed})
    plan = plan_resumption(context, session).plan
    assert (plan.restored, plan.to_run) == ((), ("extract", "load"))
    assert "extract" in plan.outdated


def test_a_second_failure_is_resumed_from_the_first_attempts_checkpoint() -> None:
    room = Room()
    session = failed(room, "load")
    room.failing = {"load"}
    again = list(follow(room.context, resume_session(room.context, session).session))[-1].session
    room.failing = set()
    assert again.status is SessionStatus.FAILED
    third = resume_session(room.context, again)
    assert third.plan.restored == ("extract",)
    assert third.session.latest is not None
    assert third.session.latest.number == 3


def test_only_one_of_two_resumes_goes_on() -> None:
    room = Room()
    session = failed(room, "load")
    resume_session(room.context, session)
    with pytest.raises(BunsuiError):
        resume_session(room.context, session)
    with pytest.raises(Conflict):
        room.context.manager.resume(session, room.machine, {})
    assert len(room.inputs) == 2


def test_a_resume_that_was_cut_short_after_its_claim_is_taken_up() -> None:
    room = Room()
    session = failed(room, "load")
    taken = room.sessions.save(with_claim(session, room.machine))
    last = list(follow(room.context, resume_session(room.context, taken).session))[-1]
    assert last.session.status is SessionStatus.SUCCEEDED


def test_an_attempt_says_who_began_it_and_how() -> None:
    room = Room()
    resumed = resume_session(room.context, failed(room, "load")).session
    who = "arn:aws:iam::111111111111:user/mika"
    assert [(attempt.how, attempt.actor) for attempt in resumed.attempts] == [("run", who), ("resume", who)]


def test_an_attempt_that_was_found_by_looking_says_who_claimed_it() -> None:
    room = Room()
    row = room.sessions.save(with_claim(failed(room, "load"), room.machine, at=room.clock.now()))
    assert row.claim is not None
    payload = execution_input(row, 2, {})
    room.execution.start(room.machine.alias_arn, name=row.claim.execution_arn.rpartition(":")[2], payload=payload)
    found = room.context.manager.sync(row, target_arn=room.machine.alias_arn)
    assert (found.standing, found.claim) == (SessionStatus.RUNNING, None)
    assert found.attempts[-1].actor == row.claim.actor


def test_a_claim_of_which_nothing_came_holds_no_longer_than_a_start_may_take() -> None:
    room = Room()
    row = room.sessions.save(with_claim(failed(room, "load"), room.machine, at=room.clock.now()))
    assert room.context.manager.sync(row, target_arn=room.machine.alias_arn).standing is SessionStatus.RECOVERING
    room.clock.sleep(301)
    assert room.context.manager.sync(row, target_arn=room.machine.alias_arn).standing is SessionStatus.FAILED


def test_no_resume_starts_beside_an_earlier_execution_that_somebody_revived() -> None:
    room = Room()
    session = failed(room, "load")
    room.failing = {"load"}
    second = list(follow(room.context, resume_session(room.context, session).session))[-1].session
    room.execution.redrive(second.attempts[0].execution_arn)
    with pytest.raises(InvalidInput, match="still-running"):
        room.context.manager.resume(second, room.machine, {})


def test_a_resume_that_was_cut_short_after_its_start_is_found_by_looking() -> None:
    room = Room()
    session = failed(room, "load")
    resumed = resume_session(room.context, session).session
    row = room.sessions.get(session.id)
    assert row is not None
    room.sessions.save(with_claim(replace(row, status=SessionStatus.FAILED, attempts=row.attempts[:1]), room.machine))
    found = room.context.manager.sync(room.sessions.get(session.id) or session, target_arn=room.machine.alias_arn)
    assert found.status is SessionStatus.RUNNING
    assert [attempt.execution_arn for attempt in found.attempts] == [attempt.execution_arn for attempt in resumed.attempts]


def test_a_resume_says_which_jobs_the_files_say_differently_and_carries_what_an_older_definition_may_read() -> None:
    room = Room()
    session = failed(room, "load")
    changed = {**DEFINITION, "States": {**DEFINITION["States"], "load": {"Type": "Succeed"}}}  # type: ignore[dict-item]
    extract, load = PIPELINE.jobs
    reading = load.operations[0]
    without = replace(reading, params=replace(LOAD, payload=None))
    reads_nothing = replace(PIPELINE, jobs=(extract, replace(load, operations=(without,))))
    same = replace(room.context, pipelines={"daily": reads_nothing}, compiled=lambda name: DEFINITION)
    assert plan_resumption(same, session).unapplied == ()
    assert plan_resumption(same, session).plan.payload["jobs"] == {}
    other = replace(same, compiled=lambda name: changed)
    found = resume_session(other, session)
    assert found.unapplied == ("load",)
    assert room.inputs[-1]["resume"] == {
        "jobs": {"extract": {"files": ["a", "b"], "unread": 1}},
        "status": {"extract": "succeeded"},
    }


def test_a_resume_says_when_nothing_was_applied_since_the_last_attempt() -> None:
    room = Room()
    assert resume_session(room.context, failed(room, "load")).is_unchanged
    session = failed(room, "load")
    room.apply({**DEFINITION, "Comment": "fixed"})
    assert not resume_session(room.context, session).is_unchanged


def test_the_row_keeps_why_it_failed() -> None:
    note = failed(Room(), "load").failure
    assert note is not None
    assert (note.place, note.error_class, note.error, note.message) == ("load", "code", "ValueError", "no such region")
    assert note.completed == ("extract",)
    assert note.fingerprint.startswith("f1-")


def test_a_resume_after_which_the_failure_comes_again_says_so() -> None:
    room = Room()
    session = failed(room, "load")
    found = plan_resumption(room.context, session)
    assert (found.repeats, found.recurrence) == (session.failure, Recurrence.UNLESS_MENDED)
    room.apply({**DEFINITION, "Comment": "fixed"})
    assert plan_resumption(room.context, session).repeats is None


def test_a_session_that_goes_on_has_no_failure_any_more() -> None:
    room = Room()
    session = failed(room, "load")
    last = list(follow(room.context, resume_session(room.context, session).session))[-1]
    assert last.session.failure is None


def test_a_session_that_succeeded_or_runs_is_not_resumed() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    with pytest.raises(InvalidInput, match="still-running"):
        resume_session(room.context, session)
    room.clock.sleep(60)
    with pytest.raises(InvalidInput, match="nothing-to-resume"):
        resume_session(room.context, session)


def test_a_raw_pipeline_starts_over() -> None:
    room = Room()
    session = failed(room, "load")
    raw = Pipeline(name="daily", path="p", definition=RawDefinition(path="m.json", document={}))
    with pytest.raises(InvalidInput, match="raw-not-resumable"):
        resume_session(replace(room.context, pipelines={"daily": raw}), session)
