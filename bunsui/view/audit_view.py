"""The audit trail as a table with what became of its chain, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bunsui.apply.trail import Broken
from bunsui.model.values import Json
from bunsui.services.audit import Audit
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, closed, document, flag, listed, or_null, part, text, whole
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.state_json import record_json
from bunsui.view.state_view import history_lines


def audit_lines(audit: Audit, zone: tzinfo, *, limit: int) -> Iterator[Line]:
    """Give the latest records as a table, then the chain in one sentence, then its hash."""
    yield from history_lines(audit.records[:limit], zone)
    rest = len(audit.records) - limit
    if rest > 0:
        yield line(span(f"… and {rest} older ones: --limit {len(audit.records)}", Role.MUTED))
    yield line("")
    yield chain_line(audit)
    if audit.chain.head:
        yield line(span("head  ", Role.MUTED), span(audit.chain.head))


def chain_line(audit: Audit) -> Line:
    """Give one sentence about the chain."""
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
    """Give which record it is, and what is wrong with it."""
    named = f" ({broken.id})" if broken.id else ""
    return f"record {broken.serial}{named}: {broken.why}"


def audit_json(audit: Audit, *, limit: int) -> dict[str, Json]:
    """Give the audit as one JSON document."""
    broken = audit.chain.broken
    return {
        "format_version": FORMAT_VERSION,
        "kind": "audit",
        "whole": audit.is_whole,
        "links": audit.chain.links,
        "unchained": audit.chain.unchained,
        "head": audit.chain.head,
        "broken": {"serial": broken.serial, "id": broken.id, "why": broken.why} if broken is not None else None,
        "anchor": {"hash": audit.anchor, "serial": audit.anchored.serial if audit.anchored is not None else None}
        if audit.anchor
        else None,
        "applies": [record_json(record) for record in audit.records[:limit]],
    }


def audit_schema() -> Schema:
    """Describe what `audit_json` gives."""
    broken = closed(
        "The first link that does not hold; null when all do.",
        {
            "serial": whole("The record's place in the trail, from 1."),
            "id": text("The record's id; empty when it is missing."),
            "why": text("What is wrong with it."),
        },
    )
    anchor = closed(
        "What became of --anchor; null when none was given.",
        {"hash": text("As it was given."), "serial": or_null(whole("The record that has it; null when none has."))},
    )
    return document(
        "audit",
        "Of `audit`: the record of everything that wrote the state, and whether it is whole.",
        {
            "whole": flag("No link is broken, and the anchor, if one was given, is in the trail."),
            "links": whole("How many records are chained."),
            "unchained": whole("How many were written before there was a chain."),
            "head": text("The hash of the last record; empty without one."),
            "broken": or_null(broken),
            "anchor": or_null(anchor),
            "applies": listed(part("record"), "Newest first, as many as --limit allows; all were verified."),
        },
    )
