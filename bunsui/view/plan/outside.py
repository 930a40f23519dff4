"""Drift that an apply is about to undo, named before anybody says yes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bunsui.plan.model import Plan, Reason, ResourceChange
from bunsui.view.plan.wording import kind_words, sentences
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

_SHOWN = 8
"""Resources beyond which the rest is counted; the plan shows them all."""
_PLACES = 3
"""Places of one resource beyond which the rest is counted."""


def undone(plan: Plan) -> Sequence[ResourceChange]:
    """Return the changes that undo what somebody changed outside bunsui."""
    return tuple(change for change in plan.pending if change.undoes_outside_change)


def undone_words(plan: Plan) -> str:
    """Return `undo 2 changes made outside bunsui`; empty when the plan undoes none."""
    count = len(undone(plan))
    return f"undo {count} change{'s' if count != 1 else ''} made outside bunsui" if count else ""


def undone_lines(plan: Plan) -> Iterator[Line]:
    """Return a heading and one line for each resource with what somebody made of it; nothing when the plan undoes nothing."""
    changes = undone(plan)
    if not changes:
        return
    yield line(span("changed outside bunsui, and undone by this:", Role.DRIFT))
    for change in changes[:_SHOWN]:
        yield _change_line(change).indented(2)
    if len(changes) > _SHOWN:
        yield line(span(f"… and {len(changes) - _SHOWN} more, which the plan shows", Role.MUTED), indent=2)


def _change_line(change: ResourceChange) -> Line:
    own = f" {change.address.name}" if change.address.name else ""
    named = span(safe(f"{kind_words(change.address.kind)}{own} of {change.address.pipeline}"), Role.NAME)
    if change.reason is Reason.DELETED_OUTSIDE:
        return line(named, span(": it was deleted"))
    said = [told for _, told in sentences(change.drift)]
    more = (span(f"; and {len(said) - _PLACES} more"),) if len(said) > _PLACES else ()
    parts = [part for told in said[:_PLACES] for part in (span("; "), *told.parts)][1:]
    return line(named, span(": "), *parts, *more) if parts else line(named)
