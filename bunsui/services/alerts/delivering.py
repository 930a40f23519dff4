"""Sends what is to be told: claimed before, noted after, so that two who look at once send it once.

Who is killed between sending and noting leaves a claim. When it is old, the message is sent again, with the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.errors import BunsuiError, Conflict, NotSent, Passing
from bunsui.model.environment.quiet_hours import QuietHours
from bunsui.ports.alerts.kept import AlertDelivery, AlertStore
from bunsui.ports.clock import Clock
from bunsui.ports.notifications import Notifier
from bunsui.services.alerts.holding import NEVER_QUIET, due_at

CLAIMED_FOR = timedelta(minutes=10)
"""A claim that is older is nobody's: the function is ended after four minutes, and clocks differ by less than the rest."""
GIVEN_UP_AFTER = timedelta(hours=24)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=2), timedelta(minutes=30)
_FOR_SECONDS = 90.0
"""For so long one look begins to send; the next one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of messages at one look."""

    told: int = 0
    failed: int = 0
    """That a channel did not take now; they are tried again."""
    given_up: int = 0
    waiting: int = 0
    """Still to be told: later, or by somebody else who is at it."""
    problems: tuple[str, ...] = ()
    """A line for each failure: the channel, the error's code."""


def deliver_alerts(
    store: AlertStore, channels: Mapping[str, Notifier], clock: Clock, quiet: Mapping[str, QuietHours] = NEVER_QUIET
) -> DeliveryReport:
    """Send what is due. CloudError where it cannot be read what is."""
    began, counts, problems = clock.steady(), {"told": 0, "failed": 0, "given up": 0, "waiting": 0}, []
    for one in store.open_deliveries():
        if not _is_free(one, clock.now(), quiet) or clock.steady() - began > _FOR_SECONDS:
            counts["waiting"] += 1
            continue
        try:
            ended = _deliver(one, store, channels.get(one.channel), clock, quiet)
        except Conflict:
            counts["waiting"] += 1
            continue
        counts[ended.state if ended.state != "open" else "failed"] += 1
        if ended.problem:
            problems.append(f"{one.channel}: {ended.problem}")
    return DeliveryReport(
        told=counts["told"],
        failed=counts["failed"],
        given_up=counts["given up"],
        waiting=counts["waiting"],
        problems=tuple(problems),
    )


def _is_free(one: AlertDelivery, now: datetime, quiet: Mapping[str, QuietHours]) -> bool:
    """Tell whether it is time, and nobody is at it. What was tried before is tried again outside quiet hours only."""
    if one.not_before is not None and now < one.not_before:
        return False
    if one.tries and due_at(quiet, one.channel, (one.kind,), now) > now:
        return False
    return one.claimed_at is None or now - one.claimed_at >= CLAIMED_FOR


def _deliver(
    one: AlertDelivery, store: AlertStore, channel: Notifier | None, clock: Clock, quiet: Mapping[str, QuietHours]
) -> AlertDelivery:
    """Send one message; return it as it stands then. Conflict where somebody else is at it."""
    now = clock.now()
    if channel is None or now - due_at(quiet, one.channel, (one.kind,), one.made_at) >= GIVEN_UP_AFTER:
        why = "no-such-channel" if channel is None else one.problem or "not-told-in-a-day"
        return store.save(replace(one, state="given up", settled_at=now, claimed_at=None, problem=why))
    claimed = store.save(replace(one, claimed_at=now, tries=one.tries + 1))
    try:
        channel.send(claimed.notification)
    except NotSent as error:
        pause = _LONGEST_PAUSE if error.passes is Passing.NEVER else _pause(claimed.tries)
        failed = replace(
            claimed,
            claimed_at=None,
            not_before=due_at(quiet, one.channel, (one.kind,), clock.now() + pause),
            problem=error.code,
        )
        with suppress(BunsuiError):  # then the claim grows old
            return store.save(failed)
        return failed
    told = replace(claimed, state="told", settled_at=clock.now(), claimed_at=None, problem="")
    try:
        return store.save(told)
    except Conflict:
        return replace(told, problem="")  # somebody took the claim for an old one, and notes it
    except BunsuiError as error:
        return replace(claimed, problem=error.code)  # sent, and nobody knows: it is sent again with the same key


def _pause(tries: int) -> timedelta:
    pause: timedelta = _FIRST_PAUSE * (2 ** min(tries - 1, 8))
    return min(pause, _LONGEST_PAUSE)
