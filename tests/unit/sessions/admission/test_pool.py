"""Slots of a pool: every interleaving of who takes, starts, dies, ends, is seen to have ended or not, and is redriven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bunsui.model.admission.concurrency import MOST_AT_ONCE, QUEUE, REPLACE, SKIP, Concurrency
from bunsui.model.admission.pools import SlotPool, SlotTicket
from bunsui.sessions.admission.pool import (
    MOST_TICKETS,
    AnswerKind,
    ask_for_slot,
    drop_silent,
    free_slot,
    leave_line,
    still_waits,
)

NOW = datetime(2026, 12, 1, 2, 10, tzinfo=UTC)
LIMIT, STARTERS = 2, 3
RULE = Concurrency(limit=LIMIT)
EMPTY = SlotPool(name="orders")

IDLE, WAITS, HOLDS, RUNS, ENDED, DEAD = "idle", "waits", "holds", "runs", "ended", "dead"


def ticket(number: int, redrive: int = 0) -> SlotTicket:
    return SlotTicket(session=f"s{number}", execution_arn=f"e{number}", redrive=redrive, since=NOW, seen_at=NOW)


@dataclass(frozen=True, kw_only=True)
class World:
    """A pool, what each starter does, and which of its turns that is."""

    pool: SlotPool
    phases: tuple[str, ...]
    turns: tuple[int, ...]

    def with_phase(self, number: int, phase: str, pool: SlotPool | None = None) -> World:
        phases = (*self.phases[:number], phase, *self.phases[number + 1 :])
        return replace(self, phases=phases, pool=self.pool if pool is None else pool)


def turn_of(world: World, number: int) -> tuple[str, int]:
    return ticket(number, world.turns[number]).turn


def steps(world: World) -> Iterator[tuple[str, int, World]]:
    """Return everything that may happen next, one thing at a time; an event that is lost is one that does not happen."""
    for number, phase in enumerate(world.phases):
        mine = turn_of(world, number)
        if phase in (IDLE, WAITS):
            pool, answer = ask_for_slot(world.pool, ticket(number, world.turns[number]), RULE, QUEUE, has_waited=phase == WAITS)
            yield "take", number, world.with_phase(number, HOLDS if answer.kind is AnswerKind.ADMITTED else WAITS, pool)
        if phase in (WAITS, HOLDS):
            yield "die", number, world.with_phase(number, DEAD)
        if phase == HOLDS and any(holder.turn == mine for holder in world.pool.holders):
            yield "start", number, world.with_phase(number, RUNS)
        if phase == RUNS:
            yield "end", number, world.with_phase(number, ENDED)
        if phase in (ENDED, DEAD):
            yield "evict", number, replace(world, pool=free_slot(world.pool, mine))
            yield "drop", number, replace(world, pool=drop_silent(world.pool, ticket(number, world.turns[number])))
        if phase == ENDED and world.turns[number] == 0:
            turns = (*world.turns[:number], 1, *world.turns[number + 1 :])
            yield "redrive", number, replace(world.with_phase(number, IDLE), turns=turns)
        if world.turns[number]:  # what somebody read before the redrive is used after it
            yield "evict late", number, replace(world, pool=free_slot(world.pool, ticket(number).turn))


def test_in_no_order_of_events_more_run_than_may_and_nobody_is_passed_or_stuck() -> None:
    first = World(pool=EMPTY, phases=(IDLE,) * STARTERS, turns=(0,) * STARTERS)
    found: dict[World, list[World]] = {}
    todo = [first]
    while todo:
        world = todo.pop()
        if world in found:
            continue
        found[world] = []
        for _, number, after in steps(world):
            found[world].append(after)
            todo.append(after)
            check_one_step(world, number, after)
    assert len(found) > 5_000
    assert unfinished(found) == set()


def check_one_step(before: World, number: int, after: World) -> None:
    running = {turn_of(after, one) for one, phase in enumerate(after.phases) if phase == RUNS}
    held = [holder.turn for holder in after.pool.holders]
    waiting = [one.turn for one in after.pool.tickets]
    assert len(held) <= LIMIT
    assert running <= set(held)
    assert len({*held, *waiting}) == len(held) + len(waiting)
    for one, phase in enumerate(before.phases):
        mine = turn_of(before, one)
        if phase == WAITS and after.phases[one] == WAITS and one != number:
            assert set(ahead(after, mine)) <= set(ahead(before, mine))


def ahead(world: World, mine: tuple[str, int]) -> list[tuple[str, int]]:
    turns = [one.turn for one in world.pool.tickets]
    return turns[: turns.index(mine)] if mine in turns else turns


def unfinished(found: dict[World, list[World]]) -> set[World]:
    """Return the worlds from which not everybody who lives can come to an end."""
    before: dict[World, list[World]] = {}
    for world, following in found.items():
        for after in following:
            before.setdefault(after, []).append(world)
    todo = [world for world in found if set(world.phases) <= {ENDED, DEAD}]
    can = set(todo)
    while todo:
        for world in before.get(todo.pop(), ()):
            if world not in can:
                can.add(world)
                todo.append(world)
    return found.keys() - can


def asked(pool: SlotPool, *numbers: int, policy: str = QUEUE, limit: int = LIMIT) -> SlotPool:
    for number in numbers:
        pool, _ = ask_for_slot(pool, ticket(number), Concurrency(limit=limit), policy)
    return pool


def test_who_asks_again_holds_one_slot_or_has_one_place() -> None:
    pool = asked(EMPTY, 0, 1, 2)
    assert asked(pool, 0, 1, 2, 2) == pool
    assert [one.session for one in pool.holders] == ["s0", "s1"]
    assert [one.session for one in pool.tickets] == ["s2"]


def test_a_slot_that_is_free_is_kept_for_who_came_first() -> None:
    pool = free_slot(asked(EMPTY, 0, 1, 2, 3), ("e0", 0))
    _, answer = ask_for_slot(pool, ticket(3), RULE, QUEUE)
    assert (answer.kind, answer.behind) == (AnswerKind.WAITS, 2)
    _, answer = ask_for_slot(pool, ticket(4), RULE, SKIP)
    assert answer.kind is AnswerKind.SKIPPED
    assert [one.session for one in asked(pool, 2, 3).holders] == ["s1", "s2"]


def test_who_is_skipped_leaves_nothing() -> None:
    pool = asked(EMPTY, 0, 1)
    newer, answer = ask_for_slot(pool, ticket(2), RULE, SKIP)
    assert (newer, answer.kind, answer.behind) == (pool, AnswerKind.SKIPPED, 2)


def test_a_run_that_replaces_stops_the_oldest_and_is_served_before_those_that_wait() -> None:
    pool, answer = ask_for_slot(asked(EMPTY, 0, 1, 2), ticket(3), RULE, REPLACE)
    assert (answer.kind, [one.session for one in answer.to_stop]) == (AnswerKind.WAITS, ["s0"])
    assert [one.session for one in pool.tickets] == ["s3", "s2"]
    pool = free_slot(pool, ("e0", 0))
    assert [one.session for one in asked(pool, 2, 3, policy=QUEUE).holders] == ["s1", "s3"]


def test_the_newest_of_those_that_replace_is_the_one_that_runs() -> None:
    pool = asked(EMPTY, 0, 1, 2, 3, policy=REPLACE)
    assert [one.session for one in pool.tickets] == ["s3"]
    newer, answer = ask_for_slot(pool, ticket(2), RULE, REPLACE, has_waited=True)
    assert (newer, answer.kind) == (pool, AnswerKind.REPLACED)


def test_nothing_is_stopped_where_there_is_room() -> None:
    pool, answer = ask_for_slot(asked(EMPTY, 0), ticket(1), RULE, REPLACE)
    assert (answer.kind, answer.to_stop, pool.tickets) == (AnswerKind.ADMITTED, (), ())


def test_a_lower_limit_lets_nobody_in_until_enough_have_ended() -> None:
    pool = asked(EMPTY, 0, 1, 2, limit=3)
    pool = asked(pool, 3, limit=1)
    for ended in ("e0", "e1"):
        pool = asked(free_slot(pool, (ended, 0)), 3, limit=1)
        assert [one.session for one in pool.tickets] == ["s3"]
    assert [one.session for one in asked(free_slot(pool, ("e2", 0)), 3, limit=1).holders] == ["s3"]


def test_what_was_seen_of_an_earlier_turn_frees_nothing_of_a_redrive() -> None:
    pool, _ = ask_for_slot(EMPTY, ticket(0, redrive=1), RULE, QUEUE)
    assert free_slot(pool, ("e0", 0)) == pool
    assert [one.turn for one in pool.holders] == [("e0", 1)]
    assert free_slot(pool, ("e0", 1)).holders == ()


def test_a_ticket_of_which_something_was_said_since_is_kept() -> None:
    pool = asked(EMPTY, 0, 1, 2)
    silent = pool.tickets[0]
    assert drop_silent(still_waits(pool, silent.turn, NOW), silent).tickets
    assert drop_silent(pool, silent).tickets == ()
    assert leave_line(pool, silent.turn).tickets == ()


@pytest.mark.parametrize("limit", [1, MOST_AT_ONCE])
def test_a_pool_is_bounded(limit: int) -> None:
    pool = asked(EMPTY, *range(limit + MOST_TICKETS), limit=limit)
    newer, answer = ask_for_slot(pool, ticket(999), Concurrency(limit=limit), QUEUE)
    assert (newer, answer.kind) == (pool, AnswerKind.REFUSED)
    assert (len(pool.holders), len(pool.tickets)) == (limit, MOST_TICKETS)
