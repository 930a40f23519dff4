"""What people were told of sessions, as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.services.alerts.listing import AlertList, AlertStanding, ListedAlert


class AlertPart(ShapeOf[ListedAlert]):
    """One message on one channel."""

    standing: AlertStanding = member(
        "`due`, `held` (by quiet hours), `tried` (not taken, and tried again), `claimed` (somebody is at it),"
        " `unconfirmed` (nobody knows whether it was sent: it is sent again with the same key), `sent` or `given up`."
    )
    pipeline: str = member("Of which it tells.")
    event: str = member("`failed`, `late`, `did_not_run`, `slower` or `recovered`.")
    channel: str = member("On which it is told.")
    subject: str = member("Its one line.")
    key: str = member("The idempotency key, the same for each attempt and each channel.")
    made_at: datetime = member("When it was made.")
    not_before: datetime | None = member("From when on it is sent, or tried again; null for at once, and where it is settled.")
    settled_at: datetime | None = member("When it was sent or given up; null while it is neither.")
    tries: int = member("How often somebody began to send it.")
    problem: str = member("The code of what the last attempt ended with; empty for nothing.")


class AlertListDocument(ShapeOf[AlertList], kind="alerts"):
    """Of `alerts list`: what people were told, and what is still to be told."""

    environment: str = member("Whose sessions they tell of.")
    alerts: tuple[AlertPart, ...] = member("The newest first.")
    is_cut: bool = member("True where there are more that were sent or given up.")
