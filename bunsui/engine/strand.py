"""One line of control: the execution itself, a branch of a Parallel, an iteration of a Map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from bunsui.engine.context import MapItem
from bunsui.engine.failures import Failure
from bunsui.engine.paths import compact
from bunsui.engine.program import Graph, State
from bunsui.engine.visit import Visit
from bunsui.model.values import Json

if TYPE_CHECKING:
    from bunsui.engine.execution import Execution

__all__ = ["Owner", "Strand"]


class Owner(Protocol):
    """Who started a strand and hears of its end."""

    def strand_succeeded(self, strand: Strand, output: Json) -> None:
        """The strand's last state was left."""
        ...

    def strand_failed(self, strand: Strand, failure: Failure, state: State) -> None:
        """A state failed and nothing in the strand took it."""
        ...


class Strand:
    """A scope of states that is being run, one state at a time."""

    __slots__ = ("execution", "graph", "halted", "head", "index", "item", "owner", "path", "plan", "variables", "visit")

    def __init__(
        self,
        execution: Execution,
        graph: Graph,
        owner: Owner,
        *,
        head: int,
        variables: Mapping[str, Json],
        path: tuple[tuple[str, int], ...] = (),
        item: MapItem | None = None,
        index: int = 0,
    ) -> None:
        """Make it; `head` is the event that its first one follows, `variables` those of the outer scope."""
        self.execution = execution
        self.graph = graph
        self.owner = owner
        self.head = head
        self.variables: dict[str, Json] = dict(variables)
        self.path = path
        self.item = item
        self.index = index
        """Its place among its siblings."""
        self.visit: Visit | None = None
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
            self.visit = Visit(self, self.graph.states[name], value, text)
            self.execution.enter(self.visit)

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
        self.variables.update(variables)
        if following is None:
            self.owner.strand_succeeded(self, output)
        else:
            self._go(following, output, text)

    def failed(self, failure: Failure, state: State) -> None:
        """A state failed for good."""
        self.halted = True
        self.owner.strand_failed(self, failure, state)

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
