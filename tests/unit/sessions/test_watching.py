"""What an observer asks for and how often, and what a snapshot says when something cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bunsui.errors import CloudError, Missing
from bunsui.model.json import Json
from bunsui.model.pipeline import About
from bunsui.model.session import FailedItem, HistoryEvent, JobProgress, JobStatus, MapRunCounts, Session, SessionStatus
from bunsui.model.values import Expression
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.sessions.observer import SessionObserver
from bunsui.sessions.snapshot import AttemptJobs, SessionSnapshot
from bunsui.testkit.execution import Script, ScriptedStep
from tests.fakes.map_runs import MemoryMapRuns
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import START, Room
from tests.unit.sessions.test_explained_whole import UNDEFINED

RUNNING, FAILED, SUCCEEDED = SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.SUCCEEDED
RUN = "arn:aws:states:eu-west-1:111111111111:mapRun:daily/each:1"
ABOUT = About(owner="team data")


@dataclass
class Seen(PassingExecution):
    """Step Functions that counts what it is asked and has forgotten some of it."""

    asked: list[str] = field(default_factory=list, kw_only=True)
    without_definition: set[str] = field(default_factory=set, kw_only=True)
    answers: dict[str, Execution | None] = field(default_factory=dict, kw_only=True)
    """What is said of executions instead of the truth; None: they are forgotten."""

    def describe(self, execution_arn: str) -> Execution:
        self.asked.append("describe")
        if execution_arn in self.answers:
            answer = self.answers[execution_arn]
            if answer is None:
                raise Missing("missing", "forgotten")
            return answer
        return super().describe(execution_arn)

    def definition(self, arn: str) -> Mapping[str, Json]:
        self.asked.append("definition")
        if arn in self.without_definition:
            raise Missing("missing", "forgotten")
        return super().definition(arn)

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        self.asked.append(f"history after {after}")
        return super().history(execution_arn, after=after)


class Watch:
    """A room with somebody who watches."""

    def __init__(self, **options: Any) -> None:
        self.room = Room()
        self.seen = Seen(self.room.execution)
        context = self.room.context
        self.observer = SessionObserver(
            manager=context.manager,
            execution=self.seen,
            logs=self.room.logs,
            clock=self.room.clock,
            target_arn=self.room.machine.alias_arn,
            **{"order": ("load", "extract"), "about": ABOUT, **options},
        )

    def started(self, *failing: str) -> Session:
        self.room.failing = set(failing)
        session = start_session(self.room.context, RunRequest(pipeline="daily"))
        self.room.failing = set()
        return session


def statuses(jobs: Sequence[JobProgress] | None) -> list[tuple[str, str]]:
    assert jobs is not None
    return [(job.name, job.status.value) for job in jobs]


def test_a_session_that_never_began_shows_its_jobs_as_the_file_has_them() -> None:
    watch = Watch()
    session = replace(watch.started(), id="01KBH3X2J4ABCDEFGHJKMNPQRS", attempts=(), status=FAILED)
    jobs = tuple(JobProgress(name=name, status=JobStatus.NOT_RUN) for name in ("load", "extract"))
    assert watch.observer.look(session) == SessionSnapshot(session=session, jobs=jobs, taken_at=START, about=ABOUT)


def test_a_session_whose_execution_is_forgotten_shows_its_row() -> None:
    watch = Watch()
    session = watch.started()
    watch.seen.without_definition = {session.attempts[0].execution_arn}
    assert watch.observer.look(session) == SessionSnapshot(session=session, jobs=(), taken_at=START, about=ABOUT)


def test_a_look_tells_what_the_file_says_beside_what_the_history_does() -> None:
    watch = Watch(closing=("tidy",), described={"load": "fills the table"})
    session = watch.started("load")
    watch.room.clock.sleep(60)
    found = watch.observer.look(session)
    assert statuses(found.jobs) == [("load", "failed"), ("extract", "succeeded")]
    assert (found.about, found.closing, found.described) == (ABOUT, ("tidy",), {"load": "fills the table"})
    assert (found.can_resume, found.compared, found.children) == (True, (), ())
    assert found.failure is not None
    assert (found.failure.job, found.session.status, found.taken_at) == ("load", FAILED, watch.room.clock.now())


def test_what_ended_is_read_once_and_asked_for_again_every_15_seconds() -> None:
    watch = Watch()
    session = watch.started()
    watch.room.clock.sleep(60)
    first = watch.observer.look(session)
    assert watch.seen.asked == ["definition", "history after 0", "describe"]
    watch.seen.asked.clear()
    synced: list[Session] = []
    sync = watch.room.context.manager.sync

    class Counting:
        def sync(self, row: Session, *, target_arn: str = "") -> Session:
            synced.append(row)
            return sync(row, target_arn=target_arn)

    watch.observer._manager = Counting()  # type: ignore[assignment]
    for after, times in ((14.9, 0), (0.1, 1), (14.9, 1), (0.1, 2)):
        watch.room.clock.sleep(after)
        again = watch.observer.look(first.session)
        assert (len(synced), again) == (times, replace(first, taken_at=watch.room.clock.now()))
    assert watch.seen.asked == []


def test_what_runs_is_asked_for_each_time_and_only_what_is_new_is_read() -> None:
    watch = Watch()
    session = watch.started()
    session = watch.observer.look(session).session
    last = len(watch.room.execution.history(session.attempts[0].execution_arn))
    session = watch.observer.look(session).session
    assert watch.seen.asked == ["definition", "history after 0", f"history after {last}"]
    watch.room.clock.sleep(60)
    assert statuses(watch.observer.look(session).jobs) == [("load", "succeeded"), ("extract", "succeeded")]


def test_attempts_are_compared_in_the_order_of_the_file_and_forgotten_ones_are_named() -> None:
    watch = Watch()
    watch.room.failing = {"load"}
    session = watch.started("load")
    watch.room.clock.sleep(60)
    resumed = resume_session(watch.room.context, watch.observer.look(session).session).session
    watch.room.clock.sleep(60)
    first, second = watch.observer.look(resumed).compared
    assert (first.number, statuses(first.jobs)) == (1, [("load", "failed"), ("extract", "succeeded")])
    assert (second.number, statuses(second.jobs)) == (2, [("load", "succeeded"), ("extract", "restored")])
    other = Watch()
    other.room, other.observer._manager = watch.room, watch.room.context.manager
    other.observer._execution = Seen(watch.room.execution, without_definition={resumed.attempts[0].execution_arn})
    other.observer.reader._execution = other.observer._execution
    assert other.observer.look(resumed).compared[0] == AttemptJobs(number=1, jobs=None)
    assert statuses(other.observer.look(resumed).compared[1].jobs) == statuses(second.jobs)


@pytest.mark.parametrize("lag", [False, True])
def test_the_output_is_the_executions_unless_a_read_lags(lag: bool) -> None:
    watch = Watch()
    session = watch.started()
    watch.room.clock.sleep(60)
    row = replace(watch.room.context.manager.sync(session), output="of the row")
    arn = session.attempts[0].execution_arn
    truth = watch.room.execution.describe(arn)
    watch.seen.answers = {arn: replace(truth, status=RUNNING if lag else SUCCEEDED, output="of the execution")}
    assert watch.observer._snapshot(row).session.output == ("of the row" if lag else "of the execution")
    watch.seen.answers = {arn: None}
    assert watch.observer._snapshot(row).session.output == "of the row"


def test_a_jobs_error_is_told_in_its_authors_words() -> None:
    watch = Watch(authored={"load": (Expression("$params.day", "pipelines/p.yaml:9:20"),)})
    cause = UNDEFINED.format("$params.day")
    steps = (
        ScriptedStep(after_seconds=0, type="TaskStateEntered", details={"name": "load"}),
        ScriptedStep(after_seconds=1, type="TaskFailed", details={"error": "E", "cause": cause}),
    )
    script = Script(steps=steps, ends_after_seconds=1, status=FAILED, error="E", cause=cause)
    definition: Mapping[str, Json] = {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, "load": {"Type": "Task"}}}
    watch.room.execution.machine(watch.room.machine.arn, definition=definition, writer=lambda _: script)
    session = start_session(watch.room.context, RunRequest(pipeline="daily"))
    watch.room.clock.sleep(5)
    found = watch.observer.look(session)
    assert found.jobs[0].cause.startswith("The expression {% $params.day %} at pipelines/p.yaml:9:20")
    assert found.failure is not None
    assert found.failure.message == found.jobs[0].cause


class Runs(MemoryMapRuns):
    """Map runs that tell how many failed items were asked for; of some nobody may see any."""

    limits: tuple[int, ...] = ()
    is_closed = False

    def counts(self, map_run_arn: str) -> MapRunCounts:
        if self.is_closed:
            raise CloudError("denied", "no")
        return super().counts(map_run_arn)

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        self.limits = (*self.limits, limit)
        return super().failed_children(map_run_arn, limit=limit)


class Foreach(Watch):
    """A session whose distributed foreach goes on for a minute; some of its items fail."""

    def __init__(self, **given: Json) -> None:
        self.runs = Runs()
        super().__init__(map_runs=self.runs, order=("each",))
        steps = (
            ScriptedStep(after_seconds=0, type="MapStateEntered", details={"name": "each"}),
            ScriptedStep(after_seconds=0, type="MapRunStarted", details={"mapRunArn": RUN}),
        )
        each: dict[str, Json] = {"Type": "Map", "ToleratedFailureCount": 9}
        self.room.execution.machine(
            self.room.machine.arn,
            definition={"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, "each": each}},
            writer=lambda _: Script(steps=steps, ends_after_seconds=60),
        )
        item = f"{self.room.machine.arn}/each"
        cause = '{"errorType": "ValueError", "errorMessage": "bad header"}'
        self.room.execution.machine(
            item, definition={}, writer=lambda _: Script(steps=(), ends_after_seconds=0, status=FAILED, error="E", cause=cause)
        )
        arn = self.room.execution.start(item, name="item-7", payload=given)
        failed = ExecutionSummary(arn=arn, name="item-7", status=FAILED, started_at=START, stopped_at=None)
        self.runs.failed = {RUN: [failed]}
        self.session = start_session(self.room.context, RunRequest(pipeline="daily"))

    def look(self, done: int, failed: int, *, is_final: bool = False) -> JobProgress:
        self.runs.runs = {RUN: MapRunCounts(arn=RUN, total=9, done=done, failed=failed, is_final=is_final)}
        (job,) = self.observer.look(self.session).jobs
        return job


def test_the_items_of_a_foreach_are_counted_until_its_run_ended_and_then_the_failed_ones_are_named_once() -> None:
    watch = Foreach(label="north")
    assert [(job.items_done, job.items_failed, job.failed_items) for job in (watch.look(1, 0), watch.look(3, 2))] == [
        (1, 0, ()),
        (3, 2, ()),
    ]
    assert not watch.runs.limits
    item = FailedItem(label="north", error="ValueError", message="bad header")
    last = watch.look(9, 2, is_final=True)
    assert (last.items_done, last.items_total, last.items_failed, last.failed_items) == (9, 9, 2, (item,))
    assert watch.look(0, 0) == last
    assert (watch.runs.limits, len(watch.runs.asked)) == ((5,), 3)


@pytest.mark.parametrize("label", ["", 3, None])
def test_an_item_without_a_label_is_named_by_its_execution(label: Json) -> None:
    assert [one.label for one in Foreach(label=label).look(9, 1, is_final=True).failed_items] == ["item-7"]


def test_where_no_item_failed_none_is_asked_for() -> None:
    watch = Foreach()
    assert (watch.look(9, 0, is_final=True).failed_items, watch.runs.limits) == ((), ())


def test_failed_items_that_nobody_may_see_are_counted_only() -> None:
    watch = Foreach()
    watch.runs.failed = {}
    for _ in range(2):
        job = watch.look(9, 1, is_final=True)
        assert (job.items_failed, job.failed_items) == (1, ())
    assert watch.runs.limits == (5,)


def test_items_that_nobody_may_count_are_not_told() -> None:
    watch = Foreach()
    watch.runs.is_closed = True
    job = watch.look(3, 1)
    assert (job.status, job.items_done, job.items_total, job.failed_items) == (JobStatus.RUNNING, 0, None, ())
