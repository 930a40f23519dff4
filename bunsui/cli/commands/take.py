"""`bunsui take`: shows others who is on a failed session."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.commands.show import SESSION_HELP
from bunsui.cli.completion import complete_session
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.command_line import command_line
from bunsui.errors import ExitCode, InvalidInput
from bunsui.model.session import Session
from bunsui.services.recovery.taking import is_others, look_before_taking, read_until, release_session, take_session
from bunsui.view.documents.running.sessions import SessionDocument, SessionPart
from bunsui.view.sessions.custody import custody_line


def run(
    context: typer.Context,
    session: Annotated[
        str,
        typer.Argument(
            help=SESSION_HELP + " A pipeline stands for its latest failed session.", autocompletion=complete_session
        ),
    ],
    note: Annotated[str, typer.Option(help="What others should know.")] = "",
    until: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="By when you want to be done: 4h, 18:00 or 2026-01-31T18:00. Lists tell what is overdue."
        ),
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Nobody is on it any more.")] = False,
) -> int:
    """Show others that you are on a session that failed: `bunsui recover` leaves it to you.

    It ends with the session's next attempt, whoever begins it and however, or with --release.
    """
    if release and until is not None:
        raise InvalidInput("until-and-release", "what is released has no time", hint="Leave --until out.")
    command = session_command(context)
    output = command.output
    found = look_before_taking(command.context, command.find(session, failed=True))
    ends = read_until(until, now=command.context.ports.clock.now(), zone=command.zone) if until is not None else None
    if is_others(command.context, found) and not _agree(command, found, release=release):
        output.say("nothing was changed")
        return ExitCode.FAILED
    if release:
        changed = release_session(command.context, found, note=note)
    else:
        changed = take_session(command.context, found, note=note, until=ends)
    if output.as_json:
        output.document(SessionDocument(session=SessionPart.of(changed)))
    else:
        _tell(command, changed)
    return ExitCode.DONE


def _agree(command: SessionCommand, session: Session, *, release: bool) -> bool:
    """Ask whether somebody else's session is to be taken, or released."""
    output, taken = command.output, session.taken
    assert taken is not None, "only asked where somebody is on it"
    if not output.as_json:
        output.lines([custody_line(taken, now=command.context.ports.clock.now(), zone=command.zone)], to_stderr=True)
    if command.options.assume_yes:
        return True
    return output.confirm("Release it all the same?" if release else "Take it all the same?", flag="--yes")


def _tell(command: SessionCommand, session: Session) -> None:
    output, taken = command.output, session.taken
    if taken is None:
        output.say(f"{session.pipeline}: nobody is on it any more")
        output.next_step(command_line("recover", session.id), "what would be done about it")
        return
    output.lines([custody_line(taken, now=command.context.ports.clock.now(), zone=command.zone)])
    output.next_step(command_line("resume", session.id), "after the fix; that ends it")
    output.next_step(command_line("take", session.id, "--release"), "hand it back")
