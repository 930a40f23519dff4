"""The application: the screens by number, and the keys that work everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.dom import DOMNode
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widgets import Input

from bunsui.errors import BunsuiError, ExitCode
from bunsui.folders.tui_settings import DEFAULT_SETTINGS, GlyphChoice, TuiSettings
from bunsui.folders.tui_settings import FILE as SETTINGS_FILE
from bunsui.performance import set_living_aside
from bunsui.tui.bridge import Bridge
from bunsui.tui.help import help_lines
from bunsui.tui.keymap import as_chosen
from bunsui.tui.keys import ascii_key
from bunsui.tui.messages import Noticed, Opened, RunningWork
from bunsui.tui.palette import SteadyPalette, TypedCommandProvider
from bunsui.tui.screens.base import NOTICE_SECONDS, FullScreen
from bunsui.tui.screens.command_line import CommandLineScreen
from bunsui.tui.screens.leave import LeaveScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.registry import SCREENS, ScreenEntry
from bunsui.tui.signs import SignFilter, is_unicode
from bunsui.tui.style_sheet import ParsedOnceStylesheet, left_to_parse_in
from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS, variables_of
from bunsui.tui.typed_commands import carry_out, typed_commands
from bunsui.tui.widgets.key_footer import ALWAYS
from bunsui.view.ascii import ascii_signs, spoken_signs
from bunsui.view.spans import Role, line, span

_HOLDING = (RunningWork.APPLY, RunningWork.ACT, RunningWork.START, RunningWork.BACKFILL)
"""What is not left in the middle."""
_SHOW_CURSOR = "\x1b[?25h"
"""It stands where the reader should read; Textual hides it."""
_TICK_SECONDS = 0.2
"""How late the feed may be."""
_IDLE_SECONDS = 0.02
"""How long keys may be read between two style sheets that are parsed ahead."""


def _has_place(entry: ScreenEntry, bridge: Bridge) -> bool:
    """Tell whether the screen is of use here: of a saved plan that of plans alone, without files none that needs them."""
    if bridge.file is not None:
        return entry.shows_plans
    return bridge.has_plan or not entry.needs_files


_TEXTUALS = (
    Binding("ctrl+p", "command_palette", "command palette", id="app.palette"),
    Binding("ctrl+c", "copy_text", "copy what the mouse selected; quit where nothing is", id="app.copy"),
)
"""Keys that Textual itself binds, for the list of keys."""


class BunsuiApp(App[None]):
    """Shows plans and sessions. All work is done by the bridge that it is given."""

    TITLE = "bunsui"
    CSS = """
    Input > .input--placeholder, Input > .input--suggestion { color: $role-muted; }
    """
    DEFAULT_MODE = SCREENS[0].name
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {*App.COMMANDS, TypedCommandProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(entry.key, f"show('{entry.name}')", entry.name, id=f"screen.{entry.name}", group=ALWAYS)
            for entry in SCREENS
        ),
        Binding("question_mark", "help", "help", id="app.help", key_display="?", group=ALWAYS),
        Binding("colon", "type", "go to a screen or session, act: typed", id="app.type", key_display=":", show=False),
        Binding("T", "theme", "light or dark", id="app.theme", show=False),
        Binding("ctrl+z", "suspend_process", "back to the shell; fg returns", id="app.suspend", show=False),
        Binding("q", "leave", "quit", id="app.leave", group=ALWAYS),
    ]

    def __init__(
        self,
        bridge: Bridge,
        settings: TuiSettings = DEFAULT_SETTINGS,
        *,
        keep_theme: Callable[[str], None] = lambda _theme: None,
        encoding: str = "utf-8",
    ) -> None:
        """Take the bridge, what the user chose, and how a chosen theme is kept, which raises what prevents it. `encoding` is
        what the terminal can show. Nothing is read before the first frame is shown."""
        self.screens_here = tuple(entry for entry in SCREENS if _has_place(entry, bridge))
        self.DEFAULT_MODE = self.screens_here[0].name  # type: ignore[misc]  # Textual asks the instance
        super().__init__()
        self.stylesheet: ParsedOnceStylesheet = ParsedOnceStylesheet(variables=self.get_css_variables())
        self.bridge = bridge
        bridge.project.when_learnt = lambda place: self.post_message(Opened(place))
        self._waker: Callable[[Callable[[], None]], object] | None = None
        self._code = ExitCode.DONE
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme or THEMES[0].name
        self.settings = settings
        self._keep_theme = keep_theme
        if settings.plain:
            self._filters.append(SignFilter(spoken_signs))
            self.animation_level = "none"
        elif settings.glyphs is GlyphChoice.ASCII or (settings.glyphs is GlyphChoice.AUTO and not is_unicode(encoding)):
            self._filters.append(SignFilter(ascii_signs))
        self._told_clashes: set[str] = set()
        self.set_keymap(dict(settings.keys))
        for entry in self.screens_here:
            self.add_mode(entry.name, partial(entry.screen, bridge))

    def on_mount(self) -> None:
        """Read nothing before the first frame is on the screen; from then on what is due."""
        self.call_after_refresh(self._begin)
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep(theme.name))
        if self.settings.plain and self._driver is not None:
            self._driver.write(_SHOW_CURSOR)

    def _begin(self) -> None:
        self.bridge.open(self)
        self.bridge.feed.start()
        self.set_interval(_TICK_SECONDS, self.bridge.feed.tick)
        self._parsing = self.set_interval(_IDLE_SECONDS, partial(self._parse_next, left_to_parse_in(map(variables_of, THEMES))))

    def _parse_next(self, left: Iterator[Callable[[], object]]) -> None:
        """Parse one more style sheet: of a screen that was not visited yet, or with the colours of the other theme. After that
        everything that the program keeps is there, and is looked through for garbage no more."""
        parse = next(left, None)
        if parse is not None:
            parse()
        else:
            self._parsing.stop()
            set_living_aside()

    def _keep(self, theme: str) -> None:
        """Keep the theme for the next time."""
        try:
            self._keep_theme(theme)
        except (BunsuiError, OSError) as error:
            if isinstance(self.screen, FullScreen):
                self.screen.answer(line(span(f"the theme is not kept: {error}", Role.WARN)))

    def on_opened(self, message: Opened) -> None:
        """Show where the user is working, on every screen that is there."""
        for screen in self.screen_stack:
            if isinstance(screen, FullScreen):
                screen.show_place(message.place)

    def on_noticed(self, message: Noticed) -> None:
        """Say it on the screen that is looked at, whoever asked."""
        if isinstance(self.screen, FullScreen):
            self.screen.on_noticed(message)

    def on_app_blur(self) -> None:
        """Ask less often: the terminal is not looked at."""
        self.bridge.feed.look_away(is_away=True)

    def on_app_focus(self) -> None:
        """Ask as often as before."""
        self.bridge.feed.look_away(is_away=False)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return what our style sheet needs and other people's themes lack."""
        return dict(VARIABLE_DEFAULTS)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return what the palette offers beside the keys: our screens first, then Textual's own commands."""
        for entry in self.screens_here:
            yield SystemCommand(entry.name.capitalize(), entry.summary, partial(self.action_show, entry.name))
        yield SystemCommand("Help", "The keys of this screen", self.action_help)
        yield from super().get_system_commands(screen)

    def carry_out(self, text: str) -> None:
        """Do what was typed after `:` or chosen from the palette; say why not."""
        refused = carry_out(self, text)
        if refused is not None and isinstance(self.screen, FullScreen):
            self.screen.answer(line(span(refused.why, Role.WARN)))

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(SteadyPalette(id="--command-palette"))

    def search_themes(self) -> None:
        """Let a theme be chosen; the palette's own command."""
        self.push_screen(SteadyPalette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_type(self) -> None:
        """Open the line for commands."""
        if not self.screen.is_modal:
            self.push_screen(CommandLineScreen([one.text for one in typed_commands(self)], self.carry_out))

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out the way to a screen that is not there, and to the only one."""
        if action == "show":
            return len(self.screens_here) > 1 and any(entry.name in parameters for entry in self.screens_here)
        return super().check_action(action, parameters)

    def action_show(self, mode: str) -> None:
        """Go to a screen."""
        if len(self.screen_stack) == 1 or not self.screen.is_modal:
            self.switch_mode(mode)

    async def lead_to(self, mode: str, arrive: Callable[[FullScreen], None]) -> None:
        """Go to a screen of the table, back to its first page, and do something there; nothing where it is not there."""
        if all(entry.name != mode for entry in self.screens_here):
            return
        await self.switch_mode(mode)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if isinstance(self.screen, FullScreen):
            arrive(self.screen)

    def action_help(self) -> None:
        """Show the keys of this screen, or of the question in front."""
        if isinstance(self.screen, (NoticeScreen, CommandPalette)):
            return
        focused = self.focused
        groups: list[tuple[str, list[BindingType]]] = [("This screen", self._bindings_of_screen())]
        if focused is not None:
            groups.append(("Moving", list(type(focused).BINDINGS)))
        if not self.screen.is_modal:
            everywhere = [one for one in self.BINDINGS if not (isinstance(one, Binding) and self._leads_nowhere(one))]
            groups.append(("Everywhere", [*everywhere, *_TEXTUALS]))
        chosen = [(name, [as_chosen(one, self.settings.keys) for one in bindings]) for name, bindings in groups]
        self.push_screen(NoticeScreen(help_lines("Keys", chosen)))

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Say, once, what lost its key to one that the user chose."""
        lost = {one for one in clashed_bindings if one.id and one.id not in self._told_clashes}
        self._told_clashes |= {one.id for one in lost if one.id}
        if lost and isinstance(self.screen, FullScreen):
            words = ", ".join(sorted(f"{one.description} ({one.id})" for one in lost))
            told = f"without a key, since yours took it: {words}; give it one in {SETTINGS_FILE}"
            self.screen.answer(line(span(told, Role.WARN)), seconds=NOTICE_SECONDS)

    def action_theme(self) -> None:
        """Switch between the dark and the light theme."""
        light, dark = THEMES[1].name, THEMES[0].name
        self.theme = dark if self.theme == light else light

    @property
    def is_held(self) -> bool:
        """True while AWS is being changed: what was begun should be written down before the program ends."""
        return any(self.bridge.is_busy(work) for work in _HOLDING)

    def action_leave(self) -> None:
        """Leave; a running apply is asked to stop first, since what it began should be written down."""
        if not self.is_held:
            self.exit()
        elif not isinstance(self.screen, LeaveScreen):
            applies = self.bridge.is_busy(RunningWork.APPLY)
            self.push_screen(LeaveScreen(applies=applies, on_yes=self._leave_when_written_down))

    async def action_quit(self) -> None:
        """Leave, as ctrl+q and the palette of Textual call it."""
        self.action_leave()

    def action_help_quit(self) -> None:
        """Leave: ctrl+c, which Textual only explains."""
        self.action_leave()

    def action_suspend_process(self) -> None:
        """Return the terminal to the shell for a while: ctrl+z. Not in the middle of a change, since a process that is
        stopped renews no lock, which somebody else would then take for a dead one's."""
        if not self.is_held:
            super().action_suspend_process()
            return
        why = line(span("not now: bunsui would stop in the middle of a change, its lock would go", Role.WARN))
        for screen in reversed(self.screen_stack):  # a question may be in front: it is said below it
            if isinstance(screen, FullScreen):
                screen.answer(why)
                return

    def on_load(self) -> None:
        """Learn which loop a signal has to wake. Timers look up the program in the context that they are made in."""
        self._waker = partial(asyncio.get_running_loop().call_soon_threadsafe, context=copy_context())
        # What the shell wrote meanwhile stands where the screen was; Textual itself draws only what changed.
        self.app_resume_signal.subscribe(self, lambda _app: self.refresh(layout=True))

    def leave_unasked(self) -> None:
        """Leave without a question, as after a signal; asked again, do not wait for what runs either."""
        if self._waker is None:
            raise SystemExit(ExitCode.INTERRUPTED)  # nothing was shown yet
        with suppress(RuntimeError):  # it is leaving already
            self._waker(self._leave_interrupted)

    def _leave_interrupted(self) -> None:
        self._code = ExitCode.INTERRUPTED
        self._leave_when_written_down()

    def _leave_when_written_down(self) -> None:
        self.bridge.stop_apply()
        self._leave_when_idle()
        self.set_interval(0.1, self._leave_when_idle)

    def _leave_when_idle(self) -> None:
        if not self.is_held:
            self.exit(return_code=self._code)

    def _bindings_of_screen(self) -> list[BindingType]:
        """Return the bindings of the screen's own class and of those of ours that it inherits from."""
        ours = [base for base in type(self.screen).__mro__ if base.__module__.startswith("bunsui.")]
        screen = self.screen
        left_out = screen.writes if isinstance(screen, FullScreen) and self.bridge.read_only else frozenset[str]()
        every = Binding.make_bindings(binding for base in ours for binding in vars(base).get("BINDINGS", ()))
        nearest: dict[str, BindingType] = {}
        for one in every:
            nearest.setdefault(one.key, one)  # what a class binds anew does not do what its base says
        return [one for one in nearest.values() if not (isinstance(one, Binding) and one.action in left_out)]

    def _leads_nowhere(self, binding: Binding) -> bool:
        return binding.action.startswith("show(") and not any(
            len(self.screens_here) > 1 and binding.key == entry.key for entry in self.screens_here
        )
