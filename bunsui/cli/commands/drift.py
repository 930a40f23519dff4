"""`bunsui drift`: what others changed of ours, or put beside it."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.apply_flow import bar
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.command_line import command_line
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode
from bunsui.services.overview.drift import find_drift
from bunsui.view.documents.status import drift_document
from bunsui.view.drift_view import drift_lines


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(autocompletion=complete_pipeline, metavar="[PIPELINE]...", help="Only these."),
    ] = None,
) -> ExitCode:
    """Compare the account with what was applied last, whatever the files say. Ends with 2 when somebody changed something."""
    options = globals_of(context)
    output, workspace = options.output, Workspace(options)
    ports = workspace.reconcile
    with bar(output, "reading AWS", total=len(ports.providers)) as move:
        report = find_drift(workspace.repository, ports, names=tuple(pipelines or ()), progress=move)
    if output.as_json:
        output.document(drift_document(report))
    else:
        output.lines(drift_lines(report))
    if report.drifted:
        output.next_step(command_line("plan", *(pipelines or [])), "see what apply would undo")
    return ExitCode.CHANGES if report.drifted else ExitCode.DONE
