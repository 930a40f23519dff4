"""`bunsui resume`: continue a failed session after its completed jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.run import waiting_time
from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.session_desk import session_command
from bunsui.cli.session_progress import follow_to_the_end, show_end
from bunsui.services.resume import resume_session
from bunsui.view.session_advice import resume_lines, unapplied_line
from bunsui.view.session_json import resumption_document
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    session: Annotated[str, typer.Argument(help=SESSION_HELP + " A pipeline stands for its latest failed session.")],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run until it ends.")] = True,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stop waiting after this long, such as 10m; the run goes on.")
    ] = None,
) -> None:
    """Continue a session that failed, was stopped or timed out, on what is applied now; completed jobs are kept."""
    seconds = waiting_time(timeout)
    command = session_command(context)
    output = command.output
    resumption = resume_session(command.desk, command.find(session, failed=True))
    if not output.as_json:
        output.lines(resume_lines(resumption.plan), to_stderr=True)
        if resumption.unapplied:
            output.lines([unapplied_line(resumption.unapplied, resumption.session.pipeline)], to_stderr=True)
        elif resumption.is_unchanged:
            output.say("nothing was applied since the last attempt: the same definition and code run again", role=Role.WARNING)
    if wait:
        show_end(command, follow_to_the_end(command, resumption.session, seconds=seconds))
    elif output.as_json:
        output.document(resumption_document(resumption))
    else:
        output.raw(resumption.session.id)
        output.next_step(f"bunsui watch {resumption.session.id}", "follow it")
