"""The footer: the keys that matter here, each with one word."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Role, Span, line, span

KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "upper_r": "R",
    "ctrl+p": "^p",
    "number_1": "1",
    "full_stop": ".",
}


def key_name(binding: Binding) -> str:
    """Give the key of a binding as it is written on a keyboard."""
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

    def show_bindings(self, bindings: Iterable[Binding]) -> None:
        """Show the bindings that ask to be shown, those of the group `always` at the right."""
        left: list[Span] = []
        right: list[Span] = []
        for binding in bindings:
            if not binding.show:
                continue
            side = right if binding.group == ALWAYS else left
            side += [span("   ")] if side else []
            side += [span(key_name(binding), Role.HINT), span(f" {binding.description}", Role.MUTED)]
        self.show(line(*left), line(*right))


ALWAYS = Binding.Group("everywhere")
"""Bindings of this group work on every screen."""
