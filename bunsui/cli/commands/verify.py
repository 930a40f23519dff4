"""`bunsui verify`: whether what pipelines refer to is there."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.command_line import command_line
from bunsui.composition.references import reference_reader
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode
from bunsui.services.verify.verify import verify
from bunsui.view.documents.trust.verify import verify_document
from bunsui.view.verify import verification_lines


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(autocompletion=complete_pipeline, metavar="[PIPELINE]...", help="Only these, and what they start."),
    ] = None,
) -> ExitCode:
    """Check that what the pipelines refer to is in the account: functions, tables, buckets, roles, networks and so on.

    Nothing is written. Ends with 1 when something is missing. What may not be asked for is a warning that names the permission.
    """
    options = globals_of(context)
    output, workspace = options.output, Workspace(options)
    found = verify(
        workspace.repository, reference_reader(workspace), workspace.reconcile.providers, names=tuple(pipelines or ())
    )
    if output.as_json:
        output.document(verify_document(found))
    else:
        output.lines(verification_lines(found))
    if found.exit_code is ExitCode.DONE:
        output.next_step(command_line("plan", *(pipelines or [])), "see what apply would change")
    return found.exit_code
