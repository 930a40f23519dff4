"""What becomes of a failed state: whether and when it is tried again, or which Catch takes the failure.

Source: developer guide, "Handling errors in Step Functions workflows": the interval is IntervalSeconds times BackoffRate to the
power of the retries that this retrier made already, cut at MaxDelaySeconds; full jitter draws between 0 and that.
"""

from __future__ import annotations

import random
from collections.abc import MutableMapping, Sequence

from bunsui.engine.failures import ExecutionFailure, matches
from bunsui.engine.program import CatchRule, RetryRule

__all__ = ["catcher", "delay"]

LONGEST_SECONDS = 31_622_400.0
"""No wait is longer than the year that an execution may take; it keeps huge powers finite."""


def delay(
    rules: Sequence[RetryRule], failure: ExecutionFailure, used: MutableMapping[int, int], chance: random.Random
) -> float | None:
    """Return the seconds to wait before the next try and count it, or None when there is none.

    `used` counts the retries of each retrier by its place: the first retrier that takes the error decides alone."""
    if failure.fatal:
        return None
    for place, rule in enumerate(rules):
        if takes(rule.errors, failure):
            made = used.get(place, 0)
            if made >= rule.max_attempts:
                return None
            used[place] = made + 1
            return seconds(rule, made, chance)
    return None


def takes(names: Sequence[str], failure: ExecutionFailure) -> bool:
    """Tell whether a rule with these names takes the failure."""
    return matches(names, failure.error or "") or (failure.also is not None and failure.also in names)


def seconds(rule: RetryRule, made: int, chance: random.Random) -> float:
    """Return the wait before the retry after `made` ones."""
    try:
        interval = rule.interval_seconds * rule.backoff_rate**made
    except OverflowError:
        interval = LONGEST_SECONDS
    longest = LONGEST_SECONDS if rule.max_delay_seconds is None else rule.max_delay_seconds
    interval = min(interval, longest)
    return chance.uniform(0, interval) if rule.full_jitter else interval


def catcher(rules: Sequence[CatchRule], failure: ExecutionFailure) -> CatchRule | None:
    """Return the first catcher that takes the failure."""
    if failure.fatal:
        return None
    return next((rule for rule in rules if takes(rule.errors, failure)), None)
