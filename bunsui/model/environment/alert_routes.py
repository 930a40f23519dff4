"""Routes of alerts: which channels are told of a pipeline's events, by its owner and its tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRoute:
    """Channels for the pipelines that have this owner and all of these tags."""

    notify: tuple[str, ...]
    owner: str | None = None
    """None for any."""
    tags: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    """None of them for all."""

    def takes(self, event: str, owner: str, tags: Mapping[str, str]) -> bool:
        """Tell whether the route is for an event of a pipeline with these."""
        return (
            self.owner in (None, owner)
            and (not self.events or event in self.events)
            and all(tags.get(key) == value for key, value in self.tags.items())
        )

    def covers(self, other: AlertRoute) -> bool:
        """Tell whether it takes all that the other one would take."""
        return (
            self.owner in (None, other.owner)
            and (not self.events or (bool(other.events) and set(other.events) <= set(self.events)))
            and all(other.tags.get(key) == value for key, value in self.tags.items())
        )


def channels_by_route(routes: Sequence[AlertRoute], event: str, owner: str, tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the channels of the first route that takes it; none where no route does."""
    return next((route.notify for route in routes if route.takes(event, owner, tags)), ())
