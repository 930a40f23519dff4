"""Who may start what: every way in which somebody else can be first, seen right before anything is started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from bunsui.errors import AccessDenied, BunsuiError, Conflict, InvalidInput, Missing, Refused, Unavailable, Unsupported
from bunsui.model.json import Json
from bunsui.model.session import Claim, Session, SessionStatus
from bunsui.ports.execution import Execution
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.sessions.ids import execution_arn_of, execution_name
from bunsui.sessions.manager import Intent
from bunsui.sessions.starts.starting import _acted_first, as_unstarted, key_used
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import START, Room, with_claim

FAILED, RUNNING, SUCCEEDED = SessionStatus.FAILED, SessionStatus.RUNNING, SessionStatus.SUCCEEDED
PENDING = SessionStatus.PENDING
ANN = "arn:aws:iam::111111111111:user/ann"


def ended(room: Room, *failing: str) -> Session:
    """Return a session that has ended, as its row knows it."""
    room.failing = set(failing)
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.failing = set()
    room.clock.sleep(60)
    return room.context.manager.sync(session)


def stored(room: Room, session: Session) -> Session:
    row = room.sessions.get(session.id)
    assert row is not None
    return row


def executions(room: Room) -> int:
    return len(room.execution.executions(room.machine.arn, limit=99))


@dataclass
class Interrupted(PassingExecution):
    """Step Functions, before whose answer number `at` about an execution something happens."""

    happens: Callable[[str], None] = field(default=lambda _: None, kw_only=True)
    at: int = field(default=1, kw_only=True)

    def describe(self, execution_arn: str) -> Execution:
        self.at -= 1
        if self.at == 0:
            self.happens(execution_arn)
        return super().describe(execution_arn)


def interrupted(room: Room, at: int, happens: Callable[[str], None]) -> SessionContext:
    execution = Interrupted(room.execution, at=at, happens=happens)
    return replace(room.context, ports=replace(room.context.ports, execution=execution))


@dataclass
class Redriver:
    """Redrives, or refuses to; keeps what it was asked."""

    room: Room
    error: BunsuiError | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def redrive(self, execution_arn: str, *, token: str) -> None:
        self.asked.append((execution_arn, token))
        if self.error is not None:
            raise self.error
        self.room.execution.redrive(execution_arn, token=token)


def redrive_claim(session: Session, **more: object) -> Claim:
    assert session.latest is not None
    claim = Claim(
        how="redrive", actor=ANN, at=START, execution_arn=session.latest.execution_arn, redrive=session.latest.redrive + 1
    )
    return replace(claim, **more)  # type: ignore[arg-type]


def test_a_redrive_names_its_turn_so_that_it_happens_once() -> None:
    room = Room()
    session = ended(room, "load")
    redriver = Redriver(room)
    found = room.context.manager.redrive(session, room.machine, redriver, actor=ANN)
    arn = session.attempts[0].execution_arn
    assert redriver.asked == [(arn, f"{session.id}-1-1")]
    assert (found.status, found.claim) == (RUNNING, None)
    assert [(one.kind, one.how, one.actor, one.redrive) for one in found.attempts][1:] == [("redrive", "redrive", ANN, 1)]


def test_without_an_execution_there_is_nothing_to_redrive() -> None:
    room = Room()
    row = replace(ended(room), id="01KBH3X2J4ABCDEFGHJKMNPQRS", attempts=(), status=FAILED)
    with pytest.raises(InvalidInput) as refused:
        room.context.manager.redrive(row, room.machine, Redriver(room))
    assert (refused.value.code, refused.value.facts) == ("nothing-to-redrive", {"session": row.id})


def test_what_runs_is_not_redriven() -> None:
    room = Room()
    session = start_session(room.context, RunRequest(pipeline="daily"))
    with pytest.raises(InvalidInput) as refused:
        room.context.manager.redrive(session, room.machine, Redriver(room))
    assert refused.value.code == "still-running"
    assert stored(room, session).claim is None


def test_a_redrive_that_was_cut_short_is_taken_up_as_its_claimants() -> None:
    room = Room()
    session = ended(room, "load")
    taken = room.sessions.save(replace(session, claim=redrive_claim(session, at=room.clock.now())))
    found = room.context.manager.redrive(taken, room.machine, Redriver(room), actor="somebody else")
    assert [one.actor for one in found.attempts][1:] == [ANN]


@pytest.mark.parametrize("turn", [{"redrive": 0, "execution_arn": "arn:next"}, {"redrive": 2}])
def test_another_claim_goes_before_a_redrive(turn: Mapping[str, object]) -> None:
    room = Room()
    session = ended(room, "load")
    claim = redrive_claim(session, at=room.clock.now(), **turn)
    row = room.sessions.save(replace(session, claim=claim))
    redriver = Redriver(room)
    with pytest.raises(Conflict) as refused:
        room.context.manager.redrive(row, room.machine, redriver)
    assert (refused.value.code, refused.value.facts) == ("session-changed", {"session": row.id, "status": "recovering"})
    assert refused.value.hint == f"Look at it again:\n  bunsui show {row.id}"
    assert (redriver.asked, stored(room, row).claim) == ([], claim)


@pytest.mark.parametrize(
    ("error", "is_free"),
    [
        (Refused("not-redrivable", "no"), True),
        (AccessDenied("denied", "no"), True),
        (Missing("gone", "no"), True),
        (Unavailable("away", "no"), False),
    ],
)
def test_a_redrive_that_surely_did_not_happen_is_claimed_no_more(error: BunsuiError, is_free: bool) -> None:
    room = Room()
    session = ended(room, "load")
    with pytest.raises(type(error)):
        room.context.manager.redrive(session, room.machine, Redriver(room, error))
    row = stored(room, session)
    assert (row.status, row.claim is None) == (FAILED, is_free)


def test_a_redrive_of_somebody_elses_is_seen_right_before_one() -> None:
    room = Room()
    session = ended(room, "load")
    redriver = Redriver(room)
    context = interrupted(room, 2, room.execution.redrive)
    with pytest.raises(InvalidInput) as refused:
        context.manager.redrive(session, room.machine, redriver)
    assert (refused.value.code, redriver.asked) == ("still-running", [])


def test_a_claimed_redrive_is_no_start_to_be_taken_up() -> None:
    room = Room()
    session = ended(room, "load")
    row = room.sessions.save(replace(session, claim=redrive_claim(session, at=room.clock.now())))
    with pytest.raises(Conflict) as refused:
        room.context.manager.resume(row, room.machine, {})
    assert (refused.value.code, executions(room)) == ("session-changed", 1)


def test_a_redrive_that_came_between_and_has_ended_leaves_nothing_to_resume() -> None:
    room = Room()
    session = ended(room, "load")

    def redriven(_arn: str) -> None:
        room.failing = {"load"}
        room.execution.redrive(session.attempts[0].execution_arn)
        room.clock.sleep(60)

    context = interrupted(room, 1, redriven)
    with pytest.raises(Conflict) as refused:
        context.manager.resume(session, room.machine, {})
    assert (refused.value.code, executions(room)) == ("session-changed", 1)
    assert [one.kind for one in stored(room, session).attempts] == ["run", "redrive"]


@pytest.mark.parametrize(
    ("status", "code"), [(SUCCEEDED, "illegal-transition"), (RUNNING, "still-running"), (PENDING, "still-running")]
)
def test_only_what_ended_badly_is_resumed(status: SessionStatus, code: str) -> None:
    room = Room()
    session = ended(room)
    with pytest.raises(InvalidInput) as refused:
        room.context.manager.resume(replace(session, status=status), room.machine, {})
    assert (refused.value.code, stored(room, session)) == (code, session)


@pytest.mark.parametrize(("commit", "kept"), [("def456", "def456"), ("", "abc123")])
def test_a_resume_says_the_commit_that_it_is_from(commit: str, kept: str) -> None:
    room = Room()
    found = room.context.manager.resume(ended(room, "load"), room.machine, {"jobs": {}, "status": {}}, actor=ANN, commit=commit)
    assert (found.commit, found.claim) == (kept, None)
    last = found.attempts[-1]
    name = execution_name("daily", found.id, 2)
    assert (last.number, last.kind, last.how, last.actor) == (2, "resume", "resume", ANN)
    assert (last.execution_arn, last.started_at) == (execution_arn_of(room.machine.alias_arn, name), room.clock.now())
    assert room.inputs[-1]["resume"] == {"jobs": {}, "status": {}}


def intent(room: Room, identity: str = "key=fix", **params: Json) -> Intent:
    return Intent(machine=room.machine, params=params, slot=START, started_by=ANN, identity=identity, commit="abc123")


def test_the_same_intent_is_one_session() -> None:
    room = Room()
    first = room.context.manager.create(intent(room, region="us"))
    assert room.context.manager.create(intent(room, region="us")).id == first.id
    other = room.context.manager.create(intent(room, "key=other", region="us"))
    assert (other.id != first.id, executions(room)) == (True, 2)
    assert (first.attempts[0].how, first.attempts[0].kind) == ("run", "run")


def test_an_intent_with_other_values_is_refused_with_what_differs() -> None:
    room = Room()
    first = room.context.manager.create(intent(room, region="us"))
    with pytest.raises(InvalidInput) as refused:
        room.context.manager.create(intent(room, region="jp"))
    assert (refused.value.code, refused.value.facts) == ("key-used", {"session": first.id, "differs": "params"})
    assert refused.value.hint.endswith(f"bunsui show {first.id}")
    assert key_used(first, "slot").facts["differs"] == "slot"


def new(room: Room, identity: str = "key=fix") -> Session:
    """Store the row of a session that is about to start."""
    claim = Claim(how="run", actor=ANN, at=room.clock.now(), execution_arn="")
    row = intent(room, identity, region="us").new_session("01KBH3X2J4ABCDEFGHJKMNPQRS", at=room.clock.now())
    room.sessions.add(replace(row, claim=claim))
    return stored(room, row)


def test_a_start_that_was_cut_short_before_it_happened_is_made_by_the_next() -> None:
    room = Room()
    row = new(room)
    found = room.context.manager.create(intent(room, region="us"))
    assert (found.id, found.status, executions(room)) == (row.id, RUNNING, 1)


def test_a_start_that_happened_and_was_not_recorded_is_found() -> None:
    room = Room()
    row = new(room)
    name = execution_name("daily", row.id, 1)
    arn = room.execution.start(room.machine.alias_arn, name=name, payload={"params": {"region": "us"}})
    room.clock.sleep(60)
    found = room.context.manager.create(intent(room, region="us"))
    assert (found.id, found.status, executions(room)) == (row.id, SUCCEEDED, 1)
    assert [one.execution_arn for one in found.attempts] == [arn]


def test_a_start_that_somebody_stopped_stays_so() -> None:
    room = Room()
    stopped = room.context.manager.stop(new(room), "no")
    assert room.context.manager.create(intent(room, region="us")) == stopped
    assert (stopped.status, executions(room)) == (SessionStatus.CANCELLED, 0)


def test_an_id_that_is_taken_by_no_intent_is_a_conflict() -> None:
    room = Room()
    row = new(room, "")
    manager = replace(room.context, ports=replace(room.context.ports, new_id=lambda: row.id)).manager
    with pytest.raises(Conflict) as refused:
        manager.create(intent(room, ""))
    assert (refused.value.code, refused.value.facts) == ("session-exists", {"session": row.id})
    with pytest.raises(Conflict):
        manager.create(intent(room, "key=of-nobody"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AccessDenied("denied", "no"), FAILED),
        (Missing("gone", "no"), FAILED),
        (Unsupported("no", "no"), FAILED),
        (Unavailable("away", "no"), SessionStatus.PENDING),
    ],
)
def test_a_start_that_surely_did_not_happen_failed(error: BunsuiError, status: SessionStatus) -> None:
    room = Room()

    class Refusing(PassingExecution):
        def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
            raise error

    context = replace(room.context, ports=replace(room.context.ports, execution=Refusing(room.execution)))
    with pytest.raises(type(error)):
        context.manager.create(intent(room))
    (row,) = room.sessions.find_prefix("")
    assert (row.status, row.claim is None, row.attempts) == (status, status is FAILED, ())


def test_an_execution_of_that_name_is_the_sessions_whatever_it_was_given() -> None:
    room = Room()
    row = new(room)
    name = execution_name("daily", row.id, 1)

    class Blind(PassingExecution):
        def describe(self, execution_arn: str) -> Execution:
            raise Missing("missing", "a read that lags")

    room.execution.start(room.machine.alias_arn, name=name, payload={"other": 1})
    context = replace(room.context, ports=replace(room.context.ports, execution=Blind(room.execution)))
    found = context.manager.create(intent(room, region="us"))
    assert found.attempts[0].execution_arn == execution_arn_of(room.machine.alias_arn, name)


def test_a_start_that_did_not_happen_leaves_what_ended_as_it_was() -> None:
    room = Room()
    session = ended(room, "load")
    assert as_unstarted(session) is session
    claimed = with_claim(session, room.machine)
    assert as_unstarted(claimed) == session
    assert as_unstarted(replace(claimed, status=SessionStatus.PENDING)).status is FAILED
    assert as_unstarted(replace(session, status=SessionStatus.PENDING)).status is FAILED


def test_what_somebody_else_did_first_is_told_with_the_session_and_how_it_stands() -> None:
    session = ended(Room(), "load")
    error = _acted_first(session)
    assert (error.code, error.facts) == ("session-changed", {"session": session.id, "status": "failed"})
