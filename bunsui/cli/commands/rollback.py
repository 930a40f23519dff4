"""`bunsui rollback`: leads a pipeline back to an earlier version, where it is held."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from bunsui.cli.acceptance import ProtectedOption
from bunsui.cli.apply_flow import DEFAULT_LOCK_TIMEOUT, LockTimeout, patience
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.options import Globals, globals_of
from bunsui.command_line import command_line
from bunsui.composition.workspace import Workspace
from bunsui.errors import ExitCode, InvalidInput
from bunsui.model.deployments.deployment import DeploymentAct
from bunsui.services.deployments.rollback import (
    Move,
    carry_out_move,
    look_before_release,
    look_before_rollback,
    read_move_reason,
)
from bunsui.view.deployments.rollback import move_lines, moved_lines
from bunsui.view.documents.deployments.rollback import move_document
from bunsui.view.sessions.wording import zone_of


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(autocompletion=complete_pipeline, help="The pipeline's name.")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION", help="A version's number, as `history` lists it; else where it was before."),
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; shown in every plan until the hold ends.")] = None,
    release: Annotated[
        bool, typer.Option("--release", help="End the hold: new sessions run again what was applied last.")
    ] = False,
    allow_protected: ProtectedOption = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Let new sessions run an earlier version, definition and code together, and hold it there whatever else is merged.

    Sessions in flight keep their version. The hold ends with --release, or with an apply that changes this pipeline.
    """
    options = globals_of(context)
    output = options.output
    if release and to is not None:
        raise InvalidInput("to-and-release", "--release goes back to what was applied last", hint="Leave --to out.")
    why = read_move_reason(reason)
    workspace = Workspace(options)
    ports = workspace.reconcile
    waits = patience(output, lock_timeout, ports.clock)
    ports.account_checked()
    move = look_before_release(ports, pipeline) if release else look_before_rollback(ports, pipeline, to=to)
    zone = UTC if options.utc else zone_of(workspace.settings.project.timezone)
    if not output.as_json:
        output.lines(move_lines(move, zone), to_stderr=True)
    if not _agree(options, move, allow_protected or [], is_local=workspace.repository.is_local):
        output.say("nothing was changed")
        return ExitCode.FAILED
    done = carry_out_move(ports, move, reason=why, patience=waits)
    if output.as_json:
        output.document(move_document(move, done))
        return ExitCode.DONE
    output.lines(moved_lines(move))
    if done.act is DeploymentAct.ROLLED_BACK:
        output.next_step(command_line("history", pipeline), "how its sessions went, version by version")
    return ExitCode.DONE


def _agree(options: Globals, move: Move, allowed: list[str], *, is_local: bool) -> bool:
    """Ask for a yes, or for the name of a pipeline with `protect: true`."""
    name, output = move.machine.pipeline, options.output
    if move.asks_for_name and not (options.assume_yes and is_local):
        sentence = "This changes a protected pipeline."
        return name in allowed or output.confirm_name(sentence, name=name, flag=f"--allow-protected {name}")
    return options.assume_yes or output.confirm(f"Let new sessions of {name} run that?", flag="--yes")
