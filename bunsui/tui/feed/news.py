"""The message in which a screen hears of a subject."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from textual.message import Message

from bunsui.tui.feed.subject import Known, Subject

T = TypeVar("T")


class FeedNews(Message):
    """A subject was read, or its reading failed."""

    def __init__(self, subject: Subject[Any], known: Known[Any]) -> None:
        """Carry what is known of it."""
        super().__init__()
        self.subject = subject
        self.known = known

    def about(self, subject: Subject[T] | None) -> Known[T] | None:
        """Return what is known of the subject, None when the news is about another one."""
        return cast("Known[T]", self.known) if subject is not None and subject == self.subject else None
