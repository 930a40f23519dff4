"""The footer: the keys that matter here, each with one word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.binding import Binding

from bunsui.tui.lines import width_of
from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Line, Role, Span, line, span

KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "upper_r": "R",
    "ctrl+p": "^p",
    "number_1": "1",
    "full_stop": ".",
}

_NARROW = 96
"""With fewer cells the screens' numbers stand without their names, so that there is room for what can be done here."""


def key_name(binding: Binding) -> str:
    """Return the key of a binding as it is written on a keyboard."""
    first = binding.key.split(",")[0]
    return binding.key_display or KEY_NAMES.get(first, first)


class KeyFooter(Bar):
    """Shows keys at the left; help and quit stand at the right, where they are on every screen."""

    DEFAULT_CSS = """
    KeyFooter {
        background: $panel;
    }
    """

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="footer")
        self._own: list[Binding] = []
        self._always: list[Binding] = []
        self._shown: list[Binding] = []
        """Those of the screen's own that have room."""

    def show_bindings(self, bindings: Iterable[Binding]) -> None:
        """Show the bindings that ask to be shown, those of the group `ALWAYS` at the right."""
        shown = [binding for binding in bindings if binding.show]
        self._own = [binding for binding in shown if binding.group != ALWAYS]
        self._always = [binding for binding in shown if binding.group == ALWAYS]
        self._fill()

    def on_resize(self) -> None:
        """Show as many keys as there is room for."""
        self._fill()

    def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        binding = self._binding_at(event.x)
        if binding is not None:
            self.app.simulate_key(binding.key.split(",")[0])

    def _fill(self) -> None:
        right = self._everywhere
        own = list(self._own)
        while own and width_of(_keys(own)) > self.size.width - width_of(right) - 5:
            own.pop()
        self._shown = own
        self.show(_keys(own), right)

    @property
    def _everywhere(self) -> Line:
        return _keys(self._always, bare=self.size.width < _NARROW)

    def _binding_at(self, x: int) -> Binding | None:
        """Return the binding whose key or word is shown in that column."""
        bare = self.size.width < _NARROW
        for bindings, begin in ((self._shown, 1), (self._always, self.size.width - 1 - width_of(self._everywhere))):
            for number, binding in enumerate(bindings):
                width = width_of(_keys([binding], bare=bare))
                left = begin + width_of(_keys(bindings[: number + 1], bare=bare)) - width
                if left <= x < left + width:
                    return binding
        return None


def _keys(bindings: Sequence[Binding], *, bare: bool = False) -> Line:
    """Return keys with their words; `bare` leaves out the words of the screens."""
    parts: list[Span] = []
    for binding in bindings:
        parts += [span("   ")] if parts else []
        parts.append(span(key_name(binding), Role.HINT))
        if not (bare and binding.action.startswith("show(")):
            parts.append(span(f" {binding.description}", Role.MUTED))
    return line(*parts)


ALWAYS = Binding.Group("everywhere")
"""Bindings of this group work on every screen."""
