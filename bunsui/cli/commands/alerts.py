"""`bunsui alerts`: the channels on which people are told."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode
from bunsui.services.channels.trial import TrialOutcome, try_channels
from bunsui.view.channel_trials import trial_lines
from bunsui.view.documents.channels import ChannelTrials, ChannelTrialsDocument
from bunsui.view.spans import Role

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def group() -> None:
    """Try the channels on which people are told of alerts."""


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
