"""What went wrong for the same reason in many places of an apply, told once: resources that moved, or a lock that was lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bunsui.apply.events import ApplyEvent, ChangeFailed, ChangeSkipped
from bunsui.model.address import Address
from bunsui.ports.ledger import ApplyRecord
from bunsui.view.apply.events import event_lines
from bunsui.view.commands import hint_lines
from bunsui.view.plan.wording import kind_words
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, line, span

STALE = "stale-resource"
_SHARED: Mapping[str, tuple[str, str]] = {
    STALE: ("they are no longer as they were when the plan was made", "Plan again and look at the difference:\n  bunsui plan"),
    "lease-lost": ("the lock was lost, so nothing more is written", "Apply again; what is done is not done again."),
    "fenced": (
        "the lock is somebody else's by now, so nothing more is written",
        "Apply again; what is done is not done again.",
    ),
}
"""Codes that many resources fail with together: why, and what to do."""


def is_shared(event: ApplyEvent) -> bool:
    """Tell whether the event is told at the end, together with others of its kind."""
    return isinstance(event, ChangeSkipped) or (isinstance(event, ChangeFailed) and event.code in _SHARED)


def shared_lines(events: Iterable[ApplyEvent], *, since: ApplyRecord | None, now: datetime) -> Iterator[Line]:
    """Return the held back events: alone as ever, several of a kind under one heading. `since` is the last apply before ours,
    if it may be what moved the resources."""
    failed: dict[str, list[ChangeFailed]] = {}
    skipped: list[ChangeSkipped] = []
    for event in events:
        if isinstance(event, ChangeFailed):
            failed.setdefault(event.code, []).append(event)
        elif isinstance(event, ChangeSkipped):
            skipped.append(event)
    for code, group in failed.items():
        yield from event_lines(group[0]) if len(group) == 1 else _together(code, group)
        if code == STALE and since is not None:
            yield _since(since, now)
    if len(skipped) == 1:
        yield from event_lines(skipped[0])
    elif skipped:
        yield line(span(f"- {len(skipped)} more were not tried, since they need these", Role.WARN))
        yield from _name_lines(event.address for event in skipped)


def _together(code: str, group: Sequence[ChangeFailed]) -> Iterator[Line]:
    why, hint = _SHARED[code]
    yield line(span(f"✗ {len(group)} changes were not made: ", Role.BAD), span(why), span(f"  ({code})", Role.MUTED))
    yield from _name_lines(event.address for event in group)
    yield from (item.indented(4) for item in hint_lines(hint, Role.HINT))


def _since(record: ApplyRecord, now: datetime) -> Line:
    ended = record.ended_at or record.begun_at
    age = duration(max(0.0, (now - ended).total_seconds()))
    how = "which was killed or is under way" if record.ended_at is None else record.outcome
    who = record.actor.who or "somebody"
    link = (span(f"  {record.actor.link}", Role.LINK),) if record.actor.link else ()
    return line(span(f"the last one before this: {record.operation} of {who}, {how}, {age} ago"), *link, indent=4)


def _name_lines(addresses: Iterable[Address]) -> Iterator[Line]:
    """Return the resources, one line a pipeline."""
    by_pipeline: dict[str, list[str]] = {}
    for address in sorted(addresses):
        own = f" {address.name}" if address.name else ""
        by_pipeline.setdefault(address.pipeline, []).append(f"{kind_words(address.kind)}{own}")
    for pipeline, names in by_pipeline.items():
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        yield line(span(f"{pipeline}: ", Role.NAME), span(", ".join(names[:8]) + more), indent=4)
