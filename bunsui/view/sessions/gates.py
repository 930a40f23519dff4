"""Gates as people see them: a list of those that are open, and what a session waits for or was decided."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from bunsui.model.gates import ApprovalGate, Decided, GateOutcome, GateStanding
from bunsui.model.json import Json
from bunsui.model.names import principal
from bunsui.view.safe import safe, safe_lines
from bunsui.view.sessions.wording import duration, instant
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

COLUMNS = ("gate", "pipeline", "job", "session", "since", "waits", "deadline in", "message")
_LAYOUT = Layout(right=frozenset({5, 6}), limit=36, whole=frozenset({0, 1}), drop=(3, 4, 5, 2, 6))
_MOST_LINES = 12

_LOOKS: dict[GateOutcome, tuple[str, Role]] = {
    "open": ("◌", Role.WARN),
    "approved": ("✓", Role.GOOD),
    "rejected": ("✗", Role.BAD),
    "expired": ("✗", Role.WARN),
    "stopped": ("■", Role.MUTED),
    "failed": ("✗", Role.BAD),
}
_AT_DEADLINE = {"fail": "then its job fails", "approve": "then it counts as approved", "reject": "then it counts as rejected"}

_AFTER_IT = {"fail": "", "approve": ", which counts as approved", "reject": ", which counts as rejected"}


def gate_list_lines(
    standings: Sequence[GateStanding], *, now: datetime, zone: tzinfo = UTC, width: int | None = None
) -> tuple[Line, ...]:
    """Return the open gates as an aligned table of at most `width` cells, the oldest first."""
    if not standings:
        return (Line.of(("no session waits for an approval", Role.MUTED)),)
    rows = []
    for gate in (one.gate for one in standings):
        left = (gate.deadline - now).total_seconds()
        rows.append(
            (
                span(gate.id, Role.NAME),
                span(gate.pipeline),
                span(gate.job),
                span(gate.session, Role.MUTED),
                span(instant(gate.opened_at, zone)),
                span(duration((now - gate.opened_at).total_seconds())),
                span(duration(left) if left > 0 else "passed"),
                span(next(iter(safe_lines(gate.message)), "")),
            )
        )
    return table(COLUMNS, rows, _LAYOUT, width=width)


def gate_lines(standings: Sequence[GateStanding], *, now: datetime, zone: tzinfo = UTC) -> Iterator[Line]:
    """Return for each gate how it stands; of an open one everything that it is decided by."""
    for standing in standings:
        gate = standing.gate
        symbol, role = _LOOKS[standing.outcome]
        named = (span(f"{symbol} ", role), span(gate.id, Role.NAME), span(f"  {safe(gate.job)}  "))
        yield line(*named, *_standing(standing, zone))
        if standing.outcome == "open":
            yield from (one.indented(2) for one in open_gate_lines(gate, now=now, zone=zone))


def open_gate_lines(gate: ApprovalGate, *, now: datetime, zone: tzinfo = UTC) -> Iterator[Line]:
    """Return what an open gate asks, by what it is decided, until when and by whom."""
    for text in safe_lines(gate.message, limit_lines=_MOST_LINES):
        yield Line.of((text, Role.STRONG))
    if gate.evidence is not None:
        for text in safe_lines(_evidence_text(gate.evidence), limit_lines=_MOST_LINES):
            yield Line.of((text, Role.PLAIN))
    left = (gate.deadline - now).total_seconds()
    until = f"{instant(gate.deadline, zone)}, in {duration(left)}" if left > 0 else f"{instant(gate.deadline, zone)}, passed"
    yield _fact("deadline", f"{until}: {_AT_DEADLINE[gate.on_deadline]}")
    yield _fact("approvers", ", ".join(gate.approvers) or "whoever IAM lets read the token")
    if gate.four_eyes:
        yield _fact("four eyes", "not by who began the session")


def decided_line(gate: ApprovalGate, decided: Decided) -> Line:
    """Return one line about a decision that was just made."""
    symbol, role = _LOOKS[decided.decision]
    where = f": {safe(gate.pipeline)}, {safe(gate.job)}, gate {gate.id}"
    return line(span(f"{symbol} ", role), span(decided.decision, role), where)


def _standing(standing: GateStanding, zone: tzinfo) -> Iterator[Span]:
    decided, gate = standing.decided, standing.gate
    match standing.outcome:
        case "open":
            yield span(f"waits since {instant(gate.opened_at, zone)}", Role.WARN)
        case "expired":
            yield span(f"nobody decided before {instant(gate.deadline, zone)}{_AFTER_IT[gate.on_deadline]}", Role.WARN)
        case "stopped":
            yield span("the session ended before anybody decided", Role.MUTED)
        case "failed":
            yield span("could not be opened", Role.BAD)
        case "approved" | "rejected":
            by = principal(decided.by) if decided is not None and decided.by else "somebody with another tool"
            at = instant(decided.at, zone) if decided is not None else ""
            yield span(f"{standing.outcome} by {safe(by)}, {at}")
            if decided is not None and decided.note:
                yield span(f": {safe(decided.note, limit=400)}", Role.PLAIN)


def _fact(name: str, text: str) -> Line:
    return Line.of((f"{name:<9}  ", Role.MUTED), (safe(text), Role.PLAIN))


def _evidence_text(evidence: Json) -> str:
    if isinstance(evidence, str):
        return evidence
    if isinstance(evidence, dict):
        return "\n".join(f"{name}: {_word(one)}" for name, one in evidence.items())
    return _word(evidence)


def _word(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
