"""`bunsui status`: where you are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Annotated

import typer

from bunsui.cli.apply_flow import bar
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.composition.workspace import Workspace
from bunsui.services.overview.details import pipeline_details
from bunsui.services.status import project_status
from bunsui.view.documents.status import status_document
from bunsui.view.sessions.wording import zone_of
from bunsui.view.status_view import next_command, status_lines


def run(
    context: typer.Context,
    pipeline: Annotated[
        list[str] | None,
        typer.Argument(help="Pipelines of which more is told; none for a line each of all.", autocompletion=complete_pipeline),
    ] = None,
) -> None:
    """Show where you are: project, environment, account, how each pipeline stands and how its last runs went."""
    options = globals_of(context)
    output, names = options.output, tuple(pipeline or ())
    workspace = Workspace(options)
    with workspace.planning() as (repository, ports, compiler), bar(output, "reading AWS", total=len(ports.providers)) as move:
        rows = workspace.sessions.sessions
        status = project_status(repository, ports, rows, names=names, progress=move, compiler=compiler)
    if names:
        sessions = workspace.read_sessions()
        status = replace(status, details={one.name: pipeline_details(sessions, one.name) for one in status.pipelines})
    if output.as_json:
        output.document(status_document(status))
        return
    zone = UTC if options.utc else zone_of(repository.project.timezone)
    output.lines(status_lines(status, zone, width=output.columns))
    output.next_step(*next_command(status))
