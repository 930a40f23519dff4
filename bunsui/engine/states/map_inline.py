"""Map, inline: runs its processor once for each item, inside the same execution.

Order and `previousEventId` as recorded: an iteration that takes a free place follows the last event inside the one before it.
"""

from __future__ import annotations

from typing import Any

from bunsui.engine import dataflow
from bunsui.engine.branch import ExecutionBranch
from bunsui.engine.context import MapItem
from bunsui.engine.failures import ExecutionFailure
from bunsui.engine.limits import INLINE_CONCURRENCY
from bunsui.engine.program import State
from bunsui.engine.state_execution import StateExecution
from bunsui.engine.states import map_fields
from bunsui.model.json import Json


def begin(visit: StateExecution) -> None:
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
    """The iterations of one try, which enforce the concurrency of an inline Map."""

    def __init__(self, visit: StateExecution, items: list[Json], data: Json, places: int) -> None:
        self.visit = visit
        self.items = items
        self.data = data
        self.places = min(places, len(items))
        self.next = 0
        self.running: dict[int, ExecutionBranch] = {}
        self.halted: list[ExecutionBranch] = []
        self.outputs: dict[int, Json] = {}

    def resume(self) -> None:
        """Take up the iterations that did not succeed, then the others."""
        self.visit.stop, self.visit.closing = self._stop, "MapStateFailed"
        halted, self.halted = [*self.halted, *self.running.values()], []
        self.running = {branch.index: branch for branch in halted}
        for branch in halted:
            branch.resume()

    def begin(self) -> None:
        self.visit.stop = self._stop
        self.visit.redo = self.resume
        if not self.items:
            self._succeed(self.visit.branch.head)
            return
        head = self.visit.branch.head
        for _ in range(self.places):
            if not self.visit.over:
                self._start_next(head)

    def _start_next(self, head: int) -> None:
        outer = self.visit.branch
        index, self.next = self.next, self.next + 1
        item = MapItem(index=index, value=self.items[index])
        branch = ExecutionBranch(
            outer.execution,
            self.visit.state.branches[0],
            self,
            begin_state=self.visit.begin,
            head=outer.execution.history.add("MapIterationStarted", head, self._iteration_details(index)),
            variables=outer.variables,
            path=(*outer.path, (self.visit.state.name, index)),
            item=item,
            index=index,
        )
        self.running[index] = branch
        branch.begin(map_fields.item_input(self.visit, self.visit.seen(), self.data, item))

    def branch_succeeded(self, branch: ExecutionBranch, output: Json) -> None:
        history = branch.execution.history
        done = history.add("MapIterationSucceeded", branch.head, self._iteration_details(branch.index))
        del self.running[branch.index]
        self.outputs[branch.index] = output
        if self.next < len(self.items):
            self.visit.attempted(lambda: self._start_next(branch.head))
        elif not self.running:
            self._succeed(done)

    def _succeed(self, head: int) -> None:
        visit = self.visit
        visit.stop = visit.closing = visit.redo = None
        visit.branch.head = head
        visit.branch.execution.history.add("MapStateSucceeded", head)
        visit.attempted(lambda: visit.finish([self.outputs[index] for index in range(len(self.items))]))

    def branch_failed(self, branch: ExecutionBranch, failure: ExecutionFailure, state: State) -> None:
        if failure.fatal:
            self.visit.branch.head = branch.head
            self.visit.branch.failed(failure, state)
            return
        branch.execution.history.add("MapIterationFailed", branch.head, self._iteration_details(branch.index))
        self.halted.append(self.running.pop(branch.index))
        self.visit.branch.head = branch.head
        self.visit.attempted(lambda: self.visit.fail(failure))

    def _stop(self, aborted: bool) -> None:  # noqa: FBT001 - the shape that Visit.stop asks for
        for branch in self.running.values():
            if aborted:
                branch.abort()
                branch.execution.history.add("MapIterationAborted", branch.head, self._iteration_details(branch.index))
            else:
                branch.drop()
        self.halted.extend(self.running.values())
        self.running = {}

    def _iteration_details(self, index: int) -> dict[str, Any]:
        return {"name": self.visit.state.name, "index": index}
