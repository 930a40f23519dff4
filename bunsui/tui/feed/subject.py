"""A subject: something that screens look at, as a value that knows how to read itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from bunsui.services.morning.ports import MorningPorts
    from bunsui.services.session_context import SessionContext
    from bunsui.tui.problem import ShownProblem

T = TypeVar("T")


class Subject(Protocol[T]):
    """A frozen dataclass. Two that are equal are the same subject: they share one poll and one last value. At most one of a
    class is read at a time; of several that are due, the one that was asked for last is next."""

    def read(self, reading: Reading[T]) -> T:
        """Read it now. Runs in a thread, may take long, imports services when it is called, and raises what went wrong."""

    def every_seconds(self, value: T) -> float | None:
        """After how many seconds it is read again, by what was read; None for never, unless somebody asks."""


class Account(Protocol):
    """The opened side of a project."""

    def now(self) -> datetime:
        """The time."""

    def context(self) -> SessionContext:
        """The sessions of the project and what they are read with, opened at the first call."""

    def fresh_context(self) -> SessionContext:
        """The same with the pipelines as the files say now."""

    def morning(self) -> MorningPorts | None:
        """What schedules are read with; None where nothing of theirs is looked at, as with machines of others."""


class Values(Protocol):
    """What was read last."""

    def value(self, subject: Subject[T]) -> T | None:
        """The last value of the subject; None before, and after new credentials were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[T]):
    """What a subject reads with."""

    account: Account
    last: T | None
    """What it gave the last time: a value may carry what makes the next look cheaper. None before, and after new credentials
    were asked for."""
    others: Values
    """The last values of other subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Generic[T]):
    """What is known of a subject."""

    value: T | None = None
    """None before the first good answer."""
    at: datetime | None = None
    """When the reading of the value began: it is at most so old."""
    problem: ShownProblem | None = None
    """Why the last reading failed; the value, if any, is that of before."""
