"""The palette, in which whatever can be typed after `:` is found beside the screens."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any, cast

from rich.text import Text
from textual import work
from textual.app import ComposeResult, RenderResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.css.query import NoMatches
from textual.markup import escape

from bunsui.tui.page_below import page_below
from bunsui.tui.typed_commands import CommandHost, commands_here
from bunsui.tui.widgets.line_input import LineInput
from bunsui.view.safe import safe

_DISCOVERED = 30


class PaletteInput(CommandInput, LineInput):
    """The line in which the palette is searched: what is pasted there speaks to the terminal no more than elsewhere."""


class SteadyPalette(CommandPalette):
    """Textual's palette, which keys that are faster than its list or than its end do not break."""

    def compose(self) -> ComposeResult:
        """What Textual composes, with our line in place of its own."""
        for widget in super().compose():
            yield PaletteInput(placeholder=self._placeholder, select_on_focus=False) if type(widget) is CommandInput else widget

    def render(self) -> RenderResult:  # type: ignore[override]  # Widget's type; Screen's is narrower
        """Draw the page below it."""
        return page_below(self) or super().render()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it; not once more where a key typed ahead asks for it, which would take the screen below away."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)  # noqa: SLF001 - by which Textual cancels it
    async def _gather_commands(self, search_value: str) -> None:
        """List what fits; nothing where the palette closes meanwhile: Textual looks for its list then, and ends the program."""
        with suppress(NoMatches):
            await cast("Any", super()._gather_commands).__wrapped__(self, search_value)

    def _action_command_list(self, action: str) -> None:
        """Do it with the list; a page up or down is none while it is not known how high a page is (Textual raises KeyError)."""
        with suppress(LookupError):
            super()._action_command_list(action)


class TypedCommandProvider(Provider):
    """Finds actions, pipelines and sessions by their names."""

    async def discover(self) -> Hits:
        """Offer the first of them while nothing is typed."""
        app = cast("CommandHost", self.app)
        for one in list(commands_here(app))[:_DISCOVERED]:
            yield DiscoveryHit(Text(safe(one.text)), partial(app.carry_out, one.text), text=one.text, help=escape(one.summary))

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        app, matcher = cast("CommandHost", self.app), self.matcher(query)
        for one in commands_here(app):
            score = max(matcher.match(one.text), matcher.match(one.summary))
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(safe(one.text)),
                    partial(app.carry_out, one.text),
                    text=one.text,
                    help=escape(one.summary),
                )
