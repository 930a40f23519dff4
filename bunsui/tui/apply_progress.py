"""How far an apply is: one word for each resource, and the counts."""

from __future__ import annotations

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
    settled: int = 0
    """How many resources are done, failed or skipped."""
    finished: ApplyFinished | None = None
    left: tuple[Line, ...] = ()
    """The pipelines that were left as they are, with the reasons."""
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
                self._settle(event.address, line(span("✓ done", Role.GOOD), span(f" {duration(event.seconds)}", Role.MUTED)))
                self.stories.pop(event.address, None)
            case ChangeFailed():
                self._settle(event.address, line(span("✗ failed", Role.BAD)))
                self.stories[event.address] = event_lines(event)
            case ChangeSkipped():
                self._settle(event.address, line(span("- skipped", Role.WARN)))
                self.stories[event.address] = event_lines(event)
            case StateNoted():
                self.notes.append(event_lines(event)[0])
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
            return line(span("Applying ", Role.STRONG), span(f"{self.settled}/{self.total}", Role.RUNNING), *self._waiting())
        mark = span("✓ ", Role.GOOD) if self.finished.is_complete else span("✗ ", Role.BAD)
        return line(mark, *finished_line(self.finished).parts)

    @property
    def problems(self) -> tuple[Line, ...]:
        """Return what is worth knowing of the state, what was left, then each failed and skipped resource with the reason,
        failures first."""
        failed = [address for address, status in self.status.items() if status.text.startswith("✗")]
        skipped = [address for address, status in self.status.items() if status.text.startswith("-")]
        told = tuple(line for address in (*failed, *skipped) for line in self.stories.get(address, ()))
        return (*self.notes, *self.left, *told)

    def _waiting(self) -> tuple[Span, ...]:
        waiting = [story[0] for address, story in self.stories.items() if self.status[address].text.startswith("◌")]
        return (span("  "), *waiting[0].parts) if waiting else ()

    def _settle(self, address: Address, status: Line) -> None:
        self.status[address] = status
        self.settled += 1
