"""The global options, as one value that every command gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bunsui.cli.output import Output
from bunsui.view.spans import Role

if TYPE_CHECKING:
    from bunsui.aws.connect import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """Options that stand before or after any command, each with a `BUNSUI_*` variable."""

    directory: Path
    """Where to look for the project file, upwards."""
    project: str | None
    """One of the user's projects (`bunsui projects`); None means that of the directory."""
    environment: str | None
    """None means: the project's default, where the rules allow one."""
    profile: str | None
    region: str | None
    assume_yes: bool
    verbose: int
    utc: bool
    """Show times in UTC rather than in the project's time zone."""
    output: Output
    meters: list[Callable[[], Traffic]] = field(default_factory=list)
    """One for each account that was talked to."""

    @property
    def own_zone(self) -> tzinfo:
        """The time zone of whoever looks, where no project says one."""
        return UTC if self.utc else datetime.now().astimezone().tzinfo or UTC

    def notice(self, message: str) -> None:
        """Tell the user something that is no error, on stderr."""
        self.output.say(message, role=Role.WARNING)

    def connected(self, traffic: Callable[[], Traffic]) -> None:
        """Keep the meter, to be read when the command ends."""
        self.meters.append(traffic)

    def show_traffic(self) -> None:
        """Say what was written and could not be saved, and with `-v` how many calls were made."""
        for traffic in [meter() for meter in self.meters]:
            if traffic.unsaved:
                self.notice(
                    "warning: the embedded AWS could not save what it holds, and loses it when it ends or is killed:"
                    f" {traffic.unsaved}. Correct that; it tries again by itself, and `bunsui local status` tells."
                )
            if not self.verbose:
                continue
            self.output.say(f"{traffic.calls} calls, {traffic.throttles} throttled", role=Role.MUTED)
            for remark in traffic.remarks:
                self.output.say(remark, role=Role.MUTED)


def globals_of(context: typer.Context) -> Globals:
    """Return the global options of a command's context."""
    found = context.find_root().obj
    if not isinstance(found, Globals):
        raise TypeError("the root command has not run")
    return found
