"""What there is to read about a session on its screen: the failure first, what to do next, what was before."""

from __future__ import annotations

from bunsui.view.commands import prose
from bunsui.view.sessions.model import SessionDetail
from bunsui.view.spans import Line, Role, line, span


def story_lines(detail: SessionDetail) -> tuple[Line, ...]:
    """Return what there is to read about a session, the failure first; sections that are empty are left out."""
    facts = [
        line(span(f"{name:<{max(len(label) for label, _ in detail.facts)}}  ", Role.MUTED), value)
        for name, value in detail.facts
    ]
    steps = [
        line(span(step.command, Role.COMMAND), *prose(f"  {step.why}" if step.why else "", Role.MUTED))
        for step in detail.next_steps
    ]
    sections = (
        ("approvals", detail.gates),
        ("failure", detail.failure),
        ("warnings", detail.remarks),
        ("result", detail.outputs),
        ("next", steps),
        ("before", detail.streak),
        ("jobs by attempt", detail.compared),
        ("facts", facts),
        ("delivered twice", detail.duplicates),
        ("attempts", detail.attempts),
    )
    lines: list[Line] = []
    for name, body in sections:
        if body:
            lines += [*([line()] if lines else []), line(span(name, Role.MUTED)), *(item.indented(2) for item in body)]
    return tuple(lines)
