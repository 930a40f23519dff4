"""A session whose foreach failed goes on, by the services: what is promised is what the new attempt is told and does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bunsui.engine.clock import EngineClock
from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.services.history.completed_jobs import session_checkpoints
from bunsui.services.recovery.single import plan_by_strategy
from bunsui.services.resume import plan_resumption, resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import follow
from bunsui.sessions.checkpoints import ResumeWishes
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.map_runs import EngineMapRuns
from bunsui.view.sessions.advice import next_steps
from bunsui.view.sessions.job_rows import job_rows
from tests.fakes.item_runs import Functions, machine_of
from tests.fakes.session_room import Room
from tests.unit.sessions.items.test_what_is_kept import FAILS_AT_3, FIVE, job, runs

ITEMS = f"items={json.dumps(FIVE)}"


class Workshop(Room):
    """A room in which the engine runs what is compiled; the last functions that were called are kept."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__(pipeline)
        self.broken = FAILS_AT_3
        self.functions: list[Functions] = []
        self.execution = MemoryExecutionClient(self.clock, work=self.work)
        ports = replace(self.context.ports, execution=self.execution, map_runs=EngineMapRuns(self.execution.map_runs))
        self.context = replace(self.context, ports=ports)
        self.put(pipeline)

    def work(self, clock: EngineClock) -> Functions:
        self.functions.append(Functions(clock=clock, failing=self.broken))  # type: ignore[arg-type]
        return self.functions[-1]

    def put(self, pipeline: Pipeline) -> None:
        self.context = replace(self.context, pipelines={"daily": pipeline})
        self.execution.machine(self.machine.arn, definition=machine_of(pipeline).definition)

    def end(self, session: Session) -> Any:
        return list(follow(self.context, session))[-1]


def test_only_the_other_items_run_and_show_counts_both_attempts() -> None:
    room, session = failed()
    planned = plan_resumption(room.context, session).plan.items["clean"]
    assert (planned.kept, planned.to_run) == (3, 2)
    room.broken = frozenset()
    last = room.end(resume_session(room.context, session).session)
    assert last.session.status is SessionStatus.SUCCEEDED
    assert sorted(room.functions[-1].calls) == [("clean", 3), ("clean", 4)]
    (clean,) = last.jobs
    assert (clean.items_done, clean.items_total, clean.items_kept) == (5, 5, 3)
    assert [row.items for row in job_rows(last)] == ["5/5 items, 3 kept"]


def test_show_tells_a_second_failure_before_what_was_kept() -> None:
    room, session = failed()
    last = room.end(resume_session(room.context, session).session)
    assert [row.items for row in job_rows(last)] == ["4/5 items, 1 failed, 3 kept"]
    assert "what a resume keeps of 3 items" in [step.why for step in next_steps(last)]


def failed() -> tuple[Workshop, Session]:
    room = Workshop(daily())
    session = room.end(start_session(room.context, RunRequest(pipeline="daily", params=[ITEMS]))).session
    assert session.status is SessionStatus.FAILED
    return room, session


def daily(**more: Any) -> Pipeline:
    return replace(runs(job(**more)).pipeline, name="daily")


def test_checkpoints_lists_the_items_of_the_job_that_runs() -> None:
    room, session = failed()
    _, (clean,) = session_checkpoints(room.context, session)
    assert clean.items is not None
    assert (clean.checkpoint, clean.items.kept, clean.items.to_run) == (None, 3, 2)


def test_a_job_that_changed_keeps_items_when_somebody_says_so() -> None:
    room, session = failed()
    room.put(daily(function="clean:2"))
    assert plan_resumption(room.context, session).plan.items["clean"].may_be_kept
    wishes = ResumeWishes(keep=frozenset({"clean"}))
    room.broken = frozenset()
    room.end(resume_session(room.context, session, wishes).session)
    assert len(room.functions[-1].calls) == 2


def test_a_job_none_of_whose_items_succeeded_has_nothing_to_keep() -> None:
    room = Workshop(daily())
    room.broken = frozenset({("clean", 0)})
    session = room.end(start_session(room.context, RunRequest(pipeline="daily", params=[ITEMS]))).session
    with pytest.raises(InvalidInput, match="nothing-to-keep"):
        plan_resumption(room.context, session, ResumeWishes(keep=frozenset({"clean"})))


def test_items_with_executions_of_their_own_go_on_and_are_counted_together() -> None:
    room = Workshop(daily(is_distributed=True))
    session = room.end(start_session(room.context, RunRequest(pipeline="daily", params=[ITEMS]))).session
    told: list[int] = []
    context = replace(room.context, on_reading=told.append)
    assert plan_resumption(context, session).plan.items["clean"].kept == 3
    assert told == [3]
    room.broken = frozenset()
    last = room.end(resume_session(room.context, session).session)
    assert sorted(room.functions[-1].calls) == [("clean", 3), ("clean", 4)]
    assert [row.items for row in job_rows(last)] == ["5/5 items, 3 kept"]


def test_what_a_redrive_did_is_kept_as_well() -> None:
    room, session = failed()
    (calls,) = [functions.calls for functions in room.functions]
    planned = plan_by_strategy(room.context, session, Strategy.REDRIVE)
    room.functions[0].failing = frozenset({("clean", 4)})
    again = room.context.manager.redrive(planned.session, room.machine, room.execution)
    session = room.end(again).session
    assert (session.status, calls["clean", 3], calls["clean", 0]) == (SessionStatus.FAILED, 2, 1)
    assert sorted(plan_resumption(room.context, session).plan.items["clean"].results) == [0, 1, 2, 3]
