"""Map, inline: runs its processor once for each item, inside the same execution.

Order and `previousEventId` as recorded: an iteration that takes a free place follows the last event inside the one before it.
"""

from __future__ import annotations

from typing import Any

from bunsui.engine import dataflow
from bunsui.engine.context import MapItem
from bunsui.engine.failures import Failure
from bunsui.engine.limits import INLINE_CONCURRENCY
from bunsui.engine.program import State
from bunsui.engine.states import map_fields
from bunsui.engine.strand import Strand
from bunsui.engine.visit import Visit
from bunsui.model.values import Json


def begin(visit: Visit) -> None:
    """Start as many iterations as may run at once. Raises StateFailure."""
    seen = visit.seen()
    data = dataflow.effective_input(seen)
    concurrency = map_fields.whole_number(seen, "MaxConcurrency", data)
    items: Any = map_fields.items_of(seen, data)
    visit.record("MapStateStarted", {"length": len(items)})
    map_fields.tolerance(visit, seen, data)
    visit.closing = "MapStateFailed"
    _Iterations(visit, items, data, concurrency or INLINE_CONCURRENCY).begin()


class _Iterations:
    """The iterations of one try."""

    def __init__(self, visit: Visit, items: list[Json], data: Json, places: int) -> None:
        self.visit = visit
        self.items = items
        self.data = data
        self.places = min(places, len(items))
        self.next = 0
        self.running: dict[int, Strand] = {}
        self.halted: list[Strand] = []
        self.outputs: dict[int, Json] = {}

    def resume(self) -> None:
        """Take up the iterations that did not succeed, then the others."""
        self.visit.stop, self.visit.closing = self._stop, "MapStateFailed"
        halted, self.halted = [*self.halted, *self.running.values()], []
        self.running = {strand.index: strand for strand in halted}
        for strand in halted:
            strand.resume()

    def begin(self) -> None:
        self.visit.stop = self._stop
        self.visit.redo = self.resume
        if not self.items:
            self._succeed(self.visit.strand.head)
            return
        head = self.visit.strand.head
        for _ in range(self.places):
            if not self.visit.over:
                self._start_next(head)

    def _start_next(self, head: int) -> None:
        outer = self.visit.strand
        index, self.next = self.next, self.next + 1
        item = MapItem(index=index, value=self.items[index])
        strand = Strand(
            outer.execution,
            self.visit.state.branches[0],
            self,
            head=outer.execution.history.add("MapIterationStarted", head, self._told(index)),
            variables=outer.variables,
            path=(*outer.path, (self.visit.state.name, index)),
            item=item,
            index=index,
        )
        self.running[index] = strand
        strand.begin(map_fields.item_input(self.visit, self.visit.seen(), self.data, item))

    def strand_succeeded(self, strand: Strand, output: Json) -> None:
        history = strand.execution.history
        done = history.add("MapIterationSucceeded", strand.head, self._told(strand.index))
        del self.running[strand.index]
        self.outputs[strand.index] = output
        if self.next < len(self.items):
            self.visit.attempted(lambda: self._start_next(strand.head))
        elif not self.running:
            self._succeed(done)

    def _succeed(self, head: int) -> None:
        visit = self.visit
        visit.stop = visit.closing = visit.redo = None
        visit.strand.head = head
        visit.strand.execution.history.add("MapStateSucceeded", head)
        visit.attempted(lambda: visit.finish([self.outputs[index] for index in range(len(self.items))]))

    def strand_failed(self, strand: Strand, failure: Failure, state: State) -> None:
        if failure.fatal:
            self.visit.strand.head = strand.head
            self.visit.strand.failed(failure, state)
            return
        strand.execution.history.add("MapIterationFailed", strand.head, self._told(strand.index))
        self.halted.append(self.running.pop(strand.index))
        self.visit.strand.head = strand.head
        self.visit.attempted(lambda: self.visit.fail(failure))

    def _stop(self, aborted: bool) -> None:  # noqa: FBT001 - the shape that Visit.stop asks for
        for strand in self.running.values():
            if aborted:
                strand.abort()
                strand.execution.history.add("MapIterationAborted", strand.head, self._told(strand.index))
            else:
                strand.drop()
        self.halted.extend(self.running.values())
        self.running = {}

    def _told(self, index: int) -> dict[str, Any]:
        return {"name": self.visit.state.name, "index": index}
