"""What can be typed after `:`; the palette offers the same."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.screen import Screen

from bunsui.tui.actions.registry import SESSION_ACTIONS, possible
from bunsui.tui.actions.starts.registry import START_ACTIONS, START_BY_NAME
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.pipelines import PipelinesSubject
from bunsui.tui.feed.sessions import SessionsSubject
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.pipelines import PipelinesScreen
from bunsui.tui.screens.registry import ScreenEntry
from bunsui.tui.screens.session import SessionScreen
from bunsui.view.safe import Safe, safe
from bunsui.view.sessions.wording import status_word

_OFFERED_SESSIONS = 200


class CommandHost(Protocol):
    """The application, as far as typed commands reach."""

    bridge: Bridge
    screens_here: tuple[ScreenEntry, ...]

    @property
    def screen(self) -> Screen[object]:
        """What is in front."""

    def push_screen(self, screen: Screen[None], /) -> object:
        """Put a screen in front."""

    def call_after_refresh(self, callback: Callable[[], None], /) -> object:
        """Do it when what was changed is on the screen."""

    def action_show(self, mode: str) -> None:
        """Go to a screen of the table."""

    def action_help(self) -> None:
        """Show the keys."""

    def action_theme(self) -> None:
        """Change the theme."""

    def action_leave(self) -> None:
        """Leave."""

    def carry_out(self, text: str) -> None:
        """Do what was typed, or say why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCommand:
    """One line that can be typed."""

    text: str
    """Such as `sessions status:failed`."""
    summary: Safe
    """What it does, for the palette."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """What was typed is no command, or not one that is possible here."""

    why: Safe


def typed_commands(app: CommandHost) -> Iterator[TypedCommand]:
    """Yield what can be typed now: screens, what concerns the program, what can be done with what is in front."""
    for entry in app.screens_here:
        yield TypedCommand(text=entry.name, summary=safe(entry.summary))
    for word, summary in (("help", "the keys of this screen"), ("theme", "light or dark"), ("quit", "leave bunsui")):
        yield TypedCommand(text=word, summary=safe(summary))
    yield from commands_here(app)


def commands_here(app: CommandHost) -> Iterator[TypedCommand]:
    """Yield what can be done with what is meant, and the ways to pipelines and sessions that were read."""
    screen = app.screen
    if isinstance(screen, ActingScreen) and not app.bridge.read_only:
        for action in possible(screen.targets()):
            yield TypedCommand(text=action.name, summary=safe(f"{action.role}, of what is marked or under the cursor"))
    seen = app.bridge.feed.value(PipelinesSubject())
    for pipeline in sorted(seen.pipelines) if seen is not None and not app.bridge.read_only else ():
        for start in START_ACTIONS:
            yield TypedCommand(text=f"{start.name} {pipeline}", summary=safe(start.told))
    listed = app.bridge.feed.value(SessionsSubject())
    sessions = listed.sessions[:_OFFERED_SESSIONS] if listed is not None else ()
    for pipeline in sorted({one.pipeline for one in sessions}):
        yield TypedCommand(text=f"sessions pipeline:{pipeline}", summary=safe(f"the sessions of {pipeline}"))
    for one in sessions:
        summary = safe(f"{one.pipeline}, {status_word(one.standing)}")
        yield TypedCommand(text=f"session {one.id}", summary=summary)


def carry_out(app: CommandHost, text: str) -> NotUnderstood | None:
    """Do what was typed. Returns why it cannot be done."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    if not word:
        return None
    names = {entry.name for entry in app.screens_here}
    if word in names:
        app.action_show(word)
        if rest:
            _filter_next(app, rest)
        return None
    if word == "session" and rest:
        app.push_screen(SessionScreen(app.bridge, rest))
        return None
    if word in _ALONE:
        return _alone(app, word, rest)
    if word in {action.name for action in SESSION_ACTIONS}:
        return _action(app, word)
    if word in START_BY_NAME:
        return _start(app, word, rest)
    actions = (*(one.name for one in SESSION_ACTIONS), *START_BY_NAME)
    near = difflib.get_close_matches(word, [*names, *_ALONE, "session", *actions], n=1)
    return NotUnderstood(why=safe(f"{word} is no command here" + (f"; did you mean {near[0]}?" if near else "")))


_ALONE: Sequence[str] = ("help", "theme", "quit", "q")


def _alone(app: CommandHost, word: str, rest: str) -> NotUnderstood | None:
    if rest:
        return NotUnderstood(why=safe(f"{word} is typed alone, without {shlex.quote(rest)}"))
    {"help": app.action_help, "theme": app.action_theme, "quit": app.action_leave, "q": app.action_leave}[word]()
    return None


def _filter_next(app: CommandHost, text: str) -> None:
    """Filter what is in front, once it is."""

    def filter_it() -> None:
        if isinstance(screen := app.screen, FullScreen):
            screen.filter_by(text)

    app.call_after_refresh(filter_it)


def _action(app: CommandHost, name: str) -> NotUnderstood | None:
    screen = app.screen
    if not isinstance(screen, ActingScreen):
        return NotUnderstood(why=safe(f"{name} is done with a session: go to one first"))
    if app.bridge.read_only:
        return NotUnderstood(why=safe("this was started read-only"))
    targets = screen.targets()
    if name not in {action.name for action in possible(targets)}:
        return NotUnderstood(why=safe(f"{name} cannot be done with what is meant" if targets else "no session is meant"))
    screen.action_act(name)
    return None


def _start(app: CommandHost, name: str, pipeline: str) -> NotUnderstood | None:
    """Show the form on the Pipelines screen, for the pipeline that was named or the one under its cursor."""
    if app.bridge.read_only:
        return NotUnderstood(why=safe("this was started read-only"))
    if not pipeline and not isinstance(app.screen, PipelinesScreen):
        return NotUnderstood(why=safe(f"name the pipeline: {name} PIPELINE"))

    def begin() -> None:
        if isinstance(screen := app.screen, PipelinesScreen):
            screen.start_soon(name, pipeline)

    app.action_show("pipelines")
    app.call_after_refresh(begin)
    return None
