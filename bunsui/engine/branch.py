"""One line of control: the execution itself, a branch of a Parallel, an iteration of a Map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from bunsui.engine.context import MapItem
from bunsui.engine.failures import ExecutionFailure
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.program import ProgramGraph, State
from bunsui.engine.runtime import Runtime
from bunsui.engine.state_execution import Begin, StateExecution
from bunsui.model.json import Json

__all__ = ["BranchOwner", "ExecutionBranch"]


class BranchOwner(Protocol):
    """Who started a branch and hears of its end."""

    def branch_succeeded(self, branch: ExecutionBranch, output: Json) -> None:
        """The branch's last state was left."""
        ...

    def branch_failed(self, branch: ExecutionBranch, failure: ExecutionFailure, state: State) -> None:
        """A state failed and nothing in the branch took it."""
        ...


class ExecutionBranch:
    """A scope of states that is being run, one state at a time."""

    __slots__ = (
        "begin_state",
        "execution",
        "graph",
        "halted",
        "head",
        "index",
        "item",
        "owner",
        "path",
        "plan",
        "variables",
        "visit",
    )

    def __init__(
        self,
        execution: Runtime,
        graph: ProgramGraph,
        owner: BranchOwner,
        *,
        begin_state: Begin,
        head: int,
        variables: Mapping[str, Json],
        path: tuple[tuple[str, int], ...] = (),
        item: MapItem | None = None,
        index: int = 0,
    ) -> None:
        """Make it; `begin_state` does a try of a state, `head` is the event that its first one follows, `variables` those
        of the outer scope."""
        self.execution = execution
        self.begin_state = begin_state
        self.graph = graph
        self.owner = owner
        self.head = head
        self.variables: dict[str, Json] = dict(variables)
        self.path = path
        self.item = item
        self.index = index
        """Its place among its siblings."""
        self.visit: StateExecution | None = None
        """The state that it is in, or where it failed or was stopped; None between two states and after the last."""
        self.plan: Callable[[], None] | None = None
        """Goes to the next state."""
        self.halted = False
        """It failed or was stopped."""

    def begin(self, value: Json, text: str | None = None) -> None:
        """Go to the first state with this input."""
        self._go(self.graph.start_at, value, compact(value) if text is None else text)

    def _go(self, name: str, value: Json, text: str) -> None:
        def arrive() -> None:
            self.visit = StateExecution(self, self.graph.states[name], value, text, begin=self.begin_state)
            self.visit.enter()

        self.plan = arrive
        self.execution.soon(self._arrive)

    def _arrive(self) -> None:
        if self.halted:
            return
        plan, self.plan = self.plan, None
        if plan is not None:
            plan()

    def left(self, following: str | None, output: Json, text: str, variables: Mapping[str, Json]) -> None:
        """A state was left: go to the next, or end. Assignments count from now on."""
        self.visit = None
        self.variables.update(variables)
        if following is None:
            self.owner.branch_succeeded(self, output)
        else:
            self._go(following, output, text)

    def failed(self, failure: ExecutionFailure, state: State) -> None:
        """A state failed for good."""
        self.halted = True
        self.owner.branch_failed(self, failure, state)

    def abort(self) -> None:
        """Stop where it is, and record it."""
        self.halted = True
        if self.visit is not None and not self.visit.over:
            self.visit.abort()

    def drop(self) -> None:
        """Stop where it is without a word."""
        self.halted = True
        if self.visit is not None and not self.visit.over:
            self.visit.end()

    def resume(self) -> None:
        """Go on where it failed or was stopped."""
        self.halted = False
        if self.visit is not None:
            self.visit.revive()
        else:
            self.execution.soon(self._arrive)
