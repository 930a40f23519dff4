"""What the palette finds beside the screens: whatever else can be typed after `:`."""

from __future__ import annotations

from functools import partial
from typing import cast

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from bunsui.tui.typed_commands import CommandHost, commands_here

_DISCOVERED = 30


class TypedCommandProvider(Provider):
    """Finds actions, pipelines and sessions by their names."""

    async def discover(self) -> Hits:
        """Offer the first of them while nothing is typed."""
        app = cast("CommandHost", self.app)
        for one in list(commands_here(app))[:_DISCOVERED]:
            yield DiscoveryHit(Text(one.text), partial(app.carry_out, one.text), text=one.text, help=one.summary)

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        app, matcher = cast("CommandHost", self.app), self.matcher(query)
        for one in commands_here(app):
            score = max(matcher.match(one.text), matcher.match(one.summary))
            if score > 0:
                yield Hit(score, matcher.highlight(one.text), partial(app.carry_out, one.text), text=one.text, help=one.summary)
