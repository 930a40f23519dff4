"""What every command over sessions begins with: the desk, the time zone to show, and what was shown before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path

import typer

from bunsui.bootstrap import Workspace
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.model.session import Session
from bunsui.services.desk import Desk, open_desk
from bunsui.services.sessions import Recollection, find_session
from bunsui.view.session_words import zone_of

MEMORY_FILE = Path(".bunsui", "last_session")
"""Under the project's folder; JSON by environment. Losing it loses nothing but `-` and `#N`."""


@dataclass(frozen=True)
class SessionCommand:
    """One command over sessions, on its way."""

    options: Globals
    workspace: Workspace

    @cached_property
    def desk(self) -> Desk:
        """The project's sessions in the chosen environment; starts the embedded AWS for `local`."""
        return open_desk(self.workspace.repository, self.workspace.sessions)

    @property
    def output(self) -> Output:
        """Where to print."""
        return self.options.output

    @property
    def zone(self) -> tzinfo:
        """The time zone in which times are shown."""
        return UTC if self.options.utc else zone_of(self.workspace.settings.project.timezone)

    def find(self, text: str, *, failed: bool = False) -> Session:
        """Give the session that the user named, and remember it."""
        session = find_session(self.desk, text, recollection=self._recollection(), failed=failed)
        self.remember(session)
        return session

    def remember(self, session: Session) -> None:
        """Keep the session for `-`."""
        self._keep(Recollection(last=session.id, listed=self._recollection().listed))

    def remember_list(self, sessions: Sequence[Session]) -> None:
        """Keep the list for `#N`."""
        self._keep(Recollection(last=self._recollection().last, listed=tuple(session.id for session in sessions)))

    @property
    def _environment(self) -> str:
        return self.workspace.settings.project.environment.name

    @property
    def _file(self) -> Path:
        return self.workspace.settings.root / MEMORY_FILE

    def _recollection(self) -> Recollection:
        kept = self._all().get(self._environment)
        if not isinstance(kept, dict):
            return Recollection()
        listed = kept.get("listed")
        ids = tuple(str(item) for item in listed) if isinstance(listed, list) else ()
        return Recollection(last=str(kept.get("last") or ""), listed=ids)

    def _keep(self, recollection: Recollection) -> None:
        kept = {**self._all(), self._environment: {"last": recollection.last, "listed": list(recollection.listed)}}
        try:
            self._file.parent.mkdir(exist_ok=True)
            self._file.write_text(json.dumps(kept), encoding="utf-8")
        except OSError as error:
            self.output.say(f"the session shown last cannot be remembered: {error}")

    def _all(self) -> dict[str, object]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def session_command(context: typer.Context) -> SessionCommand:
    """Begin a command over sessions; no account is touched yet."""
    options = globals_of(context)
    return SessionCommand(options=options, workspace=Workspace(options))
