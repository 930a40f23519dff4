"""What the sessions that go on are at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.tui.feed.sessions import SessionsSubject
from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import RUNNING_SECONDS

if TYPE_CHECKING:
    from bunsui.sessions.observer import SessionObserver

LOOKS = 6
"""Sessions that are looked at in one reading: two or three calls each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSeen:
    """What was seen of each, by session; each says when."""

    snapshots: Mapping[str, SessionSnapshot] = field(default_factory=dict)
    observers: Mapping[str, SessionObserver] = field(default_factory=dict)
    """Keep the histories, so that each look asks only for what is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSubject:
    """The sessions of the list that go on, some at a time, those first that were not looked at for longest."""

    def read(self, reading: Reading[RunningSeen]) -> RunningSeen:
        """Look at them; their rows are repaired by it."""
        context, last = reading.account.context(), reading.last or RunningSeen()
        listed = reading.others.value(SessionsSubject())
        running = {one.id: one for one in listed.sessions if one.running} if listed is not None else {}
        seen = {key: snapshot for key, snapshot in last.snapshots.items() if key in running}
        observers = {key: observer for key, observer in last.observers.items() if key in running}
        # Of two that nobody looked at yet the newer one, which stands further up.
        due = sorted(
            running,
            key=lambda key: (seen[key].taken_at.timestamp() if key in seen else 0.0, -running[key].created_at.timestamp()),
        )
        for key in due[:LOOKS]:
            observer = observers.get(key) or context.observer(running[key])
            observers[key], seen[key] = observer, observer.look(running[key])
        return RunningSeen(snapshots=seen, observers=observers)

    def every_seconds(self, value: RunningSeen) -> float:
        """As often as one that is open."""
        return RUNNING_SECONDS
