"""Documents that stand for what is kept of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bunsui.model.json import Json
from bunsui.ports.alerts.kept import ALERT_KINDS, DELIVERY_STATES, AlertBook, AlertDelivery, AlertMatter
from bunsui.ports.notifications import Notification, NotificationLink, Urgency
from bunsui.stored_words import StoredItem


def book_document(book: AlertBook) -> dict[str, Json]:
    """Return the document that stands for the book."""
    return {
        "pipeline": book.pipeline,
        "since": book.since.isoformat(),
        "matters": [_matter_document(one) for one in book.matters],
        "seen": {one: at.isoformat() for one, at in sorted(book.seen.items())},
        "row_version": book.row_version,
    }


def book_in(document: Mapping[str, Any], item: StoredItem) -> AlertBook:
    """Return back what `book_document` was given."""
    return AlertBook(
        pipeline=document["pipeline"],
        since=datetime.fromisoformat(document["since"]),
        matters=tuple(_matter(one, item) for one in document["matters"]),
        seen={one: datetime.fromisoformat(at) for one, at in document["seen"].items()},
        row_version=document["row_version"],
    )


def _matter_document(matter: AlertMatter) -> dict[str, Json]:
    return {
        "kind": matter.kind,
        "fingerprint": matter.fingerprint,
        "first_at": matter.first_at.isoformat(),
        "last_at": matter.last_at.isoformat(),
        "ordered": matter.ordered.isoformat(),
        "session": matter.session,
        "count": matter.count,
        "untold": matter.untold,
        "told_at": _text(matter.told_at),
        "is_open": matter.is_open,
        "text": matter.text,
    }


def _matter(document: Mapping[str, Any], item: StoredItem) -> AlertMatter:
    return AlertMatter(
        kind=item.word("kind", document["kind"], ALERT_KINDS),
        fingerprint=document["fingerprint"],
        first_at=datetime.fromisoformat(document["first_at"]),
        last_at=datetime.fromisoformat(document["last_at"]),
        ordered=datetime.fromisoformat(document["ordered"]),
        session=document["session"],
        count=document["count"],
        untold=document["untold"],
        told_at=_instant(document["told_at"]),
        is_open=document["is_open"],
        text=document["text"],
    )


def delivery_document(delivery: AlertDelivery) -> dict[str, Json]:
    """Return the document that stands for the message."""
    return {
        "channel": delivery.channel,
        "pipeline": delivery.pipeline,
        "kind": delivery.kind,
        "made_at": delivery.made_at.isoformat(),
        "notification": _notification_document(delivery.notification),
        "state": delivery.state,
        "claimed_at": _text(delivery.claimed_at),
        "tries": delivery.tries,
        "not_before": _text(delivery.not_before),
        "settled_at": _text(delivery.settled_at),
        "problem": delivery.problem,
        "repeats": delivery.repeats,
        "told_before": _text(delivery.told_before),
        "row_version": delivery.row_version,
    }


def delivery_in(document: Mapping[str, Any], item: StoredItem) -> AlertDelivery:
    """Return back what `delivery_document` was given."""
    return AlertDelivery(
        channel=document["channel"],
        pipeline=document["pipeline"],
        kind=item.word("kind", document["kind"], ALERT_KINDS),
        made_at=datetime.fromisoformat(document["made_at"]),
        notification=_notification(document["notification"], item),
        state=item.word("state", document["state"], DELIVERY_STATES),
        claimed_at=_instant(document["claimed_at"]),
        tries=document["tries"],
        not_before=_instant(document["not_before"]),
        settled_at=_instant(document["settled_at"]),
        problem=document["problem"],
        repeats=document.get("repeats", 1),
        told_before=_instant(document.get("told_before", "")),
        row_version=document["row_version"],
    )


def _notification_document(notification: Notification) -> dict[str, Json]:
    return {
        "key": notification.key,
        "subject": notification.subject,
        "lines": list(notification.lines),
        "facts": [list(fact) for fact in notification.facts],
        "severity": notification.severity.value,
        "links": [[link.label, link.url] for link in notification.links],
    }


def _notification(document: Mapping[str, Any], item: StoredItem) -> Notification:
    return Notification(
        key=document["key"],
        subject=document["subject"],
        lines=tuple(document["lines"]),
        facts=tuple((name, value) for name, value in document["facts"]),
        severity=item.member("severity", document["severity"], Urgency),
        links=tuple(NotificationLink(label=label, url=url) for label, url in document["links"]),
    )


def _text(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
