"""The header: where you are, on one line, always."""

from __future__ import annotations

from bunsui.tui.lines import width_of
from bunsui.tui.messages import ScreenPlace
from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Line, Role, Span, line, span

_LONGEST_MACHINES = 40
"""An ARN would push out where it is."""


_AROUND = 4
"""Cells around both parts."""


class HeaderBar(Bar):
    """Shows project, environment, account, region, commit, and how old the data is; without the commit where that leaves no
    room for the others."""

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

    def on_resize(self) -> None:
        """Show as much as there is room for."""
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
        commit = (span(place.commit, Role.MUTED), span("  " if self._age.parts else "")) if place.commit else ()
        left, right = line(*parts), line(*commit, *self._age.parts)
        is_crowded = width_of(left) + width_of(right) + _AROUND > self.size.width
        self.show(left, self._age if is_crowded and self._age.parts else right)
