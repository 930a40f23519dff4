"""Sessions as JSON documents, versioned; text stays what it is, JSON itself escapes what is dangerous."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bunsui.model.session import Attempt, JobProgress, JobStatus, Session, SessionStatus
from bunsui.model.values import Json
from bunsui.services.resume import Resumption
from bunsui.sessions.snapshot import ErrorClass, Failure, SessionSnapshot
from bunsui.view.schema_parts import (
    FORMAT_VERSION,
    Schema,
    anything,
    choice,
    closed,
    document,
    flag,
    listed,
    moment,
    or_null,
    part,
    table,
    text,
    texts,
    whole,
)


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


def started_document(session: Session) -> dict[str, Json]:
    """Give the document of `bunsui run --no-wait` and `stop` with `--json`: the session without its jobs."""
    return {"format_version": FORMAT_VERSION, "kind": "session", "session": session_json(session)}


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


def sessions_schemas() -> dict[str, Schema]:
    """Describe the documents of this module, by kind."""
    return {
        "sessions": document(
            "sessions",
            "Of `sessions`: sessions of all pipelines, newest first.",
            {"sessions": listed(part("one-session"), "As many as --limit allows.")},
        ),
        "session": {
            **document(
                "session",
                "Of `run`, `watch`, `resume` and `show`: a session with its jobs. `run --no-wait` and `stop` give it without.",
                {
                    "session": part("one-session"),
                    "taken_at": moment("When Step Functions was asked."),
                    "jobs": listed(_job_schema(), "In the order in which they may run."),
                    "failure": or_null(_failure_schema()),
                },
                optional=("taken_at", "jobs", "failure"),
            ),
            "dependentRequired": {
                "taken_at": ["jobs", "failure"],
                "jobs": ["taken_at", "failure"],
                "failure": ["taken_at", "jobs"],
            },
        },
        "resumption": document(
            "resumption",
            "Of `resume --no-wait`: a session that goes on.",
            {
                "session": part("one-session"),
                "restored": texts("Jobs whose results are taken from earlier attempts."),
                "to_run": texts("Jobs that run, or run again."),
                "skipped": texts("Jobs that were skipped before; their conditions are asked again."),
                "outdated": table({"type": "string"}, "Completed jobs that run again all the same, each with the reason."),
                "is_unchanged": flag("Nothing was applied since the last attempt: the same definition and code run again."),
                "unapplied": texts("Jobs that the files say differently from what is applied; an empty text is between jobs."),
            },
        ),
    }


def session_schema() -> Schema:
    """Describe what `session_json` gives."""
    return closed(
        "One session: one intent to run a pipeline.",
        {
            "id": text("ULID: sorts by time."),
            "pipeline": text("The pipeline's name."),
            "status": choice("Where it stands.", (status.value for status in SessionStatus)),
            "slot": moment("The business time that the run stands for."),
            "date": text("The slot's date in the pipeline's time zone, YYYY-MM-DD."),
            "params": table({}, "The parameters' values, those of defaults included."),
            "started_by": text("An ARN, or `schedule NAME`."),
            "created_at": moment("When it was asked for."),
            "commit": text(
                "Of the checkout that started or resumed it, with `*` when it was dirty; empty when it is not known."
            ),
            "version_arn": text("The version of the state machine that runs; empty when it is not known."),
            "failed_job": text("The job in which it failed; empty for none."),
            "output": anything("What the pipeline's last jobs declare as outputs; null as long as there is none."),
            "attempts": listed(_attempt_schema(), "Its executions, oldest first."),
        },
    )


def _attempt_schema() -> Schema:
    return closed(
        "One execution of the state machine.",
        {
            "number": whole("From 1."),
            "kind": text("`run` for the first, `resume` for those that continue it."),
            "status": choice("How the execution stands.", (status.value for status in SessionStatus)),
            "execution_arn": text("Its ARN."),
            "started_at": moment("When it began."),
            "stopped_at": or_null(moment("When it ended; null while it runs.")),
            "error": text("The error's name as Step Functions gives it; empty for none."),
            "cause": text("The whole text that Step Functions gives; empty for none."),
        },
    )


def _job_schema() -> Schema:
    return closed(
        "What is known of one job from the history of the latest attempt.",
        {
            "name": text("The job's name."),
            "status": choice("Where it stands.", (status.value for status in JobStatus)),
            "started_at": or_null(moment("When it began; null when it did not.")),
            "stopped_at": or_null(moment("When it ended; null when it did not.")),
            "tries": whole("How often its operations were tried, retries included."),
            "polls": whole("How often its polling operation has asked; 0 for none, and inside a foreach."),
            "items_done": whole("Items of its foreach that ended, failed ones included."),
            "items_total": or_null(whole("All items of its foreach; null while nobody knows, and without a foreach.")),
            "items_failed": whole("Items of its distributed foreach that failed."),
            "error": text("The error's name; empty for none."),
            "cause": text("The error's whole text; empty for none."),
            "output": anything("Its declared outputs; null as long as there are none."),
            "coarse": flag("The history holds nothing inside the container of the job: the status is the container's."),
        },
    )


def _failure_schema() -> Schema:
    return closed(
        "The failure that began it all; null for a session that did not end badly, and where nobody looked for one.",
        {
            "job": text("The job at work; empty for none."),
            "state": text("The state that failed first; empty when it is not known."),
            "error": text("The error's name."),
            "message": text("The one line of the cause that says what happened."),
            "class": choice("What kind of failure it was.", (kind.value for kind in ErrorClass)),
            "cause": text("The cause's whole text, as the service gave it."),
            "resource": text("The ARN of what the state called; empty for nothing."),
            "child_execution_arn": text("The child execution in which it really failed; empty for none."),
            "item": text("The label of the item of a distributed foreach that failed; empty for none."),
            "traceback": texts("The function's own, outermost frame first; empty when there is none."),
            "traceback_from": text("`the error`, or the log group in which the traceback was found; empty without one."),
            "hint": text("What to do; empty when there is nothing to say."),
        },
    )
