"""Takes a slot of a pool, or waits in line for one: frees those of attempts that ended, drops those who wait no more.

Nothing has to renew a slot. Whoever finds a pool full asks Step Functions for its oldest holders. Who waits says so again and
again: a ticket of which nothing was said for `SILENT`, by the clock of one who waits behind it, is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.command_line import command_line
from bunsui.errors import Conflict, HeldBack, Missing
from bunsui.model.admission.concurrency import QUEUE, Concurrency
from bunsui.model.admission.pools import SlotHolder, SlotPool, SlotTicket
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.session_rows import PoolStore
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry
from bunsui.sessions.admission.pool import (
    AnswerKind,
    PoolAnswer,
    ask_for_slot,
    drop_silent,
    free_slot,
    leave_line,
    still_waits,
)

BEAT = timedelta(seconds=20)
"""How often who waits says so."""
SILENT = timedelta(seconds=90)
"""After this a ticket of which nothing was said is dropped."""
UNSTARTED = timedelta(minutes=5)
"""For so long an execution for which a slot was taken may be unknown: it is about to start, or DescribeExecution lags."""
_DESCRIBED = 10
"""Holders that are asked for at a time."""
_OTHERS_WERE_FIRST: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, Conflict),
    backoff=Backoff(first_seconds=0.05, factor=1.5, longest_seconds=1.0),
    patience_seconds=60.0,
    jitter=0.9,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNote:
    """What a session waits for."""

    pipeline: str
    session: str
    limit: int
    behind: int
    """How many are before it, those that run included."""
    oldest: SlotHolder | None
    """Who has held a slot for longest."""


def tell_nobody(_note: WaitingNote) -> None:
    """Leave it unsaid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """How somebody waits in a line."""

    pools: PoolStore
    patience_seconds: float | None = 0.0
    """How long; 0: not at all, None: for as long as it takes."""
    pause_seconds: float = 5.0
    """Between two looks at the pool."""
    tell: Callable[[WaitingNote], None] = tell_nobody
    """Told for what it waits, and whenever that changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """An attempt that asks for a slot, with what is done about others for it."""

    pipeline: str
    session: str
    execution_arn: str
    rule: Concurrency
    redrive: int = 0
    policy: str = QUEUE
    """What becomes of it where there is no room."""
    is_wanted: Callable[[], bool] = lambda: True
    """Asked before each look, also the first: False where somebody stopped the session meanwhile."""
    begin_waiting: Callable[[], None] = lambda: None
    """Called once, when it begins to wait."""
    stop: Callable[[SlotHolder], None] = lambda holder: None
    """Stops an execution that makes room."""
    forget: Callable[[str], None] = lambda session: None
    """Told of a session for which nobody waits any more."""

    @property
    def turn(self) -> tuple[str, int]:
        """Return which attempt it is."""
        return self.execution_arn, self.redrive


class StartLine:
    """The line before one pool, for one who wants a slot."""

    def __init__(self, settings: LineSettings, *, execution: ExecutionClient, clock: Clock, who: Entrant) -> None:
        """Stand before the pool of the pipeline."""
        self._settings = settings
        self._execution = execution
        self._clock = clock
        self._who = who
        self._heard: dict[tuple[str, int], tuple[int, datetime]] = {}
        """Of each ticket ahead its beats, and when they were new."""
        self._stopped: set[tuple[str, int]] = set()

    def enter(self) -> None:
        """Take a slot; returns when it is held.

        Raises:
            HeldBack: there is none, and the attempt does not wait, or waited for as long as it may.

        """
        began = self._clock.now()
        answer = self._look(has_waited=False)
        if answer.kind is AnswerKind.ADMITTED:
            return
        with self._leaving():
            self._refuse(answer)
            patience = self._settings.patience_seconds
            if patience == 0:
                raise self._refusal(answer, "it does not wait for a slot, so nothing was started")
            self._who.begin_waiting()
            self._wait(answer, until=began + timedelta(seconds=patience) if patience is not None else None)

    def leave(self) -> None:
        """Give up the slot, or the place among those that wait."""
        self._change(lambda pool: (leave_line(free_slot(pool, self._who.turn), self._who.turn), None))

    def _wait(self, answer: PoolAnswer, *, until: datetime | None) -> None:
        told: WaitingNote | None = None
        beaten = self._clock.now()
        while answer.kind is not AnswerKind.ADMITTED:
            note = self._note(answer)
            if note != told:
                self._settings.tell(note)
                told = note
            if until is not None and self._clock.now() >= until:
                raise self._refusal(answer, "the time to wait has passed, so nothing was started")
            self._clock.sleep(self._settings.pause_seconds)
            if not self._who.is_wanted():
                raise self._refusal(answer, "the session was stopped while it waited for a slot")
            if self._clock.now() - beaten >= BEAT:
                beaten = self._clock.now()
                self._change(lambda pool: (still_waits(pool, self._who.turn, self._clock.now()), None))
            answer = self._look(has_waited=True)
            self._refuse(answer)

    def _look(self, *, has_waited: bool) -> PoolAnswer:
        """Ask for a slot; where there is none, once more when those are free whose attempts ended."""
        answer = self._ask(has_waited=has_waited)
        if answer.kind is AnswerKind.ADMITTED or len(answer.ahead) >= self._who.rule.limit:
            return self._drop_silent_ahead(answer, has_waited=has_waited)
        for holder in answer.to_stop:
            if holder.turn not in self._stopped:
                self._stopped.add(holder.turn)
                self._who.stop(holder)
        ended = [holder for holder in answer.holders[:_DESCRIBED] if self._has_ended(holder)]
        if ended:
            self._change(lambda pool: (_without(pool, ended), None))
            return self._ask(has_waited=has_waited or answer.kind is AnswerKind.WAITS)
        return self._drop_silent_ahead(answer, has_waited=has_waited)

    def _drop_silent_ahead(self, answer: PoolAnswer, *, has_waited: bool) -> PoolAnswer:
        """Drop the tickets ahead for which nobody waits any more, and ask again where there were some."""
        now = self._clock.now()
        silent = []
        for ticket in answer.ahead:
            beats, since = self._heard.get(ticket.turn, (-1, now))
            if beats != ticket.beats:
                self._heard[ticket.turn] = (ticket.beats, now)
            elif now - since > SILENT:
                silent.append(ticket)
        if not silent:
            return answer
        self._change(lambda pool: (_without_silent(pool, silent), None))
        for ticket in silent:
            self._who.forget(ticket.session)
        return self._ask(has_waited=has_waited)

    def _ask(self, *, has_waited: bool) -> PoolAnswer:
        who, now = self._who, self._clock.now()
        ticket = SlotTicket(
            session=who.session, execution_arn=who.execution_arn, redrive=who.redrive, since=now, seen_at=now
        )  # fmt: skip

        def ask(pool: SlotPool) -> tuple[SlotPool, PoolAnswer]:
            return ask_for_slot(pool, ticket, who.rule, who.policy, has_waited=has_waited)

        answer = self._change(ask)
        assert answer is not None, "whoever asks is answered"
        return answer

    def _change(self, change: Callable[[SlotPool], tuple[SlotPool, PoolAnswer | None]]) -> PoolAnswer | None:
        """Write what becomes of the pool, read again where somebody wrote first; nothing where nothing changes."""
        pools = self._settings.pools

        def attempt() -> PoolAnswer | None:
            pool = pools.read(self._who.pipeline)
            newer, answer = change(pool)
            if newer != pool:
                pools.write(newer)
            return answer

        return retry(attempt, (_OTHERS_WERE_FIRST,), Retrying(clock=self._clock))

    def _has_ended(self, holder: SlotHolder) -> bool:
        """Tell whether the attempt of a slot runs no more, by what Step Functions says of its execution."""
        try:
            found = self._execution.describe(holder.execution_arn)
        except Missing:
            return self._clock.now() - holder.since > UNSTARTED
        if found.redrive_count < holder.redrive:
            return self._clock.now() - holder.since > UNSTARTED
        return found.status.is_final or found.redrive_count > holder.redrive

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """Give up the place where the waiting ends otherwise than with a slot, an interruption included."""
        try:
            yield
        except BaseException:
            self.leave()
            raise

    def _refuse(self, answer: PoolAnswer) -> None:
        if answer.kind is AnswerKind.SKIPPED:
            raise self._refusal(answer, "as many run as may, and the pipeline's policy is to skip: nothing was started")
        if answer.kind is AnswerKind.REPLACED:
            raise self._refusal(answer, "a newer run replaces this one while it waited: nothing was started")
        if answer.kind is AnswerKind.REFUSED:
            raise self._refusal(answer, "as many wait for a slot as can, so nothing was started")

    def _note(self, answer: PoolAnswer) -> WaitingNote:
        return WaitingNote(
            pipeline=self._who.pipeline,
            session=self._who.session,
            limit=self._who.rule.limit,
            behind=answer.behind,
            oldest=min(answer.holders, key=lambda one: one.since, default=None),
        )

    def _refusal(self, answer: PoolAnswer, summary: str) -> HeldBack:
        note = self._note(answer)
        oldest = note.oldest
        return HeldBack(
            "no-free-slot",
            summary,
            hint="Start it again when there is room; a run that waits for its end waits in line, too."
            + (f" Look at the oldest:\n  {command_line('show', oldest.session)}" if oldest is not None else ""),
            pipeline=note.pipeline,
            limit=note.limit,
            behind=note.behind,
            oldest=oldest.session if oldest is not None else None,
            since=oldest.since.replace(microsecond=0).isoformat() if oldest is not None else None,
        )


def _without(pool: SlotPool, ended: list[SlotHolder]) -> SlotPool:
    for holder in ended:
        pool = free_slot(pool, holder.turn)
    return pool


def _without_silent(pool: SlotPool, silent: list[SlotTicket]) -> SlotPool:
    for ticket in silent:
        pool = drop_silent(pool, ticket)
    return pool
