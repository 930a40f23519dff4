"""Failed sessions are recovered by cause, as a plan: nothing twice, nothing that moved, no history read for the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from time import perf_counter

import pytest

from bunsui.codec.writing import to_json
from bunsui.errors import InvalidInput, Refused
from bunsui.model.recovery import Strategy
from bunsui.model.session import Attempt, FailureNote, HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import SessionExecutions
from bunsui.services.recovery.carrying import RecoveryOutcome, RecoveryStatus, carry_recovery
from bunsui.services.recovery.planning import RecoveryRequest, plan_recovery
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_filter import SessionFilter, parse_filter
from bunsui.sessions.failures.fingerprint import failure_fingerprint
from bunsui.sessions.ids import derived_id
from bunsui.sessions.recovery.plan import RecoveryPlan
from bunsui.view.documents.running.recovery import RecoveryPlanDocument, read_recovery_plan
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import DEFINITION, START, Room

EVERYTHING = SessionFilter()


def planned(room: Room, text: str = "", strategy: Strategy | None = None) -> RecoveryPlan:
    return plan_recovery(room.context, RecoveryRequest(wanted=parse_filter(text), asked=text, strategy=strategy))


def carried(room: Room, plan: RecoveryPlan) -> RecoveryOutcome:
    return carry_recovery(room.context, plan, lambda step: None)


def failed(room: Room, job: str = "load") -> Session:
    room.failing = {job}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(60)
    row = room.context.manager.sync(session)
    room.failing = set()
    assert row.status is SessionStatus.FAILED
    return row


def statuses(outcome: RecoveryOutcome) -> list[RecoveryStatus]:
    return [step.status for step in outcome.steps]


def test_sessions_with_one_cause_are_one_group_with_what_is_kept_and_what_runs() -> None:
    room = Room()
    first, second = failed(room), failed(room)
    (group,) = planned(room).groups
    assert (group.place, group.error, group.error_class, group.count) == ("load", "ValueError", "code", 2)
    (part,) = group.parts
    assert {target.session for target in part.targets} == {first.id, second.id}
    assert (part.strategy, part.kept, part.runs) == (Strategy.RESUME, ("extract",), ("load",))
    assert part.side_effects == ("load.call",)


def test_failures_at_different_places_are_different_groups() -> None:
    room = Room()
    failed(room, "load"), failed(room, "extract")
    assert {group.place for group in planned(room).groups} == {"load", "extract"}


def test_a_carried_plan_goes_on_after_what_is_done_and_a_second_time_touches_nothing() -> None:
    room = Room()
    sessions = [failed(room), failed(room)]
    plan = planned(room)
    assert statuses(carried(room, plan)) == [RecoveryStatus.STARTED] * 2
    assert statuses(carried(room, plan)) == [RecoveryStatus.MOVED] * 2
    room.clock.sleep(60)
    assert statuses(carried(room, plan)) == [RecoveryStatus.MOVED] * 2
    for session in sessions:
        row = room.context.ports.sessions.get(session.id)
        assert row is not None
        assert (row.status, len(row.attempts)) == (SessionStatus.SUCCEEDED, 2)


def test_a_session_that_moved_since_is_left_and_the_others_go_on() -> None:
    room = Room()
    moved, other = failed(room), failed(room)
    plan = planned(room)
    assert moved.latest is not None
    room.execution.redrive(moved.latest.execution_arn)
    found = {step.session: step.status for step in carried(room, plan).steps}
    assert found == {moved.id: RecoveryStatus.MOVED, other.id: RecoveryStatus.STARTED}


def test_a_redrive_revives_the_same_execution_once() -> None:
    room = Room()
    session = failed(room)
    plan = planned(room, strategy=Strategy.REDRIVE)
    assert statuses(carried(room, plan)) == [RecoveryStatus.STARTED]
    assert statuses(carried(room, plan)) == [RecoveryStatus.MOVED]
    room.clock.sleep(60)
    row = room.context.manager.sync(session)
    assert [(attempt.kind, attempt.status) for attempt in row.attempts] == [
        ("run", SessionStatus.FAILED),
        ("redrive", SessionStatus.SUCCEEDED),
    ]


def test_a_restart_runs_everything_again_with_the_same_parameters() -> None:
    room = Room()
    failed(room)
    plan = planned(room, strategy=Strategy.RESTART)
    assert statuses(carried(room, plan)) == [RecoveryStatus.STARTED]
    first, second = room.inputs
    assert "resume" not in second
    assert first["params"] == second["params"]


def test_what_would_run_other_jobs_than_planned_is_refused_with_their_names() -> None:
    room = Room()
    failed(room)
    plan = planned(room)
    (group,) = plan.groups
    part = replace(group.parts[0], kept=("extract", "more"))
    (step,) = carried(room, replace(plan, groups=(replace(group, parts=(part,)),))).steps
    assert step.status is RecoveryStatus.REFUSED
    assert len(room.inputs) == 1


def test_what_succeeded_since_for_the_same_slot_is_left() -> None:
    room = Room()
    room.failing = {"load"}
    start_session(room.context, RunRequest(pipeline="daily", slot="2026-01-30"))
    room.clock.sleep(60)
    room.failing = set()
    again = start_session(room.context, RunRequest(pipeline="daily", slot="2026-01-30"))
    room.clock.sleep(60)
    room.context.manager.sync(again)
    plan = planned(room)
    (part,) = plan.groups[0].parts
    assert part.strategy is Strategy.LEAVE
    assert again.id in part.reason
    assert list(plan.work) == []


def test_only_the_last_day_is_looked_at_where_the_filter_does_not_say() -> None:
    room = Room()
    failed(room)
    room.clock.sleep(2 * 86400)
    assert planned(room).groups == ()
    assert len(planned(room, "since:3d").groups) == 1


def test_a_pipeline_without_a_file_is_left() -> None:
    room = Room()
    failed(room)
    context = replace(room.context, pipelines={})
    plan = plan_recovery(context, RecoveryRequest(wanted=EVERYTHING, asked=""))
    assert [part.strategy for part in plan.groups[0].parts] == [Strategy.LEAVE]


def test_a_saved_plan_reads_back_and_one_that_was_edited_is_refused() -> None:
    room = Room()
    failed(room)
    plan = planned(room)
    document = to_json(RecoveryPlanDocument.of(plan))
    assert read_recovery_plan(document) == plan
    assert isinstance(document, dict)
    with pytest.raises(InvalidInput, match="no-recovery-plan"):
        read_recovery_plan({**document, "groups": 1})
    with pytest.raises(Refused, match="plan-edited"):
        read_recovery_plan({**document, "groups": []})


def test_a_plan_of_another_place_is_refused() -> None:
    room = Room()
    failed(room)
    plan = planned(room)
    with pytest.raises(Refused, match="plan-of-another-place"):
        carried(room, replace(plan, place=replace(plan.place, environment="prod")))


class NoHistory(PassingExecution):
    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        raise AssertionError(execution_arn)


def test_a_thousand_failed_sessions_of_five_causes_are_five_groups_without_any_history() -> None:
    room = Room()
    for number in range(1000):
        at = START - timedelta(seconds=number * 30)
        message = f"row {number} of '{number}.csv': cause {'abcde'[number % 5]}"
        note = FailureNote(
            fingerprint=failure_fingerprint(place="load", error_class="data", error="X", message=message),
            error_class="data", error="X", message=message, place="load", completed=("extract",),
        )  # fmt: skip
        arn = f"{room.machine.arn.replace(':stateMachine:', ':execution:')}:{number}"
        ended = Attempt(
            number=1, execution_arn=arn, kind="run", status=SessionStatus.FAILED, started_at=at, stopped_at=at, error="X"
        )  # fmt: skip
        room.sessions.add(
            Session(
                id=derived_id(at, str(number)), pipeline="daily", status=SessionStatus.FAILED, slot=at, date="2026-01-31",
                params={}, started_by="me", created_at=at, attempts=(ended,), failed_job="load", failure=note,
            )
        )  # fmt: skip
    context = replace(room.context, ports=replace(room.context.ports, execution=NoHistory(room.execution)))
    began = perf_counter()
    plan = plan_recovery(context, RecoveryRequest(wanted=EVERYTHING, asked=""))
    assert perf_counter() - began < 5
    assert [group.count for group in plan.groups] == [200] * 5
    assert not plan.is_cut


def test_the_fixed_definition_is_the_reason() -> None:
    room = Room()
    failed(room)
    room.apply({**DEFINITION, "Comment": "fixed"})
    (part,) = planned(room).groups[0].parts
    assert part.strategy is Strategy.RESUME
    assert part.reason == "nobody can tell what it ran" or "applied" in part.reason


class CutShort(PassingExecution):
    """Whoever wants to redrive dies before the call, or after it."""

    def __init__(self, inner: SessionExecutions, *, after: bool) -> None:
        super().__init__(inner)
        self.after = after

    def redrive(self, execution_arn: str, *, token: str) -> None:
        if self.after:
            self.inner.redrive(execution_arn, token=token)
        raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True])
def test_a_redrive_that_was_cut_short_is_taken_up_and_happens_once(after: bool) -> None:
    room = Room()
    session = failed(room)
    plan = planned(room, strategy=Strategy.REDRIVE)
    cut = replace(room.context, ports=replace(room.context.ports, execution=CutShort(room.execution, after=after)))
    with pytest.raises(KeyboardInterrupt):
        carry_recovery(cut, plan, lambda step: None)
    assert statuses(carried(room, plan)) == [RecoveryStatus.MOVED if after else RecoveryStatus.STARTED]
    room.clock.sleep(60)
    row = room.context.manager.sync(room_row(room, session))
    assert [attempt.kind for attempt in row.attempts] == ["run", "redrive"]
    assert row.claim is None


def test_while_a_redrive_is_claimed_nobody_resumes_and_after_a_while_anybody_may() -> None:
    room = Room()
    session = failed(room)
    plan, resuming = planned(room, strategy=Strategy.REDRIVE), planned(room, strategy=Strategy.RESUME)
    cut = replace(room.context, ports=replace(room.context.ports, execution=CutShort(room.execution, after=False)))
    with pytest.raises(KeyboardInterrupt):
        carry_recovery(cut, plan, lambda step: None)
    assert statuses(carried(room, resuming)) == [RecoveryStatus.REFUSED]
    (part,) = planned(room).groups[0].parts
    assert (part.strategy, room_row(room, session).standing) == (Strategy.REDRIVE, SessionStatus.RECOVERING)
    room.clock.sleep(6 * 60)
    assert statuses(carried(room, resuming)) == [RecoveryStatus.STARTED]


def test_what_cannot_be_redriven_is_free_again_at_once() -> None:
    room = Room()
    session = failed(room)
    plan = planned(room, strategy=Strategy.REDRIVE)

    class Old(PassingExecution):
        def redrive(self, execution_arn: str, *, token: str) -> None:
            raise Refused("not-redrivable", "Step Functions does not redrive the execution", reason="it is too old")

    context = replace(room.context, ports=replace(room.context.ports, execution=Old(room.execution)))
    (step,) = carry_recovery(context, plan, lambda step: None).steps
    assert (step.status, step.why) == (
        RecoveryStatus.REFUSED,
        "Step Functions does not redrive the execution: it is too old",
    )
    assert room_row(room, session).claim is None


def room_row(room: Room, session: Session) -> Session:
    row = room.context.ports.sessions.get(session.id)
    assert row is not None
    return row
