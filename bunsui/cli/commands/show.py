"""`bunsui show`: explain one session, or one job of it."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_job, complete_session
from bunsui.cli.session_context import SessionCommand
from bunsui.cli.session_progress import show_page
from bunsui.cli.unmanaged import UNMANAGED_HELP, looking_command
from bunsui.errors import InvalidInput
from bunsui.model.session import Session
from bunsui.services.history.job_runs import JobRunsQuery, job_runs
from bunsui.services.watch import show_session
from bunsui.view.documents.running.job_runs import job_runs_document
from bunsui.view.sessions.job_page import job_page, job_steps
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role

SESSION_HELP = (
    "Session id or its beginning, a pipeline (its latest), #3 of the last list, - for the one shown last, "
    "or an execution's ARN or name."
)
JOB_HELP = "One job: what its operations were given and answered, each try; PARENT/JOB in a pipeline that a job runs."
FAILED_HELP = "With a pipeline: its latest failed session."


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP, autocompletion=complete_session)] = "-",
    failed: Annotated[bool, typer.Option("--failed", help=FAILED_HELP)] = False,
    job: Annotated[
        str,
        typer.Option(
            help="One job: what its operations were given and answered, each try; PARENT/JOB in a pipeline that a job runs.",
            autocompletion=complete_job,
        ),
    ] = "",
    item: Annotated[str, typer.Option(help="With --job: only the item of this label, of a foreach.")] = "",
    execution: Annotated[
        int | None, typer.Option(min=1, help="With --job: in this execution of the session; they count from 1.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="With --job: everything, however long.")] = False,
    unmanaged: Annotated[str, typer.Option(metavar="MACHINES", help=UNMANAGED_HELP)] = "",
) -> None:
    """Explain one session: jobs with their times, error with traceback, result, attempts, next step."""
    if not job and (item or full or execution is not None):
        raise InvalidInput(
            "needs-job", "--item, --execution and --full are about one job", hint="Name it:  --job JOB", asked=session
        )
    command = looking_command(context, unmanaged)
    found = command.find(session, failed=failed)
    if not job:
        show_page(command, show_session(command.context, found))
        _show_calls(command, found)
        return
    query = JobRunsQuery(job=job, item=item, execution=execution)
    _show_job(
        command, found, JobRunsQuery(job=job, item=item, execution=execution, limit=None) if full else query, is_whole=full
    )


def _show_calls(command: SessionCommand, session: Session) -> None:
    """Tell what the embedded AWS refused the roles of the session's pipeline, or could not judge."""
    project = command.workspace.settings.project
    if not project.environment.is_local or command.output.as_json:
        return
    from bunsui.composition.local_calls import calls_of_session  # deferred: it knows the embedded AWS
    from bunsui.composition.own_folder import project_folder

    own = project_folder(command.workspace.settings.root, notice=command.options.notice).look()
    if own is not None:
        names = (project.name, project.environment.name, session.pipeline)
        command.output.lines(calls_of_session(own.local, names=names, since=session.created_at.timestamp()))


def _show_job(command: SessionCommand, session: Session, query: JobRunsQuery, *, is_whole: bool) -> None:
    found = job_runs(command.context, session, query)
    output = command.output
    if output.as_json:
        output.document(job_runs_document(session, found, is_whole=is_whole))
        return
    output.lines(job_page(found, now=command.context.ports.clock.now(), zone=command.zone, is_whole=is_whole))
    output.say(f"times in {zone_name(command.zone)}", role=Role.MUTED)
    for step in job_steps(found, session):
        output.next_step(step.command, step.why)
