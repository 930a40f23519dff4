"""The global options, as one value that every command gets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from bunsui.cli.output import Output
from bunsui.view.spans import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """Options that stand before or after any command, each with a `BUNSUI_*` variable."""

    directory: Path
    """Where to look for the project file, upwards."""
    environment: str | None
    """None means: the project's default, where the rules allow one."""
    profile: str | None
    region: str | None
    assume_yes: bool
    verbose: int
    utc: bool
    """Show times in UTC rather than in the project's time zone."""
    output: Output

    def notice(self, message: str) -> None:
        """Tell the user something that is no error, on stderr."""
        self.output.say(message, role=Role.WARNING)


def globals_of(context: typer.Context) -> Globals:
    """Give the global options of a command's context."""
    found = context.find_root().obj
    if not isinstance(found, Globals):
        raise TypeError("the root command has not run")
    return found
