"""The application: the screens by number, and the keys that work everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from bunsui.tui.bridge import Bridge
from bunsui.tui.help import help_lines
from bunsui.tui.keys import ascii_key
from bunsui.tui.messages import Work
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS
from bunsui.tui.widgets.key_footer import ALWAYS
from bunsui.view.spans import line


class BunsuiApp(App[None]):
    """Shows plans and sessions. All work is done by the bridge that it is given."""

    TITLE = "bunsui"
    DEFAULT_MODE = "plan"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "show('plan')", "plan", group=ALWAYS),
        Binding("2", "show('sessions')", "sessions", group=ALWAYS),
        Binding("question_mark", "help", "help", key_display="?", group=ALWAYS),
        Binding("T", "theme", "light or dark", show=False),
        Binding("q", "leave", "quit", group=ALWAYS),
    ]

    def __init__(self, bridge: Bridge) -> None:
        """Take the bridge; nothing is read before the first frame is shown."""
        super().__init__()
        self.bridge = bridge
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.add_mode("plan", lambda: PlanScreen(bridge))
        self.add_mode("sessions", lambda: SessionsScreen(bridge))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give what our style sheet needs and other people's themes lack."""
        return dict(VARIABLE_DEFAULTS)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Give what the palette offers beside the keys: our screens first, then Textual's own commands."""
        yield SystemCommand("Plan", "What would change, and applying it", partial(self.action_show, "plan"))
        yield SystemCommand("Sessions", "What runs and what ran", partial(self.action_show, "sessions"))
        yield SystemCommand("Help", "The keys of this screen", self.action_help)
        yield from super().get_system_commands(screen)

    async def on_event(self, event: events.Event) -> None:
        """Read keys as if no input method was on, except where text is typed."""
        if isinstance(event, events.Key) and not event.is_forwarded and not isinstance(self.focused, Input):
            event = ascii_key(event)
        await super().on_event(event)

    def clear_selection(self) -> None:
        """Clear text selection on the active screen, once there is one.

        Since Python 3.12 Textual runs tasks eagerly: widgets of the first screen come up before it is on the stack, and an
        Input among them asks for this.
        """
        if self.screen_stack:
            super().clear_selection()

    def action_show(self, mode: str) -> None:
        """Go to a screen."""
        if len(self.screen_stack) == 1 or not self.screen.is_modal:
            self.switch_mode(mode)

    def action_help(self) -> None:
        """Show the keys of this screen."""
        if self.screen.is_modal:
            return
        focused = self.focused
        groups: list[tuple[str, list[BindingType]]] = [("This screen", self._bindings_of_screen())]
        if focused is not None:
            groups.append(("Moving", list(type(focused).BINDINGS)))
        groups.append(("Everywhere", [*self.BINDINGS, Binding("ctrl+p", "command_palette", "command palette")]))
        self.push_screen(NoticeScreen(help_lines("Keys", groups)))

    def action_theme(self) -> None:
        """Switch between the dark and the light theme."""
        light, dark = THEMES[1].name, THEMES[0].name
        self.theme = dark if self.theme == light else light

    def action_leave(self) -> None:
        """Leave; a running apply is asked to stop first, since what it began should be written down."""
        if not self.bridge.is_busy(Work.APPLY):
            self.exit()
            return
        told = (line("The steps that have begun are finished and written down; the rest is left for the next apply."),)
        asked = ConfirmScreen("Stop the apply and quit?", told, yes="stop and quit", on_yes=self._stop_and_leave)
        self.push_screen(asked)

    def _stop_and_leave(self) -> None:
        self.bridge.stop_apply()
        self.set_interval(0.1, self._leave_when_idle)

    def _leave_when_idle(self) -> None:
        if not self.bridge.is_busy(Work.APPLY):
            self.exit()

    def _bindings_of_screen(self) -> list[BindingType]:
        """Give the bindings of the screen's own class and of those of ours that it inherits from."""
        ours = [base for base in type(self.screen).__mro__ if base.__module__.startswith("bunsui.")]
        return [binding for base in ours for binding in vars(base).get("BINDINGS", ())]
