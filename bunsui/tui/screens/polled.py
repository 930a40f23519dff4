"""A screen that asks for news by itself: it pauses on demand, and keeps what it has when the answer is an error."""

from __future__ import annotations

import math
from time import monotonic
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Failed, RunningWork
from bunsui.tui.polling import Polling
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.base import FullScreen, ago
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.view.spans import Role, line, span


class PolledScreen(FullScreen):
    """Subclasses say what to `ask` and which work that is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "refresh_now", "refresh", id="screen.refresh"),
        Binding("p", "pause", "pause", id="screen.pause"),
    ]

    work: ClassVar[RunningWork]
    beside: ClassVar[frozenset[RunningWork]] = frozenset()
    """What else is asked for with it, whose failure is told in the same way."""

    def __init__(self, bridge: Bridge, *, every_seconds: float) -> None:
        """Ask every so many seconds while the screen is in front."""
        super().__init__(bridge)
        self.polling = Polling(every_seconds=every_seconds)
        self._next: Timer | None = None
        self._next_at: float | None = None
        """When news is asked for next, on the monotonic clock; None while no question waits for its time."""

    def ask(self) -> None:
        """Ask the bridge for news; it answers with a message."""
        raise NotImplementedError

    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in full, since there is no data yet."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Ask at once, and go on asking."""
        super().on_screen_resume()
        self._ask_now()

    def on_screen_suspend(self) -> None:
        """Ask nothing while another screen is in front."""
        self._cancel()

    def answered(self) -> None:
        """Note a good answer, and wait for the next one."""
        self.polling = self.polling.after_answer()
        self.read_at = self.bridge.now()
        self.hush()
        self._wait()

    def on_failed(self, message: Failed) -> None:
        """Keep what is there, say what is wrong, and how old the data is."""
        if message.work is not self.work and message.work not in self.beside:
            self.hush()
            self.app.push_screen(NoticeScreen(problem_lines(message.problem)))
            return
        self.polling = self.polling.after_failure(is_denied=message.problem.is_denied)
        if self.read_at is None:
            self.show_nothing_but(message.problem)
        else:
            self.say_problem(message.problem)
        self._wait()

    def action_refresh_now(self) -> None:
        """Ask now; with credentials that were refused, look for new ones first."""
        if self.polling.is_stopped:
            self.bridge.forget_credentials()
        self.polling = self.polling.started()
        self._ask_now()

    def action_pause(self) -> None:
        """Stop asking, or go on."""
        self.polling = self.polling.toggled()
        self.show_age()
        if self.polling.is_paused:
            self._cancel()
        else:
            self._ask_now()

    def show_age(self) -> None:
        """Say how old the data is, and when no news is asked for."""
        if self.polling.is_paused:
            mode = span("‖ paused", Role.WARN)
        elif self.polling.is_stopped:
            mode = span("■ no polling", Role.WARN)
        elif self.polling.is_over:
            mode = span("ended", Role.MUTED)
        elif self.polling.failures:
            seconds = math.ceil(self._next_at - monotonic()) if self._next_at is not None else 0
            mode = span(f"↻ next in {seconds} s" if seconds > 0 else "↻ asking …", Role.WARN)
        else:
            mode = span(f"↻ {self.polling.every_seconds:.0f} s", Role.MUTED)
        if self.read_at is None:
            self.header.show_age(line(mode))
            return
        role = Role.WARN if self.polling.failures else Role.MUTED
        self.header.show_age(line(mode, span(f"  read {ago(self.read_at, self.bridge.now())}", role)))

    def _ask_now(self) -> None:
        self._cancel()
        self.ask()

    def _wait(self) -> None:
        self._cancel()
        delay = self.polling.delay_seconds
        if delay is not None and self.is_current:
            self._next = self.set_timer(delay, self._ask_now)
            self._next_at = monotonic() + delay
        self.show_age()

    def _cancel(self) -> None:
        if self._next is not None:
            self._next.stop()
            self._next = self._next_at = None
