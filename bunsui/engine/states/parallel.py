"""Parallel: runs branches side by side; the first that fails stops the others.

The order of a failing Parallel's events is as recorded: the failing branch's, the aborted ones, then ParallelStateFailed. What
no Catch can take, States.Runtime of a state, ends the execution from inside the branch, without ParallelStateFailed.
"""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.branch import ExecutionBranch
from bunsui.engine.failures import ExecutionFailure
from bunsui.engine.program import State
from bunsui.engine.state_execution import StateExecution
from bunsui.model.json import Json


def begin(visit: StateExecution) -> None:
    """Start every branch. Raises StateFailure."""
    value = dataflow.arguments(visit.seen())
    visit.record("ParallelStateStarted")
    visit.closing = "ParallelStateFailed"
    _Branches(visit).begin(value)


class _Branches:
    """The branches of one try."""

    def __init__(self, visit: StateExecution) -> None:
        self.visit = visit
        outer = visit.branch
        self.branches = [
            ExecutionBranch(
                outer.execution,
                graph,
                self,
                begin_state=visit.begin,
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
        for branch in self.branches:
            branch.begin(value)

    def resume(self) -> None:
        """Take up the branches that did not succeed (developer guide, "Restarting state machine executions with redrive")."""
        self.visit.stop, self.visit.closing = self._stop, "ParallelStateFailed"
        for branch in self.branches:
            if branch.index not in self.outputs:
                branch.resume()

    def branch_succeeded(self, branch: ExecutionBranch, output: Json) -> None:
        self.outputs[branch.index] = output
        if len(self.outputs) < len(self.branches):
            return
        visit = self.visit
        visit.stop = visit.closing = visit.redo = None
        visit.branch.head = branch.head
        visit.branch.execution.history.add("ParallelStateSucceeded", branch.head)
        visit.attempted(lambda: visit.finish([self.outputs[index] for index in range(len(self.branches))]))

    def branch_failed(self, branch: ExecutionBranch, failure: ExecutionFailure, state: State) -> None:
        if failure.fatal:
            self.visit.branch.head = branch.head
            self.visit.branch.failed(failure, state)
            return
        if state.kind == "Task":
            branch.execution.history.add("TaskStateAborted", branch.head)
        self.visit.branch.head = branch.head
        self.visit.attempted(lambda: self.visit.fail(failure))

    def _stop(self, aborted: bool) -> None:  # noqa: FBT001 - the shape that Visit.stop asks for
        for branch in self.branches:
            if aborted:
                branch.abort()
            else:
                branch.drop()
