"""What people were told of sessions, in lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo

from bunsui.services.alerts.listing import AlertList, AlertStanding, ListedAlert
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import clock_time, instant
from bunsui.view.spans import Line, Role, line, span

_MARKS = {
    AlertStanding.DUE: ("…", Role.PLAIN),
    AlertStanding.HELD: ("…", Role.MUTED),
    AlertStanding.TRIED: ("!", Role.WARN),
    AlertStanding.CLAIMED: ("…", Role.PLAIN),
    AlertStanding.UNCONFIRMED: ("?", Role.WARN),
    AlertStanding.SENT: ("✓", Role.GOOD),
    AlertStanding.GIVEN_UP: ("✗", Role.BAD),
}


def alert_list_lines(found: AlertList, zone: tzinfo) -> Iterator[Line]:
    """Yield a line for each message, the newest first, then how many stand how."""
    widths = [max(len(safe(text)) for text in column) for column in zip(*map(_texts, found.alerts), strict=True)]
    for one in found.alerts:
        mark, role = _MARKS[one.standing]
        cells = (f"{safe(text):<{width}}" for text, width in zip(_texts(one), widths, strict=True))
        yield line(
            span(f"{mark} ", role),
            span(f"{instant(one.made_at, zone)}  {'  '.join(cells)}"),
            span(_rest(one, zone), Role.MUTED if role in (Role.GOOD, Role.MUTED) else role),
        )
    counts = Counter(one.standing for one in found.alerts)
    said = ", ".join(f"{counts[standing]} {standing.value}" for standing in AlertStanding if counts[standing])
    yield line(span(f"{said}{', and older ones' if found.is_cut else ''}", Role.MUTED))


def _texts(one: ListedAlert) -> tuple[str, ...]:
    return one.pipeline, one.event, one.channel, one.standing.value


def _rest(one: ListedAlert, zone: tzinfo) -> str:
    if one.standing is AlertStanding.HELD:
        return f"  until {instant(one.not_before, zone)}"
    if one.standing is AlertStanding.TRIED:
        return f"  {safe(one.problem)}, again at {clock_time(one.not_before, zone)}"
    return f"  {safe(one.problem)}" if one.problem else ""
