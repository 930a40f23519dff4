"""Two who look at once send a message once; a claim that nobody confirms is taken over when it is old."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bunsui.errors import NotSent, Passing
from bunsui.ports.alerts.kept import AlertBook, AlertDelivery
from bunsui.ports.notifications import Notification
from bunsui.services.alerts.delivering import CLAIMED_FOR, GIVEN_UP_AFTER, deliver_alerts
from bunsui.testkit.alerts import MemoryAlertStore
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.notifications import MemoryChannel

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
MADE = AlertDelivery(
    channel="oncall",
    pipeline="orders",
    kind="failed",
    made_at=NOW,
    notification=Notification(key="failed-1-20260301T030000Z", subject="orders failed"),
)


def _store(*made: AlertDelivery) -> MemoryAlertStore:
    store = MemoryAlertStore()
    store.write(AlertBook(pipeline="orders", since=NOW), made)
    return store


class Overtaken(MemoryChannel):
    """While it sends, another process looks at the same messages."""

    def __init__(self, store: MemoryAlertStore, clock: ManualClock) -> None:
        super().__init__()
        self._store, self._clock, self._depth = store, clock, 0

    def send(self, notification: Notification) -> None:
        self._depth += 1
        if self._depth < 4:
            assert deliver_alerts(self._store, {"oncall": self}, self._clock).waiting == 1
        super().send(notification)


def test_who_looks_while_another_one_sends_leaves_it_to_him() -> None:
    store, clock = _store(MADE), ManualClock(NOW)
    channel = Overtaken(store, clock)
    assert deliver_alerts(store, {"oncall": channel}, clock).told == 1
    assert channel.sends == [MADE.notification.key]


def test_a_claim_is_taken_over_when_it_is_old_and_not_before() -> None:
    store, clock, channel = _store(MADE), ManualClock(NOW), MemoryChannel()
    [one] = store.open_deliveries()
    store.save(replace(one, claimed_at=NOW, tries=1))  # and then its process was killed
    clock.sleep((CLAIMED_FOR - timedelta(seconds=1)).total_seconds())
    assert deliver_alerts(store, {"oncall": channel}, clock).waiting == 1
    clock.sleep(1)
    assert deliver_alerts(store, {"oncall": channel}, clock).told == 1
    assert channel.sends == [MADE.notification.key]


def test_what_a_channel_refuses_is_tried_for_a_day_and_then_given_up() -> None:
    store, clock, channel = _store(MADE), ManualClock(NOW), MemoryChannel()
    channel.failures = [NotSent("channel-busy", "not now", passes=Passing.LATER) for _ in range(1000)]
    while store.open_deliveries():
        deliver_alerts(store, {"oncall": channel}, clock)
        clock.sleep(300)
    [given_up] = store.settled_deliveries()
    assert (given_up.state, given_up.problem) == ("given up", "channel-busy")
    assert given_up.settled_at is not None
    assert GIVEN_UP_AFTER <= given_up.settled_at - NOW <= GIVEN_UP_AFTER + timedelta(minutes=35)
    assert 45 <= given_up.tries <= 60


def test_a_channel_that_is_no_longer_there_is_said_to_be_gone() -> None:
    store = _store(MADE)
    assert deliver_alerts(store, {"other": MemoryChannel()}, ManualClock(NOW)).given_up == 1
    assert [one.problem for one in store.settled_deliveries()] == ["no-such-channel"]
