"""What an execution called: by itself, in the executions of its items, and in the child executions that it started."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bunsui.errors import CloudError, Missing
from bunsui.model.session import HistoryEvent
from bunsui.ports.execution import ExecutionClient, MapRunReader
from bunsui.sessions.logs.calls import CallKind, TaskCall, calls_of, map_runs_of
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import Trace, parsed, read_trace, text_of

DEEPEST = 5
"""How many executions are followed, each started by the one before."""
MOST_ITEMS = 100
"""Of a distributed foreach, whose items are executions of their own, the latest."""
_MOST_RIVALS = 10
"""Executions of the same machine at the same time, whose histories tell which invocations were theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledWork:
    """The calls of one execution."""

    execution_arn: str
    calls: tuple[TaskCall, ...]

    @property
    def machine_arn(self) -> str:
        """The ARN of its machine; of an item's execution that of the machine around it."""
        arn = self.execution_arn.split(":")
        return ":".join([*arn[:5], "stateMachine", arn[6].partition("/")[0]]) if len(arn) > 6 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """What else executions of a machine called at that time."""

    calls: tuple[TaskCall, ...] = ()
    is_whole: bool = True
    """False when there were too many of them, or one could not be read."""


class WorkReader:
    """Reads the calls of executions; of one that has ended once, of others only what is new of their histories."""

    def __init__(self, execution: ExecutionClient, map_runs: MapRunReader | None = None) -> None:
        """Read with these ports."""
        self._execution = execution
        self._map_runs = map_runs
        self._events: dict[str, list[HistoryEvent]] = {}
        self._shapes: dict[str, MachineShape] = {}
        self.has_more_items = False
        """True when a distributed foreach had more items than are looked at."""

    def shape(self, execution_arn: str) -> MachineShape:
        """Return the shape of the machine that the execution ran; Missing when Step Functions has forgotten it."""
        if execution_arn not in self._shapes:
            self._shapes[execution_arn] = machine_shape(self._execution.definition(execution_arn))
        return self._shapes[execution_arn]

    def work(self, execution_arn: str) -> Sequence[CalledWork]:
        """Return the calls of the execution, of its items and of its child executions, whose jobs are named below that which
        started them; nothing when Step Functions has forgotten it."""
        return tuple(self._work(execution_arn, DEEPEST))

    def rivals(self, work: CalledWork, mine: Sequence[str], *, start: datetime, end: datetime) -> Rivals:
        """Return the calls of other executions of the same machine that ran between the two instants; `mine` are left out."""
        try:
            listed = self._execution.executions(work.machine_arn, limit=MOST_ITEMS)
            others = [
                one.arn
                for one in listed
                if one.arn not in mine and one.started_at <= end and (one.stopped_at is None or one.stopped_at >= start)
            ]
            read = others[:_MOST_RIVALS]
            calls = [call for arn in read for call in calls_of(self.shape(arn), self._trace(arn))]
        except CloudError:
            return Rivals(is_whole=False)
        return Rivals(calls=tuple(calls), is_whole=len(read) == len(others) and len(listed) < MOST_ITEMS)

    def _work(self, execution_arn: str, depth: int) -> Iterator[CalledWork]:
        try:
            shape = self.shape(execution_arn)
            trace = self._trace(execution_arn)
        except Missing:
            return
        calls = calls_of(shape, trace)
        yield CalledWork(execution_arn=execution_arn, calls=calls)
        if depth == 0:
            return
        for call in calls:
            if call.kind is CallKind.EXECUTION and call.child_arn:
                yield from _below(self._child(call.child_arn, depth), call.job, call.item)
        for job, run in map_runs_of(shape, trace):
            yield from self._items(job, run, depth)

    def _child(self, execution_arn: str, depth: int) -> Sequence[CalledWork]:
        try:
            return tuple(self._work(execution_arn, depth - 1))
        except CloudError:
            return ()  # another account's, or forbidden: what the parent called itself is told

    def _items(self, job: str, run: str, depth: int) -> Iterator[CalledWork]:
        if self._map_runs is None:
            return
        try:
            children = self._map_runs.children(run, limit=MOST_ITEMS)
        except CloudError:
            return
        self.has_more_items = self.has_more_items or len(children) == MOST_ITEMS
        for child in children:
            for work in self._child(child.arn, depth):
                yield from _below([work], "", _label(self._events.get(child.arn, ())), job=job)

    def _trace(self, execution_arn: str) -> Trace:
        events = self._events.setdefault(execution_arn, [])
        if not events or read_trace(events[-1:]).end is None:
            events.extend(self._execution.history(execution_arn, after=events[-1].id if events else 0))
        return read_trace(events)


def _below(works: Sequence[CalledWork], parent: str, item: str, *, job: str = "") -> Iterator[CalledWork]:
    """Return the work of others as a job's: a child pipeline's jobs are named PARENT/JOB, those of an item as the job."""
    for work in works:
        calls = [
            replace(call, job=job or "/".join(filter(None, (parent, call.job))), item=item or call.item) for call in work.calls
        ]
        yield CalledWork(execution_arn=work.execution_arn, calls=tuple(calls))


def _label(events: Sequence[HistoryEvent]) -> str:
    given = parsed(text_of(events[0], "input")) if events else None
    label = given.get("label") if isinstance(given, dict) else None
    return label if isinstance(label, str) else ""
