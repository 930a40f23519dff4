"""Commands that look at state machines of others: the option, and how a session of theirs is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property

import typer

from bunsui.cli.options import globals_of
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.composition.unmanaged import UnmanagedAccount
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import Recollection, find_session, look_at_sessions

UNMANAGED_HELP = (
    "Look at state machines of others, for which no project is needed: a machine's name or ARN, an execution's ARN, "
    "tag:KEY=VALUE, or all. Only reads."
)
_LATEST = "-"
_ENDED_BADLY = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


@dataclass(frozen=True)
class UnmanagedCommand(SessionCommand):
    """One command over machines of others, on its way. Nothing is remembered: `-` is the latest session."""

    machines: str

    @cached_property
    def context(self) -> SessionContext:
        """The machines that were asked for."""
        return UnmanagedAccount(self.options).context(self.machines)

    @property
    def zone(self) -> tzinfo:
        """The time zone of whoever looks, since no project says one."""
        return self.options.own_zone

    def find(self, text: str, *, failed: bool = False) -> Session:
        """Return the session that the user named, or the latest one."""
        if text == _LATEST and ":execution:" in self.machines:
            text = self.machines
        if text.startswith("#"):
            raise InvalidInput(
                "no-project",
                "numbers stand for sessions that a project's list showed; no list of these machines is remembered",
                hint="Name one by its id, as listed:\n  bunsui sessions",
                asked=text,
            )
        if text != _LATEST:
            if not text.startswith("arn:"):
                look_at_sessions(self.context, SessionQuery(limit=1))
            return find_session(self.context, text, recollection=Recollection(), failed=failed)
        for session in look_at_sessions(self.context, SessionQuery(limit=1000)).sessions:
            if not failed or session.status in _ENDED_BADLY:
                return session
        summary = "no execution of these machines failed" if failed else "these machines have no executions"
        raise NotFound("no-session", summary, hint="See all machines:\n  bunsui sessions --unmanaged all")

    def remember(self, session: Session) -> None:
        """Keep nothing."""

    def remember_list(self, sessions: Sequence[Session]) -> None:
        """Keep nothing."""


def looking_command(context: typer.Context, unmanaged: str) -> SessionCommand:
    """Begin a command that looks at the project's sessions, or at machines of others where these are named."""
    if not unmanaged:
        return session_command(context)
    options = globals_of(context)
    options.output.invocation = replace(options.output.invocation, unmanaged=unmanaged)
    return UnmanagedCommand(options=options, machines=unmanaged)
