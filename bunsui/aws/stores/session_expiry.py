"""When items of sessions expire: a row with all that lists and finds it, so long after its end as the environment says.

DynamoDB removes an item within some days after the time in its attribute, and shows it until then; so what has expired is left
out of every read. Nothing relies on the removal, and a table whose time to live is off is right all the same.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bunsui.aws.dynamodb import EXPIRES_AT, Condition, Item, Scalar
from bunsui.model.session import Session
from bunsui.ports.clock import Clock
from bunsui.system_clock import SystemClock


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionExpiry:
    """How long ended sessions are kept."""

    seconds: int | None = None
    """None: for ever."""
    clock: Clock = field(default_factory=SystemClock)

    def attributes(self, session: Session) -> dict[str, Scalar]:
        """Return what the items of the session have beside the rest: when they expire, in epoch seconds, if they do."""
        ends = session.expires_at(self.seconds)
        return {EXPIRES_AT: int(ends.timestamp())} if ends is not None else {}

    def is_over(self, item: Item) -> bool:
        """Tell whether the item has expired."""
        at = item.get(EXPIRES_AT)
        return isinstance(at, int) and at <= self.clock.now().timestamp()

    def without_expired(self, items: Iterable[Item]) -> Iterator[Item]:
        """Return those of the items that have not expired."""
        return (item for item in items if not self.is_over(item))

    def free(self) -> Condition:
        """Return what holds where there is no item, or one that has expired."""
        now = int(self.clock.now().timestamp())
        return Condition(text=f"attribute_not_exists(#pk) OR #{EXPIRES_AT} <= :now", values={"now": now})
