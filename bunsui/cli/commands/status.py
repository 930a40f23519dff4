"""`bunsui status`: where you are."""

from __future__ import annotations

from datetime import UTC

import typer

from bunsui.cli.apply_flow import bar
from bunsui.cli.options import globals_of
from bunsui.composition.workspace import Workspace
from bunsui.services.status import project_status
from bunsui.view.documents.status import status_document
from bunsui.view.sessions.wording import zone_of
from bunsui.view.status_view import next_command, status_lines


def run(context: typer.Context) -> None:
    """Show where you are: project, environment, account, and how each pipeline stands."""
    options = globals_of(context)
    output = options.output
    workspace = Workspace(options)
    with workspace.planning() as (repository, ports, compiler), bar(output, "reading AWS", total=len(ports.providers)) as move:
        status = project_status(repository, ports, workspace.sessions.sessions, progress=move, compiler=compiler)
    if output.as_json:
        output.document(status_document(status))
        return
    zone = UTC if options.utc else zone_of(repository.project.timezone)
    output.lines(status_lines(status, zone, width=output.columns))
    output.next_step(*next_command(status))
