"""What can be done with one pipeline, as a menu: each with the command that does the same."""

from __future__ import annotations

from collections.abc import Callable

from bunsui.command_line import command_line
from bunsui.services.overview.standing import PipelineStatus
from bunsui.tui.actions.starts.registry import possible_starts
from bunsui.tui.screens.choose import MenuChoice


def pipeline_menu(
    pipeline: PipelineStatus, complete: Callable[[str], str], *, has_plan: bool, read_only: bool
) -> list[MenuChoice]:
    """Return the choices, those that start something first; `complete` completes a command for where the user is."""
    starts = () if read_only else possible_starts(pipeline)
    choices = [
        MenuChoice(label=one.name, value=one.handle, told=one.told, command=complete(one.command(pipeline.name, None)))
        for one in starts
    ]
    shown = complete(command_line("sessions", "--pipeline", pipeline.name))
    choices.append(MenuChoice(label="sessions", value="sessions", told="what ran of it", command=shown))
    if has_plan:
        planned = complete(command_line("plan", pipeline.name))
        choices.append(MenuChoice(label="plan", value="plan_this", told="what an apply would change of it", command=planned))
    return choices


def pipeline_copies(pipeline: PipelineStatus, complete: Callable[[str], str]) -> list[MenuChoice]:
    """Return what may be copied of a pipeline: its name, its file, the command that looks at it."""
    choices = [MenuChoice(label="pipeline", value=pipeline.name)]
    choices += [MenuChoice(label="file", value=pipeline.path)] if pipeline.path else []
    choices.append(MenuChoice(label="command", value=complete(command_line("status", pipeline.name))))
    return choices
