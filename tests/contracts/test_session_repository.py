"""What a session repository promises (`bunsui.ports.storage.SessionRepository`)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.errors import Conflict
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.storage import SessionQuery, SessionRepository
from tests.contracts.conftest import Cloud

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


def repository_of(cloud: Cloud) -> DynamoDBSessionRepository:
    """A repository on the cloud's own table."""
    return DynamoDBSessionRepository(DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}"), cloud.scope)


@pytest.fixture
def repository(cloud: Cloud) -> SessionRepository:
    """Each implementation, with its table."""
    DynamoDBStateStore(DynamoDBClient(cloud.connection, table=f"bunsui-state-{cloud.scope.project}"), cloud.scope).ensure()
    return repository_of(cloud)


def test_a_repository_without_a_table_is_empty(cloud: Cloud) -> None:
    repository = repository_of(cloud)
    assert repository.find(SessionQuery()) == []
    assert repository.find(SessionQuery(pipeline="orders")) == []
    assert repository.find_prefix("01") == []
    assert repository.get("01KDQ") is None


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
            ),
        ),
        output={"load": {"rows": 3}},
        failed_job="load",
        commit="f00d",
        version_arn="arn:aws:states:eu-west-1:123456789012:stateMachine:m:3",
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
