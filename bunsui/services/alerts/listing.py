"""What people were told of an environment's sessions, with what is still to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bunsui.ports.alerts.kept import AlertDelivery, AlertStore
from bunsui.services.alerts.delivering import CLAIMED_FOR

_MOST = 1000
"""Of those that were told or given up, so many are looked through."""


class AlertStanding(StrEnum):
    """How a message on one channel stands."""

    DUE = "due"
    HELD = "held"
    TRIED = "tried"
    CLAIMED = "claimed"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAlert:
    """One message on one channel."""

    standing: AlertStanding
    pipeline: str
    event: str
    channel: str
    subject: str
    key: str
    made_at: datetime
    not_before: datetime | None
    settled_at: datetime | None
    tries: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertList:
    """Messages, the newest first."""

    environment: str
    alerts: tuple[ListedAlert, ...]
    is_cut: bool
    """True where there are more that were told or given up."""


def list_alerts(
    store: AlertStore,
    now: datetime,
    *,
    environment: str,
    pipeline: str = "",
    since: datetime | None = None,
    limit: int = 50,
) -> AlertList:
    """Return what is still to be told, all of it, and of the rest the newest so many; both of a pipeline if one is named, and
    of those that were made since then."""

    def is_asked(one: AlertDelivery) -> bool:
        return pipeline in ("", one.pipeline) and (since is None or one.made_at >= since)

    settled = store.settled_deliveries(limit=_MOST if pipeline or since else limit + 1)
    found = [one for one in settled if is_asked(one)]
    shown: Sequence[AlertDelivery] = [*filter(is_asked, store.open_deliveries()), *found[:limit]]
    newest = sorted(shown, key=lambda one: (one.made_at, one.id), reverse=True)
    return AlertList(
        environment=environment,
        alerts=tuple(_listed_alert(one, now) for one in newest),
        is_cut=len(found) > limit or len(settled) == _MOST,
    )


def standing_of(one: AlertDelivery, now: datetime) -> AlertStanding:
    """Return how a message stands."""
    if one.state != "open":
        return AlertStanding.SENT if one.state == "told" else AlertStanding.GIVEN_UP
    if one.claimed_at is not None:
        return AlertStanding.UNCONFIRMED if now - one.claimed_at >= CLAIMED_FOR else AlertStanding.CLAIMED
    if one.tries:
        return AlertStanding.TRIED
    return AlertStanding.HELD if one.not_before is not None and one.not_before > now else AlertStanding.DUE


def _listed_alert(one: AlertDelivery, now: datetime) -> ListedAlert:
    return ListedAlert(
        standing=standing_of(one, now),
        pipeline=one.pipeline,
        event=one.kind,
        channel=one.channel,
        subject=one.notification.subject,
        key=one.notification.key,
        made_at=one.made_at,
        not_before=one.not_before if one.state == "open" else None,
        settled_at=one.settled_at,
        tries=one.tries,
        problem=one.problem,
    )
