"""What a list of sessions does not hold, in words: machines that were not reached, what is beyond its end or not asked yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bunsui.services.sessions import SessionList
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import duration, instant
from bunsui.view.spans import Line, Role

_MOST_NAMED = 5


def round_lines(listed: SessionList, *, zone: tzinfo) -> tuple[Line, ...]:
    """Return how the list was made, and what is not in it; the sessions that a schedule began twice are named first."""
    return tuple(_lines(listed, zone))


def _lines(listed: SessionList, zone: tzinfo) -> Iterator[Line]:
    for number, session in enumerate(listed.sessions, start=1):
        if session.duplicates:
            told = f"#{number} ran more than once: {safe(session.started_by)} was delivered again"
            yield Line.of((told, Role.WARN))
    if listed.is_cut:
        yield Line.of(("there are more: --limit gives more of them", Role.MUTED))
    if listed.kept_since is not None and not listed.is_cut:
        told = f"sessions that ended before {instant(listed.kept_since, zone)} are not kept (retention)"
        yield Line.of((told, Role.MUTED))
    if listed.round is None:
        return
    missed = [visit for visit in listed.round.visits if not visit.is_reached]
    for visit in missed[:_MOST_NAMED]:
        yield Line.of((f"not looked at: {safe(visit.pipeline)}: {safe(visit.why)}", Role.WARN))
    if len(missed) > _MOST_NAMED:
        yield Line.of((f"not looked at: {len(missed) - _MOST_NAMED} more", Role.WARN))
    for visit in listed.round.visits:
        if visit.back_to is not None:
            told = f"{safe(visit.pipeline)}: nothing before {instant(visit.back_to, zone)} was looked at"
            yield Line.of((told, Role.MUTED))
    if listed.round.undescribed:
        yield Line.of((f"{listed.round.undescribed} sessions are told without their details (…); list again", Role.MUTED))
    count = len(listed.round.visits)
    noun = "machine" if count == 1 else "machines"
    yield Line.of((f"looked at {count} {noun} in {duration(listed.round.seconds)}", Role.MUTED))
