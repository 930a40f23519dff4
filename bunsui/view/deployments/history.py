"""The history of a pipeline as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bunsui.model.names import person
from bunsui.services.deployments.history import DeployedVersion, PipelineHistory, SessionTally
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_HEADER = ("", "VERSION", "WHAT", "WHEN", "COMMIT", "SESSIONS", "WHO", "APPLY", "NOTE")
_LAYOUT = Layout(limit=60, whole=frozenset({1, 4}), drop=(7, 6, 8, 4))


def history_lines(history: PipelineHistory, zone: tzinfo, *, width: int | None = None) -> Iterator[Line]:
    """Return a line for each deployment, newest first, and who holds it."""
    hold = history.machine.hold
    if hold is not None:
        who = f" by {person(hold.who)}" if hold.who else ""
        since = instant(hold.since, zone)
        yield line(span(f"held at version {hold.version}{who} since {since}: {hold.reason}", Role.WARN))
    yield from table(_HEADER, [_row(one, zone) for one in history.lines], _LAYOUT, width=width)
    if history.older:
        yield line(span(f"… and {history.older} older ones: --limit {len(history.lines) + history.older}", Role.MUTED))
    if history.counted_since is not None:
        yield line(span(f"sessions before {instant(history.counted_since, zone)} were not counted", Role.MUTED))


def _row(one: DeployedVersion, zone: tzinfo) -> Sequence[Span]:
    record = one.deployment
    return (
        span("▶" if one.is_current else "", Role.GOOD),
        span(one.version, Role.NAME),
        span(record.act.value if record is not None else "not recorded", Role.PLAIN if record is not None else Role.MUTED),
        span(instant(record.at, zone) if record is not None else ""),
        span(record.commit[:12] if record is not None else ""),
        span(_tally_words(one.sessions), Role.BAD if one.sessions.failed else Role.PLAIN),
        span(person(record.who) if record is not None and record.who else ""),
        span(record.id if record is not None else "", Role.MUTED),
        span(_note(one), Role.MUTED),
    )


def _tally_words(tally: SessionTally) -> str:
    words = [f"{tally.succeeded} ok"] if tally.succeeded else []
    words += [f"{tally.failed} failed"] if tally.failed else []
    words += [f"{tally.open} open"] if tally.open else []
    return ", ".join(words)


def _note(one: DeployedVersion) -> str:
    reason = one.deployment.reason if one.deployment is not None else ""
    return "; ".join(text for text in (reason, "" if one.is_there else "removed since") if text)
