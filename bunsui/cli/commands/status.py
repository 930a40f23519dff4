"""`bunsui status`, and `bunsui` alone: where you are."""

from __future__ import annotations

from datetime import UTC

import typer

from bunsui.bootstrap import Workspace
from bunsui.cli.options import globals_of
from bunsui.cli.reconciling import bar
from bunsui.services.status import project_status
from bunsui.view.session_words import zone_of
from bunsui.view.status_view import next_command, status_json, status_lines


def run(context: typer.Context) -> None:
    """Show where you are: project, environment, account, and how each pipeline stands."""
    options = globals_of(context)
    output = options.output
    workspace = Workspace(options)
    with workspace.planning() as (repository, edges, compiler), bar(output, "reading AWS", total=len(edges.providers)) as move:
        status = project_status(repository, edges, workspace.sessions.sessions, progress=move, compiler=compiler)
    if output.as_json:
        output.document(status_json(status))
        return
    output.lines(status_lines(status, UTC if options.utc else zone_of(repository.project.timezone)))
    output.next_step(*next_command(status))
