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
    SmokeRunEnded,
    SmokeRunStarted,
    SmokeVerdict,
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
        case SmokeRunStarted():
            return (_started_line(event),)
        case SmokeRunEnded():
            return _smoke_lines(event)
        case ApplyFinished():
            return (finished_line(event),)
        case _:
            assert_never(event)


def _started_line(event: SmokeRunStarted) -> Line:
    earlier = ", which an earlier apply started" if event.is_earlier else ""
    within = f", within {duration(event.within_seconds)}"
    return line(
        span("… ", Role.RUNNING),
        span(event.pipeline, Role.NAME),
        f" smoke run of version {event.version}: session {event.session}{earlier}",
        span(within, Role.MUTED),
    )


_VERDICTS: Mapping[SmokeVerdict, tuple[str, Role]] = {
    SmokeVerdict.SUCCEEDED: ("✓ smoke run succeeded ", Role.GOOD),
    SmokeVerdict.FAILED: ("✗ smoke run failed ", Role.BAD),
    SmokeVerdict.TOO_LATE: ("✗ smoke run took too long ", Role.BAD),
    SmokeVerdict.NOT_STARTED: ("✗ smoke run did not start ", Role.BAD),
    SmokeVerdict.UNSEEN: ("! smoke run not seen to its end ", Role.WARN),
}


def _smoke_lines(event: SmokeRunEnded) -> tuple[Line, ...]:
    word, role = _VERDICTS[event.verdict]
    of = f" version {event.version}" + (f", session {event.session}" if event.session else "")
    took = span(f"  {duration(event.seconds)}", Role.MUTED) if event.seconds else span("")
    lines = [line(span(word, role), span(event.pipeline, Role.NAME), of, took)]
    if event.cause:
        lines.append(line(span(event.cause), indent=4))
    if event.rolled_back_to:
        lines.append(line(span(f"rolled back: new sessions run version {event.rolled_back_to} again", Role.WARN), indent=4))
    if event.not_rolled_back:
        kept = f"version {event.version} stays: {event.not_rolled_back}"
        lines.append(line(span(kept, Role.WARN), indent=4))
    return (*lines, *(item.indented(4) for item in hint_lines(event.hint, Role.HINT)))


def finished_line(event: ApplyFinished) -> Line:
    """Return the counts of an apply in one sentence."""
    if event.is_complete:
        runs = f"{event.unproved} smoke run{'s' if event.unproved != 1 else ''} did not succeed"
        proof = (span(f", and {runs}", Role.BAD),) if event.unproved else ()
        done = f"Applied {event.done} change{'s' if event.done != 1 else ''}"
        return line(span(done, Role.WARN if proof else Role.GOOD), f" in {duration(event.seconds)}", *proof)
    left = f", {event.left} pipeline{'s' if event.left != 1 else ''} left" if event.left else ""
    counts = f": {event.done} done, {event.failed} failed, {event.skipped} not tried{left}"
    return line(span("Stopped" if event.interrupted else "Not everything was applied", Role.BAD), counts)


def _name_spans(address: Address) -> tuple[Span, ...]:
    own = f" {address.name}" if address.name else ""
    return span(f"{kind_words(address.kind)}{own}", Role.NAME), span(f" of {address.pipeline}", Role.MUTED)
