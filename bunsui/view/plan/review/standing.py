"""Where a row stands in an apply: of one that stands for many resources, the sum of what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bunsui.model.address import Address
from bunsui.plan.checks import destructive, outside_change
from bunsui.view.plan.model import FindingLine
from bunsui.view.spans import Line, Role, line, span

DONE, FAILED, LEFT, NOT_TRIED, WAITS, TO_DO = "✓✗!-◌○"
"""How the words for one resource begin; whatever else they begin with, it is being worked on."""
_OF_WHAT_WILL_BE = frozenset({destructive.CODE, outside_change.CODE})
"""Findings about what an apply is about to take away: they are over once it did."""


def summed_status(addresses: Sequence[Address], status: Mapping[Address, Line]) -> Line | None:
    """Return in a few words what becomes of all of these, the worst first; None where the apply is about none of them."""
    told = [status[address] for address in addresses if address in status]
    if len(addresses) <= 1 or not told:
        return told[0] if told else None
    counts, total = Counter(one.text[:1] for one in told), len(told)
    for symbol, word, role in ((FAILED, "failed", Role.BAD), (LEFT, "left", Role.REFUSE), (NOT_TRIED, "not tried", Role.WARN)):
        if count := counts[symbol]:
            part = f"{count} {word}" if count == total or symbol == NOT_TRIED else f"{count} of {total} {word}"
            return line(span(f"{symbol} {part}", role))
    if counts[DONE] == total:
        some = f" of {len(addresses)}" if total < len(addresses) else ""
        return line(span(f"{DONE} {total}{some} done", Role.GOOD))
    if counts[TO_DO] == total:
        return line(span(f"{TO_DO} {total} to do", Role.MUTED))
    if waiting := counts[WAITS]:
        return line(span(f"{WAITS} {counts[DONE]}/{total}, {waiting} wait{'s' * (waiting == 1)}", Role.WARN))
    return line(span(f"● {counts[DONE]}/{total} done", Role.RUNNING))


def open_findings(findings: Sequence[FindingLine], status: Mapping[Address, Line]) -> tuple[FindingLine, ...]:
    """Return the findings without those that an apply is past."""
    done = {str(address) for address, told in status.items() if told.text.startswith(DONE)}
    return tuple(one for one in findings if one.code not in _OF_WHAT_WILL_BE or one.place not in done)
