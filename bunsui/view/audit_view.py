"""The audit trail as a table with what became of its chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bunsui.apply.trail import Broken
from bunsui.services.audit import Audit
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.state_view import history_lines


def audit_lines(audit: Audit, zone: tzinfo, *, limit: int, width: int | None = None) -> Iterator[Line]:
    """Return the latest records as a table, then the chain in one sentence, then its hash."""
    yield from history_lines(audit.records[:limit], zone, width=width)
    rest = len(audit.records) - limit
    if rest > 0:
        yield line(span(f"… and {rest} older ones: --limit {len(audit.records)}", Role.MUTED))
    yield line("")
    yield chain_line(audit)
    if audit.chain.head:
        yield line(span("head  ", Role.MUTED), span(audit.chain.head))


def chain_line(audit: Audit) -> Line:
    """Return one sentence about the chain."""
    chain = audit.chain
    older = f"; {chain.unchained} older ones were written before there was a chain" if chain.unchained else ""
    if chain.broken is not None:
        return line(span("✗ the chain is broken", Role.BAD), f" at {broken_words(chain.broken)}{older}")
    if audit.anchor and audit.anchored is None:
        return line(span("✗ the record with that hash is not in the trail", Role.BAD), older)
    count = f"{chain.links} record{'s' if chain.links != 1 else ''}"
    kept = f", with the one that was kept (number {audit.anchored.serial})" if audit.anchored is not None else ""
    return line(span("✓ the chain is whole", Role.GOOD), f": {count}{kept}{older}")


def broken_words(broken: Broken) -> str:
    """Return which record it is, and what is wrong with it."""
    named = f" ({broken.id})" if broken.id else ""
    return f"record {broken.serial}{named}: {broken.why}"
