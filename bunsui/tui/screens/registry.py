"""The screens that a key leads to from everywhere: the one table of screens and keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.screen import Screen

from bunsui.tui.bridge import Bridge
from bunsui.tui.screens.builder import BuilderScreen
from bunsui.tui.screens.pipelines import PipelinesScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.sessions import SessionsScreen


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenEntry:
    """A screen that a key leads to from everywhere."""

    name: str
    key: str
    """1 is home, 2 Pipelines, 3 Plan, 4 Builder: a number stays with its screen, also where another one is not there."""
    summary: str
    """For the palette."""
    screen: Callable[[Bridge], Screen[None]]
    needs_files: bool = False
    """True for one that is of no use without the project's files."""
    shows_plans: bool = False
    """True for the one that a saved plan is opened in."""


SCREENS: Sequence[ScreenEntry] = (
    ScreenEntry(name="sessions", key="1", summary="What runs, what ran, what hurts", screen=SessionsScreen),
    ScreenEntry(name="pipelines", key="2", summary="How each pipeline stands, its runs, running it", screen=PipelinesScreen),
    ScreenEntry(
        name="plan",
        key="3",
        summary="What would change, and applying it",
        screen=PlanScreen,
        needs_files=True,
        shows_plans=True,
    ),
    ScreenEntry(
        name="builder", key="4", summary="Make or change a pipeline, as a draft", screen=BuilderScreen, needs_files=True
    ),
)
"""Every such screen, in the order of their keys; the first is home, shown at the start. A screen adds one entry: key, place in
the footer, line of help and line of the palette are made of it."""
