"""When to ask again: a rule without a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

LIST_SECONDS = 5.0
RUNNING_SECONDS = 2.0
LOG_SECONDS = 3.0
DUE_SECONDS = 30.0
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """Whether and how often a screen asks for news."""

    every_seconds: float
    is_paused: bool = False
    """By the user."""
    is_stopped: bool = False
    """Because the credentials are of no use."""
    is_over: bool = False
    """Because there can be no news any more."""
    failures: int = 0
    """In a row."""

    @property
    def delay_seconds(self) -> float | None:
        """How long to wait before asking again, longer after each failure; None means not to ask."""
        if self.is_paused or self.is_stopped or self.is_over:
            return None
        return min(self.every_seconds * 2.0**self.failures, LONGEST_SECONDS)

    def after_answer(self) -> Polling:
        """Return the rule after a good answer."""
        return replace(self, failures=0)

    def after_failure(self, *, is_denied: bool) -> Polling:
        """Return the rule after a failure; one about credentials stops the questions."""
        return replace(self, failures=min(self.failures + 1, 8), is_stopped=self.is_stopped or is_denied)

    def over(self) -> Polling:
        """Return the rule when there is nothing more to learn."""
        return replace(self, is_over=True)

    def started(self) -> Polling:
        """Return the rule after the user asked for news."""
        return replace(self, is_stopped=False, is_over=False, failures=0)
