"""Limits on how many sessions of a pipeline run at a time: every door, every policy, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.compile.start_limits import concurrency_comment
from bunsui.errors import BunsuiError, ExitCode, HeldBack, Refused
from bunsui.model.admission.concurrency import Concurrency
from bunsui.model.failures import START_STATE
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.recovery.acts import redrive_session, restart_session
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.running.backfill import BackfillRequest, plan_backfill, run_backfill
from bunsui.services.running.waiting import waiting_note
from bunsui.services.session_context import SessionContext
from bunsui.services.stop import stop_session
from bunsui.sessions.admission.line import SILENT, UNSTARTED, WaitingNote
from tests.fakes.session_room import DEFINITION, PIPELINE, Room

RUNNING, QUEUED, FAILED = SessionStatus.RUNNING, SessionStatus.QUEUED, SessionStatus.FAILED
CANCELLED, SUCCEEDED = SessionStatus.CANCELLED, SessionStatus.SUCCEEDED
DAILY = RunRequest(pipeline="daily")


def limited(limit: int = 1, policy: str = "queue") -> Room:
    """Return a room whose pipeline has a limit, which was applied."""
    pipeline = replace(PIPELINE, concurrency=Concurrency(limit=limit, policy=policy))
    room = Room(pipeline)
    room.apply(with_limit(DEFINITION, pipeline))
    return room


def with_limit(definition: Mapping[str, Any], pipeline: Pipeline) -> Mapping[str, Any]:
    states = definition["States"]
    start = {"Type": "Pass", "Next": definition["StartAt"], **states.get(START_STATE, {})}
    start["Comment"] = concurrency_comment(pipeline)
    return {**definition, "States": {**states, START_STATE: start}}


@dataclass
class Waiter:
    """Somebody who waits, and what he is told; `meanwhile` happens at the first look."""

    room: Room
    seconds: float | None = None
    told: list[WaitingNote] = field(default_factory=list)
    meanwhile: Callable[[], object] | None = None

    @property
    def context(self) -> SessionContext:
        ports = self.room.context.ports
        assert ports.line is not None
        line = replace(ports.line, patience_seconds=self.seconds, pause_seconds=0.25, tell=self.tell)
        return replace(self.room.context, ports=replace(ports, line=line))

    def tell(self, note: WaitingNote) -> None:
        self.told.append(note)
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()


def running(room: Room) -> int:
    return len(room.execution.executions(room.machine.arn, limit=99, status=RUNNING))


def rows(room: Room) -> list[Session]:
    return list(room.sessions.find(SessionQuery(limit=99)))


def failed_session(room: Room) -> Session:
    room.failing.add("load")
    session = start_session(room.context, DAILY)
    room.clock.sleep(9)
    room.failing.clear()
    return room.context.manager.sync(session)


def test_a_run_that_does_not_wait_leaves_nothing_where_there_is_no_room() -> None:
    room = limited()
    first = start_session(room.context, DAILY)
    with pytest.raises(HeldBack) as held:
        start_session(room.context, DAILY)
    assert held.value.exit_code is ExitCode.SKIPPED
    told = {name: held.value.facts[name] for name in ("pipeline", "limit", "behind", "oldest")}
    assert told == {"pipeline": "daily", "limit": "1", "behind": "1", "oldest": first.id}
    assert [row.id for row in rows(room)] == [first.id]
    assert room.pools.read("daily").tickets == ()


def test_a_run_waits_is_queued_says_behind_whom_and_then_runs() -> None:
    room = limited()
    first = start_session(room.context, DAILY)
    seen = list[SessionStatus]()
    waiter = Waiter(room, meanwhile=lambda: seen.extend(row.status for row in rows(room)))
    second = start_session(waiter.context, DAILY)
    assert sorted(one.value for one in seen) == ["queued", "running"]
    [note] = waiter.told
    assert (note.behind, note.oldest.session if note.oldest else "", note.limit) == (1, first.id, 1)
    assert second.status is RUNNING
    assert room.context.manager.sync(first).status is SUCCEEDED
    assert (second.created_at, second.attempts[0].started_at) == (
        first.created_at,
        first.attempts[0].started_at + timedelta(seconds=2),
    )
    assert running(room) == 1


def test_whoever_looks_at_a_queued_session_sees_behind_whom_it_waits() -> None:
    room = limited()
    start_session(room.context, DAILY)
    seen = list[WaitingNote | None]()
    waiter = Waiter(room, meanwhile=lambda: seen.extend(waiting_note(room.context, row) for row in rows(room)))
    started = start_session(waiter.context, DAILY)
    assert [note for note in seen if note is not None] == waiter.told
    assert waiting_note(room.context, started) is None


def test_without_a_limit_nothing_is_counted() -> None:
    room = Room()
    for _ in range(3):
        start_session(room.context, DAILY)
    assert running(room) == 3
    assert room.pools.read("daily").row_version == 0


def test_as_many_run_as_may_and_the_limit_that_is_applied_counts() -> None:
    room = limited(limit=2)
    draft = replace(room.context, pipelines={"daily": replace(PIPELINE, concurrency=Concurrency(limit=9))})
    start_session(draft, DAILY)
    start_session(draft, DAILY)
    with pytest.raises(HeldBack):
        start_session(draft, DAILY)


def test_a_run_is_skipped_where_the_policy_says_so_also_by_who_would_wait() -> None:
    room = limited(policy="skip")
    start_session(room.context, DAILY)
    waiter = Waiter(room)
    with pytest.raises(HeldBack) as held:
        start_session(waiter.context, DAILY)
    assert "skip" in held.value.summary
    assert waiter.told == []
    assert len(rows(room)) == 1


def test_a_newer_run_replaces_the_oldest_which_ends_with_the_reason() -> None:
    room = limited(policy="replace")
    first = start_session(room.context, DAILY)
    second = start_session(Waiter(room).context, DAILY)
    assert second.status is RUNNING
    stopped = room.context.manager.sync(first)
    assert stopped.status is CANCELLED
    assert stopped.attempts[0].cause == f"replaced by session {second.id}: at most 1 of daily at a time"
    [begun] = [act for act in room.acts.acts() if act.act == "stop" and act.outcome == "begun"]
    assert (begun.session, begun.reason) == (first.id, stopped.attempts[0].cause)


@pytest.mark.parametrize("again", [resume_session, restart_session, redrive_session])
def test_what_is_done_again_waits_under_each_policy(again: Callable[[SessionContext, Session], Any]) -> None:
    for policy in ("queue", "skip", "replace"):
        room = limited(policy=policy)
        session = failed_session(room)
        other = start_session(room.context, DAILY)
        with pytest.raises(HeldBack):
            again(room.context, session)
        waiter = Waiter(room)
        again(waiter.context, session)
        assert [note.behind for note in waiter.told] == [1]
        assert room.context.manager.sync(other).status is SUCCEEDED
        assert running(room) == 1


def test_a_backfill_never_runs_more_than_the_limit_beside_others() -> None:
    room = limited(limit=2, policy="replace")
    other = start_session(room.context, DAILY)
    request = BackfillRequest(pipeline="daily", days="2026-01-01..2026-01-05", concurrency=4)
    context = Waiter(room).context
    plan = plan_backfill(context, request)
    assert plan.concurrency == 2
    for _ in run_backfill(context, plan):
        assert running(room) <= 2
    assert room.context.manager.sync(other).status is SUCCEEDED
    assert {row.status for row in rows(room)} == {SUCCEEDED}
    assert len(rows(room)) == 6


def test_who_gives_up_waiting_leaves_the_line_and_the_same_key_starts_later() -> None:
    room = limited()
    start_session(room.context, DAILY)
    keyed = replace(DAILY, key="nightly")
    with pytest.raises(HeldBack) as held:
        start_session(Waiter(room, seconds=0.5).context, keyed)
    assert "the time to wait" in held.value.summary
    assert room.pools.read("daily").tickets == ()
    [row] = [row for row in rows(room) if row.identity]
    assert row.status is FAILED
    assert start_session(Waiter(room).context, keyed).id == row.id


def test_an_interrupted_wait_leaves_the_line() -> None:
    room = limited()
    start_session(room.context, DAILY)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_session(Waiter(room, meanwhile=interrupt).context, DAILY)
    assert room.pools.read("daily").tickets == ()
    assert sorted(row.status.value for row in rows(room)) == ["failed", "running"]


def test_a_queued_session_can_be_stopped() -> None:
    room = limited()
    start_session(room.context, DAILY)

    def stop() -> None:
        [queued] = [row for row in rows(room) if row.status is QUEUED]
        stop_session(room.context, queued, reason="not today")

    with pytest.raises(HeldBack) as held:
        start_session(Waiter(room, meanwhile=stop).context, DAILY)
    assert "stopped" in held.value.summary
    room.clock.sleep(9)
    assert running(room) == 0
    assert sorted(row.status.value for row in rows(room)) == ["cancelled", "running"]


def test_two_who_wait_with_one_key_start_one_session() -> None:
    room = limited()
    start_session(room.context, DAILY)
    keyed = replace(DAILY, key="nightly")
    ids = list[str]()
    waiter = Waiter(room, meanwhile=lambda: ids.append(start_session(Waiter(room).context, keyed).id))
    assert start_session(waiter.context, keyed).id == ids[0]
    assert len(rows(room)) == 2
    assert running(room) == 1


def test_a_waiter_that_died_holds_up_the_line_for_a_while_only() -> None:
    room = limited()
    start_session(room.context, DAILY)

    pool = list[Any]()

    def die() -> None:
        pool.append(room.pools.read("daily"))
        raise SystemExit

    with pytest.raises(SystemExit):
        start_session(Waiter(room, meanwhile=die).context, DAILY)
    now = room.pools.read("daily")
    room.pools.write(replace(now, tickets=pool[0].tickets))
    [dead] = [row for row in rows(room) if row.status is FAILED]
    room.sessions.save(replace(dead, status=QUEUED))
    asked = room.clock.now()
    session = start_session(Waiter(room).context, DAILY)
    assert session.status is RUNNING
    assert SILENT < room.clock.now() - asked < SILENT + timedelta(seconds=5)
    gone = room.sessions.get(dead.id)
    assert gone is not None
    assert gone.status is FAILED


def test_a_starter_that_died_between_slot_and_start_holds_it_for_some_minutes() -> None:
    room = limited()
    held = start_session(room.context, DAILY)
    pool = room.pools.read("daily")
    [holder] = pool.holders
    room.pools.write(replace(pool, holders=(replace(holder, execution_arn=f"{holder.execution_arn}9"),)))
    asked = room.clock.now()
    start_session(Waiter(room).context, DAILY)
    assert UNSTARTED < room.clock.now() - asked < UNSTARTED + timedelta(seconds=5)
    assert room.context.manager.sync(held).status is SUCCEEDED


def test_a_start_that_is_refused_gives_its_slot_back(monkeypatch: pytest.MonkeyPatch) -> None:
    room = limited()

    def denied(*_: object, **__: object) -> str:
        from bunsui.errors import AccessDenied

        raise AccessDenied("denied", "no")

    monkeypatch.setattr(room.execution, "start", denied)
    with pytest.raises(BunsuiError):
        start_session(room.context, DAILY)
    assert room.pools.read("daily").holders == ()


def test_a_limit_of_a_newer_bunsui_starts_nothing() -> None:
    room = limited()
    states = {START_STATE: {"Type": "Pass", "Comment": 'Concurrency, version 2: {"limit":1}'}}
    room.apply({**DEFINITION, "States": {**DEFINITION["States"], **states}})  # type: ignore[dict-item]
    with pytest.raises(Refused) as refused:
        start_session(room.context, DAILY)
    assert refused.value.code == "newer-bunsui"
    assert rows(room) == []
