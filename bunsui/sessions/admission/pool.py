"""The slots of a pool as a value: who holds one, who waits for one, in the order in which they came.

A slot is held for an attempt, which is an execution with the number of its redrives, and not for a time: it is free when that
attempt has ended, whoever sees it. So an attempt that ended never holds a slot again, and to free one twice, or late, frees no
other's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bunsui.model.admission.concurrency import REPLACE, SKIP, Concurrency
from bunsui.model.admission.pools import SlotHolder, SlotPool, SlotTicket

MOST_TICKETS = 200
"""How many may wait: with as many holders as a limit allows, the item stays far below the 400 KB of DynamoDB."""


class AnswerKind(Enum):
    """What becomes of who asks for a slot."""

    ADMITTED = "admitted"
    WAITS = "waits"
    SKIPPED = "skipped"
    REPLACED = "replaced"
    """A newer run took its place among those that wait."""
    REFUSED = "refused"
    """As many wait as can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolAnswer:
    """What becomes of who asked, with what it finds before it."""

    kind: AnswerKind
    holders: tuple[SlotHolder, ...] = ()
    """Those that hold a slot, the oldest first."""
    ahead: tuple[SlotTicket, ...] = ()
    """Those that wait and are served before."""
    to_stop: tuple[SlotHolder, ...] = ()
    """Those that are to be stopped for it."""

    @property
    def behind(self) -> int:
        """Return how many are before it."""
        return len(self.holders) + len(self.ahead)


def ask_for_slot(
    pool: SlotPool, who: SlotTicket, rule: Concurrency, policy: str, *, has_waited: bool = False
) -> tuple[SlotPool, PoolAnswer]:
    """Return the pool with a slot, or a place in the line, for who asks, and what became of it.

    Whoever holds a slot or waits already does so once, however often it asks. With as many slots free as wait before it, it is
    admitted; so nobody who comes later is served before. `policy` is what becomes of a new run. `has_waited`: it asked before,
    so that one that replaces, and whose ticket is gone, was replaced by a newer one.
    """
    if any(holder.turn == who.turn for holder in pool.holders):
        return pool, PoolAnswer(kind=AnswerKind.ADMITTED)
    place = next((index for index, ticket in enumerate(pool.tickets) if ticket.turn == who.turn), None)
    free = rule.limit - len(pool.holders)
    if policy == REPLACE and place is None and has_waited:
        return pool, PoolAnswer(kind=AnswerKind.REPLACED)
    if policy == REPLACE and place is None:
        pool = _in_front(pool, who)
        place = 0
    ahead = pool.tickets[: len(pool.tickets) if place is None else place]
    if len(ahead) < free:
        return _take(pool, who), PoolAnswer(kind=AnswerKind.ADMITTED)
    told = PoolAnswer(kind=AnswerKind.WAITS, holders=pool.holders, ahead=ahead)
    if place is None and policy == SKIP:
        return pool, replace(told, kind=AnswerKind.SKIPPED)
    if place is None and len(pool.tickets) >= MOST_TICKETS:
        return pool, replace(told, kind=AnswerKind.REFUSED)
    if place is None:
        return replace(pool, tickets=(*pool.tickets, who)), told
    to_stop = pool.holders[: 1 - free] if policy == REPLACE else ()
    return pool, replace(told, to_stop=to_stop)


def still_waits(pool: SlotPool, turn: tuple[str, int], now: datetime) -> SlotPool:
    """Return the pool in which the ticket says that somebody waits on."""
    tickets = (
        replace(ticket, seen_at=now, beats=ticket.beats + 1) if ticket.turn == turn else ticket for ticket in pool.tickets
    )
    return replace(pool, tickets=tuple(tickets))


def free_slot(pool: SlotPool, turn: tuple[str, int]) -> SlotPool:
    """Return the pool without the slot of an attempt that ended, or never began; nothing changes where it holds none."""
    return replace(pool, holders=tuple(holder for holder in pool.holders if holder.turn != turn))


def leave_line(pool: SlotPool, turn: tuple[str, int]) -> SlotPool:
    """Return the pool in which the attempt waits no more."""
    return replace(pool, tickets=tuple(ticket for ticket in pool.tickets if ticket.turn != turn))


def drop_silent(pool: SlotPool, silent: SlotTicket) -> SlotPool:
    """Return the pool without a ticket of which nobody said anything since it was seen so."""
    kept = (ticket for ticket in pool.tickets if (ticket.turn, ticket.beats) != (silent.turn, silent.beats))
    return replace(pool, tickets=tuple(kept))


def _in_front(pool: SlotPool, who: SlotTicket) -> SlotPool:
    """Return the pool in which a run that replaces is served next, in place of others that would."""
    others = (ticket for ticket in pool.tickets if not ticket.replaces)
    return replace(pool, tickets=(replace(who, replaces=True), *others))


def _take(pool: SlotPool, who: SlotTicket) -> SlotPool:
    held = SlotHolder(session=who.session, execution_arn=who.execution_arn, redrive=who.redrive, since=who.seen_at)
    return replace(leave_line(pool, who.turn), holders=(*pool.holders, held))
