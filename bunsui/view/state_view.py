"""The state for reading, as tables: its rows, and its history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bunsui.model.lifecycle import Lifecycle
from bunsui.ports.ledger import ApplyRecord
from bunsui.services.audit import SessionAct
from bunsui.services.state import StateRow
from bunsui.view.sessions.wording import duration, instant
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_OUTCOMES = {
    "complete": Role.GOOD,
    "done": Role.GOOD,
    "begun": Role.WARN,
    "unknown": Role.WARN,
    "incomplete": Role.BAD,
    "failed": Role.BAD,
}


_STATE = Layout(whole=frozenset({0, 1}), limit=80, drop=(3, 2, 1))
"""Addresses, which other commands take, and what is wrong with one always stay."""

_HEADER = ("BEGAN", "WHAT", "OUTCOME", "TOOK", "WHO", "SESSION", "COMMIT", "DIGEST", "LINK")
_HISTORY = Layout(limit=70, whole=frozenset({5}), drop=(8, 7, 6, 3, 4, 5))
"""Links go first; when, what and how it ended always stay."""


def state_lines(rows: Sequence[StateRow], zone: tzinfo, *, width: int | None = None) -> Sequence[Line]:
    """Return the state as a table: address, name in AWS, when and from which commit it was written."""
    return table(("ADDRESS", "NAME", "WRITTEN", "COMMIT", ""), [_row(row, zone) for row in rows], _STATE, width=width)


def resource_lines(row: StateRow, zone: tzinfo) -> Iterator[Line]:
    """Return everything about one address."""
    item = row.resource
    facts = {
        "name": item.physical_name,
        "written": instant(item.written_at, zone) if item.is_known else "unknown: the state was rebuilt from AWS",
        "commit": item.commit,
        "plan": item.plan,
        "revision": item.revision,
        "needs": ", ".join(str(address) for address in item.depends_on),
        "half done": _half_done(row),
        "lifecycle": _lifecycle(item.lifecycle),
        "retired": instant(item.retired_at, zone),
    }
    yield line(span(item.address, Role.NAME))
    for name, value in facts.items():
        if value:
            yield line(span(f"{name:<10}", Role.MUTED), span(value), indent=2)
    for title, values in (("outputs", item.outputs), ("attributes", item.attributes)):
        yield line(span(title, Role.MUTED), indent=2)
        for text in json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False).splitlines():
            yield line(span(text), indent=4)


def history_lines(records: Sequence[ApplyRecord], zone: tzinfo, *, width: int | None = None) -> Sequence[Line]:
    """Return the record of applies as a table, as it was given."""
    return trail_lines([record_row(record, zone) for record in records], width=width)


def trail_lines(rows: Sequence[Sequence[Span]], *, width: int | None = None) -> Sequence[Line]:
    """Return rows of `record_row` and `act_row` as one table."""
    return table(_HEADER, rows, _HISTORY, width=width)


def _row(row: StateRow, zone: tzinfo) -> Sequence[Span]:
    item = row.resource
    retired = f"retired since {instant(item.retired_at, zone)}" if item.retired_at else ""
    note = _half_done(row) or ("" if item.is_known else "rebuilt") or retired
    return (
        span(item.address, Role.NAME),
        span(item.physical_name),
        span(instant(item.written_at, zone), Role.MUTED),
        span(item.commit, Role.MUTED),
        span(note, Role.WARNING),
    )


def _lifecycle(rules: Lifecycle) -> str:
    words = [name for name, on in (("prevent_destroy", rules.prevent_destroy), ("protect", rules.protect)) if on]
    return ", ".join([*words, *(f"{place} is left to others" for place in rules.ignore)])


def _half_done(row: StateRow) -> str:
    if row.pending is None:
        return ""
    return f"an apply died here: {row.pending.action}, {row.pending.done} of {len(row.pending.steps)} steps done"


def _who(arn: str) -> str:
    """Return the part of an ARN behind the account, which is the environment's own; JSON has all of it."""
    return arn.split(":", 5)[5] if arn.count(":") >= 5 else arn


def record_row(record: ApplyRecord, zone: tzinfo) -> Sequence[Span]:
    """Return the cells of an apply."""
    took = (record.ended_at - record.begun_at).total_seconds() if record.ended_at else None
    outcome = "killed, or under way" if record.outcome == "begun" else record.outcome
    if reason := record.facts.get("break_glass"):
        outcome = f"{outcome}; glass broken: {reason}"
    return (
        span(instant(record.begun_at, zone)),
        span(record.operation, Role.NAME),
        span(outcome, _OUTCOMES.get(record.outcome, Role.TEXT)),
        span(duration(took), Role.MUTED),
        span(_who(record.actor.who)),
        span(""),
        span(record.commit, Role.MUTED),
        span(record.digest[:12], Role.MUTED),
        span(record.actor.link, Role.LINK),
    )


def act_row(act: SessionAct, zone: tzinfo) -> Sequence[Span]:
    """Return the cells of an act on a session."""
    begun = act.begun
    outcome = "killed, or under way" if act.outcome == "begun" else act.outcome
    told = "; ".join(word for word in (outcome, act.error, begun.reason) if word)
    took = (act.ended_at - begun.at).total_seconds() if act.ended_at is not None else None
    return (
        span(instant(begun.at, zone)),
        span(f"{begun.act} {begun.pipeline}", Role.NAME),
        span(told, _OUTCOMES.get(act.outcome, Role.TEXT)),
        span(duration(took), Role.MUTED),
        span(_who(begun.actor.who)),
        span(begun.session),
        span(""),
        span(""),
        span(begun.actor.link, Role.LINK),
    )
