"""Accepted findings, folded: one line for each code and reason, with how often it was found."""

from __future__ import annotations

from collections.abc import Iterable

from bunsui.diagnostics import Acceptance
from bunsui.view.spans import Line, Role, line, span

_LINES = 20
"""More reasons than that are counted, not shown; `--json` holds them all."""


def acceptance_words(accepted: Acceptance) -> str:
    """Return the reason, and until when it holds."""
    until = f" (until {accepted.until})" if accepted.until else ""
    return f"{accepted.reason}{until}"


def accepted_lines(found: Iterable[tuple[str, Acceptance]]) -> tuple[Line, ...]:
    """Return the lines for codes and why they were accepted, in order of their first place; nothing for none."""
    counts: dict[tuple[str, str], int] = {}
    for code, accepted in found:
        key = code, acceptance_words(accepted)
        counts[key] = counts.get(key, 0) + 1
    lines = [
        line(span(f"accepted {code}", Role.MUTED), span(f" ×{count}" if count > 1 else "", Role.MUTED), span(f": {reason}"))
        for (code, reason), count in counts.items()
    ]
    rest = len(lines) - _LINES
    return (*lines[:_LINES], line(span(f"… and {rest} more accepted", Role.MUTED))) if rest > 0 else tuple(lines)


def accepted_count(found: int) -> str:
    """Return `3 findings are accepted`."""
    return f"{found} finding{'s are' if found != 1 else ' is'} accepted"
