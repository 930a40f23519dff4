"""An apply as it happens: one line for each event that a reader should see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from bunsui.apply.events import (
    ApplyEvent,
    ApplyFinished,
    ChangeDone,
    ChangeFailed,
    ChangeNoted,
    ChangeSkipped,
    ChangeStarted,
    ChangeWaiting,
    PipelineLeft,
    StateNoted,
)
from bunsui.model.address import Address
from bunsui.plan.model import Action
from bunsui.view.commands import hint_lines
from bunsui.view.plan.wording import kind_words
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, Span, line, span

_DONE: Mapping[Action, tuple[str, Role]] = {
    Action.NO_OP: ("unchanged", Role.MUTED),
    Action.CREATE: ("created", Role.CREATE),
    Action.UPDATE: ("updated", Role.UPDATE),
    Action.REPLACE: ("replaced", Role.REPLACE),
    Action.DELETE: ("deleted", Role.DELETE),
    Action.RETIRE: ("retired", Role.REPLACE),
    Action.ADOPT: ("adopted", Role.ADOPT),
    Action.FORGET: ("forgot", Role.ADOPT),
    Action.REFUSE: ("refused", Role.REFUSE),
}


def event_lines(event: ApplyEvent) -> tuple[Line, ...]:
    """Return what there is to say about an event; nothing for the start of a change."""
    match event:
        case ChangeStarted():
            return ()
        case ChangeWaiting():
            return (line(span("… ", Role.WARN), *_name_spans(event.address), span(f" waits for {event.what}", Role.WARN)),)
        case ChangeNoted():
            return (line(span("· ", Role.MUTED), *_name_spans(event.address), span(f": {event.note}", Role.MUTED)),)
        case ChangeDone():
            word, role = _DONE[event.action]
            took = span(f"  {duration(event.seconds)}", Role.MUTED)
            return (line(span(f"✓ {word} ", role), *_name_spans(event.address), took),)
        case ChangeFailed():
            heading = line(span(f"✗ could not {event.action.value} ", Role.BAD), *_name_spans(event.address))
            reason = line(span(event.message), span(f"  ({event.code})", Role.MUTED), indent=4)
            return (heading, reason, *(item.indented(4) for item in hint_lines(event.hint, Role.HINT)))
        case ChangeSkipped():
            because = span(f": {event.because}", Role.MUTED)
            return (line(span(f"- did not {event.action.value} ", Role.WARN), *_name_spans(event.address), because),)
        case StateNoted():
            return (line(span("! ", Role.WARN), event.note),)
        case PipelineLeft():
            heading = line(span(f"! left {event.pipeline} as it is: ", Role.REFUSE), span(event.message))
            hint = tuple(item.indented(4) for item in hint_lines(event.hint, Role.HINT))
            return (line(*heading.parts, span(f"  ({event.code})", Role.MUTED)), *hint)
        case ApplyFinished():
            return (finished_line(event),)
        case _:
            assert_never(event)


def finished_line(event: ApplyFinished) -> Line:
    """Return the counts of an apply in one sentence."""
    if event.is_complete:
        return line(
            span(f"Applied {event.done} change{'s' if event.done != 1 else ''}", Role.GOOD), f" in {duration(event.seconds)}"
        )
    left = f", {event.left} pipeline{'s' if event.left != 1 else ''} left" if event.left else ""
    counts = f": {event.done} done, {event.failed} failed, {event.skipped} not tried{left}"
    return line(span("Stopped" if event.interrupted else "Not everything was applied", Role.BAD), counts)


def _name_spans(address: Address) -> tuple[Span, ...]:
    own = f" {address.name}" if address.name else ""
    return span(f"{kind_words(address.kind)}{own}", Role.NAME), span(f" of {address.pipeline}", Role.MUTED)
