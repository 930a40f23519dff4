"""`bunsui pause`: switches off what starts a pipeline by itself."""

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
from bunsui.services.deployments.pause import pause_pipeline
from bunsui.services.deployments.rollback import read_move_reason
from bunsui.services.recovery.taking import read_until
from bunsui.view.deployments.pause import pause_lines
from bunsui.view.documents.deployments.pause import PauseDocument
from bunsui.view.sessions.wording import zone_of


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(autocompletion=complete_pipeline, help="The pipeline's name.")],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; shown in every plan until it ends.")] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="When it ends: 4h, 18:00 or 2026-01-31T18:00; the first apply after that ends it."),
    ] = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Let nothing start a pipeline by itself: its schedules are switched off, and no apply switches them on. Sessions go on."""
    options = globals_of(context)
    output = options.output
    why = read_move_reason(reason)
    workspace = Workspace(options)
    ports = workspace.reconcile
    zone = zone_of(workspace.settings.project.timezone)
    ends = read_until(until, now=ports.clock.now(), zone=zone) if until is not None else None
    ports.account_checked()
    waits = patience(output, lock_timeout, ports.clock)
    outcome = pause_pipeline(ports, workspace.repository.scope, pipeline, reason=why, until=ends, patience=waits)
    if output.as_json:
        output.document(PauseDocument.of(outcome))
    else:
        output.lines(pause_lines(outcome, UTC if options.utc else zone))
        output.next_step(command_line("unpause", pipeline, "--reason", "TEXT"), "let its schedules start it again")
    return ExitCode.FAILED if any(one.why_not for one in outcome.schedules) else ExitCode.DONE
