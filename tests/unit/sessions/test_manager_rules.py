"""What a manager makes of an intent, of a stop, and of executions that Step Functions does not know: each bound by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.errors import InvalidInput, Missing, Refused
from bunsui.model.session import Attempt, Claim, Custody, Session, SessionStatus
from bunsui.ports.execution import Execution
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.sessions.ids import execution_name
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.manager import SEEN_TIME, Intent, _without_claim
from bunsui.sessions.truth import UNKNOWN
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import START, Room, with_claim

PENDING, RUNNING, FAILED = SessionStatus.PENDING, SessionStatus.RUNNING, SessionStatus.FAILED
CANCELLED, SUCCEEDED = SessionStatus.CANCELLED, SessionStatus.SUCCEEDED
ANN = "arn:aws:iam::111111111111:user/ann"
ULID = "01KBH3X2J4ABCDEFGHJKMNPQRS"
MACHINE = PipelineMachine(pipeline="daily", arn="arn:aws:states:eu-west-1:1:stateMachine:daily", timezone="Asia/Tokyo")


@pytest.mark.parametrize(("timezone", "date"), [("", "2026-02-01"), ("America/New_York", "2026-01-31")])
def test_an_intent_becomes_a_session_that_waits(timezone: str, date: str) -> None:
    slot, at = datetime(2026, 1, 31, 18, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)
    intent = Intent(
        machine=MACHINE,
        params={"a": 1},
        slot=slot,
        started_by=ANN,
        commit="abc",
        how="backfill",
        timezone=timezone,
        identity="key=x",
    )
    assert intent.new_session(ULID, at=at) == Session(
        id=ULID,
        pipeline="daily",
        status=PENDING,
        slot=slot,
        date=date,
        params={"a": 1},
        started_by=ANN,
        created_at=at,
        commit="abc",
        identity="key=x",
    )
    assert (intent.how, replace(intent, how="run")) == ("backfill", replace(intent, how="run"))
    assert Intent(machine=MACHINE, params={}, slot=slot, started_by=ANN).how == "run"


@pytest.mark.parametrize("is_raw", [True, False])
def test_a_raw_machine_is_given_the_parameters_alone(is_raw: bool) -> None:
    room = Room()
    intent = Intent(machine=replace(room.machine, is_raw=is_raw), params={"region": "us"}, slot=START, started_by=ANN)
    session = room.context.manager.create(intent)
    given = room.execution.describe(session.attempts[0].execution_arn).input
    assert isinstance(given, dict)
    assert set(given) == ({"region"} if is_raw else {"params", "session"})


@dataclass
class Forgetful(PassingExecution):
    """Step Functions that does not know some executions; `unknown` True: none."""

    unknown: bool = field(default=True, kw_only=True)
    stopped: list[tuple[str, str]] = field(default_factory=list, kw_only=True)

    def describe(self, execution_arn: str) -> Execution:
        if self.unknown:
            raise Missing("missing", "forgotten")
        return super().describe(execution_arn)

    def stop(self, execution_arn: str, *, reason: str) -> None:
        self.stopped.append((execution_arn, reason))
        super().stop(execution_arn, reason=reason)


def forgetful(room: Room) -> SessionContext:
    return replace(room.context, ports=replace(room.context.ports, execution=Forgetful(room.execution)))


def started(room: Room, *failing: str) -> Session:
    room.failing = set(failing)
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.failing = set()
    return session


def failed(room: Room) -> Session:
    session = started(room, "load")
    room.clock.sleep(60)
    return room.context.manager.sync(session)


def test_an_execution_that_nobody_knows_ends_once_it_is_too_old_to_lag() -> None:
    room = Room()
    session, context = started(room), forgetful(room)
    room.clock.sleep(SEEN_TIME.total_seconds())
    assert context.manager.sync(session) is session
    room.clock.sleep(1)
    found = context.manager.sync(session)
    gone = replace(
        session.attempts[0],
        status=FAILED,
        stopped_at=room.clock.now(),
        error=UNKNOWN,
        cause="Step Functions does not know this execution any more.",
    )
    assert (found.status, found.attempts, SEEN_TIME) == (FAILED, (gone,), timedelta(minutes=5))
    assert context.manager.sync(found) is found, "what has ended stays as it is known"


def test_of_several_executions_each_is_asked_for_by_itself() -> None:
    room = Room()
    session = failed(room)
    room.execution.redrive(session.attempts[0].execution_arn)
    revived = room.context.manager.sync(session)
    room.clock.sleep(SEEN_TIME.total_seconds() + 1)
    found = forgetful(room).manager.sync(revived)
    assert [(one.status, one.error) for one in found.attempts] == [(FAILED, "ValueError"), (FAILED, UNKNOWN)]


@pytest.mark.parametrize(("seconds", "status"), [(120, PENDING), (121, FAILED)])
def test_a_first_start_of_which_nothing_is_seen_is_given_up_after_two_minutes(seconds: int, status: SessionStatus) -> None:
    room = Room()
    row = replace(failed(room), id=ULID, attempts=(), status=PENDING, created_at=room.clock.now(), row_version=0)
    row = replace(row, failed_job="", failure=None)
    room.sessions.add(row)
    room.clock.sleep(seconds)
    assert room.context.manager.sync(row) is row, "without the machine's ARN nobody can look"
    assert room.context.manager.sync(row, target_arn=room.machine.alias_arn).status is status
    claimed = replace(row, claim=Claim(how="run", actor=ANN, at=room.clock.now(), execution_arn=""), row_version=1)
    if status is PENDING:
        assert room.context.manager.sync(claimed, target_arn=room.machine.alias_arn) is claimed, "by when it was claimed"


@pytest.mark.parametrize(("seconds", "standing"), [(300, SessionStatus.RECOVERING), (301, FAILED)])
def test_a_next_start_of_which_nothing_is_seen_is_given_up_after_five(seconds: int, standing: SessionStatus) -> None:
    room = Room()
    session = failed(room)
    row = room.sessions.save(with_claim(session, room.machine, at=room.clock.now()))
    room.clock.sleep(seconds)
    found = room.context.manager.sync(row, target_arn=room.machine.alias_arn)
    assert (found.standing, found.attempts) == (standing, session.attempts)


@pytest.mark.parametrize(("seconds", "is_claimed"), [(300, True), (301, False)])
def test_a_redrive_of_which_nothing_is_seen_is_given_up_alike(seconds: int, is_claimed: bool) -> None:
    room = Room()
    session = failed(room)
    arn = session.attempts[0].execution_arn
    claim = Claim(how="redrive", actor=ANN, at=room.clock.now(), execution_arn=arn, redrive=1)
    row = room.sessions.save(replace(session, claim=claim))
    room.clock.sleep(seconds)
    found = room.context.manager.sync(row, target_arn=room.machine.alias_arn)
    assert (found.claim is not None, found.status) == (is_claimed, FAILED)
    room.execution.redrive(arn)
    seen = room.context.manager.sync(row, target_arn=room.machine.alias_arn) if is_claimed else None
    if seen is not None:
        assert (seen.claim, seen.status, seen.attempts[-1].actor) == (None, RUNNING, ANN)


def test_a_start_is_looked_for_by_the_name_that_it_has() -> None:
    room = Room()
    session = failed(room)
    claim = Claim(how="resume", actor=ANN, at=room.clock.now(), execution_arn="")
    row = room.sessions.save(replace(session, claim=claim))
    name = execution_name("daily", session.id, 2)
    room.execution.start(room.machine.alias_arn, name=name, payload={"params": {}})
    found = room.context.manager.sync(row, target_arn=room.machine.alias_arn)
    assert [(one.execution_arn.rpartition(":")[2], one.kind) for one in found.attempts][1:] == [(name, "resume")]


def acts(room: Room) -> list[tuple[str, str, str, int, str, str]]:
    found = [one for one in reversed(room.acts.acts()) if one.act == "stop"]
    return [
        (one.call, one.outcome, one.reason, one.attempt, one.execution_arn.rpartition(":")[2], one.session) for one in found
    ]


def test_everything_of_a_session_that_runs_is_stopped_once_and_recorded() -> None:
    room = Room()
    session = started(room)
    first = session.attempts[0]
    double = room.execution.start(room.machine.arn, name="double", payload={"params": {}})
    second = replace(first, execution_arn=double, number=1)
    turn = replace(first, redrive=1, number=2)
    row = room.sessions.save(replace(session, attempts=(replace(first, status=FAILED), turn), duplicates=(second,)))
    seen = Forgetful(room.execution, unknown=False)
    context = replace(room.context, ports=replace(room.context.ports, execution=seen))
    found = context.manager.stop(row, "enough")
    assert seen.stopped == [(first.execution_arn, "enough"), (double, "enough")]
    name = first.execution_arn.rpartition(":")[2]
    assert acts(room) == [
        ("StopExecution", "begun", "enough", 2, name, row.id),
        ("StopExecution", "done", "enough", 2, name, row.id),
        ("StopExecution", "begun", "enough", 1, "double", row.id),
        ("StopExecution", "done", "enough", 1, "double", row.id),
    ]
    assert [one.status for one in found.duplicates] == [CANCELLED]


def test_a_claimed_start_is_stopped_before_it_happens() -> None:
    room = Room()
    row = room.sessions.save(with_claim(failed(room), room.machine))
    found = room.context.manager.stop(row, "no")
    assert (found.status, found.claim) == (FAILED, None)
    name = execution_name("daily", row.id, 2)
    assert acts(room) == [("", "begun", "no", 1, name, row.id), ("", "done", "no", 1, name, row.id)]


def test_what_has_ended_is_not_stopped() -> None:
    room = Room()
    session = failed(room)
    with pytest.raises(InvalidInput) as refused:
        room.context.manager.stop(session, "no")
    assert (refused.value.code, acts(room)) == ("illegal-transition", [])


def test_a_row_without_its_claim_stands_as_it_did_unless_it_never_began() -> None:
    room = Room()
    session = failed(room)
    assert _without_claim(with_claim(session, room.machine)) == session
    waits = replace(session, attempts=(), status=PENDING)
    assert _without_claim(with_claim(waits, room.machine)) == replace(waits, status=CANCELLED)
    runs = replace(session, status=RUNNING, attempts=(replace(session.attempts[0], status=RUNNING, stopped_at=None),))
    assert _without_claim(with_claim(runs, room.machine)) == runs
    assert isinstance(session.attempts[0], Attempt)
    assert START.tzinfo is UTC


def test_who_is_on_a_session_is_written_and_recorded() -> None:
    room = Room()
    session = failed(room)
    custody = Custody(owner=ANN, by=ANN, at=START, attempt=1, note="mine")
    taken = room.context.manager.hand(session, custody, act="take", reason="not that")
    assert (taken.custody, taken.taken, taken.row_version) == (custody, custody, session.row_version + 1)
    freed = room.context.manager.hand(taken, None, act="release", reason="done")
    assert freed.custody is None
    found = [(one.act, one.call, one.outcome, one.reason, one.attempt) for one in reversed(room.acts.acts())][2:]
    assert found == [
        ("take", "", "begun", "mine", 1),
        ("take", "", "done", "mine", 1),
        ("release", "", "begun", "done", 1),
        ("release", "", "done", "done", 1),
    ]
    assert {one.execution_arn for one in room.acts.acts()} == {session.attempts[0].execution_arn}


@pytest.mark.parametrize("change", ["custody", "status", "attempts"])
def test_a_session_on_which_somebody_acted_meanwhile_is_handed_to_nobody(change: str) -> None:
    room = Room()
    session = failed(room)
    custody = Custody(owner=ANN, by=ANN, at=START, attempt=1)
    more = replace(session.attempts[0], execution_arn="arn:more", number=2)
    meanwhile = {"custody": custody, "status": CANCELLED, "attempts": (*session.attempts, more)}
    stored = room.sessions.save(replace(session, **{change: meanwhile[change]}))  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        room.context.manager.hand(session, replace(custody, owner="other"), act="take")
    assert (refused.value.code, refused.value.facts) == (
        "session-changed",
        {"session": session.id, "status": stored.standing.value},
    )
    assert refused.value.hint.endswith(f"bunsui show {session.id}")
    assert room.sessions.get(session.id) == stored
