"""A short list to choose one thing from, such as what to copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.virtual_table import Column, VirtualTable
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells as width_of_text

_WIDEST_LABEL = 18
"""In cells."""
_MOST_ROWS = 12
"""Choices that are shown at once; the others are scrolled to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuChoice:
    """One thing to choose."""

    label: str
    value: str
    told: str = ""
    """What is shown of it; empty for the value itself."""
    command: str = ""
    """The command that does the same, shown below the list while the cursor is on it."""

    @property
    def shown(self) -> str:
        """What is shown, on one line: of several lines the first and how many more there are."""
        if self.told:
            return self.told
        first, *rest = self.value.split("\n")
        return f"{first} … {len(rest)} more line{'s' * (len(rest) != 1)}" if rest else first


class ChooseScreen(DialogScreen[MenuChoice | None]):
    """Returns the chosen one, None when the user left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "leave", id="choose.leave")]

    DEFAULT_CSS = """
    ChooseScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical { width: 76; max-width: 96%; height: auto; padding: 1 1; background: $panel; border-left: thick $primary; }
        & Bar { margin: 0 0 1 0; background: $panel; }
        & #command { margin: 1 0 0 0; }
        & VirtualTable { height: auto; max-height: 12; background: $panel; }
    }
    """

    def __init__(self, title: str, choices: Sequence[MenuChoice]) -> None:
        """Offer the choices, the first one selected."""
        super().__init__()
        self._title = title
        self._choices = {str(number): choice for number, choice in enumerate(choices)}
        self._title_bar, self._command = Bar(), Bar(id="command")
        widest = max((width_of_text(choice.label) for choice in choices), default=0)
        self._table = VirtualTable([Column(title="", width=min(max(widest, 10), _WIDEST_LABEL)), Column(title="")])

    def compose(self) -> ComposeResult:
        """The title and the list."""
        with Vertical():
            yield self._title_bar
            yield self._table
            if any(choice.command for choice in self._choices.values()):
                yield self._command

    def on_mount(self) -> None:
        """Fill the list."""
        self._table.styles.height = len(self._choices)
        self._table.show(tuple(self._choices), self._cells)
        self._table.focus()
        self._show_title(next(iter(self._choices), ""))

    def _show_title(self, key: str) -> None:
        """Show the title, and of a list that is longer than what is shown which choice this is."""
        place = f"{list(self._choices).index(key) + 1} of {len(self._choices)}" if len(self._choices) > _MOST_ROWS else ""
        self._title_bar.show(line(span(self._title, Role.STRONG)), line(span(place, Role.MUTED)))

    def action_leave(self) -> None:
        """Choose nothing."""
        self.leave(None)

    @on(VirtualTable.Moved)
    def _on_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        self._show_title(event.key)
        self._command.show(line(span(self._choices[event.key].command, Role.COMMAND)))

    @on(VirtualTable.Chosen)
    def _on_chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        self.leave(self._choices[event.key])

    def _cells(self, key: str) -> tuple[Line, ...]:
        choice = self._choices[key]
        return line(span(choice.label, Role.MUTED)), line(span(choice.shown))
