"""What every full screen has: header, title line, body, banner, filter, footer, and a word when the terminal is too small."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from bunsui.tui.bridge import Bridge
from bunsui.tui.lines import EMPTY
from bunsui.tui.messages import Noticed, ScreenPlace
from bunsui.tui.problem import ShownProblem, problem_lines, with_way_to_project
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.folded_bar import FoldedBar
from bunsui.tui.widgets.header_bar import HeaderBar
from bunsui.tui.widgets.key_footer import KeyFooter
from bunsui.view.commands import completed
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, line, span

LEAST_WIDTH, LEAST_HEIGHT = 44, 10
_NARROW, _SHORT = 72, 20
"""Below so many columns or lines a screen leaves out what is not needed."""
ANSWER_SECONDS = 4.0
"""How long the answer to a key stays on the line above the footer, whatever news comes meanwhile."""
NOTICE_SECONDS = 15.0
"""How long something stays there that nobody asked for, and that is told once."""


class FullScreen(Screen[None]):
    """A screen with a body between the header and the footer. Subclasses give `body` and say in `title_bar` what it is."""

    writes: ClassVar[frozenset[str]] = frozenset()
    """The actions that change something: none of them where that was excluded."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", id="screen.filter", key_display="/"),
        Binding("tab", "app.focus_next", "next pane", id="screen.next-pane", show=False),
        Binding("shift+tab", "app.focus_previous", "previous pane", id="screen.previous-pane", show=False),
    ]

    DEFAULT_CSS = """
    FullScreen {
        background: $background;
        layers: base cover;
        & > #title { height: 1; margin: 1 0 1 0; }
        & > #banner { display: none; background: $panel; }
        & > #banner.-on { display: block; }
        & > #body { height: 1fr; }
        & > #too-small { display: none; layer: cover; width: 100%; height: 100%; background: $background; }
    }
    FullScreen.-short > #title { margin: 0; }
    FullScreen.-too-small > #too-small { display: block; }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Take the bridge that does the work."""
        super().__init__()
        self.bridge = bridge
        self.header = HeaderBar()
        self.title_bar = Bar(id="title")
        self.banner = FoldedBar(id="banner")
        self.filter = FilterBar()
        self.footer = KeyFooter()
        self._too_small = Bar(id="too-small")
        self.read_at: datetime | None = None
        """When the data on the screen was read; None before."""
        self._styled_as: object = None
        """What styles depend on, as it was when they were last set."""
        self._answered: Timer | None = None
        """Runs while the answer to a key is shown."""
        self._lasting = EMPTY
        """What stands there again after an answer."""

    def _post_register(self, app: App[object]) -> None:
        """Be styled by the style sheet of now, and for the terminal's size; Textual would do it anew at the first visit."""
        super()._post_register(app)
        self._css_update_count = app._css_update_count  # noqa: SLF001 (Textual's)
        self.update_classes(self.classes_of(*app.size), update=False)

    def update_node_styles(self, animate: bool = True) -> None:  # noqa: FBT001, FBT002 (Textual's)
        """Style everything anew where something changed that styles depend on; Textual asks at each visit."""
        above = self.app
        styled_as = (self.classes, self.pseudo_classes, above.classes, above.pseudo_classes, above.theme)
        if styled_as != self._styled_as:
            self._styled_as = styled_as
            super().update_node_styles(animate=animate)

    def classes_of(self, width: int, height: int) -> dict[str, bool]:
        """Return the classes that depend on the terminal's size; True for those that the screen then has."""
        too_small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        return {"-too-small": too_small, "-short": height < _SHORT, "-narrow": width < _NARROW}

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield self.header
        yield self.title_bar
        with Vertical(id="body"):
            yield from self.body()
        yield self.banner
        yield self.filter
        yield self.footer
        yield self._too_small

    def body(self) -> ComposeResult:
        """Return the widgets between the header and the footer."""
        yield Widget()

    def on_mount(self) -> None:
        """Keep the footer and the age of the data up to date."""
        self.header.show_place(self.bridge.place)
        self.bindings_updated_signal.subscribe(self, lambda _screen: self._show_keys())
        self.set_interval(1.0, self.show_age)
        self._show_keys()

    def show_place(self, place: ScreenPlace) -> None:
        """Show where the user is working."""
        self.header.show_place(place)

    def on_screen_resume(self) -> None:
        """Show what was learned while another screen was in front."""
        self.header.show_place(self.bridge.place)
        self._show_keys()

    def on_screen_suspend(self) -> None:
        """Name no keys while another screen has them: under a question this one is still seen."""
        self.footer.show_bindings(())

    def on_resize(self, event: events.Resize) -> None:
        """Say so when there is too little room to show anything."""
        width, height = event.size
        self.update_classes(self.classes_of(width, height))
        self.banner.fold(width, height)
        self._too_small.show(line(span("too small", Role.WARN), span(f" {width}×{height}, needs {LEAST_WIDTH}×{LEAST_HEIGHT}")))

    def on_noticed(self, message: Noticed) -> None:
        """Say it on one line."""
        self.answer(line(span(message.text, Role.WARN)), seconds=NOTICE_SECONDS)

    def action_filter(self) -> None:
        """Open the filter."""
        self.filter.open()

    def filter_by(self, text: str) -> None:
        """Filter by a text, as if it was typed; say so where nothing is filtered."""
        if self.check_action("filter", ()):
            self.filter.value = text
        else:
            self.answer(line(span("there is nothing to filter on this screen", Role.WARN)))

    def action_back(self) -> None:
        """Pop one level: first the filter, then the screen."""
        if self.filter.value:
            self.filter.clear()
        elif len(self.app.screen_stack) > 1 and self.is_active:
            self.app.pop_screen()

    def say(self, message: Line, *, lasts: bool = False) -> None:
        """Show one line above the footer, until the next one; one that `lasts` comes back after an answer."""
        self._forget_answer()
        self._lasting = message if lasts else EMPTY
        self.banner.show(message)
        self.banner.add_class("-on")

    def answer(self, message: Line, *, seconds: float = ANSWER_SECONDS) -> None:
        """Show what a key did: long enough to be read, whatever is heard of AWS meanwhile."""
        lasting = self._lasting
        self.say(message)
        self._lasting = lasting
        self._answered = self.set_timer(seconds, self.end_answer)

    def say_problem(self, problem: ShownProblem) -> None:
        """Show a failure on one line, the data on the screen left as it is."""
        self.say(completed(problem.banner, self.bridge.invocation))

    def problem_text(self, problem: ShownProblem) -> tuple[Line, ...]:
        """Return a failure in full; where there is no project, with the way to one from here."""
        return problem_lines(with_way_to_project(problem) if self.bridge.desk.can_begin_project else problem)

    def hush(self) -> None:
        """Take the line above the footer away, unless it answers a key."""
        self._lasting = EMPTY
        if self._answered is None:
            self.banner.show(EMPTY)
            self.banner.remove_class("-on")

    def end_answer(self) -> None:
        """Take the answer to a key away before its time."""
        self._forget_answer()
        if self._lasting is EMPTY:
            self.hush()
        else:
            self.say(self._lasting, lasts=True)

    def _forget_answer(self) -> None:
        if self._answered is not None:
            self._answered.stop()
            self._answered = None

    def show_age(self) -> None:
        """Say how old the data is."""
        if self.read_at is not None:
            self.header.show_age(line(span(f"{self.age_word} {ago(self.read_at, self.bridge.now())}", Role.MUTED)))

    @property
    def age_word(self) -> str:
        """What was done to the data that many seconds ago."""
        return "read"

    def is_offered(self, action: str) -> bool:
        """Tell whether the footer names the action; its key may do no more than say why not."""
        return True

    def _show_keys(self) -> None:
        if not self.is_active:
            return
        shown: dict[str, tuple[int, Binding]] = {}
        own = {binding.action for binding in Binding.make_bindings(type(self).BINDINGS)} | self.writes
        for active in self.active_bindings.values():
            if (
                active.enabled
                and self.is_offered(active.binding.action)
                and not (self.filter.is_open and active.node is not self.focused)
            ):
                # First what belongs to the focused pane, then to this screen alone, last what screens share.
                rank = 0 if active.node is self.focused else 1 if active.binding.action in own else 2
                shown.setdefault(active.binding.action, (rank, active.binding))
        self.footer.show_bindings(binding for _, binding in sorted(shown.values(), key=lambda entry: entry[0]))


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago that was, in whole seconds."""
    seconds = int((now - at).total_seconds())
    return "just now" if seconds < 1 else f"{seconds} s ago" if seconds < 10 else f"{duration(seconds)} ago"
