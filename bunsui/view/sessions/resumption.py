"""What it takes to go on with a session, in words: how long, what it costs, what is put into the bucket for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bunsui.services.resume import Resumption
from bunsui.sessions.recovery.stored import StoredOutput
from bunsui.view.safe import safe
from bunsui.view.sessions.cost import cost_lines
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role

_KIB = 1024


def stored_lines(stored: Sequence[StoredOutput]) -> Iterator[Line]:
    """Return which outputs the new attempt loads from the environment's bucket."""
    if stored:
        named = ", ".join(f"{safe(one.job)} ({one.size / _KIB:,.1f} KiB)" for one in stored)
        bucket = safe(stored[0].place.bucket.name)
        yield Line.of(("bucket ", Role.MUTED), f"{named} by way of s3://{bucket}", (", too large for the input", Role.MUTED))


def estimate_lines(resumption: Resumption) -> Iterator[Line]:
    """Return how long takes what runs, and what it costs, as far as that was asked."""
    yield from duration_lines(resumption)
    estimate = resumption.estimate
    if estimate is None:
        return
    if estimate.seconds is not None and (estimate.is_learnt or len(resumption.durations) > 1):
        by = "by learnt durations" if estimate.is_learnt else "by the last runs"
        yield Line.of(("takes  ", Role.MUTED), f"about {duration(estimate.seconds)} in all", (f", {by}", Role.MUTED))
    if estimate.cost is not None:
        yield from cost_lines(estimate.cost, indent="")


def duration_lines(resumption: Resumption) -> Iterator[Line]:
    """Return how long the jobs take that run, as far as that was asked; where nobody knows, why."""
    known = [
        f"{safe(job)} about {duration(takes.seconds)} ({takes.runs} run{'s' * (takes.runs != 1)})"
        for job, takes in resumption.durations.items()
        if takes.seconds is not None
    ]
    if known:
        yield Line.of(("takes  ", Role.MUTED), ", ".join(known))
    reasons: dict[str, list[str]] = {}
    for job, takes in resumption.durations.items():
        if takes.seconds is None:
            reasons.setdefault(takes.why, []).append(safe(job))
    for why, jobs in reasons.items():
        yield Line.of((f"takes  nobody knows how long: {', '.join(jobs)} ({safe(why)})", Role.MUTED))
