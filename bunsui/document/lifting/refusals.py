"""Why a definition stays as it is."""

from __future__ import annotations


class StaysRawError(Exception):
    """Something in a definition that no job says."""

    def __init__(self, why: str, *place: str) -> None:
        """`place` leads to it: the state's name, then its fields."""
        super().__init__(why)
        self.why = why
        self.place = place

    def within(self, *outer: str) -> StaysRawError:
        """Return the same, with a place that begins further outside."""
        return StaysRawError(self.why, *outer, *self.place)


class AnswerReadError(StaysRawError):
    """Something reads more of an answer than the operation's result: its call has to be made as it is."""

    def __init__(self, state: str) -> None:
        """`state` made the call."""
        super().__init__("what the call answers beside its result is read", state)
        self.state = state
