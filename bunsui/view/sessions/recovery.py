"""A recovery in words: the plan, what became of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from bunsui.model.estimates.cost import NEVER_COUNTED
from bunsui.model.names import person
from bunsui.model.recovery import Strategy
from bunsui.services.recovery.carrying import RecoveryOutcome, RecoveryStatus, RecoveryStep
from bunsui.sessions.recovery.plan import RecoveryGroup, RecoveryPart, RecoveryPlace, RecoveryPlan
from bunsui.sessions.recovery.strategies import OWN_RULE
from bunsui.view.safe import safe
from bunsui.view.sessions.cost import usd_words
from bunsui.view.sessions.wording import duration, instant
from bunsui.view.spans import Line, Role

_NAMED = 12
"""Jobs that are named in a row; of more, how many there are."""
_DONE = {
    Strategy.REDRIVE: "redriven",
    Strategy.RESUME: "resumed",
    Strategy.RESTART: "started over",
    Strategy.RESTART_FROM: "resumed",
    Strategy.SKIP: "resumed",
    Strategy.MANUAL: "handed over",
}
_TO_DO = {
    Strategy.REDRIVE: "to redrive",
    Strategy.RESUME: "to resume",
    Strategy.RESTART: "to start over",
    Strategy.RESTART_FROM: "to resume from a job",
    Strategy.SKIP: "to resume without a job",
    Strategy.MANUAL: "to hand over",
}
_ROLES = {
    RecoveryStatus.STARTED: Role.GOOD,
    RecoveryStatus.HANDED_OVER: Role.WARN,
    RecoveryStatus.MOVED: Role.MUTED,
    RecoveryStatus.REFUSED: Role.WARN,
}
_ACTED = (RecoveryStatus.STARTED, RecoveryStatus.HANDED_OVER)


def plan_lines(plan: RecoveryPlan, *, zone: tzinfo) -> Iterator[Line]:
    """Return the groups, each with its cause and what is done about it, and what all that comes to."""
    for group in plan.groups:
        yield from _group_lines(group, plan, zone)
        yield Line.of("")
    if plan.is_cut:
        yield Line.of(("more sessions fit than are looked at: narrow the filter", Role.WARN))
    if plan.unreached:
        named = ", ".join(map(safe, plan.unreached))
        yield Line.of((f"could not be looked at, so that sessions may be missing: {named}", Role.WARN))
    yield total_line(plan)


def total_line(plan: RecoveryPlan) -> Line:
    """Return how many sessions are to be recovered in which way, and how many are left."""
    counts = Counter(part.strategy for part, _ in plan.work)
    parts = [f"{counts[strategy]} {word}" for strategy, word in _TO_DO.items() if counts[strategy]]
    told = ", ".join(parts) if parts else "nothing to start"
    left = f"; {plan.left} left as they are" if plan.left else ""
    causes, sessions = len(plan.groups), sum(counts.values()) + plan.left
    counted = f"{causes} cause{'s' * (causes != 1)}, {sessions} session{'s' * (sessions != 1)}"
    return Line.of((f"{counted}: {told}{left}", Role.STRONG))


def step_line(step: RecoveryStep, *, number: int, total: int) -> Line:
    """Return what became of one session."""
    word = _DONE.get(step.strategy, "") if step.status in _ACTED else "not touched"
    told = f"attempt {step.attempt}" if step.status is RecoveryStatus.STARTED else step.why
    return Line.of(
        (f"{number}/{total}  ", Role.MUTED),
        (safe(step.session), Role.NAME),
        f"  {safe(step.pipeline)}  ",
        (word, _ROLES[step.status]),
        f"  {safe(told)}",
    )


def outcome_line(outcome: RecoveryOutcome) -> Line:
    """Return what the whole came to."""
    handed = {RecoveryStatus.HANDED_OVER: "handed over"}
    named = {
        RecoveryStatus.STARTED: "started",
        **handed,
        RecoveryStatus.MOVED: "moved since",
        RecoveryStatus.REFUSED: "refused",
    }
    parts = [f"{outcome.count(status)} {word}" for status, word in named.items() if outcome.count(status)]
    return Line.of((", ".join(parts) or "nothing to do", Role.STRONG))


def _group_lines(group: RecoveryGroup, plan: RecoveryPlan, zone: tzinfo) -> Iterator[Line]:
    where = f"{safe(group.place)}: " if group.place else ""
    kind = f" [{group.error_class}]" if group.error_class else ""
    yield Line.of(
        (f"{group.count} × ", Role.STRONG),
        (where, Role.NAME),
        (safe(group.error), Role.BAD),
        (kind, Role.MUTED),
        f"  {safe(group.message)}",
    )
    first, last = instant(group.first_at, zone), instant(group.last_at, zone)
    when = first if first == last else f"{first} to {last}"
    fingerprint = f", {group.fingerprint}" if group.fingerprint else ""
    yield Line.of((f"  started {when}; the latest is {group.sample}{fingerprint}", Role.MUTED))
    for part in group.parts:
        yield from _part_lines(part, plan, zone)


def _part_lines(part: RecoveryPart, plan: RecoveryPlan, zone: tzinfo) -> Iterator[Line]:
    named = f"{part.strategy.value} {safe(part.job)}".rstrip()
    yield Line.of(
        (f"  {safe(part.pipeline)}  ", Role.NAME),
        (f"{named} {len(part.targets)}", Role.RUNNING if part.strategy.starts else Role.MUTED),
        f"  {safe(part.reason)}",
        (f" ({OWN_RULE} rule)" if part.rule == OWN_RULE else "", Role.MUTED),
    )
    if not part.strategy.starts:
        yield from _custody_lines(part, plan.made_at, zone)
        return
    if part.strategy is Strategy.SKIP:
        given = json.dumps(part.output, ensure_ascii=False)
        yield Line.of((f"    {safe(part.job)} does not run, and gives {safe(given, limit=200)}", Role.WARN))
    kept = [name for name in part.kept if part.strategy is not Strategy.SKIP or name != part.job]
    if kept:
        yield Line.of(("    keeps ", Role.MUTED), (_join_names(kept), Role.GOOD))
    if part.runs:
        yield Line.of(("    runs  ", Role.MUTED), (_join_names(part.runs), Role.RUNNING))
    for name, why in part.outdated:
        yield Line.of((f"    again {safe(name)}: {safe(why)}", Role.MUTED))
    if part.items:
        told = f"    of {_join_names(part.items)} only the items that did not succeed, if nothing of it changed"
        yield Line.of((told, Role.MUTED))
    if not part.is_certain:
        yield Line.of(("    pipelines that jobs run are looked at when a session goes on: more may run again", Role.MUTED))
    if part.side_effects:
        named = _join_names(part.side_effects)
        yield Line.of((f"    may happen twice: {named} (nothing says idempotent: true)", Role.WARN))
    took = "how long is not known" if part.typical_seconds is None else _tell_time(part.typical_seconds, part.known_runs)
    learnt = (
        f"; what runs about {duration(part.learnt_seconds)}, by learnt durations" if part.learnt_seconds is not None else ""
    )
    yield Line.of((f"    {took}{learnt}", Role.MUTED))
    yield from _cost_lines(part, plan.place)


def _cost_lines(part: RecoveryPart, place: RecoveryPlace) -> Iterator[Line]:
    name = f"cost if this ran on AWS in {safe(place.region)}" if place.is_local else "cost"
    if part.usd_each is None:
        yield Line.of((f"    {name} is not known", Role.MUTED))
        return
    count = len(part.targets)
    each = f", {usd_words(part.usd_each)} each" if count > 1 else ""
    yield Line.of(
        (f"    {name}: an estimate of at most {usd_words(part.usd_each * count)} USD{each}, by list prices", Role.MUTED)
    )
    named = _join_names((*part.uncounted, *NEVER_COUNTED))
    yield Line.of((f"      not counted: {named}", Role.MUTED))


def _tell_time(seconds: float, runs: int) -> str:
    return f"a whole run takes about {duration(seconds)} ({runs} run{'s' * (runs != 1)})"


def _join_names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(map(safe, names[:_NAMED])) + (f" and {more} more" if more > 0 else "")


def _custody_lines(part: RecoveryPart, now: datetime, zone: tzinfo) -> Iterator[Line]:
    """Tell to whom sessions are handed over, or until when somebody is on them."""
    if part.strategy is Strategy.MANUAL:
        who = safe(person(part.owner)) or "whoever takes it (nobody is named)"
        within = f", within {duration(part.deadline_seconds)}" if part.deadline_seconds is not None else ""
        yield Line.of(("    goes to ", Role.MUTED), (who, Role.NAME), within)
        if part.note:
            yield Line.of((f"    {safe(part.note)}", Role.MUTED))
    elif part.until is not None and part.until < now:
        yield Line.of((f"    it was to be done by {instant(part.until, zone)}", Role.WARN))
    elif part.until is not None:
        yield Line.of((f"    until {instant(part.until, zone)}", Role.MUTED))
