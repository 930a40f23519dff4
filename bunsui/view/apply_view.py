"""An apply as it happens: one line for each event that a reader should see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
)
from bunsui.model.resource import Address
from bunsui.model.values import Json
from bunsui.plan.model import Action
from bunsui.view.plan_words import kind_words
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, choice, closed, document, flag, listed, seconds, text, whole
from bunsui.view.session_words import duration
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
    """Give what there is to say about an event; nothing for the start of a change."""
    match event:
        case ChangeStarted():
            return ()
        case ChangeWaiting():
            return (line(span("… waiting for ", Role.WARN), span(event.what), " ", *_named(event.address)),)
        case ChangeNoted():
            return (line(span("· ", Role.MUTED), *_named(event.address), span(f": {event.note}", Role.MUTED)),)
        case ChangeDone():
            word, role = _DONE[event.action]
            took = span(f"  {duration(event.seconds)}", Role.MUTED)
            return (line(span(f"✓ {word} ", role), *_named(event.address), took),)
        case ChangeFailed():
            heading = line(span(f"✗ could not {event.action.value} ", Role.BAD), *_named(event.address))
            reason = line(span(event.message), span(f"  ({event.code})", Role.MUTED), indent=4)
            hint = tuple(line(span(text, Role.HINT), indent=4) for text in event.hint.splitlines())
            return (heading, reason, *hint)
        case ChangeSkipped():
            because = span(f": {event.because}", Role.MUTED)
            return (line(span(f"- did not {event.action.value} ", Role.WARN), *_named(event.address), because),)
        case ApplyFinished():
            return (finished_line(event),)
        case _:
            assert_never(event)


def finished_line(event: ApplyFinished) -> Line:
    """Give the counts of an apply in one sentence."""
    if event.is_complete:
        return line(
            span(f"Applied {event.done} change{'s' if event.done != 1 else ''}", Role.GOOD), f" in {duration(event.seconds)}"
        )
    counts = f": {event.done} done, {event.failed} failed, {event.skipped} not tried"
    return line(span("Stopped" if event.interrupted else "Not everything was applied", Role.BAD), counts)


def events_json(events: Sequence[ApplyEvent]) -> dict[str, Json]:
    """Give a finished apply as one JSON document: one entry a resource, then the counts."""
    changes: list[Json] = []
    notes: list[Json] = []
    counts: dict[str, Json] = {}
    for event in events:
        match event:
            case ChangeStarted() | ChangeWaiting():
                pass
            case ChangeNoted(address=address, note=note):
                notes.append({"address": str(address), "note": note})
            case ChangeDone(address=address, action=action, seconds=seconds):
                changes.append(_entry(address, action, "done") | {"seconds": seconds})
            case ChangeFailed(address=address, action=action):
                told: dict[str, Json] = {"code": event.code, "message": event.message, "hint": event.hint}
                changes.append(_entry(address, action, "failed") | told)
            case ChangeSkipped(address=address, action=action, because=because):
                changes.append(_entry(address, action, "skipped") | {"because": because})
            case ApplyFinished():
                counts = {
                    "done": event.done,
                    "failed": event.failed,
                    "skipped": event.skipped,
                    "interrupted": event.interrupted,
                    "seconds": event.seconds,
                }
            case _:
                assert_never(event)
    return {"format_version": FORMAT_VERSION, "kind": "apply", "changes": changes, "notes": notes, **counts}


def events_schema() -> Schema:
    """Describe what `events_json` gives."""
    address = text("`kind.pipeline` or `kind.pipeline.name`, as in the plan.")
    action = choice("What was to be done.", (action.value for action in Action))
    outcomes: Mapping[str, Mapping[str, Json]] = {
        "done": {"seconds": seconds("How long it took, waiting included.")},
        "failed": {
            "code": text("The error's stable code."),
            "message": text("One sentence."),
            "hint": text("What to do; empty when there is nothing to say."),
        },
        "skipped": {"because": text("What it needs and failed, or that the apply was stopped.")},
    }
    changes: Json = [
        closed(f"A change that was {status}.", {"address": address, "action": action, "status": _status(status), **more})
        for status, more in outcomes.items()
    ]
    note = closed("Something worth knowing happened besides.", {"address": address, "note": text("One sentence.")})
    return document(
        "apply",
        "Of `apply` and `destroy`: what became of each change. With nothing to do all counts are 0.",
        {
            "changes": listed({"oneOf": changes}, "In the order in which they ended."),
            "notes": listed(note, "Such as versions that were removed."),
            "done": whole("How many changes were made."),
            "failed": whole("How many could not be made."),
            "skipped": whole("How many were not tried."),
            "interrupted": flag("Somebody asked it to stop."),
            "seconds": seconds("How long all of it took."),
        },
    )


def _status(word: str) -> Json:
    return {"const": word, "description": "What became of it."}


def _entry(address: Address, action: Action, status: str) -> dict[str, Json]:
    return {"address": str(address), "action": action.value, "status": status}


def _named(address: Address) -> tuple[Span, ...]:
    own = f" {address.name}" if address.name else ""
    return span(f"{kind_words(address.kind)}{own}", Role.NAME), span(f" of {address.pipeline}", Role.MUTED)
