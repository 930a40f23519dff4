"""Sessions as stored documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bunsui.aws.dynamodb import Item
from bunsui.aws.stores.item import value_in
from bunsui.model.json import Json
from bunsui.model.session import ATTEMPT_KINDS, BEGUN_BY, Attempt, Claim, Custody, FailureNote, Session, SessionStatus
from bunsui.sessions.ids import execution_name, next_execution
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
        "claim": _claim_document(session.claim) if session.claim is not None else None,
        "custody": _custody_document(session.custody) if session.custody is not None else None,
        "identity": session.identity,
        "tolerated": dict(session.tolerated),
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
        "how": attempt.how,
        "actor": attempt.actor,
    }


def _claim_document(claim: Claim) -> dict[str, Json]:
    return {
        "how": claim.how,
        "actor": claim.actor,
        "at": claim.at.isoformat(),
        "execution_arn": claim.execution_arn,
        "redrive": claim.redrive,
    }


def _custody_document(custody: Custody) -> dict[str, Json]:
    return {
        "owner": custody.owner,
        "by": custody.by,
        "at": custody.at.isoformat(),
        "attempt": custody.attempt,
        "note": custody.note,
        "until": custody.until.isoformat() if custody.until is not None else None,
    }


def session_in(item: Item) -> Session:
    """Return the session that an item holds, which may be one of a list.

    Raises:
        Refused: a newer bunsui wrote it.
        Unavailable: it is damaged.

    """
    return value_in([item], StoredForm.SESSION, _session_in, name=f"session {str(item['sk']).rpartition('#')[2]}")


def _session_in(document: Mapping[str, Any], item: StoredItem) -> Session:
    session = Session(
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
        claim=_claim(document["claim"], item) if document.get("claim") else None,
        custody=_custody(document["custody"]) if document.get("custody") else None,
        identity=document.get("identity", ""),
        tolerated=document.get("tolerated", {}),
        row_version=document["row_version"],
    )
    return _read_claim(session) if session.status is SessionStatus.RECOVERING else session


def _read_claim(session: Session) -> Session:
    """Return a session of which an older bunsui said in place of its status that the next attempt was claimed."""
    latest, name = session.latest, execution_name(session.pipeline, session.id, next_execution(session))
    arn = f"{latest.execution_arn.rpartition(':')[0]}:{name}" if latest is not None else ""
    claim = Claim(how="resume", actor="", at=session.created_at, execution_arn=arn)
    ended = latest.status if latest is not None and latest.status.is_final else SessionStatus.FAILED
    return replace(session, status=ended, claim=claim)


def _claim(document: Mapping[str, Any], item: StoredItem) -> Claim:
    return Claim(
        how=item.word("how", document["how"], BEGUN_BY),
        actor=document["actor"],
        at=datetime.fromisoformat(document["at"]),
        execution_arn=document["execution_arn"],
        redrive=document["redrive"],
    )


def _custody(document: Mapping[str, Any]) -> Custody:
    until: str | None = document["until"]
    return Custody(
        owner=document["owner"],
        by=document["by"],
        at=datetime.fromisoformat(document["at"]),
        attempt=document["attempt"],
        note=document["note"],
        until=datetime.fromisoformat(until) if until else None,
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
        how=item.word("how", document.get("how", ""), ("", *BEGUN_BY)),
        actor=document.get("actor", ""),
    )
