"""The header: where you are, on one line, always."""

from __future__ import annotations

from bunsui.tui.messages import ScreenPlace
from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Line, Role, Span, line, span

_LONGEST_MACHINES = 40
"""An ARN would push out where it is."""


class HeaderBar(Bar):
    """Shows project, environment, account, region, commit, and how old the data is."""

    DEFAULT_CSS = """
    HeaderBar {
        background: $panel;
    }
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        super().__init__(id="header")
        self._place = ScreenPlace()
        self._age: Line = line()

    def show_place(self, place: ScreenPlace) -> None:
        """Show where the user is working."""
        self._place = place
        self._refill()

    def show_age(self, age: Line) -> None:
        """Show how old the data of this screen is."""
        self._age = age
        self._refill()

    def _refill(self) -> None:
        place = self._place
        parts: list[Span] = [span("bunsui", Role.HINT)]
        if place.project:
            parts += [span("  "), span(place.project, Role.STRONG)]
            parts += [span("  "), span(place.environment, Role.WARN if place.is_protected else Role.NAME)]
        if place.machines:
            parts += [span("  machines ", Role.MUTED), span(place.machines, Role.NAME, limit=_LONGEST_MACHINES)]
        if place.is_protected:
            parts.append(span(" protected", Role.WARN))
        if place.is_read_only:
            parts.append(span("  read-only", Role.WARN))
        if place.account:
            parts.append(span(f"  {place.account}", Role.MUTED))
        if place.region:
            parts.append(span(f"  {place.region}", Role.MUTED))
        right: list[Span] = [span(place.commit, Role.MUTED)] if place.commit else []
        if self._age.parts:
            right += [span("  " if right else ""), *self._age.parts]
        self.show(line(*parts), line(*right))
