"""Histories of executions, read again as often as asked: of one that has ended once, of others only what is new."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.model.session import HistoryEvent
from bunsui.ports.execution import ExecutionClient
from bunsui.sessions.history.sensitive import hidden_in_history
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import read_trace


class HistoryReader:
    """Keeps what it has read: with what each execution ran, by its ARN."""

    def __init__(self, execution: ExecutionClient) -> None:
        """Read with this client."""
        self._execution = execution
        self._shapes: dict[str, MachineShape] = {}
        self._events: dict[str, list[HistoryEvent]] = {}
        self._asks_again = True
        self._beside: set[str] = set()
        """What only readers of `as_read` have read, so that nobody else asks what is new of it."""

    def as_read(self) -> HistoryReader:
        """Return a reader that knows what this one does, and does not ask what is new of the executions that this one reads."""
        other = HistoryReader(self._execution)
        other._shapes, other._events, other._beside, other._asks_again = self._shapes, self._events, self._beside, False
        return other

    def shape(self, execution_arn: str) -> MachineShape:
        """Return the shape of the machine that the execution ran; Missing when Step Functions has forgotten it."""
        if execution_arn not in self._shapes:
            self._shapes[execution_arn] = machine_shape(self._execution.definition(execution_arn))
        return self._shapes[execution_arn]

    def events(self, execution_arn: str, *, renew: bool = False) -> Sequence[HistoryEvent]:
        """Return the events, oldest first; Missing when Step Functions has forgotten the execution. `renew` asks again for one
        that has ended: somebody may have redriven it."""
        events = self._events.setdefault(execution_arn, [])
        if not events and not self._asks_again:
            self._beside.add(execution_arn)
        asks_again = self._asks_again or execution_arn in self._beside
        if not events or renew or (asks_again and not has_ended(events)):
            events.extend(self._execution.history(execution_arn, after=events[-1].id if events else 0))
        return tuple(events)

    @property
    def hidden(self) -> frozenset[str | int | float]:
        """What the histories that were read tell of sensitive outputs."""
        known = ((self._shapes[arn], events) for arn, events in self._events.items() if arn in self._shapes)
        return frozenset[str | int | float]().union(*(hidden_in_history(shape, events) for shape, events in known))


def has_ended(events: Sequence[HistoryEvent]) -> bool:
    """Tell whether the newest event is the end of the execution."""
    return bool(events) and read_trace(events[-1:]).end is not None
