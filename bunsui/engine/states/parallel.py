"""Parallel: runs branches side by side; the first that fails stops the others.

The order of a failing Parallel's events is as recorded: the failing branch's, the aborted ones, then ParallelStateFailed. What
no Catch can take, States.Runtime of a state, ends the execution from inside the branch, without ParallelStateFailed.
"""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.failures import Failure
from bunsui.engine.program import State
from bunsui.engine.strand import Strand
from bunsui.engine.visit import Visit
from bunsui.model.values import Json


def begin(visit: Visit) -> None:
    """Start every branch. Raises StateFailure."""
    value = dataflow.arguments(visit.seen())
    visit.record("ParallelStateStarted")
    visit.closing = "ParallelStateFailed"
    _Branches(visit).begin(value)


class _Branches:
    """The branches of one try."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        outer = visit.strand
        self.strands = [
            Strand(
                outer.execution,
                graph,
                self,
                head=outer.head,
                variables=outer.variables,
                path=outer.path,
                item=outer.item,
                index=index,
            )
            for index, graph in enumerate(visit.state.branches)
        ]
        self.outputs: dict[int, Json] = {}

    def begin(self, value: Json) -> None:
        self.visit.stop = self._stop
        self.visit.redo = self.resume
        for strand in self.strands:
            strand.begin(value)

    def resume(self) -> None:
        """Take up the branches that did not succeed (developer guide, "Restarting state machine executions with redrive")."""
        self.visit.stop, self.visit.closing = self._stop, "ParallelStateFailed"
        for strand in self.strands:
            if strand.index not in self.outputs:
                strand.resume()

    def strand_succeeded(self, strand: Strand, output: Json) -> None:
        self.outputs[strand.index] = output
        if len(self.outputs) < len(self.strands):
            return
        visit = self.visit
        visit.stop = visit.closing = visit.redo = None
        visit.strand.head = strand.head
        visit.strand.execution.history.add("ParallelStateSucceeded", strand.head)
        visit.attempted(lambda: visit.finish([self.outputs[index] for index in range(len(self.strands))]))

    def strand_failed(self, strand: Strand, failure: Failure, state: State) -> None:
        if failure.fatal:
            self.visit.strand.head = strand.head
            self.visit.strand.failed(failure, state)
            return
        if state.kind == "Task":
            strand.execution.history.add("TaskStateAborted", strand.head)
        self.visit.strand.head = strand.head
        self.visit.attempted(lambda: self.visit.fail(failure))

    def _stop(self, aborted: bool) -> None:  # noqa: FBT001 - the shape that Visit.stop asks for
        for strand in self.strands:
            if aborted:
                strand.abort()
            else:
                strand.drop()
