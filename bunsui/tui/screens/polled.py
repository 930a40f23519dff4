"""A screen whose news come by themselves: it pauses on demand, and keeps what it has when the answer is an error."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.subject import Subject
from bunsui.tui.messages import Failed
from bunsui.tui.polling import LIST_SECONDS, Polling
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.base import FullScreen, ago
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.view.spans import Role, line, span


class PolledScreen(FullScreen):
    """Subclasses say in `subjects` what they look at, and show it in `on_feed_news`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "refresh_now", "refresh", id="screen.refresh"),
        Binding("p", "pause", "pause", id="screen.pause"),
    ]

    def __init__(self, bridge: Bridge) -> None:
        """Look at nothing before the screen is in front."""
        super().__init__(bridge)
        self._looked_at: tuple[Subject[Any], ...] = ()
        """What is on the screen."""
        self._heard: tuple[Subject[Any], ...] = ()
        """What is subscribed to: the same, but nothing while another screen is in front."""
        self._is_paused = False

    @abstractmethod
    def subjects(self) -> Sequence[Subject[Any]]:
        """Return what the screen looks at now; the age of the first one stands in the header."""

    @abstractmethod
    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in full, since there is no data yet."""

    @property
    def polling(self) -> Polling:
        """How often the first subject is read, or the one of which the last reading failed."""
        rules = [rule for rule in map(self.bridge.feed.rule, self._looked_at) if rule is not None]
        failing = next((rule for rule in rules if rule.failures), None)
        rule = failing or next(iter(rules), Polling(every_seconds=LIST_SECONDS))
        return replace(rule, is_paused=self._is_paused)

    def look(self) -> None:
        """Subscribe to what is looked at now, and to nothing else."""
        wanted = tuple(self.subjects())
        for subject in self._heard:
            if subject not in wanted:
                self.bridge.feed.unsubscribe(subject, self)
        new = [subject for subject in wanted if subject not in self._heard]
        self._looked_at = self._heard = wanted
        for subject in new:
            self.bridge.feed.subscribe(subject, self, follows=not self._is_paused)
        self.show_age()

    def on_screen_resume(self) -> None:
        """Show what is known, and hear of news."""
        self.look()

    def on_screen_suspend(self) -> None:
        """Ask nothing while another screen is in front, and say so: under a question this one is still seen."""
        self._look_away()
        self.show_age()

    def on_unmount(self) -> None:
        """Ask nothing more."""
        self._look_away()

    def on_feed_news(self, news: FeedNews) -> None:
        """Say how old the data is; keep what is there after a failure, and say what is wrong."""
        if news.subject not in self._heard:
            return
        every = [self.bridge.feed.known_of(subject) for subject in self._looked_at]
        self.read_at = every[0].at
        problem = next((known.problem for known in every if known.problem is not None), None)
        if problem is None:
            self.hush()
        elif every[0].value is None:
            self.show_nothing_but(problem)
        else:
            self.say_problem(problem)
        self.show_age()

    def on_failed(self, message: Failed) -> None:
        """Show in full why something was not done."""
        self.hush()
        self.app.push_screen(NoticeScreen(problem_lines(message.problem)))

    def action_refresh_now(self) -> None:
        """Ask now; with credentials that were refused, look for new ones first."""
        if self.polling.is_stopped:
            self.bridge.forget_credentials()
        self.bridge.feed.refresh(*self._heard)
        self.show_age()

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        self._is_paused = not self._is_paused
        for subject in self._heard:
            self.bridge.feed.subscribe(subject, self, follows=not self._is_paused)
        self.show_age()

    def show_age(self) -> None:
        """Say how old the data is, and when no news is asked for."""
        polling = self.polling
        if polling.is_paused:
            mode = span("‖ paused", Role.WARN)
        elif self._looked_at and not self._heard:
            mode = span("‖ waits for you", Role.WARN)
        elif polling.is_stopped:
            mode = span("■ no polling", Role.WARN)
        elif polling.is_over:
            mode = span("ended", Role.MUTED)
        elif polling.failures:
            seconds = self._next_seconds()
            mode = span(f"↻ next in {seconds} s" if seconds > 0 else "↻ asking …", Role.WARN)
        else:
            mode = span(f"↻ {polling.every_seconds:.0f} s", Role.MUTED)
        if self.read_at is None:
            self.header.show_age(line(mode))
            return
        role = Role.WARN if polling.failures else Role.MUTED
        self.header.show_age(line(mode, span(f"  {self.age_word} {ago(self.read_at, self.bridge.now())}", role)))

    def _next_seconds(self) -> int:
        """Return when that is read again of which the last reading failed; 0 for now."""
        feed = self.bridge.feed
        waits = [feed.next_in(subject) for subject in self._looked_at if feed.known_of(subject).problem is not None]
        return math.ceil(min((seconds for seconds in waits if seconds is not None), default=0.0))

    def _look_away(self) -> None:
        for subject in self._heard:
            self.bridge.feed.unsubscribe(subject, self)
        self._heard = ()
