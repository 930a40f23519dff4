"""What Step Functions says of an execution, put into the row of its session.

The newer change holds, whatever the row said before: an execution that had ended runs again when somebody revived it
(RedriveExecution, the console's button), under the same ARN. Each of its turns is an attempt. Answers lag behind, so one that
tells less than the row knows changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bunsui.model.failures import named
from bunsui.model.session import Attempt, Claim, HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.sessions.payload import kept_output
from bunsui.sessions.remarks import NOTHING, Remarks
from bunsui.sessions.trace import ENDS, text_of

UNKNOWN = "Execution.Unknown"
"""The error of an attempt whose execution Step Functions does not know; it is taken back when the execution is seen again."""

_END_NOT_SEEN = "It was redriven before anybody saw how it ended, and its history cannot be read."


def attempt_of(execution: Execution, *, kind: str = "run") -> Attempt:
    """Return the attempt that the execution is at present; `kind` is how its first turn began."""
    error, cause = named(execution.error, execution.cause)
    return Attempt(
        number=1,
        execution_arn=execution.arn,
        kind="redrive" if execution.redrive_count else kind,
        status=execution.status,
        started_at=(execution.redriven_at if execution.redrive_count else None) or execution.started_at,
        stopped_at=execution.stopped_at,
        error=error,
        cause=cause,
        redrive=execution.redrive_count,
    )


def earlier_turns(execution: Execution, events: Sequence[HistoryEvent], *, kind: str = "run") -> tuple[Attempt, ...]:
    """Return how the execution went before its last redrive, from its history, oldest event first."""
    found: list[Attempt] = []
    started_at, end = execution.started_at, None
    for event in events:
        if event.type in ENDS and end is None:
            end = event
        elif event.type == "ExecutionRedriven" and end is not None:
            error, cause = named(text_of(end, "error"), text_of(end, "cause"))
            found.append(
                Attempt(
                    number=1,
                    execution_arn=execution.arn,
                    kind="redrive" if found else kind,
                    status=ENDS[end.type],
                    started_at=started_at,
                    stopped_at=end.at,
                    error=error,
                    cause=cause,
                    redrive=len(found),
                )
            )
            started_at, end = event.at, None
    return tuple(found[: execution.redrive_count])


def of_summary(summary: ExecutionSummary, machine_arn: str) -> Execution:
    """Return what a list says of an execution; what it was given and why it ended is not in it."""
    return Execution(
        arn=summary.arn,
        name=summary.name,
        machine_arn=machine_arn,
        status=summary.status,
        started_at=summary.started_at,
        stopped_at=summary.stopped_at,
        input=None,
        output=None,
        error="",
        cause="",
        version_arn=summary.version_arn,
        redrive_count=summary.redrive_count,
        redriven_at=summary.redriven_at,
    )


def is_news(row: Session, execution: Execution) -> bool:
    """Tell whether the row lacks what the execution says."""
    newest = _newest_turn(row, execution.arn)
    if newest is None or execution.redrive_count > newest.redrive:
        return True
    return execution.redrive_count == newest.redrive and _is_newer(attempt_of(execution), newest)


def lacks_turns(row: Session, execution: Execution) -> bool:
    """Tell whether the execution had turns of which the row does not know the end."""
    ended = {
        attempt.redrive
        for attempt in (*row.attempts, *row.duplicates)
        if attempt.execution_arn == execution.arn and attempt.status.is_final
    }
    return not ended.issuperset(range(execution.redrive_count))


def with_execution(
    row: Session, execution: Execution, *, earlier: Sequence[Attempt] = (), kind: str = "run", told: Remarks = NOTHING
) -> Session:
    """Return the row with what the execution says; the same one when that is nothing new.

    `earlier` are turns before its last redrive, `kind` how it began if the row does not know it, `told` what its
    history says of it. Of a row that only a list told of, what it knows of the
    execution's end is written anew.
    """
    if not is_news(row, execution) and row.is_described:
        return row
    current = attempt_of(execution, kind=kind)
    if any(attempt.execution_arn == execution.arn for attempt in row.duplicates):
        return replace(row, duplicates=_merge_attempts(row.duplicates, [*earlier, current], is_known_well=row.is_described))
    changed = with_attempts(row, [*earlier, current])
    latest = changed.latest
    if latest is None or latest.turn != current.turn:
        return changed
    succeeded = changed.status is SessionStatus.SUCCEEDED
    return replace(
        changed,
        output=kept_output(execution.output) if succeeded else None,
        version_arn=execution.version_arn or row.version_arn,
        failed_job=told.failed_job if changed.status.is_final and not succeeded else "",
        failure=told.failure if changed.status.is_final and not succeeded else None,
        skipped=told.skipped and succeeded,
        warned=told.warned if changed.status.is_final else (),
        tolerated=told.tolerated if changed.status.is_final else {},
    )


def with_attempts(row: Session, told: Sequence[Attempt]) -> Session:
    """Return the row with these attempts where they are new or tell more; numbers and the row's status follow."""
    attempts = _merge_attempts(row.attempts, told, is_known_well=row.is_described)
    if attempts == row.attempts:
        return row
    known = {attempt.turn for attempt in row.attempts if attempt.error != UNKNOWN}
    began = any(attempt.turn not in known and attempt.error != UNKNOWN for attempt in attempts)
    if row.claim is not None:
        attempts = tuple(_with_claimant(attempt, row.claim) for attempt in attempts)
    claim = None if began else row.claim
    return replace(row, attempts=attempts, claim=claim, status=_standing(row, attempts, began=began))


def with_duplicate(row: Session, other: Session) -> Session:
    """Return the row with the executions of another row that a second delivery of the schedule began.

    The one that began first is the session's as long as it has no further attempts.
    """
    known = {attempt.execution_arn for attempt in (*row.attempts, *row.duplicates)}
    if known.issuperset(attempt.execution_arn for attempt in other.attempts):
        return row
    first, second = row, other
    if len(row.attempts) == 1 and other.attempts and other.attempts[0].started_at < row.attempts[0].started_at:
        first, second = other, row
    duplicates = _merge_attempts(row.duplicates, (*second.attempts, *other.duplicates), is_known_well=True)
    return replace(
        row,
        attempts=first.attempts,
        duplicates=duplicates,
        status=first.status,
        output=first.output,
        failed_job=first.failed_job,
        failure=first.failure,
        skipped=first.skipped,
        warned=first.warned,
        tolerated=first.tolerated,
        version_arn=first.version_arn,
    )


def _merge_attempts(before: Sequence[Attempt], told: Sequence[Attempt], *, is_known_well: bool) -> tuple[Attempt, ...]:
    """Return the attempts with what is told of them, numbered in the order in which they began."""
    attempts = {attempt.turn: attempt for attempt in before}
    for attempt in told:
        there = attempts.get(attempt.turn)
        if there is None or _is_newer(attempt, there) or (not is_known_well and attempt.status.is_final):
            attempts[attempt.turn] = attempt if there is None else _keep_known(attempt, there)
    for attempt in tuple(attempts.values()):
        after = attempts.get((attempt.execution_arn, attempt.redrive + 1))
        if after is not None and not attempt.status.is_final:
            attempts[attempt.turn] = replace(
                attempt, status=SessionStatus.FAILED, stopped_at=after.started_at, cause=_END_NOT_SEEN
            )
    ordered = sorted(attempts.values(), key=lambda attempt: (attempt.started_at, attempt.redrive))
    return tuple(replace(attempt, number=number) for number, attempt in enumerate(ordered, start=1))


def _standing(row: Session, attempts: Sequence[Attempt], *, began: bool) -> SessionStatus:
    """Return how the session stands: it runs as long as one of its executions does. A start that was claimed and did not happen
    yet stands until something else began, or was seen after all."""
    if any(not attempt.status.is_final for attempt in attempts):
        return SessionStatus.RUNNING
    is_claimed = row.status is SessionStatus.PENDING
    return row.status if is_claimed and not began else attempts[-1].status


def _with_claimant(attempt: Attempt, claim: Claim) -> Attempt:
    """Return the attempt with who claimed it, if it is the one."""
    if attempt.how or attempt.turn != claim.turn:
        return attempt
    return replace(attempt, how=claim.how, actor=claim.actor)


def _keep_known(told: Attempt, there: Attempt) -> Attempt:
    """Return an attempt as it is told, with what only the row knows of it."""
    return replace(told, kind=there.kind, how=there.how, actor=there.actor)


def _is_newer(told: Attempt, there: Attempt) -> bool:
    if there.error == UNKNOWN:
        return told.error != UNKNOWN
    return told.status.is_final and not there.status.is_final


def _newest_turn(row: Session, execution_arn: str) -> Attempt | None:
    turns = [attempt for attempt in (*row.attempts, *row.duplicates) if attempt.execution_arn == execution_arn]
    return max(turns, key=lambda attempt: attempt.redrive, default=None)
