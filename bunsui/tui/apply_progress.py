"""How far an apply is: one word for each resource, and the counts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
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
    StateNoted,
)
from bunsui.apply.lease import Waiting
from bunsui.model.address import Address
from bunsui.plan.model import Plan
from bunsui.view.apply.events import event_lines, finished_line
from bunsui.view.apply.lock import waiting_line, waiting_story
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, Span, line, span


@dataclass(slots=True, kw_only=True)
class ApplyProgress:
    """Grows with each event."""

    total: int
    status: dict[Address, Line] = field(default_factory=dict)
    """What happens to each resource right now, in a few words."""
    stories: dict[Address, tuple[Line, ...]] = field(default_factory=dict)
    """What there is to read about a resource that waits, failed or was skipped."""
    done: int = 0
    failed: list[Address] = field(default_factory=list)
    skipped: list[Address] = field(default_factory=list)
    """What was not tried."""
    finished: ApplyFinished | None = None
    left: tuple[Line, ...] = ()
    """The pipelines that were left as they are, with the reasons."""
    smoke: tuple[Line, ...] = ()
    """The smoke runs: each with its start and what came of it."""
    lock: tuple[Line, ...] = ()
    """What there is to read while somebody else holds the lock; empty when nobody does."""

    notes: list[Line] = field(default_factory=list)
    """What is worth knowing about the state itself."""

    _lock_title: Line = field(default_factory=line)

    @classmethod
    def of(cls, plan: Plan) -> ApplyProgress:
        """Begin: everything in the plan is still to be done."""
        pending = {change.address: line(span("○ to do", Role.MUTED)) for change in plan.pending}
        return cls(total=len(pending), status=pending)

    def wait(self, waiting: Waiting, *, now: datetime, patience_seconds: float) -> None:
        """Note that the lock is held."""
        self.lock = waiting_story(waiting, now, patience_seconds=patience_seconds)
        self._lock_title = waiting_line(waiting, now)

    def take(self, event: ApplyEvent) -> None:
        """Note what happened."""
        self.lock = ()
        match event:
            case ChangeStarted():
                self.status[event.address] = line(span("● working", Role.RUNNING))
            case ChangeWaiting():
                self.status[event.address] = line(span(f"◌ waits for {event.what}", Role.WARN))
                self.stories[event.address] = event_lines(event)
            case ChangeNoted():
                self.status[event.address] = line(span(f"● {event.note}", Role.RUNNING))
            case ChangeDone():
                self.done += 1
                self.status[event.address] = line(span("✓ done", Role.GOOD), span(f" {duration(event.seconds)}", Role.MUTED))
                self.stories.pop(event.address, None)
            case ChangeFailed():
                self.failed.append(event.address)
                self.status[event.address] = line(span("✗ failed", Role.BAD))
                self.stories[event.address] = event_lines(event)
            case ChangeSkipped():
                self.skipped.append(event.address)
                self.status[event.address] = line(span("- not tried", Role.WARN))
                self.stories[event.address] = event_lines(event)
            case StateNoted():
                self.notes.append(event_lines(event)[0])
            case SmokeRunStarted():
                self.smoke = (*self.smoke, *event_lines(event))
            case SmokeRunEnded():
                self.smoke = (*self.smoke, *event_lines(event))
            case PipelineLeft():
                self.left = (*self.left, *event_lines(event))
                mine = [address for address in self.status if address.pipeline == event.pipeline]
                self.status |= dict.fromkeys(mine, line(span("! left as it is", Role.REFUSE)))
            case ApplyFinished():
                self.finished = event
            case _:
                assert_never(event)

    @property
    def title(self) -> Line:
        """Where the apply stands, in one line."""
        if self.lock:
            return self._lock_title
        if self.finished is None:
            counts = [span(f"{self.done}/{self.total} done", Role.RUNNING)]
            counts += [span(f", {len(self.failed)} failed", Role.BAD)] if self.failed else []
            counts += [span(f", {len(self.skipped)} not tried", Role.WARN)] if self.skipped else []
            return line(span("Applying ", Role.STRONG), *counts, *self._waiting())
        is_good = self.finished.is_complete and not self.finished.unproved
        mark = span("✓ ", Role.GOOD) if is_good else span("✗ ", Role.BAD)
        return line(mark, *finished_line(self.finished).parts)

    @property
    def problems(self) -> tuple[Line, ...]:
        """Return what is worth knowing of the state, what was left, then each failed and skipped resource with the reason,
        failures first."""
        told = tuple(line for address in (*self.failed, *self.skipped) for line in self.stories.get(address, ()))
        return (*self.notes, *self.left, *told)

    def page(self, addresses: Collection[Address]) -> tuple[Line, ...]:
        """Return what there is to read in place of the plan: who holds the lock; what these resources wait for; what was not
        done, and why. Nothing while all goes well."""
        if self.lock:
            return self.lock
        waiting = [address for address in self._waiting_for if address in addresses]
        told = tuple(item for address in waiting for item in self.stories[address])
        if self.smoke:
            told = (*told, *((line(),) if told else ()), line(span("Smoke runs", Role.STRONG)), line(), *self.smoke)
        if problems := self.problems:
            told = (*told, *((line(),) if told else ()), line(span("Not done", Role.STRONG)), line(), *problems)
        return told

    @property
    def _waiting_for(self) -> list[Address]:
        return [address for address in self.stories if self.status[address].text.startswith("◌")]

    def _waiting(self) -> tuple[Span, ...]:
        waiting = self._waiting_for
        more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        return (span("  "), *self.stories[waiting[0]][0].parts, span(more, Role.MUTED)) if waiting else ()
