"""What a session repository promises (`bunsui.ports.session_rows.SessionRepository`)."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeAlias

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.session_expiry import SessionExpiry
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Conflict
from bunsui.model.session import Attempt, Claim, Custody, Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, SessionRepository, Watermark
from bunsui.testkit.clock import ManualClock
from tests.contracts.conftest import Cloud

ARN = "arn:aws:states:eu-west-1:123456789012:execution:m:e"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def session(number: int, *, pipeline: str = "orders", status: SessionStatus = SessionStatus.PENDING) -> Session:
    """A session; a larger number is a newer one."""
    return Session(
        id=f"01KDQ{number:021d}",
        pipeline=pipeline,
        status=status,
        slot=NOON,
        date="2026-01-31",
        params={"day": 1, "deep": {"list": [None, True, "注文"]}},
        started_by="arn:aws:iam::123456789012:user/ann",
        created_at=NOON + timedelta(seconds=number),
    )


def attempt(name: str, *, status: SessionStatus = SessionStatus.FAILED, redrive: int = 0, error: str = "") -> Attempt:
    """An attempt on an execution of that name."""
    return Attempt(
        number=1,
        execution_arn=ARN.removesuffix("e") + name,
        kind="redrive" if redrive else "run",
        status=status,
        started_at=NOON,
        redrive=redrive,
        error=error,
    )


def scheduled(number: int, *executions: Attempt, pipeline: str = "orders") -> Session:
    """A session that the schedule `nightly` began, for noon."""
    return replace(session(number, pipeline=pipeline), started_by="schedule nightly", attempts=executions)


def test_before_the_first_apply_there_is_nothing_to_keep_anything_in(cloud: Cloud) -> None:
    there = repository_of(cloud)
    there.prepare()
    there.keep(Watermark(machine_arn=MACHINE, pipeline="orders", newest=NOON, looked_at=NOON))
    assert (there.watermarks(), there.find(SessionQuery())) == ({}, [])


def repository_of(cloud: Cloud) -> DynamoDBSessionRepository:
    """A repository on the cloud's own table."""
    return DynamoDBSessionRepository(DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}"), cloud.scope)


@pytest.fixture
def repository(cloud: Cloud) -> SessionRepository:
    """Each implementation, with its table."""
    DynamoDBStateStore(DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}"), cloud.scope).ensure()
    repository = repository_of(cloud)
    repository.prepare()
    return repository


Aging: TypeAlias = "tuple[SessionRepository, ManualClock]"
"""A repository that keeps ended sessions for a day, and its clock."""


@pytest.fixture
def aging(cloud: Cloud) -> Aging:
    """Each implementation, with its table."""
    clock = ManualClock(NOON)
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    DynamoDBStateStore(client, cloud.scope).ensure()
    repository = DynamoDBSessionRepository(client, cloud.scope, expiry=SessionExpiry(seconds=86_400, clock=clock))
    repository.prepare()
    return repository, clock


def ended(number: int) -> Session:
    """A session of a schedule that ended at noon."""
    done = replace(attempt(f"e{number}"), stopped_at=NOON)
    return replace(scheduled(number, done), status=SessionStatus.FAILED, created_at=NOON, commit="f00d")


def found_anyhow(repository: SessionRepository, row: Session) -> set[bool]:
    """Whether each way of finding a session finds it."""
    arns = [one.execution_arn for one in row.attempts]
    return {
        repository.get(row.id) is not None,
        bool(repository.find(SessionQuery())),
        bool(repository.find(SessionQuery(pipeline=row.pipeline, status=row.status.value))),
        bool(repository.find(SessionQuery(commit="f0"))),
        bool(repository.find_prefix(row.id[:8])),
        bool(repository.known(arns)),
        bool(repository.named(arns[0].rpartition(":")[2])),
        bool(repository.intended([row.intent])),
    }


def test_a_session_that_ended_is_kept_as_long_as_was_said_and_all_that_finds_it(aging: Aging) -> None:
    repository, clock = aging
    repository.add(ended(1))
    clock.sleep(86_399)
    assert found_anyhow(repository, ended(1)) == {True}
    clock.sleep(1)
    assert found_anyhow(repository, ended(1)) == {False}
    again = replace(ended(2), attempts=(replace(attempt("e1"), stopped_at=clock.now()),))
    repository.add(again)
    assert repository.intended([again.intent]) == {again.intent: again.id}, "its slot and its execution are free"


def test_a_session_that_goes_on_is_kept(aging: Aging) -> None:
    repository, clock = aging
    repository.add(ended(1))
    [first] = ended(1).attempts
    second = replace(attempt("e2", status=SessionStatus.RUNNING), number=2)
    row = repository.save(replace(ended(1), status=SessionStatus.RUNNING, attempts=(first, second)))
    clock.sleep(10 * 86_400)
    assert found_anyhow(repository, row) == {True}
    over = replace(second, status=SessionStatus.FAILED, stopped_at=clock.now())
    row = repository.save(replace(row, status=SessionStatus.FAILED, attempts=(first, over)))
    assert found_anyhow(repository, row) == {True}
    clock.sleep(86_400)
    assert found_anyhow(repository, row) == {False}


def test_what_ended_before_what_is_kept_leaves_nothing(aging: Aging) -> None:
    repository, clock = aging
    clock.sleep(86_400)
    repository.add(ended(1))
    assert found_anyhow(repository, ended(1)) == {False}


def test_a_repository_without_a_table_is_empty(cloud: Cloud) -> None:
    repository = repository_of(cloud)
    assert repository.find(SessionQuery()) == []
    assert repository.find(SessionQuery(pipeline="orders")) == []
    assert repository.find_prefix("01") == []
    assert repository.get("01KDQ") is None
    assert repository.known([ARN]) == {}
    assert repository.named("e") == []
    assert repository.intended(["orders#nightly#x"]) == {}
    assert repository.watermarks() == {}


def test_a_session_is_given_back_whole(repository: SessionRepository) -> None:
    full = replace(
        session(1, status=SessionStatus.FAILED),
        attempts=(
            Attempt(
                number=1,
                execution_arn="arn:aws:states:eu-west-1:123456789012:execution:m:e",
                kind="run",
                status=SessionStatus.FAILED,
                started_at=NOON,
                stopped_at=NOON + timedelta(minutes=1),
                error="ValueError",
                cause="no such day",
                how="run",
                actor="arn:aws:iam::123456789012:user/ann",
            ),
        ),
        duplicates=(attempt("twice", status=SessionStatus.RUNNING), attempt("thrice", redrive=2)),
        is_described=False,
        output={"load": {"rows": 3}},
        failed_job="load",
        commit="f00d",
        version_arn="arn:aws:states:eu-west-1:123456789012:stateMachine:m:3",
        skipped=True,
        warned=("load", "集計"),
        claim=Claim(
            how="resume", actor="arn:aws:sts::123456789012:assumed-role/Ops/ann", at=NOON, execution_arn=ARN, redrive=1
        ),
        custody=Custody(
            owner="data-team",
            by="arn:aws:iam::123456789012:user/ann",
            at=NOON,
            attempt=1,
            note="集計を待つ",
            until=NOON + timedelta(1),
        ),
        identity="key=nightly-fix",
    )
    repository.add(full)
    assert repository.get(full.id) == full


def test_an_id_is_taken_once(repository: SessionRepository) -> None:
    repository.add(session(1))
    with pytest.raises(Conflict):
        repository.add(session(1))


def test_every_save_makes_a_new_version(repository: SessionRepository) -> None:
    repository.add(session(1))
    saved = repository.save(replace(session(1), status=SessionStatus.RUNNING))
    assert saved.row_version == 1
    assert repository.get(saved.id) == saved
    assert repository.save(saved).row_version == 2


def test_an_old_version_cannot_be_saved(repository: SessionRepository) -> None:
    repository.add(session(1))
    repository.save(session(1))
    with pytest.raises(Conflict):
        repository.save(session(1))


def test_a_session_that_is_not_there_cannot_be_saved(repository: SessionRepository) -> None:
    with pytest.raises(Conflict):
        repository.save(session(1))


def test_of_writers_that_race_exactly_one_wins(repository: SessionRepository) -> None:
    repository.add(session(1))
    barrier = Barrier(4)

    def write(number: int) -> str:
        barrier.wait()
        try:
            repository.save(replace(session(1), failed_job=f"writer-{number}"))
        except Conflict:
            return "lost"
        return f"writer-{number}"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(write, range(4)))
    [winner] = [outcome for outcome in outcomes if outcome != "lost"]
    stored = repository.get(session(1).id)
    assert stored is not None
    assert stored.failed_job == winner
    assert stored.row_version == 1


def test_sessions_are_listed_newest_first(repository: SessionRepository) -> None:
    for number in (2, 1, 3):
        repository.add(session(number))
    assert [found.id for found in repository.find(SessionQuery())] == [session(number).id for number in (3, 2, 1)]
    assert [found.id for found in repository.find(SessionQuery(limit=2))] == [session(3).id, session(2).id]


def test_sessions_of_one_pipeline_are_listed_apart(repository: SessionRepository) -> None:
    repository.add(session(1))
    repository.add(session(2, pipeline="orders-eu"))
    repository.add(session(3))
    found = repository.find(SessionQuery(pipeline="orders"))
    assert [one.id for one in found] == [session(3).id, session(1).id]
    assert repository.find(SessionQuery(pipeline="unknown")) == []


def test_sessions_are_filtered_by_status_before_they_are_limited(repository: SessionRepository) -> None:
    repository.add(session(1, status=SessionStatus.FAILED))
    for number in range(2, 70):
        repository.add(session(number, status=SessionStatus.SUCCEEDED))
    query = SessionQuery(status="failed", limit=5)
    assert [found.id for found in repository.find(query)] == [session(1).id]
    assert [found.id for found in repository.find(replace(query, pipeline="orders"))] == [session(1).id]


def test_a_saved_status_is_the_one_that_is_filtered_by(repository: SessionRepository) -> None:
    repository.add(session(1))
    repository.save(replace(session(1), status=SessionStatus.CANCELLED))
    assert repository.find(SessionQuery(status="pending")) == []
    assert len(repository.find(SessionQuery(status="cancelled"))) == 1


def test_a_prefix_of_the_id_finds_sessions(repository: SessionRepository) -> None:
    for number in (10, 11, 20):
        repository.add(session(number))
    prefix = session(10).id[:-1]
    assert [found.id for found in repository.find_prefix(prefix)] == [session(11).id, session(10).id]
    assert [found.id for found in repository.find_prefix(prefix, limit=1)] == [session(11).id]
    assert repository.find_prefix("01Z") == []


def test_sessions_are_listed_by_their_start_whatever_their_ids(repository: SessionRepository) -> None:
    late = replace(session(1), id="01ADQ00000000000000000000A", created_at=NOON + timedelta(hours=2))
    repository.add(late)
    repository.add(session(3))
    assert [found.id for found in repository.find(SessionQuery())] == [late.id, session(3).id]
    assert [found.id for found in repository.find(SessionQuery(pipeline="orders", limit=1))] == [late.id]
    assert [found.id for found in repository.find(SessionQuery(since=NOON + timedelta(hours=1)))] == [late.id]
    assert [found.id for found in repository.find(SessionQuery(since=late.created_at, status="pending"))] == [late.id]


QUERIES = [
    SessionQuery(),
    SessionQuery(limit=2),
    *(SessionQuery(pipeline="orders", status=status) for status in ("failed", "succeeded", "running", None)),
    SessionQuery(date="2026-01-30"),
    SessionQuery(date="2026-01-31", pipeline="orders", status="failed"),
    SessionQuery(commit="abc"),
    SessionQuery(commit="abc1", pipeline="orders", since=NOON + timedelta(seconds=8)),
    SessionQuery(commit="none"),
    SessionQuery(is_described=False),
    SessionQuery(is_described=False, since=NOON + timedelta(seconds=9), pipeline="bills"),
    SessionQuery(is_described=True, status="succeeded"),
    SessionQuery(since=NOON + timedelta(seconds=5)),
]


@pytest.mark.parametrize("is_prepared", [True, False])
def test_every_query_finds_what_it_asks_for_and_nothing_else(cloud: Cloud, is_prepared: bool) -> None:
    client = DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}")
    DynamoDBStateStore(client, cloud.scope).ensure()
    repository = repository_of(cloud)
    if is_prepared:
        repository.prepare()
    every = []
    for number in range(1, 13):
        status = (SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.RUNNING)[number % 3]
        one = replace(
            session(number, pipeline=("orders", "bills")[number % 2], status=status),
            date=f"2026-01-{30 + number % 2}",
            commit=("", "abc123", "abc456*", "def")[number % 4],
            is_described=number % 5 != 0,
        )
        repository.add(one)
        every.append(one)
    for query in QUERIES:
        expected = sorted((one for one in every if query.fits(one)), key=lambda one: one.created_at, reverse=True)
        found = list(repository.find(query))
        if query.is_described is False:  # by urgency first
            found.sort(key=lambda one: one.created_at, reverse=True)
        assert found == expected[: query.limit], query


def test_a_session_leaves_the_lists_in_which_it_no_longer_stands(repository: SessionRepository) -> None:
    repository.add(replace(session(1), commit="abc", is_described=False))
    repository.save(replace(session(1), commit="def", status=SessionStatus.FAILED))
    assert [len(repository.find(SessionQuery(commit=commit))) for commit in ("abc", "def")] == [0, 1]
    assert [len(repository.find(SessionQuery(status=status))) for status in ("pending", "failed")] == [0, 1]
    assert repository.find(SessionQuery(is_described=False)) == []
    (listed,) = repository.find(SessionQuery(pipeline="orders"))
    assert listed == repository.get(session(1).id)


def test_a_large_row_is_listed_whole(repository: SessionRepository) -> None:
    noise = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(1500))
    large = replace(session(2), output={"text": noise})
    repository.add(session(1))
    repository.add(large)
    assert repository.find(SessionQuery()) == [large, session(1)]


def test_an_execution_has_one_session(repository: SessionRepository) -> None:
    repository.add(replace(session(1), attempts=(attempt("e"),)))
    with pytest.raises(Conflict):
        repository.add(replace(session(2), attempts=(attempt("e"),)))
    assert repository.get(session(2).id) is None


def test_what_is_known_of_executions_is_told_without_their_rows(repository: SessionRepository) -> None:
    first = replace(session(1), attempts=(attempt("a", error="Lost"), attempt("a", redrive=2, status=SessionStatus.RUNNING)))
    repository.add(first)
    repository.add(replace(session(2), attempts=(attempt("b"),), duplicates=(attempt("c"),)))
    arns = [attempt(name).execution_arn for name in ("a", "b", "c", "nobody")]
    known = repository.known([*arns, arns[0]])
    assert set(known) == set(arns[:3])
    assert (known[arns[0]].redrive, known[arns[0]].is_final, known[arns[0]].error) == (2, False, "")
    assert [known[arn].session_id for arn in arns[:3]] == [session(1).id, session(2).id, session(2).id]
    ended = attempt("a", redrive=2, error="Lost")
    repository.save(replace(first, attempts=(first.attempts[0], ended)))
    assert (repository.known(arns[:1])[arns[0]].is_final, repository.known(arns[:1])[arns[0]].error) == (True, "Lost")


def test_many_executions_are_asked_for_at_once(repository: SessionRepository) -> None:
    every = tuple(attempt(f"run-{number}") for number in range(130))
    for number in range(2):
        repository.add(replace(session(number), attempts=every[number * 65 : number * 65 + 65]))
    assert len(repository.known([one.execution_arn for one in every])) == 130


def test_a_session_is_found_by_the_whole_name_of_an_execution(repository: SessionRepository) -> None:
    repository.add(replace(session(1), attempts=(attempt("e"), attempt("e2"))))
    other = replace(attempt("e"), execution_arn=ARN.replace(":m:", ":other:"))
    repository.add(replace(session(2, pipeline="bills"), attempts=(other,)))
    assert sorted(repository.named("e")) == [session(1).id, session(2).id]
    assert repository.named("e2") == [session(1).id]
    assert repository.named("nobody") == []


def test_the_slot_of_a_schedule_has_one_session(repository: SessionRepository) -> None:
    repository.add(scheduled(1, attempt("a")))
    with pytest.raises(Conflict):
        repository.add(scheduled(2, attempt("b")))
    repository.add(scheduled(2, attempt("b"), pipeline="bills"))
    asked = [scheduled(1).intent, scheduled(9, pipeline="none").intent, ""]
    assert repository.intended(asked) == {scheduled(1).intent: session(1).id}


def test_a_session_that_is_described_later_claims_its_slot_then(repository: SessionRepository) -> None:
    repository.add(replace(scheduled(1, attempt("a")), started_by="", is_described=False))
    assert repository.intended([scheduled(1).intent]) == {}
    repository.save(scheduled(1, attempt("a")))
    assert repository.intended([scheduled(1).intent]) == {scheduled(1).intent: session(1).id}
    repository.add(replace(scheduled(2, attempt("b")), started_by="", is_described=False))
    with pytest.raises(Conflict):
        repository.save(scheduled(2, attempt("b")))


def test_two_rows_become_one_or_stay_as_they_are(repository: SessionRepository) -> None:
    kept, gone = scheduled(1, attempt("a")), replace(session(2), attempts=(attempt("b"),), is_described=False)
    repository.add(kept)
    repository.add(gone)
    merged = replace(kept, duplicates=gone.attempts)
    with pytest.raises(Conflict):
        repository.merge(merged, replace(gone, row_version=7))
    assert repository.get(gone.id) == gone
    assert repository.merge(merged, gone) == replace(merged, row_version=1) == repository.get(kept.id)
    assert repository.get(gone.id) is None
    assert repository.find(SessionQuery()) == [replace(merged, row_version=1)]
    assert repository.known([gone.attempts[0].execution_arn])[gone.attempts[0].execution_arn].session_id == kept.id


def test_how_far_a_machine_was_looked_at_is_kept(repository: SessionRepository) -> None:
    mark = Watermark(machine_arn=MACHINE, pipeline="orders", newest=NOON, looked_at=NOON + timedelta(seconds=1))
    repository.keep(mark)
    other = replace(mark, machine_arn=MACHINE + "2", back_to=NOON, is_gone=True)
    repository.keep(other)
    repository.keep(replace(mark, newest=NOON + timedelta(hours=1)))
    assert repository.watermarks() == {
        MACHINE: replace(mark, newest=NOON + timedelta(hours=1)), other.machine_arn: other
    }  # fmt: skip
    repository.prepare()
    assert repository.find(SessionQuery()) == []
