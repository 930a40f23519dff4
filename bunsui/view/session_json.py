"""Sessions as JSON documents, versioned; text stays what it is, JSON itself escapes what is dangerous."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bunsui.model.session import Attempt, JobProgress, Session
from bunsui.model.values import Json
from bunsui.services.resume import Resumption
from bunsui.sessions.snapshot import Failure, SessionSnapshot

FORMAT_VERSION = 1


def sessions_document(sessions: Sequence[Session]) -> dict[str, Json]:
    """Give the document of `bunsui sessions --json`."""
    return {"format_version": FORMAT_VERSION, "kind": "sessions", "sessions": [session_json(session) for session in sessions]}


def session_document(snapshot: SessionSnapshot) -> dict[str, Json]:
    """Give the document of `bunsui run`, `show` and `watch` with `--json`."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "session",
        "taken_at": _instant(snapshot.taken_at),
        "session": session_json(snapshot.session),
        "jobs": [_job(job) for job in snapshot.jobs],
        "failure": _failure(snapshot.failure),
    }


def resumption_document(resumption: Resumption) -> dict[str, Json]:
    """Give the document of `bunsui resume --no-wait --json`."""
    plan = resumption.plan
    return {
        "format_version": FORMAT_VERSION,
        "kind": "resumption",
        "session": session_json(resumption.session),
        "restored": list(plan.restored),
        "to_run": list(plan.to_run),
        "skipped": list(plan.skipped),
        "outdated": dict(plan.outdated),
        "is_unchanged": resumption.is_unchanged,
        "unapplied": list(resumption.unapplied),
    }


def session_json(session: Session) -> dict[str, Json]:
    """Give one session as an object."""
    return {
        "id": session.id,
        "pipeline": session.pipeline,
        "status": session.status.value,
        "slot": _instant(session.slot),
        "date": session.date,
        "params": session.params,
        "started_by": session.started_by,
        "created_at": _instant(session.created_at),
        "commit": session.commit,
        "version_arn": session.version_arn,
        "failed_job": session.failed_job,
        "output": session.output,
        "attempts": [_attempt(attempt) for attempt in session.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Json]:
    return {
        "number": attempt.number,
        "kind": attempt.kind,
        "status": attempt.status.value,
        "execution_arn": attempt.execution_arn,
        "started_at": _instant(attempt.started_at),
        "stopped_at": _instant(attempt.stopped_at),
        "error": attempt.error,
        "cause": attempt.cause,
    }


def _job(job: JobProgress) -> dict[str, Json]:
    return {
        "name": job.name,
        "status": job.status.value,
        "started_at": _instant(job.started_at),
        "stopped_at": _instant(job.stopped_at),
        "tries": job.tries,
        "polls": job.polls,
        "items_done": job.items_done,
        "items_total": job.items_total,
        "items_failed": job.items_failed,
        "error": job.error,
        "cause": job.cause,
        "output": job.output,
        "coarse": job.coarse,
    }


def _failure(failure: Failure | None) -> Json:
    if failure is None:
        return None
    return {
        "job": failure.job,
        "state": failure.state,
        "error": failure.error,
        "message": failure.message,
        "class": failure.error_class.value,
        "cause": failure.cause,
        "resource": failure.resource,
        "child_execution_arn": failure.child_arn,
        "item": failure.item,
        "traceback": list(failure.traceback),
        "traceback_from": failure.traceback_from,
        "hint": failure.hint,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
