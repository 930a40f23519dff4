"""The audit trail as a table with what became of its chains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bunsui.apply.trail import Broken, Verified
from bunsui.ports.acts import ActRecord
from bunsui.services.audit import Audit
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.state_view import act_row, record_row, trail_lines


def audit_lines(audit: Audit, zone: tzinfo, *, limit: int, width: int | None = None) -> Iterator[Line]:
    """Return the latest applies and acts on sessions as one table, then each chain in one sentence, then their hashes."""
    rows = _rows(audit, zone)
    yield from trail_lines(rows[:limit], width=width)
    rest = len(rows) - limit
    if rest > 0:
        yield line(span(f"… and {rest} older ones: --limit {len(rows)}", Role.MUTED))
    yield line("")
    yield chain_line(audit)
    acts = audit.acts_chain
    if acts.links or acts.broken is not None:
        yield acts_line(acts)
    if audit.chain.head:
        yield line(span("head  ", Role.MUTED), span(audit.chain.head))
    if acts.head:
        yield line(span("acts  ", Role.MUTED), span(acts.head))


def chain_line(audit: Audit) -> Line:
    """Return one sentence about the chain of applies."""
    chain = audit.chain
    older = f"; {chain.unchained} older ones were written before there was a chain" if chain.unchained else ""
    if chain.broken is not None:
        return line(span("✗ the chain is broken", Role.BAD), f" at {broken_words(chain.broken)}{older}")
    if audit.anchor and audit.anchored is None:
        return line(span("✗ the record with that hash is not in the trail", Role.BAD), older)
    return line(span("✓ the chain is whole", Role.GOOD), f": {_records(chain)}{_tell_kept(audit)}{older}")


def acts_line(chain: Verified) -> Line:
    """Return one sentence about the chain of acts on sessions."""
    if chain.broken is not None:
        return line(span("✗ the chain of acts on sessions is broken", Role.BAD), f" at {broken_words(chain.broken)}")
    return line(span("✓ the chain of acts on sessions is whole", Role.GOOD), f": {_records(chain)}")


def broken_words(broken: Broken) -> str:
    """Return which record it is, and what is wrong with it."""
    named = f" ({broken.id})" if broken.id else ""
    return f"record {broken.serial}{named}: {broken.why}"


def _rows(audit: Audit, zone: tzinfo) -> list[Sequence[Span]]:
    """Return the cells of all of them, newest first."""
    applies = [(record.begun_at, record_row(record, zone)) for record in audit.records]
    acts = [(act.begun.at, act_row(act, zone)) for act in audit.acts]
    return [row for _, row in sorted([*applies, *acts], key=lambda one: one[0], reverse=True)]


def _records(chain: Verified) -> str:
    return f"{chain.links} record{'s' if chain.links != 1 else ''}"


def _tell_kept(audit: Audit) -> str:
    if audit.anchored is None:
        return ""
    which = "of the acts, number" if isinstance(audit.anchored, ActRecord) else "number"
    return f", with the one that was kept ({which} {audit.anchored.serial})"
