"""One job of a session as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Shape, member
from bunsui.model.json import Json
from bunsui.model.session import JobStatus, Session
from bunsui.services.history.job_runs import JobRuns, JobTurn
from bunsui.sessions.history.operation_runs import OperationRun, OperationTry
from bunsui.view.documents.running.sessions import JobPart
from bunsui.view.sessions.values import WRITTEN_CHARACTERS, cut_value

_LEFT_OUT = "Characters that are left out of it: where it is not 0, its beginning stands as text. `--full` leaves none out."


class OperationTryPart(ShapeOf[OperationTry]):
    """One try of an operation."""

    started_at: datetime = member("When it began.")
    stopped_at: datetime | None = member("When it ended; null while it is at work.")
    error: str = member("The error's name; empty for a try that did not fail.")
    message: str = member("The line of the cause that says what happened; empty without an error.")
    cause: str = member("The cause's whole text; empty for none.")


class OperationRunPart(ShapeOf[OperationRun]):
    """One time that an operation of the job ran."""

    state: str = member("The state that ran.")
    item: str = member("The label of the item of a foreach; empty outside of one.")
    status: JobStatus = member("Where it stands.")
    calls: str = member("Service and action, such as `lambda:invoke`; empty for what calls nothing.")
    target: str = member("The function, machine or activity that it names; empty where it names none.")
    started_at: datetime = member("When it began.")
    stopped_at: datetime | None = member("When it ended; null while it is at work.")
    input: Json = member("What it was called with, its expressions resolved; null where nothing was called.")
    input_left_out: int = member(_LEFT_OUT, of=None)
    output: Json = member("What it was answered; null without an answer.")
    output_left_out: int = member(_LEFT_OUT, of=None)
    tries: tuple[OperationTryPart, ...] = member("Oldest first.")
    child_execution_arn: str = member("The execution that it started; empty for none.", of="child_arn")


class JobTurnPart(ShapeOf[JobTurn]):
    """The job in one execution."""

    execution: int = member("The number of the execution, from 1.")
    job: JobPart = member("Where it stands there.", of="progress")


class JobRunsDocument(Shape, kind="job"):
    """Of `show --job`: one job of a session, with what its operations were given and answered, and why tries failed."""

    session: str = member("The session's id.")
    pipeline: str = member("The pipeline's name.")
    job: str = member("The job's name.")
    execution: int = member("The number of the execution whose runs these are; 0 when no history is known.")
    turns: tuple[JobTurnPart, ...] = member("The job in each execution of the session, oldest first.")
    runs: tuple[OperationRunPart, ...] = member("In the order in which they began.")
    left_out: int = member("How many runs there are beside these; `--full` leaves none out.")
    items_apart: bool = member("Items ran in executions of their own: of these only some failed ones, or the one asked for.")
    forgotten: tuple[int, ...] = member("The executions that Step Functions does not know any more.")


def job_runs_document(session: Session, found: JobRuns, *, is_whole: bool = False) -> JobRunsDocument:
    """Return the document of `bunsui show --job --json`; `is_whole` cuts no value."""
    return JobRunsDocument(
        session=session.id,
        pipeline=session.pipeline,
        job=found.job,
        execution=found.execution,
        turns=tuple(map(JobTurnPart.of, found.turns)),
        runs=tuple(_run_part(run, None if is_whole else WRITTEN_CHARACTERS) for run in found.runs),
        left_out=found.left_out,
        items_apart=found.is_apart,
        forgotten=found.forgotten,
    )


def _run_part(run: OperationRun, limit: int | None) -> OperationRunPart:
    given, given_left = cut_value(run.input, limit=limit)
    answer, answer_left = cut_value(run.output, limit=limit)
    return OperationRunPart.of(run, input=given, input_left_out=given_left, output=answer, output_left_out=answer_left)
