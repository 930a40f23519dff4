"""`bunsui history`: the versions of a pipeline, with how the sessions of each went."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.command_line import command_line
from bunsui.composition.workspace import Workspace
from bunsui.services.deployments.history import pipeline_history
from bunsui.view.deployments.history import history_lines
from bunsui.view.documents.deployments.history import history_document
from bunsui.view.sessions.wording import zone_name, zone_of
from bunsui.view.spans import Role


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(autocompletion=complete_pipeline, help="The pipeline's name.")],
    limit: Annotated[int, typer.Option(min=1, help="How many lines.")] = 20,
) -> None:
    """List what was deployed of a pipeline: version, commit, who, and how the sessions that began on it went."""
    options = globals_of(context)
    output = options.output
    workspace = Workspace(options)
    found = pipeline_history(workspace.reconcile, workspace.sessions.sessions, pipeline, limit=limit)
    if output.as_json:
        output.document(history_document(found))
        return
    zone = UTC if options.utc else zone_of(workspace.settings.project.timezone)
    output.lines(history_lines(found, zone, width=output.columns))
    output.say(f"times in {zone_name(zone)}; sessions as they were looked at last", role=Role.MUTED)
    if found.machine.hold is None and len(found.lines) > 1:
        output.next_step(command_line("rollback", pipeline, "--reason", "TEXT"), "let new sessions run what ran before")
