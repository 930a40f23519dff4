"""Every act on a session stands in the audit trail: before it is done that it will be, then what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bunsui.apply.trail import verify
from bunsui.errors import (
    AccessDenied,
    BunsuiError,
    Conflict,
    InvalidInput,
    Missing,
    Refused,
    Throttled,
    Unavailable,
    Unsupported,
)
from bunsui.model.json import Json
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.acts import ActRecord
from bunsui.services.recovery.carrying import carry_recovery
from bunsui.services.recovery.planning import RecoveryRequest, plan_recovery
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.running.backfill import BackfillRequest, plan_backfill, run_backfill
from bunsui.services.session_filter import SessionFilter
from bunsui.services.stop import stop_session
from bunsui.sessions.manager import Intent
from bunsui.testkit.acts import MemoryActLog
from tests.fakes.acts import acts_in
from tests.fakes.session_room import START, Room

DAILY = RunRequest(pipeline="daily", params=["region=us"])


def told(room: Room) -> list[tuple[str, str]]:
    """Act and outcome of each record, oldest first."""
    return [(one.act, one.outcome) for one in reversed(room.acts.acts())]


def a_failed_session(room: Room) -> Session:
    room.failing = {"load"}
    session = start_session(room.context, DAILY)
    room.clock.sleep(10)
    room.failing = set()
    return session


class FullLog(MemoryActLog):
    """A trail that takes so many records, and then none."""

    def __init__(self, room: int, error: BunsuiError) -> None:
        super().__init__()
        self.room = room
        self.error = error

    def append(self, record: ActRecord) -> ActRecord:
        if not self.room:
            raise self.error
        self.room -= 1
        return super().append(record)


def with_log(room: Room, log: MemoryActLog, warnings: list[str]) -> None:
    acts = replace(room.context.ports.acts, log=log, warn=warnings.append)
    room.acts = log
    room.context = replace(room.context, ports=replace(room.context.ports, acts=acts))


def test_a_run_is_recorded_with_who_what_and_which_parameters_but_no_values() -> None:
    room = Room()
    session = room.context.manager.create(
        Intent(machine=room.machine, params={"region": "secret-region"}, slot=START, started_by="mika")
    )
    begun, done = reversed(room.acts.acts())
    assert (begun.actor.who, begun.actor.host) == ("arn:aws:iam::111111111111:user/mika", "context")
    assert (begun.act, begun.call, begun.session, begun.attempt) == ("run", "StartExecution", session.id, 1)
    assert (begun.slot, begun.execution_arn) == (session.slot, session.attempts[0].execution_arn)
    assert begun.params == ("region",)
    assert "secret-region" not in str(room.acts.acts())
    assert (done.of, done.outcome) == (begun.id, "done")
    assert verify(room.acts.acts(), room.acts.head()).broken is None


def test_a_stop_is_recorded_with_its_reason() -> None:
    room = Room()
    stop_session(room.context, start_session(room.context, DAILY), reason="wrong day")
    newest = room.acts.acts()[0]
    assert told(room)[2:] == [("stop", "begun"), ("stop", "done")]
    assert (newest.reason, newest.call, newest.attempt) == ("wrong day", "StopExecution", 1)


def test_a_resume_a_redrive_and_a_backfill_are_told_apart() -> None:
    room = Room()
    session = a_failed_session(room)
    room.failing = {"load"}
    resume_session(room.context, session)
    room.clock.sleep(10)
    session = room.context.manager.sync(room.sessions.get(session.id) or session)
    room.context.manager.redrive(session, room.machine, room.execution, actor="x")
    list(run_backfill(room.context, plan_backfill(room.context, BackfillRequest(pipeline="daily", days="2026-01-01"))))
    assert [act for act, outcome in told(room) if outcome == "done"] == ["run", "resume", "redrive", "backfill"]
    assert [one.attempt for one in reversed(room.acts.acts()) if one.of] == [1, 2, 3, 1]


def test_what_a_recovery_does_is_recorded_under_its_name() -> None:
    room = Room()
    a_failed_session(room)
    room.context.rounds.visit([room.machine])
    carry_recovery(
        room.context,
        plan_recovery(room.context, RecoveryRequest(wanted=SessionFilter(), asked="", strategy=Strategy.RESUME)),
        lambda step: None,
    )
    assert told(room)[2:] == [("recover", "begun"), ("recover", "done")]
    assert room.acts.acts()[0].call == "StartExecution"


@pytest.mark.parametrize("error", [Unavailable("x", "y"), Throttled("x", "y"), Conflict("x", "y"), AccessDenied("x", "y")])
def test_what_cannot_be_recorded_is_not_started(error: BunsuiError) -> None:
    room = Room()
    with_log(room, FullLog(0, error), [])
    with pytest.raises(type(error) if isinstance(error, AccessDenied) else Unavailable) as refused:
        start_session(room.context, DAILY)
    assert refused.value.code == "act-not-recorded"
    assert room.execution.executions(room.machine.arn, limit=9) == []
    (row,) = room.sessions.find_prefix("")
    assert (row.status, row.claim) == (SessionStatus.FAILED, None)


def test_what_cannot_be_recorded_is_neither_resumed_nor_redriven_nor_stopped() -> None:
    room = Room()
    session = a_failed_session(room)
    running = start_session(room.context, DAILY)
    with_log(room, FullLog(0, Unavailable("x", "y")), [])
    for act in (
        lambda: resume_session(room.context, session),
        lambda: room.context.manager.redrive(session, room.machine, room.execution),
        lambda: stop_session(room.context, running, reason="r"),
    ):
        with pytest.raises(Unavailable) as refused:
            act()
        assert refused.value.code == "act-not-recorded"
    stands = room.sessions.get(session.id)
    assert stands is not None
    assert (stands.status, len(stands.attempts), stands.claim) == (SessionStatus.FAILED, 1, None)
    assert len(room.execution.executions(room.machine.arn, limit=9)) == 2
    assert room.execution.describe(running.attempts[0].execution_arn).status is SessionStatus.RUNNING
    with_log(room, MemoryActLog(), [])
    assert resume_session(room.context, session).session.running


def test_an_outcome_that_cannot_be_recorded_is_told_and_the_session_runs() -> None:
    room, warnings = Room(), list[str]()
    with_log(room, FullLog(1, Unavailable("x", "the table is away")), warnings)
    session = start_session(room.context, DAILY)
    assert session.status is SessionStatus.RUNNING
    assert told(room) == [("run", "begun")]
    (warning,) = warnings
    assert session.id in warning
    assert "the table is away" in warning


@pytest.mark.parametrize(
    ("error", "outcome"), [(AccessDenied("denied", "no"), "failed"), (Unavailable("no-answer", "no"), "unknown")]
)
def test_a_refused_start_failed_and_one_without_an_answer_is_unknown(
    error: BunsuiError, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room()

    def start(target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        raise error

    monkeypatch.setattr(room.execution, "start", start)
    with pytest.raises(type(error)):
        start_session(room.context, DAILY)
    assert told(room) == [("run", "begun"), ("run", outcome)]
    assert room.acts.acts()[0].error == error.code


def test_a_start_that_was_killed_after_its_record_stays_begun_and_the_next_one_runs_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room()
    keyed = replace(DAILY, key="fix-4711")

    def die(*_arguments: object, **_named: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(room.execution, "start", die)
        with pytest.raises(KeyboardInterrupt):
            start_session(room.context, keyed)
    assert told(room) == [("run", "begun")]
    assert start_session(room.context, keyed).status is SessionStatus.RUNNING
    assert told(room) == [("run", "begun"), ("run", "begun"), ("run", "done")]
    assert len(room.execution.executions(room.machine.arn, limit=9)) == 1


def test_what_is_refused_before_it_is_tried_is_no_act() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    with pytest.raises(InvalidInput):
        resume_session(room.context, session)
    assert len(room.acts.acts()) == 2


def test_asked_for_again_by_its_key_a_run_is_no_further_act() -> None:
    room = Room()
    keyed = replace(DAILY, key="fix-4711")
    first = start_session(room.context, keyed)
    assert start_session(room.context, keyed).id == first.id
    assert len(room.acts.acts()) == 2


def test_an_act_is_recorded_whole_and_its_end_names_it() -> None:
    room = Room()
    session = replace(start_session(room.context, DAILY), params={"b": 1, "a": 2})
    log = MemoryActLog()
    acts = replace(acts_in(log, room.clock), under="")
    begun = acts.begin(session, "stop", "StopExecution", attempt=3, execution_arn="arn", reason="why", gate="g1")
    room.clock.sleep(1)
    with acts.ending(begun):
        pass
    expected = ActRecord(
        id="act-1",
        at=START,
        act="stop",
        call="StopExecution",
        actor=acts.actor,
        pipeline="daily",
        session=session.id,
        attempt=3,
        execution_arn="arn",
        slot=session.slot,
        params=("a", "b"),
        reason="why",
        gate="g1",
        serial=1,
    )
    assert begun == expected
    ended = log.acts()[0]
    assert ended == replace(
        expected, id="act-2", at=room.clock.now(), of="act-1", outcome="done", serial=2, previous=begun.hash
    )
    assert ended.hash not in ("", begun.hash)


@pytest.mark.parametrize(
    ("error", "kind", "hint"),
    [
        (
            AccessDenied("x", "you may not", hint="Ask for it.", aws_code="Denied", aws_message="no"),
            AccessDenied,
            "Ask for it.",
        ),
        (Throttled("x", "slow down"), Unavailable, "Do it again in a minute."),
    ],
)
def test_what_cannot_be_recorded_is_told_with_the_reason(error: BunsuiError, kind: type[BunsuiError], hint: str) -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    acts = acts_in(FullLog(0, error), room.clock)
    with pytest.raises(kind) as refused:
        acts.begin(session, "stop", "", attempt=1, execution_arn="")
    told = {name: value for name, value in error.facts.items() if value}
    assert refused.value.facts == {"act": "stop", "session": session.id, "reason": error.summary, **told}
    assert (type(refused.value), refused.value.code, refused.value.hint) == (kind, "act-not-recorded", hint)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AccessDenied("code", "no"), "failed"),
        (InvalidInput("code", "no"), "failed"),
        (Missing("code", "no"), "failed"),
        (Refused("code", "no"), "failed"),
        (Unsupported("code", "no"), "failed"),
        (Conflict("code", "no"), "unknown"),
        (Throttled("code", "no"), "unknown"),
        (Unavailable("code", "no"), "unknown"),
    ],
)
def test_an_act_failed_for_sure_or_nobody_knows(error: BunsuiError, outcome: str) -> None:
    log = MemoryActLog()
    acts = acts_in(log)
    room = Room()
    begun = acts.begin(start_session(room.context, DAILY), "run", "", attempt=1, execution_arn="")
    with pytest.raises(type(error)), acts.ending(begun):
        raise error
    assert [(one.outcome, one.error) for one in log.acts()] == [(outcome, "code"), ("begun", "")]
