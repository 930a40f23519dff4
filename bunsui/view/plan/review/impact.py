"""What an apply does to people: sessions in flight, wider permissions, the cost of a run, outside changes that are undone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from bunsui.model.address import Address
from bunsui.plan.checks import cost, in_flight
from bunsui.plan.model import Plan, ResourceChange, Risk
from bunsui.view.plan.outside import undone_lines, undone_words
from bunsui.view.plan.wording import kind_words
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

IMPACT: Mapping[Risk, str] = {
    Risk.NONE: "nothing that anybody relies on changes",
    Risk.COSMETIC: "only words change; nothing behaves differently",
    Risk.NEW_SESSIONS_ONLY: "sessions that are running finish as they began; new ones get the change",
    Risk.GRANTS_POWER: "something new may pass roles, read secrets, or act on everything",
    Risk.AFFECTS_RUNNING_SESSIONS: "sessions that are running get the change too",
    Risk.OVERWRITES_OUTSIDE_CHANGE: "a change that somebody made outside is overwritten",
    Risk.WIDENS_PERMISSIONS: "permissions become wider",
    Risk.RETIRES: "nothing starts it any more; it stays for its sessions, and a later apply deletes it",
    Risk.REPLACES: "it is deleted and made anew",
    Risk.DESTROYS: "it is deleted, with what it holds",
}
"""What a risk means, in a sentence."""
MILD = frozenset({Risk.COSMETIC, Risk.NEW_SESSIONS_ONLY})
"""Risks that nobody needs to be warned of."""
_NAMED = 6
"""Pairs of action and resource of a role that are named; the others are counted."""


def impact_page(plan: Plan, addresses: Collection[Address]) -> tuple[Line, ...]:
    """Return what apply does with these resources, by theme; a sentence where nobody notices."""
    changes = [change for change in plan.pending if change.address in addresses]
    sections = (
        ("sessions in flight", [*_check_lines(plan, changes, in_flight.CODE)]),
        ("permissions", [*_permissions(changes)]),
        ("undone", [*undone_lines(replace(plan, changes=tuple(changes)))]),
        ("cost of a run, in state transitions", [*_cost_lines(plan, changes)]),
        ("what it means", [*_risks(changes)]),
    )
    lines: list[Line] = []
    for name, body in sections:
        if body:
            lines += [line(), line(span(name, Role.MUTED)), *(item.indented(2) for item in body)]
    return tuple(lines[1:]) if lines else (line(span(IMPACT[Risk.NONE], Role.MUTED)),)


def stakes_lines(plan: Plan) -> Iterator[Line]:
    """Return what is to be known before anybody says yes: sessions, wider permissions, what is undone, each in short."""
    running = sessions_in_flight(plan)
    if running:
        yield line(span("sessions     ", Role.MUTED), span(running))
    widened = [change for change in plan.pending if change.newly_allowed]
    if widened:
        count = sum(len(change.newly_allowed) for change in widened)
        words = f"{count} more in {len(widened)} role{'s' * (len(widened) != 1)}; the impact names them"
        yield line(span("permissions  ", Role.MUTED), span(words, Role.RISK))


def sessions_in_flight(plan: Plan) -> str:
    """Return `2 sessions run on what changes`; empty when none is known to."""
    known = [names for names in plan.running.values() if names]
    count = sum(map(len, known))
    unknown = sum(1 for names in plan.running.values() if names is None)
    words = [f"{count} session{'s run' if count != 1 else ' runs'} on what changes"] if count else []
    words += [f"of {unknown} machine{'s' * (unknown != 1)} unknown"] if unknown else []
    return ", ".join(words)


def title_words(plan: Plan) -> tuple[str, ...]:
    """Return what of the impact belongs beside the counts of the plan, in a few words each."""
    return tuple(words for words in (undone_words(plan), sessions_in_flight(plan)) if words)


def _check_lines(plan: Plan, changes: Sequence[ResourceChange], code: str) -> Iterator[Line]:
    """Return what a check of the plan says of these resources, each under its pipeline where there are several."""
    subjects = {str(change.address): change.address.pipeline for change in changes}
    several = len({*subjects.values()}) > 1
    for found in plan.diagnostics:
        if found.code == code and found.subject in subjects:
            named = [span(f"{subjects[found.subject]}: ", Role.NAME)] if several else []
            yield line(*named, span(safe(found.summary)))


def _cost_lines(plan: Plan, changes: Sequence[ResourceChange]) -> Iterator[Line]:
    """Return what the states of a run cost, and that this is not all: a plan does not say how long functions and tasks run."""
    found = [*_check_lines(plan, changes, cost.CODE)]
    yield from found
    if found:
        yield line(
            span(
                "functions, tasks and queries are not in it; the Builder and Pipelines tell what a run costs with them",
                Role.MUTED,
            )
        )


def _permissions(changes: Sequence[ResourceChange]) -> Iterator[Line]:
    for change in changes:
        if change.newly_allowed:
            named = f"{kind_words(change.address.kind)} {change.address.name}".rstrip()
            yield line(span(f"{named} of {change.address.pipeline}", Role.NAME), span(" may from now on", Role.RISK))
            for action, resource in change.newly_allowed[:_NAMED]:
                yield line(span(action, Role.RISK), span(" on "), span(resource), indent=2)
            if len(change.newly_allowed) > _NAMED:
                yield line(span(f"and {len(change.newly_allowed) - _NAMED} more", Role.MUTED), indent=2)


def _risks(changes: Sequence[ResourceChange]) -> Iterator[Line]:
    counts: dict[Risk, int] = {}
    for change in changes:
        counts[change.risk] = counts.get(change.risk, 0) + 1
    for risk in sorted(counts, key=list(Risk).index, reverse=True):
        if risk is not Risk.NONE:
            role = Role.PLAIN if risk in MILD else Role.RISK
            many = f" ({counts[risk]} resources)" if counts[risk] > 1 else ""
            yield line(span(IMPACT[risk], role), span(many, Role.MUTED))
