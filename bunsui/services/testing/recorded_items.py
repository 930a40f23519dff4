"""Reads what the items of distributed Maps were answered, from the histories of their own executions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.ports.execution import ExecutionClient, ExecutionSummary, MapRunReader
from bunsui.services.testing.machine_under_test import MachineUnderTest
from bunsui.services.testing.recorded_tries import Try, read_tries
from bunsui.sessions.trace import StateVisit, Trace, parsed, read_trace, text_of

MOST_CHILDREN = 100
"""Of one map run that are read, each by one call; those that failed are among them."""
_MOST_FAILED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MapItems:
    """The items of one map run."""

    state: str
    inputs: tuple[Json, ...]
    """What each child execution was given, in the order of the items."""
    tries: tuple[Try, ...]
    total: int
    """Items that there were."""
    is_cut: bool = False
    """True when not all children were read."""


@dataclass(slots=True)
class ItemReader:
    """Reads the children of map runs."""

    execution: ExecutionClient
    map_runs: MapRunReader
    _read: dict[str, Sequence[HistoryEvent]] = field(default_factory=dict)

    def items_of(self, past: MachineUnderTest, trace: Trace) -> Iterator[MapItems]:
        """Return the items of every map run of an execution, in the order of their states. Raises Missing when Step Functions
        has forgotten a child."""
        for visit in trace.visits:
            if visit.map_run_arn:
                yield self._items(past, visit)

    def _items(self, past: MachineUnderTest, visit: StateVisit) -> MapItems:
        run = visit.map_run_arn
        latest = list(self.map_runs.children(run, limit=MOST_CHILDREN + 1))
        is_cut = len(latest) > MOST_CHILDREN
        if is_cut:
            failed = list(self.map_runs.failed_children(run, limit=_MOST_FAILED))
            latest = list({one.arn: one for one in (*failed, *latest)}.values())[:MOST_CHILDREN]
        latest.reverse()  # Step Functions lists the newest first, which decides where instants are the same
        children = sorted(latest, key=lambda one: one.started_at)
        ordered = _in_order([(_input(events), events) for events in map(self._history, children)])
        tries = tuple(
            one
            for place, (_, events) in enumerate(ordered)
            for one in read_tries(past, read_trace(events), events, place=(place,))
        )
        total = self.map_runs.counts(run).total
        inputs = tuple(given for given, _ in ordered)
        return MapItems(state=visit.state, inputs=inputs, tries=tries, total=total, is_cut=is_cut)

    def _history(self, child: ExecutionSummary) -> Sequence[HistoryEvent]:
        if child.arn not in self._read:
            self._read[child.arn] = self.execution.history(child.arn)
        return self._read[child.arn]


def _input(events: Sequence[HistoryEvent]) -> Json:
    return parsed(text_of(events[0], "input")) if events else None


def _in_order(children: Sequence[tuple[Json, Sequence[HistoryEvent]]]) -> Sequence[tuple[Json, Sequence[HistoryEvent]]]:
    """Return children in the order of their items: by the label where it is the item's place, else as they were started."""
    labels = [given.get("label") if isinstance(given, Mapping) else None for given, _ in children]
    places = {str(label): position for position, label in enumerate(labels) if isinstance(label, str) and label.isdecimal()}
    if len(places) < len(children):
        return children
    return [children[position] for _, position in sorted(places.items(), key=lambda one: int(one[0]))]


def default_answers(items: Sequence[MapItems]) -> dict[str, Mapping[str, Json]]:
    """Return by state what items that were not read are taken to have been answered: as the first that was answered well."""
    found: dict[str, Mapping[str, Json]] = {}
    for one in (one for told in items if told.is_cut for one in told.tries):
        if "answer" in one.answer:
            found.setdefault(one.state, one.answer)
    return found
