"""Sessions as stored documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Item
from bunsui.aws.stores.item import value_in
from bunsui.model.json import Json
from bunsui.model.session import ATTEMPT_KINDS, Attempt, FailureNote, Session, SessionStatus
from bunsui.stored_words import StoredForm, StoredItem


def session_document(session: Session) -> dict[str, Json]:
    """Return the session as JSON."""
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
        "duplicates": [_attempt_document(attempt) for attempt in session.duplicates],
        "is_described": session.is_described,
        "commit": session.commit,
        "version_arn": session.version_arn,
        "output": session.output,
        "failed_job": session.failed_job,
        "failure": _failure_document(session.failure) if session.failure is not None else None,
        "skipped": session.skipped,
        "warned": list(session.warned),
        "row_version": session.row_version,
    }


def _failure_document(note: FailureNote) -> dict[str, Json]:
    return {
        "fingerprint": note.fingerprint,
        "error_class": note.error_class,
        "error": note.error,
        "message": note.message,
        "place": note.place,
        "completed": list(note.completed),
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
        "redrive": attempt.redrive,
    }


def session_in(item: Item) -> Session:
    """Return the session that an item holds, which may be one of a list.

    Raises:
        Refused: a newer bunsui wrote it.
        Unavailable: it is damaged.

    """
    return value_in([item], StoredForm.SESSION, _session_in, name=f"session {str(item['sk']).rpartition('#')[2]}")


def _session_in(document: Mapping[str, Any], item: StoredItem) -> Session:
    return Session(
        id=document["id"],
        pipeline=document["pipeline"],
        status=item.member("status", document["status"], SessionStatus),
        slot=datetime.fromisoformat(document["slot"]),
        date=document["date"],
        params=document["params"],
        started_by=document["started_by"],
        created_at=datetime.fromisoformat(document["created_at"]),
        attempts=tuple(_attempt(attempt, item) for attempt in document["attempts"]),
        duplicates=tuple(_attempt(attempt, item) for attempt in document.get("duplicates", ())),
        is_described=document.get("is_described", True),
        commit=document["commit"],
        version_arn=document["version_arn"],
        output=document["output"],
        failed_job=document["failed_job"],
        failure=_failure(document.get("failure")),
        skipped=document.get("skipped", False),
        warned=tuple(document.get("warned", ())),
        row_version=document["row_version"],
    )


def _failure(document: Mapping[str, Any] | None) -> FailureNote | None:
    return FailureNote(**{**document, "completed": tuple(document["completed"])}) if document else None


def _attempt(document: Mapping[str, Any], item: StoredItem) -> Attempt:
    stopped_at: str | None = document["stopped_at"]
    return Attempt(
        number=document["number"],
        execution_arn=document["execution_arn"],
        kind=item.word("kind", document["kind"], ATTEMPT_KINDS),
        status=item.member("status", document["status"], SessionStatus),
        started_at=datetime.fromisoformat(document["started_at"]),
        stopped_at=datetime.fromisoformat(stopped_at) if stopped_at else None,
        error=document["error"],
        cause=document["cause"],
        redrive=document.get("redrive", 0),
    )
