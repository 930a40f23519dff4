"""The feed: one poll for all who look, the newest ask first, none lost, ages that are true. Nothing here waits for a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.errors import AccessDenied, Throttled
from bunsui.services.session_context import SessionContext
from bunsui.tui.feed.feed import AWAY_TIMES, KEPT, Feed
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.subject import Reading

START = datetime(2026, 1, 31, tzinfo=UTC)


class Listener(MessagePump):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.news: list[FeedNews] = []

    def post_message(self, message: Message) -> bool:
        assert isinstance(message, FeedNews)
        self.news.append(message)
        return True

    @property
    def values(self) -> list[object]:
        return [one.known.value for one in self.news]


@dataclass
class World:
    """A feed whose readings are carried out one by one, and whose time is set."""

    seconds: float = 0.0
    begun: list[Callable[[], None]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    failure: Exception | None = None

    def __post_init__(self) -> None:
        self.feed = Feed(self, clock=lambda: self.seconds, begin=lambda _name, work: self.begun.append(work))
        self.feed.start()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def context(self) -> SessionContext:
        return cast("SessionContext", self)

    fresh_context = context

    def morning(self) -> None:
        return

    def answer(self) -> None:
        """Carry out what is under way, and what follows from it."""
        while self.begun:
            self.begun.pop(0)()

    def after(self, seconds: float) -> None:
        self.seconds += seconds
        self.feed.tick()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A subject whose value counts how often it was read with what was kept."""

    name: str
    ends: bool = False

    def read(self, reading: Reading[int]) -> int:
        world = cast("World", reading.account.context())
        world.read.append(self.name)
        if world.failure is not None:
            raise world.failure
        return (reading.last or 0) + 1

    def every_seconds(self, value: int) -> float | None:
        return None if self.ends else 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Page):
    """Another class of subjects."""


A, B, C = Page(name="a"), Page(name="b"), Page(name="c")


def test_one_reading_serves_all_who_look_and_who_comes_later_hears_the_last_value_at_once() -> None:
    world, one, two, late = World(), Listener(), Listener(), Listener()
    world.feed.subscribe(Page(name="a"), one)
    world.feed.subscribe(Page(name="a"), two)
    world.answer()
    assert (one.values, two.values, world.read) == ([1], [1], ["a"])
    world.after(3)
    world.feed.subscribe(A, late)
    assert late.values == [1]
    assert late.news[0].known.at == START
    assert world.read == ["a"]


def test_who_paused_before_anything_was_read_gets_a_first_value_and_no_second_one() -> None:
    world, paused = World(failure=Throttled("throttled", "slow down", operation="x")), Listener()
    world.feed.subscribe(A, paused, follows=False)
    world.answer()
    assert world.read == ["a"]
    world.failure = None
    world.after(10)
    world.answer()
    assert paused.values == [None, 1]
    world.after(60)
    assert not world.begun


def test_it_is_read_again_after_its_time_and_not_when_nobody_looks() -> None:
    world, one = World(), Listener()
    world.feed.subscribe(A, one)
    world.answer()
    world.after(4.9)
    assert not world.begun
    world.after(0.1)
    world.answer()
    assert one.values == [1, 2]
    world.feed.unsubscribe(A, one)
    world.after(60)
    assert not world.begun


def test_of_a_class_the_one_asked_for_last_is_read_next_and_none_is_lost() -> None:
    world, one = World(), Listener()
    for page in (A, B, C):
        world.feed.subscribe(page, one)
    world.feed.refresh(B)
    world.feed.refresh(C)
    assert len(world.begun) == 1
    world.answer()
    assert world.read == ["a", "c", "b"]


def test_what_nobody_waits_for_any_more_is_not_read() -> None:
    world, one = World(), Listener()
    for page in (A, B, C):
        world.feed.subscribe(page, one)
    world.feed.refresh(B)
    world.feed.unsubscribe(B, one)
    world.answer()
    assert world.read == ["a", "c"]
    assert world.feed.is_idle


def test_classes_of_subjects_do_not_wait_for_each_other() -> None:
    world, one = World(), Listener()
    world.feed.subscribe(A, one)
    world.feed.subscribe(Other(name="o"), one)
    assert len(world.begun) == 2


def test_an_ask_while_it_is_read_is_answered_by_another_reading() -> None:
    world, one = World(), Listener()
    world.feed.subscribe(A, one)
    world.feed.refresh(A)
    world.feed.refresh(A)
    world.answer()
    assert one.values == [1, 2]


def test_a_failure_keeps_the_value_and_its_age_and_waits_longer_each_time() -> None:
    world, one = World(), Listener()
    world.feed.subscribe(A, one)
    world.answer()
    world.failure = Throttled("throttled", "AWS asks to slow down")
    for delay in (5.0, 10.0, 20.0):
        world.after(delay)
        world.answer()
        assert (one.news[-1].known.value, one.news[-1].known.at) == (1, START)
        assert one.news[-1].known.problem is not None
        assert world.feed.next_in(A) == 2 * delay
    world.failure = None
    world.feed.refresh(A)
    world.answer()
    assert one.news[-1].known.problem is None
    assert world.feed.next_in(A) == 5.0


def test_refused_credentials_stop_it_until_somebody_asks_and_the_next_reading_begins_anew() -> None:
    world, one = World(), Listener()
    world.feed.subscribe(A, one)
    world.answer()
    world.failure = AccessDenied("expired-token", "the credentials have expired")
    world.after(5)
    world.answer()
    world.after(600)
    assert not world.begun
    world.failure = None
    world.feed.forget()
    world.feed.refresh(A)
    world.answer()
    assert one.values[-1] == 1


def test_what_has_ended_is_read_again_only_for_who_comes_anew() -> None:
    world, one, two = World(), Listener(), Listener()
    ended = Page(name="a", ends=True)
    world.feed.subscribe(ended, one)
    world.answer()
    world.after(600)
    assert not world.begun
    world.feed.unsubscribe(ended, one)
    world.feed.subscribe(ended, two)
    assert two.values == [1]
    world.answer()
    assert two.values == [1, 2]


def test_who_does_not_follow_causes_no_reading_after_the_first_but_hears_what_others_cause() -> None:
    world, paused, other = World(), Listener(), Listener()
    world.feed.subscribe(A, paused, follows=False)
    world.answer()
    world.feed.refresh(A)
    world.answer()
    world.after(60)
    assert paused.values == [1, 2]
    world.feed.subscribe(A, other)
    world.answer()
    assert paused.values == [1, 2, 3]


def test_a_terminal_that_is_not_looked_at_asks_less_often_and_at_once_when_it_is_again() -> None:
    world, one = World(), Listener()
    world.feed.subscribe(A, one)
    world.answer()
    world.feed.look_away(is_away=True)
    world.after(5 * AWAY_TIMES - 1)
    assert not world.begun
    world.feed.look_away(is_away=False)
    world.answer()
    assert one.values == [1, 2]


def test_nothing_is_read_before_the_first_frame() -> None:
    world = World()
    begun: list[str] = []
    feed = Feed(world, begin=lambda name, _work: begun.append(name))
    feed.subscribe(A, Listener())
    assert not begun
    feed.start()
    assert begun == ["Page"]


def test_only_some_of_what_nobody_looks_at_is_kept() -> None:
    world, one = World(), Listener()
    for number in range(KEPT + 10):
        world.feed.subscribe(Page(name=f"{number}"), one)
        world.answer()
        world.feed.unsubscribe(Page(name=f"{number}"), one)
    kept = [number for number in range(KEPT + 10) if world.feed.value(Page(name=f"{number}")) is not None]
    assert kept == list(range(10, KEPT + 10))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["in", "out", "ask", "answer", "wait"]), st.sampled_from([A, B, C])), max_size=30))
def test_in_any_order_who_looks_gets_an_answer_and_one_of_a_class_is_read_at_a_time(
    steps: list[tuple[str, Page]],
) -> None:
    world, listeners = World(), {page: Listener() for page in (A, B, C)}
    looking: set[Page] = set()
    for step, page in steps:
        if step == "in":
            world.feed.subscribe(page, listeners[page])
            looking.add(page)
        elif step == "out":
            world.feed.unsubscribe(page, listeners[page])
            looking.discard(page)
        elif step == "ask":
            world.feed.refresh(page)
        elif step == "answer" and world.begun:
            world.begun.pop(0)()
        else:
            world.after(1)
        assert len(world.begun) <= 1
    world.answer()
    assert world.feed.is_idle
    assert all(listeners[page].news for page in looking)
