"""A backfill in words: what is going to run, each step, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bunsui.model.session import Session, SessionStatus
from bunsui.services.running.backfill import BackfillPlan, BackfillStep
from bunsui.view.safe import safe
from bunsui.view.sessions.cost import cost_lines, usd_words
from bunsui.view.sessions.wording import between, duration, instant, session_look
from bunsui.view.spans import Line, Role, line, span


def plan_lines(plan: BackfillPlan) -> Iterator[Line]:
    """Return which slots are going to run, how many of them, and how long that takes."""
    if not plan.intents:
        yield line(span(f"nothing is missing: all {plan.left_out} slots have a session"))
        return
    first, last = sorted((plan.intents[0], plan.intents[-1]), key=lambda one: one.slot)
    zone = ZoneInfo(plan.timezone)
    of = f" of schedule {safe(plan.schedule)}" if plan.schedule else ""
    span_of = f"{instant(first.slot, zone)} to {instant(last.slot, zone)} ({plan.timezone})"
    count = len(plan.intents)
    yield line(span(safe(first.machine.pipeline), Role.NAME), span(f": {_slots(count)}{of}, {span_of}"))
    there = count - len(plan.to_start)
    if there:
        yield line(span(f"  {there} of them were started before"))
    if plan.left_out:
        yield line(span(f"  {_slots(plan.left_out)} left out: there is a session already", Role.MUTED))
    params = "  ".join(f"{safe(name)}={safe(value)}" for name, value in first.params.items())
    if params:
        yield line(span(f"  with {params}"))
    each = "not known, no run succeeded in one go yet" if plan.seconds_each is None else f"{duration(plan.seconds_each)} each"
    whole = f", about {duration(plan.seconds)} in all" if plan.seconds is not None else ""
    yield line(span(f"  {plan.concurrency} at a time; expected duration: {each}{whole}"))
    if plan.cost is not None and plan.cost_each is not None:
        one = f", {usd_words(plan.cost_each.usd)} each" if plan.cost_each.usd is not None else ""
        yield from cost_lines(plan.cost, of=f" for {_slots(len(plan.to_start))}{one}")


def several_lines(plans: Sequence[BackfillPlan], refused: Mapping[str, str]) -> Iterator[Line]:
    """Return what is going to run of several pipelines, a line each, why others are left out, and what all come to."""
    for plan in plans:
        started = len(plan.intents) - len(plan.to_start)
        facts = [f"{len(plan.to_start)} to start"]
        facts += [f"{started} started before"] if started else []
        facts += [f"{plan.left_out} left out"] if plan.left_out else []
        facts += [f"about {duration(plan.seconds)}"] if plan.seconds is not None else []
        facts += [f"{usd_words(plan.cost.usd)} USD"] if plan.cost is not None and plan.cost.usd is not None else []
        yield line(span("+ ", Role.CREATE), span(safe(plan.pipeline), Role.NAME), span(f"  {', '.join(facts)}", Role.MUTED))
    for name, why in refused.items():
        yield line(span("✗ ", Role.WARN), span(safe(name), Role.NAME), span(f"  {safe(why)}", Role.MUTED))
    if plans:
        yield line()
        yield line(span("one pipeline after the other, "), span(_sum_words(plans)))


def _sum_words(plans: Sequence[BackfillPlan]) -> str:
    """Return how many at a time, how long and at what cost, with of how many these are not known."""
    seconds = [plan.seconds for plan in plans if plan.seconds is not None]
    costs = [plan.cost for plan in plans if plan.cost is not None and plan.cost.usd is not None]
    words = [f"{plans[0].concurrency} at a time"]
    for told, known in (
        (f"about {duration(sum(seconds))} in all", len(seconds)),
        (f"an estimate of {usd_words(sum(cost.usd or 0 for cost in costs))} USD", len(costs)),
    ):
        missing = len(plans) - known
        if known:
            words.append(f"{told}{f', without {missing} of which it is not known' if missing else ''}")
    if costs and costs[0].is_local:
        words[-1] += f" if this ran on AWS in {safe(costs[0].region)}"
    return "; ".join(words)


def step_line(step: BackfillStep, *, width: int) -> Line:
    """Return one line for a session that began or ended."""
    session = step.session
    symbol, word, role = session_look(session)
    latest = session.latest
    took = between(latest.started_at, latest.stopped_at, now=latest.started_at) if latest is not None else None
    after = f"  {duration(took.total_seconds())}" if took is not None and session.standing.is_final else ""
    failed = f"  {safe(session.failed_job)}" if session.failed_job else ""
    return line(
        span(f"[{step.done:>{width}}/{step.total}] ", Role.MUTED),
        span(f"{symbol} ", role),
        span(f"{safe(session.date)}  {session.slot:%Y-%m-%dT%H:%MZ}  "),
        span(f"{word:<9}", role),
        span(f"  {safe(session.id)}{after}"),
        span(failed, Role.BAD),
    )


def end_line(plan: BackfillPlan, sessions: Collection[Session]) -> Line:
    """Return how many of the slots came to which end."""
    counts = {status: sum(one.standing is status for one in sessions) for status in SessionStatus}
    told = ", ".join(f"{count} {session_word}" for status, count in counts.items() if count and (session_word := _word(status)))
    is_good = counts[SessionStatus.SUCCEEDED] == len(sessions)
    return line(span(f"{_slots(len(plan.intents))}: {told or 'nothing to do'}", Role.GOOD if is_good else Role.BAD))


def _word(status: SessionStatus) -> str:
    return status.value.replace("_", " ")


def _slots(count: int) -> str:
    return f"{count} slot{'' if count == 1 else 's'}"
