"""The feed: reads subjects while somebody looks at them, once for all who do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from time import monotonic
from typing import Any, Generic, TypeVar, cast

from textual.message_pump import MessagePump

from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.subject import Account, Known, Reading, Subject
from bunsui.tui.polling import LIST_SECONDS, Polling
from bunsui.tui.problem import problem_of
from bunsui.tui.work_threads import begin_thread, told_notices

T = TypeVar("T")

AWAY_TIMES = 6.0
"""So many times longer is waited between two readings while the terminal is not looked at."""
KEPT = 40
"""Subjects that nobody looks at any more and whose last value is kept."""


@dataclass(slots=True, eq=False)
class _Entry(Generic[T]):
    """What the feed knows of one subject."""

    subject: Subject[T]
    rule: Polling
    known: Known[T] = field(default_factory=Known)
    memory: T | None = None
    """The last value, for the next reading; forgotten with the credentials."""
    listeners: dict[MessagePump, bool] = field(default_factory=dict)
    """Who looks, and whether to read again and again for him."""
    asked: int = 0
    """When somebody asked for it, as a number that grows; 0 when nobody waits for an answer that was not begun."""
    is_reading: bool = False
    read_at: float | None = None
    """When the last reading ended, on the monotonic clock."""

    @property
    def is_followed(self) -> bool:
        return any(self.listeners.values())

    @property
    def is_wanted(self) -> bool:
        """Who does not follow it waits for its first value all the same, however often AWS refuses that."""
        return self.is_followed or (bool(self.listeners) and self.known.at is None)

    def due_at(self, times: float) -> float | None:
        """Return when it is to be read again, on the monotonic clock; None for not by itself."""
        delay = self.rule.delay_seconds
        if not self.is_wanted or delay is None:
            return None
        return self.read_at + delay * times if self.read_at is not None else 0.0


class Feed:
    """Subscribe, and `FeedNews` comes: the last value at once, then each new one. May be called from any thread."""

    def __init__(
        self,
        account: Account,
        *,
        clock: Callable[[], float] = monotonic,
        begin: Callable[[str, Callable[[], None]], None] = begin_thread,
        notices: SimpleQueue[str] | None = None,
    ) -> None:
        """Read from the account, once `start` was called. `begin` lets work go on beside the screens."""
        self._account = account
        self._clock = clock
        self._begin = begin
        self._notices = notices
        self._lock = threading.RLock()
        self._entries: dict[Subject[Any], _Entry[Any]] = {}
        self._asks = 0
        self._is_started = False
        self._is_away = False

    def start(self) -> None:
        """Begin to read: the first frame is on the screen."""
        self._is_started = True
        self.tick()

    def subscribe(self, subject: Subject[Any], listener: MessagePump, *, follows: bool = True) -> None:
        """Tell the listener of the subject, at once what is known of it. One that does not follow hears what others read, and
        has a first value read for it."""
        with self._lock:
            entry = self._entry(subject)
            was_followed = entry.is_followed
            entry.listeners[listener] = follows
            if follows and not was_followed:
                # It may have changed since: also what had ended, or was refused.
                is_settled = entry.rule.delay_seconds is None
                entry.rule = entry.rule.started()
                if is_settled:
                    self._ask(entry)
            if entry.known.at is not None or entry.known.problem is not None:
                _tell(listener, entry)
        self.tick()

    def unsubscribe(self, subject: Subject[Any], listener: MessagePump) -> None:
        """Tell the listener no more; what nobody looks at is not read."""
        with self._lock:
            entry = self._entries.get(subject)
            if entry is not None:
                entry.listeners.pop(listener, None)
                entry.asked = entry.asked if entry.listeners else 0
            self._prune()

    def refresh(self, *subjects: Subject[Any]) -> None:
        """Read now what is looked at of these; all that is looked at where none is given, as after a change."""
        with self._lock:
            for entry in [self._entries.get(one) for one in subjects] if subjects else list(self._entries.values()):
                if entry is not None and entry.listeners:
                    entry.rule = entry.rule.started()
                    self._ask(entry)
        self.tick()

    def forget(self) -> None:
        """Begin each next reading anew, with nothing of the last one: new credentials may lead somewhere else."""
        with self._lock:
            for entry in self._entries.values():
                entry.memory = None

    def look_away(self, *, is_away: bool) -> None:
        """Read less often while the terminal is not looked at; at once what has become too old when it is again."""
        self._is_away = is_away
        self.tick()

    def value(self, subject: Subject[T]) -> T | None:
        """Return the last value; None before, and after `forget`."""
        with self._lock:
            entry = self._entries.get(subject)
            return cast("T | None", entry.memory) if entry is not None else None

    def known_of(self, subject: Subject[T]) -> Known[T]:
        """Return what is known of the subject."""
        with self._lock:
            entry = self._entries.get(subject)
            return cast("Known[T]", entry.known) if entry is not None else Known()

    def rule(self, subject: Subject[Any]) -> Polling | None:
        """Return how often it is read now; None for one that was never looked at."""
        with self._lock:
            entry = self._entries.get(subject)
            return entry.rule if entry is not None else None

    def next_in(self, subject: Subject[Any]) -> float | None:
        """Return in how many seconds it is read again; None while it is read, or when it is not by itself."""
        with self._lock:
            entry = self._entries.get(subject)
            due = entry.due_at(self._times) if entry is not None and not entry.is_reading and not entry.asked else None
            return max(due - self._clock(), 0.0) if due is not None else None

    @property
    def is_idle(self) -> bool:
        """True when nothing is read, and nobody waits for it."""
        with self._lock:
            return not any(entry.is_reading or entry.asked for entry in self._entries.values())

    def tick(self) -> None:
        """Begin to read what is due: called several times a second, and after each change here."""
        with self._lock:
            chosen = list(self._next_entries()) if self._is_started else []
            for entry in chosen:
                entry.is_reading, entry.asked = True, 0
        for entry in chosen:
            self._begin(type(entry.subject).__name__, lambda entry=entry: self._read(entry))  # type: ignore[misc]

    def _next_entries(self) -> Iterator[_Entry[Any]]:
        """Of each class of subjects of which none is read: the one that was asked for last, else the one due longest."""
        busy = {type(entry.subject) for entry in self._entries.values() if entry.is_reading}
        waiting: dict[type, list[tuple[int, float, _Entry[Any]]]] = {}
        for entry in self._entries.values():
            due = entry.due_at(self._times)
            if type(entry.subject) not in busy and (entry.asked or (due is not None and due <= self._clock())):
                waiting.setdefault(type(entry.subject), []).append((-entry.asked, due or 0.0, entry))
        for entries in waiting.values():
            yield min(entries, key=lambda one: one[:2])[2]

    def _read(self, entry: _Entry[T]) -> None:
        at = self._account.now()
        try:
            value = entry.subject.read(Reading(account=self._account, last=entry.memory, others=self))
            every, problem = entry.subject.every_seconds(value), None
        except Exception as error:  # noqa: BLE001 (a thread's failure is shown on the screen; the program goes on)
            problem = problem_of(error)
        with self._lock:
            entry.is_reading, entry.read_at = False, self._clock()
            if problem is None:
                entry.known, entry.memory = Known(value=value, at=at), value
                rule = entry.rule.after_answer()
                entry.rule = replace(rule, every_seconds=every, is_over=False) if every is not None else rule.over()
            else:
                entry.known = replace(entry.known, problem=problem)
                entry.rule = entry.rule.after_failure(is_denied=problem.is_denied)
            listeners = list(entry.listeners)
            for listener in listeners:
                _tell(listener, entry)
        for notice in told_notices(self._notices) if listeners else ():
            with suppress(RuntimeError):
                listeners[0].post_message(notice)
        self.tick()

    def _entry(self, subject: Subject[Any]) -> _Entry[Any]:
        if subject not in self._entries:
            self._entries[subject] = _Entry(subject=subject, rule=Polling(every_seconds=LIST_SECONDS))
        entry = self._entries.pop(subject)
        self._entries[subject] = entry  # last: those at the front were not looked at for longest
        return entry

    def _ask(self, entry: _Entry[Any]) -> None:
        self._asks += 1
        entry.asked = self._asks

    def _prune(self) -> None:
        unseen = [subject for subject, entry in self._entries.items() if not entry.listeners and not entry.is_reading]
        for subject in unseen[: max(len(unseen) - KEPT, 0)]:
            del self._entries[subject]

    @property
    def _times(self) -> float:
        return AWAY_TIMES if self._is_away else 1.0


def _tell(listener: MessagePump, entry: _Entry[Any]) -> None:
    # The screen or the whole program may be gone by now; then nobody is left to be told.
    with suppress(RuntimeError):
        listener.post_message(FeedNews(entry.subject, entry.known))
