"""`bunsui unpause`: switches on again what a pause switched off."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from bunsui.cli.apply_flow import DEFAULT_LOCK_TIMEOUT, LockTimeout, patience
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import globals_of
from bunsui.command_line import command_line
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode
from bunsui.services.deployments.pause import unpause_pipeline
from bunsui.services.deployments.rollback import read_move_reason
from bunsui.view.deployments.pause import pause_lines
from bunsui.view.documents.deployments.pause import PauseDocument
from bunsui.view.sessions.wording import zone_of


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(autocompletion=complete_pipeline, help="The pipeline's name.")],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it may start again; recorded.")] = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Let a paused pipeline's schedules start it again. What was due meanwhile is not made up for: see `bunsui backfill`."""
    options = globals_of(context)
    output = options.output
    why = read_move_reason(reason)
    workspace = Workspace(options)
    ports = workspace.reconcile
    ports.account_checked()
    waits = patience(output, lock_timeout, ports.clock)
    outcome = unpause_pipeline(ports, workspace.repository.scope, pipeline, reason=why, patience=waits)
    if output.as_json:
        output.document(PauseDocument.of(outcome))
    else:
        zone = UTC if options.utc else zone_of(workspace.settings.project.timezone)
        output.lines(pause_lines(outcome, zone))
        output.next_step(command_line("status", pipeline), "when it starts next")
    return ExitCode.FAILED if any(one.why_not for one in outcome.schedules) else ExitCode.DONE
