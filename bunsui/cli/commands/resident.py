"""`bunsui resident`: how the function does that looks at sessions when nobody else does."""

from __future__ import annotations

from datetime import UTC

import typer

from bunsui import __version__
from bunsui.cli.options import globals_of
from bunsui.command_line import command_line
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode
from bunsui.services.resident.standing import ResidentStanding, ResidentState, resident_standing
from bunsui.view.documents.resident import ResidentDocument
from bunsui.view.resident import log_lines, standing_lines
from bunsui.view.sessions.wording import zone_name, zone_of
from bunsui.view.spans import Role

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def look(context: typer.Context) -> int | None:
    """Say how the environment's resident does, or print what it said."""
    return status(context) if context.invoked_subcommand is None else None


@app.command()
def status(context: typer.Context) -> int:
    """Say whether it is there, of which bunsui, when it looked, and what it saw; 1 when it is there and silent."""
    output = globals_of(context).output
    found, workspace = _standing_and_place(context)
    if output.as_json:
        output.document(ResidentDocument.of(found))
    else:
        output.lines(standing_lines(found, workspace.reconcile.clock.now()))
    if found.state is ResidentState.SILENT:
        output.next_step(command_line("resident", "logs"), "what it said")
    elif found.state is ResidentState.LEFT_OVER or (found.version and not found.is_same_code):
        output.next_step(command_line("plan"), "what the next apply changes")
    return ExitCode.FAILED if found.state is ResidentState.SILENT else ExitCode.DONE


@app.command()
def logs(context: typer.Context) -> int:
    """Print what it said in the last hour: a line for each look, and what failed."""
    options = globals_of(context)
    output = options.output
    found, workspace = _standing_and_place(context)
    if output.as_json:
        output.document(ResidentDocument.of(found))
        return ExitCode.DONE
    zone = UTC if options.utc else zone_of(workspace.settings.project.timezone)
    lines = list(log_lines(found, zone))
    output.lines(lines)
    output.say(f"times in {zone_name(zone)}" if lines else "it said nothing in the last hour", role=Role.MUTED)
    return ExitCode.DONE


def _standing_and_place(context: typer.Context) -> tuple[ResidentStanding, Workspace]:
    workspace = Workspace(globals_of(context))
    ports = workspace.reconcile
    wanted = workspace.repository.resident
    return resident_standing(wanted, __version__, ports.state, workspace.sessions.logs, ports.clock), workspace
