"""What every command over sessions begins with: the context, the time zone to show, and what was shown before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import cached_property

import typer

from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.composition.deployed import open_workspace, shown_file
from bunsui.composition.workspace import Workspace
from bunsui.errors import Refused, Unavailable
from bunsui.folders.shown import LAST, LISTED, ShownFolder, ShownLast, texts
from bunsui.model.session import Session
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import Recollection, find_session
from bunsui.sessions.admission.line import WaitingNote
from bunsui.sessions.items.runs import BURST, PER_SECOND
from bunsui.view.sessions.wording import duration, waiting_text, zone_of

_RECALLED = ("-", "#")
"""How an argument begins that means a session which was shown before."""


@dataclass(frozen=True)
class SessionCommand:
    """One command over sessions, on its way."""

    options: Globals

    @cached_property
    def workspace(self) -> Workspace:
        """The project in the chosen environment, with its files or without; NotFound where there is none."""
        return open_workspace(self.options)

    @cached_property
    def context(self) -> SessionContext:
        """The project's sessions in the chosen environment; starts the embedded AWS for `local`."""
        return replace(self.workspace.read_sessions(), on_reading=self._say_reading)

    @property
    def output(self) -> Output:
        """Where to print."""
        return self.options.output

    @property
    def zone(self) -> tzinfo:
        """The time zone in which times are shown."""
        return UTC if self.options.utc else zone_of(self.workspace.settings.project.timezone)

    def find(self, text: str, *, failed: bool = False) -> Session:
        """Return the session that the user named, and remember it."""
        try:
            recollection = self._recollection()
        except (Refused, Unavailable):
            if text.startswith(_RECALLED):
                raise
            recollection = Recollection()
        session = find_session(self.context, text, recollection=recollection, failed=failed)
        self.remember(session)
        return session

    def remember(self, session: Session) -> None:
        """Keep the session for `-`."""
        self._keep({LAST: session.id})

    def remember_list(self, sessions: Sequence[Session]) -> None:
        """Keep the list for `#N`."""
        self._keep({LISTED: [session.id for session in sessions]})

    def in_line(self, *, seconds: float | None = None) -> SessionContext:
        """Return the context in which a start waits for a free slot of its pipeline, and says so: so many seconds at most, None
        for as long as it takes."""
        context = self.context
        if context.ports.line is None:
            return context

        def tell(note: WaitingNote) -> None:
            self.output.say(waiting_text(note, self.zone))

        line = replace(context.ports.line, patience_seconds=seconds, tell=tell)
        return replace(context, ports=replace(context.ports, line=line))

    @property
    def _environment(self) -> str:
        return self.workspace.settings.project.environment.name

    @property
    def _shown(self) -> ShownLast:
        return shown_last(self.options, self.workspace)

    def _say_reading(self, executions: int) -> None:
        if executions > BURST:
            seconds = (executions - BURST) / PER_SECOND
            self.output.say(f"reading what {executions:,} items gave, one call each: about {duration(seconds)}")

    def _recollection(self) -> Recollection:
        kept = self._shown.of(self._environment)
        return Recollection(last=str(kept.get(LAST) or ""), listed=texts(kept.get(LISTED)))

    def _keep(self, values: Mapping[str, object]) -> None:
        try:
            self._shown.keep(self._environment, values)
        except (OSError, Refused, Unavailable) as error:
            self.output.say(f"the session shown last cannot be remembered: {error}")


def shown_last(options: Globals, workspace: Workspace) -> ShownLast:
    """Return what was shown last in the project."""

    def folder() -> ShownFolder:
        from bunsui.composition.own_folder import project_folder  # deferred: it knows the embedded AWS

        if options.project:
            return shown_file(options.directory, options.project)
        return project_folder(workspace.settings.root, notice=options.notice)

    return ShownLast(folder=folder)


def session_command(context: typer.Context) -> SessionCommand:
    """Begin a command over sessions; no account is touched yet."""
    command = SessionCommand(options=globals_of(context))
    _ = command.workspace  # whether there is a project is told before anything else
    return command
