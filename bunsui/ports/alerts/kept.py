"""What is kept of alerts: what a pipeline's sessions came to and was told, and messages that are to be told or were."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bunsui.model.alerts import DID_NOT_RUN, FAILED, LATE, SLOWER
from bunsui.ports.notifications import Notification

RECOVERED = "recovered"
"""What is told once the pipeline succeeds again."""
ALERT_KINDS = (FAILED, LATE, DID_NOT_RUN, SLOWER, RECOVERED)
"""What a message tells."""
DELIVERY_STATES = ("open", "told", "given up")
"""`open`: it is still to be told, or nobody knows yet that it was. `given up`: the channel refused it for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMatter:
    """One thing that goes wrong with a pipeline, however often: all that has one fingerprint."""

    kind: str
    """One of `ALERT_KINDS` but `recovered`."""
    fingerprint: str
    """What its occurrences share."""
    first_at: datetime
    """When it happened first since the pipeline succeeded last."""
    last_at: datetime
    """When it happened last."""
    ordered: datetime
    """When the newest run of it began, or was due: a success of a later one ends it."""
    session: str = ""
    """The id of the newest session of it; empty for a run that is not there."""
    count: int = 0
    """How often it happened since `first_at`."""
    untold: int = 0
    """How many of them no message counts yet."""
    told_at: datetime | None = None
    """When the last message was made; None for never."""
    is_open: bool = False
    """True from a message on until the pipeline succeeds again."""
    text: str = ""
    """What the newest is, for a message that is made when it is no longer looked at: `SCHEDULE DUE DEADLINE` of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBook:
    """What was made of one pipeline's sessions so far."""

    pipeline: str
    """Empty for that of the environment, which says since when anybody watches."""
    since: datetime
    """Nothing before is told."""
    matters: tuple[AlertMatter, ...] = ()
    seen: Mapping[str, datetime] = field(default_factory=dict)
    """What is accounted for -> when it happened, as far back as anybody looks."""
    row_version: int = 0
    """Grows with every write; writes are conditional on it. 0 for one that is not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDelivery:
    """One message on one channel. It is stored before it is sent, so that nothing is lost with who sends it."""

    channel: str
    pipeline: str
    kind: str
    """One of `ALERT_KINDS`."""
    made_at: datetime
    notification: Notification
    """What is sent, each time the same; its key is the same each time."""
    state: str = "open"
    """One of `DELIVERY_STATES`."""
    claimed_at: datetime | None = None
    """When somebody began to send it; None where nobody does."""
    tries: int = 0
    """How often somebody began to."""
    not_before: datetime | None = None
    """When it is to be sent, or tried again; None for at once."""
    settled_at: datetime | None = None
    """When it was told, or given up."""
    problem: str = ""
    """The code of the error that the last try ended with; empty for none."""
    repeats: int = 1
    """How many occurrences it counts."""
    told_before: datetime | None = None
    """When the message before of the same was made; None for the first since it worked."""
    row_version: int = 0

    @property
    def is_held(self) -> bool:
        """True from the beginning until it is due for the first time: nobody has begun to send it."""
        return self.state == "open" and self.tries == 0 and self.claimed_at is None and self.not_before is not None

    @property
    def group(self) -> str:
        """What messages of one fingerprint share: their keys without the time."""
        return self.notification.key.rpartition("-")[0]

    @property
    def id(self) -> str:
        """What there is one of: the message's key, on this channel."""
        return f"{self.notification.key}#{self.channel}"


class AlertStore(Protocol):
    """Books and messages of one environment."""

    def books(self) -> Mapping[str, AlertBook]:
        """Return all books, by pipeline; none where nothing was applied. Consistent read."""
        ...

    def write(
        self, book: AlertBook, deliveries: Collection[AlertDelivery] = (), replaced: Collection[AlertDelivery] = ()
    ) -> AlertBook:
        """Store a book in place of the version that it was made from, with new messages in place of open ones, all or nothing;
        give it with its new version. Conflict where somebody else wrote it, or a message that is replaced, first."""
        ...

    def open_deliveries(self) -> Sequence[AlertDelivery]:
        """Return what is still to be told, the oldest first. Consistent read."""
        ...

    def save(self, delivery: AlertDelivery) -> AlertDelivery:
        """Replace an open message if nobody did since it was read; give it with its new version. Conflict otherwise, also where
        it is no longer open."""
        ...

    def settled_deliveries(self, *, limit: int = 50) -> Sequence[AlertDelivery]:
        """Return what was told or given up, the newest first."""
        ...
