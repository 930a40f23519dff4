"""What a list of sessions costs: reads of at most a megabyte, counted on a table with very many rows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bunsui.aws.dynamodb import Item, Scalar
from bunsui.aws.stores.item import chunks
from bunsui.aws.stores.session_documents import session_document
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.model.resource import Scope
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery, Watermark
from bunsui.sessions.ids import derived_id
from bunsui.stored_words import StoredForm
from bunsui.tui.feed.sessions import LISTED
from tests.fakes.items import ItemTable

NOW = datetime(2026, 1, 31, 18, tzinfo=UTC)
SCOPE = Scope(project="shop", environment="prod", account="111111111111", region="eu-west-1", project_id="id")
MEGABYTE = 1_000_000
"""A read of a query ends there, or at its limit, whatever is left out of it by a filter."""


class Metered(ItemTable):
    """Counts the reads that DynamoDB would need."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self._partitions: dict[str, list[Item]] = {}

    def index(self) -> None:
        """Keep each partition in order, since the table does not change any more."""
        self._partitions.clear()
        for key in sorted(self.items):
            self._partitions.setdefault(key[0], []).append(self.items[key])

    def get(self, pk: str, sk: str) -> Item | None:
        self.reads += 1
        return super().get(pk, sk)

    def get_all(self, keys: list[tuple[str, str]]) -> Iterator[Item]:  # type: ignore[override]
        self.reads += -(-len(keys) // 100)
        return super().get_all(keys)

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        at_least: str = "",
        newest_first: bool = False,
        equal: Mapping[str, Scalar] | None = None,
        page_size: int | None = None,
    ) -> Iterator[Item]:
        room, left = 0, 0
        items = self._partitions.get(pk, [])
        for item in reversed(items) if newest_first else items:
            if not str(item["sk"]).startswith(prefix) or str(item["sk"]) < at_least:
                continue
            if room <= 0 or left <= 0:
                self.reads += 1
                room, left = MEGABYTE, page_size or len(items)
            room -= sum(len(name) + _bytes(value) for name, value in item.items())
            left -= 1
            if (equal or {}).items() <= item.items():
                yield item


def _bytes(value: object) -> int:
    return len(value) if isinstance(value, bytes) else len(str(value))


def row(number: int, at: datetime) -> Session:
    """One of many: each pipeline in turn, every twentieth failed."""
    arn = f"arn:aws:states:eu-west-1:111111111111:execution:shop--prod--p{number % 120}:{number}"
    status = SessionStatus.FAILED if number % 20 == 0 else SessionStatus.SUCCEEDED
    attempt = Attempt(
        number=1, execution_arn=arn, kind="run", status=status, started_at=at, stopped_at=at + timedelta(minutes=1),
        error="ValueError" if number % 20 == 0 else "", cause=f"no such region {number}" * 5 if number % 20 == 0 else "",
    )  # fmt: skip
    return Session(
        id=derived_id(at, "execution", arn),
        pipeline=f"p{number % 120}",
        status=status,
        slot=at,
        date=at.date().isoformat(),
        params={"region": "jp", "day": number},
        started_by="outside bunsui",
        created_at=at,
        attempts=(attempt,),
        output={"load": {"rows": number}},
    )


def put_as_before(table: Metered, session: Session) -> None:
    """Store the row as the first format was: the row alone, without lists, without what later formats know."""
    document = session_document(session)
    for name in ("duplicates", "is_described", "failure", "skipped", "warned"):
        del document[name]
    (body,) = chunks(document, StoredForm.SESSION)
    partition = f"{SCOPE.project}#{SCOPE.environment}#sessions"
    keys = {"pk": partition, "sk": session.id, "status": session.status.value, "row_version": session.row_version}
    table.put({**keys, **body, "format": 1, "written_by": "0.1.0"})


def filled(count: int, days: int, *, is_mixed: bool = False) -> tuple[Metered, DynamoDBSessionRepository, list[Session]]:
    """Return a table with so many rows; in a mixed one the older half has the first format."""
    table = Metered()
    repository = DynamoDBSessionRepository(table, SCOPE)
    step = timedelta(days=days) / count
    every = [row(number, NOW - number * step) for number in range(count)]
    for number, one in enumerate(every):
        if is_mixed and (number > count // 2 or number % 3 == 1):
            put_as_before(table, one)
        else:
            repository.add(one)
    table.index()
    repository.prepare()
    table.index()
    table.reads = 0
    return table, DynamoDBSessionRepository(table, SCOPE), every


def of_rows(sessions: Iterable[Session]) -> list[Session]:
    """Return the sessions without the version of their rows, which counts that the row was written anew."""
    return [replace(one, row_version=1) for one in sessions]


@pytest.mark.parametrize("is_mixed", [False, True], ids=["this-format", "formats-mixed"])
@pytest.mark.parametrize("count", [3000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])])
def test_the_last_two_hours_of_very_many_rows_are_ten_reads_at_most(count: int, is_mixed: bool) -> None:
    table, repository, every = filled(count, days=7, is_mixed=is_mixed)
    began = time.process_time()
    since = NOW - timedelta(hours=2)
    found = repository.find(SessionQuery(since=since, limit=10_000))
    took = time.process_time() - began
    assert of_rows(found) == of_rows(one for one in every if one.created_at >= since)
    assert table.reads <= 10
    assert took < 1.0
    for query in (
        SessionQuery(since=since, status="failed", limit=10_000),
        SessionQuery(pipeline="p7", limit=20),
        SessionQuery(pipeline="p0", status="failed", limit=5),
        SessionQuery(date="2026-01-30", limit=50),
        SessionQuery(limit=200),
    ):
        table.reads = 0
        assert of_rows(repository.find(query)) == of_rows([one for one in every if query.fits(one)][: query.limit])
        assert table.reads <= 10, query


def test_what_the_screens_refresh_is_three_reads_at_most_for_120_pipelines() -> None:
    table = Metered()
    writer = DynamoDBSessionRepository(table, SCOPE)
    chance = Random(1)
    for number in range(600):  # of about 3,000 bytes each, as they are stored
        notes = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=3500))
        writer.add(replace(row(number, NOW - timedelta(minutes=number)), output={"notes": notes}))
    for number in range(120):
        machine = f"arn:aws:states:eu-west-1:111111111111:stateMachine:shop--prod--p{number}"
        writer.keep(Watermark(machine_arn=machine, pipeline=f"p{number}", newest=NOW, looked_at=NOW))
    writer.prepare()
    table.index()
    repository = DynamoDBSessionRepository(table, SCOPE)
    repository.find(SessionQuery(limit=1))
    table.reads = 0
    assert len(repository.find(SessionQuery(limit=LISTED))) == LISTED
    assert len(repository.watermarks()) == 120
    assert table.reads <= 3
