"""Session rows in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from bunsui.aws.dynamodb import Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.item import chunks, document_in
from bunsui.errors import Conflict, InvalidInput
from bunsui.model.resource import Scope
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.model.values import Json
from bunsui.ports.storage import SessionQuery

_PAGE = 50


class DynamoDBSessionRepository:
    """Implements `bunsui.ports.storage.SessionRepository`: one item for each session, sorted by id, which is by time; an index
    gives those of one pipeline."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = f"{scope.project}#{scope.environment}#sessions"

    def add(self, session: Session) -> None:
        """Store a new row; Conflict when the id exists."""
        try:
            self._client.put(self._item(session), only_if=Condition(text="attribute_not_exists(#pk)"))
        except Conflict as error:
            raise Conflict("session-exists", "there is a session with this id already", session=session.id) from error

    def save(self, session: Session) -> Session:
        """Replace the row if its `row_version` is still the stored one; give it back with the new version.

        Raises:
            Conflict: somebody else wrote the row first, or it is gone.

        """
        newer = replace(session, row_version=session.row_version + 1)
        try:
            self._client.put(
                self._item(newer), only_if=Condition(text="#row_version = :before", values={"before": session.row_version})
            )
        except Conflict as error:
            raise Conflict(
                "session-changed",
                "somebody else changed the session first",
                hint="Look at it again.",
                session=session.id,
                row_version=session.row_version,
            ) from error
        return newer

    def get(self, session_id: str) -> Session | None:
        """Give the row, None when there is none."""
        item = self._client.get(self._partition, session_id)
        return _session(item) if item is not None else None

    def find(self, query: SessionQuery) -> Sequence[Session]:
        """Give matching rows, newest first; empty when the table does not exist yet."""
        equal: Mapping[str, Scalar] = {"status": query.status} if query.status else {}
        page_size = _PAGE if equal else min(query.limit, _PAGE)
        items: Iterator[Item]
        if query.pipeline is None:
            items = self._client.query(self._partition, newest_first=True, equal=equal, page_size=page_size)
        else:
            partition = f"{self._partition}#{query.pipeline}"
            items = self._client.query(partition, index=True, newest_first=True, equal=equal, page_size=page_size)
        return [_session(item) for item in islice(items, query.limit)]

    def find_prefix(self, prefix: str, *, limit: int = 2) -> Sequence[Session]:
        """Give rows whose id begins with the prefix, newest first."""
        items = self._client.query(self._partition, prefix=prefix, newest_first=True, page_size=limit)
        return [_session(item) for item in islice(items, limit)]

    def _item(self, session: Session) -> dict[str, Scalar]:
        parts = chunks(_document(session))
        if len(parts) > 1:
            raise InvalidInput(
                "session-too-large",
                "the parameters and outputs of the session do not fit into one row",
                hint="Pass references, such as S3 keys, instead of data.",
                session=session.id,
            )
        return {
            "pk": self._partition,
            "sk": session.id,
            "gpk": f"{self._partition}#{session.pipeline}",
            "status": session.status.value,
            "row_version": session.row_version,
            **parts[0],
        }


def _document(session: Session) -> dict[str, Json]:
    return {
        "id": session.id,
        "pipeline": session.pipeline,
        "status": session.status.value,
        "slot": session.slot.isoformat(),
        "date": session.date,
        "params": session.params,
        "started_by": session.started_by,
        "created_at": session.created_at.isoformat(),
        "attempts": [_attempt_document(attempt) for attempt in session.attempts],
        "commit": session.commit,
        "version_arn": session.version_arn,
        "output": session.output,
        "failed_job": session.failed_job,
        "row_version": session.row_version,
    }


def _attempt_document(attempt: Attempt) -> dict[str, Json]:
    return {
        "number": attempt.number,
        "execution_arn": attempt.execution_arn,
        "kind": attempt.kind,
        "status": attempt.status.value,
        "started_at": attempt.started_at.isoformat(),
        "stopped_at": attempt.stopped_at.isoformat() if attempt.stopped_at else None,
        "error": attempt.error,
        "cause": attempt.cause,
    }


def _session(item: Item) -> Session:
    document: Mapping[str, Any] = document_in([item], name=f"session {item['sk']!s}")
    return Session(
        id=document["id"],
        pipeline=document["pipeline"],
        status=SessionStatus(document["status"]),
        slot=datetime.fromisoformat(document["slot"]),
        date=document["date"],
        params=document["params"],
        started_by=document["started_by"],
        created_at=datetime.fromisoformat(document["created_at"]),
        attempts=tuple(_attempt(attempt) for attempt in document["attempts"]),
        commit=document["commit"],
        version_arn=document["version_arn"],
        output=document["output"],
        failed_job=document["failed_job"],
        row_version=document["row_version"],
    )


def _attempt(document: Mapping[str, Any]) -> Attempt:
    stopped_at: str | None = document["stopped_at"]
    return Attempt(
        number=document["number"],
        execution_arn=document["execution_arn"],
        kind=document["kind"],
        status=SessionStatus(document["status"]),
        started_at=datetime.fromisoformat(document["started_at"]),
        stopped_at=datetime.fromisoformat(stopped_at) if stopped_at else None,
        error=document["error"],
        cause=document["cause"],
    )
