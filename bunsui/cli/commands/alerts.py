"""`bunsui alerts`: what people were told, on which channels."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode, InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.services.alerts.listing import list_alerts
from bunsui.services.channels.trial import TrialOutcome, try_channels
from bunsui.view.alert_list import alert_list_lines
from bunsui.view.channel_trials import trial_lines
from bunsui.view.documents.channels import ChannelTrials, ChannelTrialsDocument
from bunsui.view.documents.running.alerts import AlertListDocument
from bunsui.view.sessions.wording import zone_name, zone_of
from bunsui.view.spans import Role

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def group() -> None:
    """List what people were told of sessions, or try the channels on which they are told."""


@app.command(name="list")
def show_list(
    context: typer.Context,
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help="Only alerts of this pipeline.", metavar="NAME")] = "",
    since: Annotated[
        str, typer.Option("--since", help="Only alerts that were made in this time, such as 12h.", metavar="TIME")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="At most so many that were sent or given up.")] = 50,
) -> None:
    """List the resident's messages: sent, given up, held by quiet hours, still to be sent. They are kept for 90 days."""
    options = globals_of(context)
    workspace = Workspace(options)
    now = workspace.reconcile.clock.now()
    try:
        start = now - timedelta(seconds=parse_duration(since)) if since else None
    except ValueError as problem:
        raise InvalidInput("bad-time", str(problem), hint="Such as 12h, 90m or 2d.") from None
    environment = workspace.repository.scope.environment
    found = list_alerts(workspace.alerts, now, environment=environment, pipeline=pipeline, since=start, limit=limit)
    if options.output.as_json:
        options.output.document(AlertListDocument.of(found))
    elif not found.alerts:
        options.output.say("nobody was told of anything that is asked for, and nobody is to be", role=Role.MUTED)
    else:
        zone = UTC if options.utc else zone_of(workspace.settings.project.timezone)
        options.output.lines(alert_list_lines(found, zone))
        options.output.say(f"times in {zone_name(zone)}", role=Role.MUTED)


@app.command(name="test")
def send_test(
    context: typer.Context,
    channel: Annotated[list[str] | None, typer.Argument(help="Names of channels; all of the environment without one.")] = None,
) -> int:
    """Send a notification on each channel, from here, and tell what became of it; 1 when one of them took none.

    Whoever runs it must be allowed what the resident is: to read the secrets that the channels refer to, and to publish.
    """
    from bunsui.compile.environment.channel_grants import channel_entries
    from bunsui.composition.channels import open_channels
    from bunsui.composition.session_ports import new_session_id

    output = globals_of(context).output
    workspace = Workspace(globals_of(context))
    repository = workspace.repository
    channels = repository.project.channels
    opened = open_channels(workspace.connection, channel_entries(channels, repository.scope), repository.channel_types)
    found = []
    width = max((len(name) for name in channels), default=0)
    for trial in try_channels(opened, channels, repository.scope, asked=channel or (), key=new_session_id()):
        found.append(trial)
        if not output.as_json:
            output.lines(trial_lines(trial, width))
    if output.as_json:
        trials = ChannelTrials(environment=repository.scope.environment, channels=tuple(found))
        output.document(ChannelTrialsDocument.of(trials))
    elif not found:
        output.say("no channel here: nobody is told of anything; declare one under `channels:` in bunsui.yaml", role=Role.MUTED)
    failed = any(one.outcome is TrialOutcome.FAILED for one in found)
    return ExitCode.FAILED if failed else ExitCode.DONE
