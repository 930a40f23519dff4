"""`bunsui alerts list`: each message where it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.ports.alerts.kept import AlertBook, AlertDelivery
from bunsui.ports.notifications import Notification
from bunsui.services.alerts.listing import list_alerts, standing_of
from bunsui.testkit.alerts import MemoryAlertStore
from bunsui.view.alert_list import alert_list_lines
from bunsui.view.spans import plain

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
MADE = AlertDelivery(
    channel="oncall",
    pipeline="orders",
    kind="failed",
    made_at=NOW,
    notification=Notification(key="failed-1-20260301T030000Z", subject="orders failed\x1b[31m"),
)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (MADE, "due"),
        (replace(MADE, not_before=LATER), "held"),
        (replace(MADE, not_before=NOW), "due"),
        (replace(MADE, not_before=LATER, tries=1, problem="channel-busy"), "tried"),
        (replace(MADE, claimed_at=NOW, tries=1), "claimed"),
        (replace(MADE, claimed_at=NOW - timedelta(minutes=10), tries=1), "unconfirmed"),
        (replace(MADE, state="told", settled_at=NOW), "sent"),
        (replace(MADE, state="given up", settled_at=NOW), "given up"),
    ],
)
def test_a_message_stands_where_its_item_says(one: AlertDelivery, standing: str) -> None:
    assert standing_of(one, NOW).value == standing


def _kept() -> MemoryAlertStore:
    store = MemoryAlertStore()
    made = [
        replace(
            MADE,
            pipeline=pipeline,
            channel=channel,
            made_at=NOW - timedelta(hours=hours),
            notification=replace(MADE.notification, key=f"failed-{pipeline}-{hours}"),
        )
        for pipeline in ("orders", "stock")
        for channel in ("mail", "oncall")
        for hours in range(4)
    ]
    store.write(AlertBook(pipeline="orders", since=NOW), made)
    for one in store.open_deliveries():
        if one.channel == "oncall":
            store.save(replace(one, state="told", settled_at=one.made_at))
    return store


def test_all_that_is_open_is_listed_and_of_the_rest_the_newest() -> None:
    found = list_alerts(_kept(), NOW, environment="prod", limit=3)
    assert [one.standing.value for one in found.alerts].count("due") == 8
    sent = [one.made_at for one in found.alerts if one.standing.value == "sent"]
    assert (sent, found.is_cut) == ([NOW, NOW, NOW - timedelta(hours=1)], True)


def test_one_pipeline_and_a_time_are_asked_for() -> None:
    found = list_alerts(_kept(), NOW, environment="prod", pipeline="stock", since=NOW - timedelta(hours=1))
    assert {(one.pipeline, one.made_at) for one in found.alerts} == {("stock", NOW), ("stock", NOW - timedelta(hours=1))}
    assert (len(found.alerts), found.is_cut) == (4, False)


def test_lines_say_until_when_and_why() -> None:
    store = MemoryAlertStore()
    held = replace(MADE, not_before=LATER)
    tried = replace(MADE, channel="mail", not_before=LATER, tries=1, problem="channel-busy")
    store.write(AlertBook(pipeline="orders", since=NOW), [held, tried])
    text = plain(alert_list_lines(list_alerts(store, NOW, environment="prod"), UTC))
    assert text.splitlines() == [
        "… 2026-03-01 03:00:00  orders  failed  oncall  held   until 2026-03-01 07:00:00",
        "! 2026-03-01 03:00:00  orders  failed  mail    tried  channel-busy, again at 07:00:00",
        "1 held, 1 tried",
    ]
