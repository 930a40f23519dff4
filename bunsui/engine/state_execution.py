"""One visit of a state: entered with an input, left with an output, tried again or caught when it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bunsui.engine import dataflow, retry
from bunsui.engine.clock import Timer, after
from bunsui.engine.context import context_object
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.failures import DATA_LIMIT, RUNTIME, ExecutionFailure, StateFailure
from bunsui.engine.history import payload_text
from bunsui.engine.jsonata.evaluate import EvaluationFailure
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.limits import MOST_BYTES, is_too_deep, size, too_large
from bunsui.engine.program import State
from bunsui.engine.runtime import RunningBranch
from bunsui.model.json import Json

__all__ = ["Begin", "StateExecution"]

_TOO_DEEP = "The data is nested too deeply."


Begin = Callable[["StateExecution"], None]
"""Does one try of a state, whatever its type. Raises StateFailure."""


class StateExecution:
    """A state of a branch, from its StateEntered event to its end."""

    __slots__ = (
        "attempt",
        "begin",
        "branch",
        "closing",
        "entered_at",
        "entered_from",
        "entered_id",
        "input",
        "over",
        "redo",
        "retries",
        "state",
        "stop",
        "timers",
        "token",
    )

    def __init__(self, branch: RunningBranch, state: State, value: Json, text: str, *, begin: Begin) -> None:
        """Record that the state was entered; `text` is the input's JSON text, `begin` does a try of any state."""
        self.begin = begin
        self.branch = branch
        self.state = state
        self.input = value
        self.attempt = 0
        self.retries: dict[int, int] = {}
        self.token: str | None = None
        self.closing: str | None = None
        """The event that tells that the state failed as a whole, once it has started as a whole."""
        self.timers: list[Timer] = []
        self.stop: Callable[[bool], None] | None = None
        """Stops what the state started: its work, its branches. True: record that they were aborted."""
        self.redo: Callable[[], None] | None = None
        """Takes the try up again where it failed, for a redrive; None: the whole state is done again."""
        self.over = False
        self.entered_from = branch.head
        self.entered_at = branch.execution.ports.clock.now()
        details = {"name": state.name, **payload_text("input", text)}
        self.entered_id = self.record(f"{state.kind}StateEntered", details)

    def enter(self) -> None:
        """Do a try of the state."""
        self.attempted(lambda: self.begin(self))

    def record(self, kind: str, details: Mapping[str, Any] | None = None) -> int:
        """Record an event at the branch's head and move the head to it."""
        self.branch.head = self.branch.execution.history.add(kind, self.branch.head, details)
        return self.branch.head

    def seen(self, **extra: Json) -> FieldScope:
        """Return what the state's fields may see now."""
        return FieldScope(
            state=self.state,
            input=self.input,
            context=self.context() if self.state.reads_context else {},
            variables=self.branch.variables,
            sources=self.branch.execution.ports.sources,
            extra=extra,
        )

    def context(self) -> dict[str, Json]:
        """Return the context object."""
        return context_object(
            self.branch.execution.identity,
            state=self.state.name,
            entered_at=self.entered_at,
            retry_count=self.attempt if self.state.kind in {"Task", "Parallel", "Map"} else None,
            task_token=self.token,
            item=self.branch.item,
        )

    def attempted(self, action: Callable[[], None]) -> None:
        """Do a part of the state's work; what fails in it is the state's failure."""
        if self.over:
            return
        try:
            action()
        except EvaluationFailure as failure:
            self._evaluation_failed(failure)
        except StateFailure as failure:
            self.fail(
                ExecutionFailure(error=failure.error, cause=self.worded_cause(failure.cause), fatal=failure.error == RUNTIME)
            )
        except RecursionError:
            self.fail(ExecutionFailure(error=RUNTIME, cause=self.worded_cause(_TOO_DEEP), fatal=True))

    def worded_cause(self, cause: str) -> str:
        """Return the cause of a failure of the state itself, as Step Functions words it."""
        where = f"'{self.state.name}' (entered at the event id #{self.entered_id})"
        return f"An error occurred while executing the state {where}. {cause}"

    def _evaluation_failed(self, failure: EvaluationFailure) -> None:
        cause = self.worded_cause(failure.cause)
        details: dict[str, Any] = {"error": failure.error, "cause": cause, "state": self.state.name}
        if failure.location:
            details["location"] = failure.location
        if self.branch.head == self.entered_id:
            self.branch.head = self.entered_from
        self.record("EvaluationFailed", details)
        if self.state.kind in {"Map", "Parallel"}:
            self.closing = f"{self.state.kind}StateFailed"
        self.fail(ExecutionFailure(error=failure.error, cause=cause))

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do a part of the state's work after some seconds, unless the visit is over by then."""
        execution = self.branch.execution
        timer = after(execution.ports.clock, seconds, lambda: execution.guarded(lambda: self.attempted(action)))
        self.timers.append(timer)
        return timer

    def forget(self, timer: Timer) -> None:
        """Make sure that what was planned does not happen."""
        timer.cancel()
        self.timers.remove(timer)

    def finish(self, result: Json) -> None:
        """End the state well: shape the result, assign, go on. Raises StateFailure."""
        seen = self.seen(result=result)
        variables = dataflow.assigned_variables(seen, self.state.fields.get("Assign"), result)
        self.leave(dataflow.output(seen, result), self.state.next, variables)

    def leave(self, output: Json, following: str | None, variables: Mapping[str, Json]) -> None:
        """Exit the state with its output; `following=None` ends the branch."""
        text = compact(output)
        if size(text) > MOST_BYTES:
            self.fail(ExecutionFailure(error=DATA_LIMIT, cause=too_large(self.state.name)))
            return
        if is_too_deep(text):
            self.fail(ExecutionFailure(error=RUNTIME, cause=self.worded_cause(_TOO_DEEP), fatal=True))
            return
        details: dict[str, Any] = {"name": self.state.name, **payload_text("output", text)}
        if variables:
            assigned = {name: compact(value) for name, value in variables.items()}
            if sum(map(size, assigned.values())) > MOST_BYTES:
                self.fail(ExecutionFailure(error=DATA_LIMIT, cause=too_large(self.state.name)))
                return
            details["assignedVariables"] = assigned
            details["assignedVariablesDetails"] = {"truncated": False}
        self.record(f"{self.state.kind}StateExited", details)
        self.end()
        self.branch.left(following, output, text, variables)

    def fail(self, failure: ExecutionFailure) -> None:
        """End the try badly: wait and try again, go to a Catch, or fail the branch."""
        self._halt(aborted=True)
        wait = retry.delay(self.state.retry, failure, self.retries, self.branch.execution.ports.sources.chance)
        if wait is not None:
            self.attempt += 1
            self.closing = self.redo = None
            self.later(wait, self.enter)
            return
        if self.closing is not None:
            self.record(self.closing)
            self.closing = None
        rule = retry.catcher(self.state.catch, failure)
        if rule is None:
            self.end()
            self.branch.failed(failure, self.state)
            return
        place = self.state.catch.index(rule)

        def recover() -> None:
            output, variables = dataflow.catch_failure(self.seen(), rule.fields, place, failure.output())
            self.leave(output, rule.next, variables)

        self._run_catch(recover)

    def _run_catch(self, recover: Callable[[], None]) -> None:
        """Run a Catch; what fails in it cannot be caught again."""
        try:
            recover()
        except StateFailure as failure:
            error = ExecutionFailure(error=failure.error, cause=self.worded_cause(failure.cause), fatal=True)
            self.end()
            self.branch.failed(error, self.state)

    def end(self) -> None:
        """The visit is over: nothing that was planned happens any more."""
        self._halt(aborted=False)
        self.over = True

    def revive(self) -> None:
        """Take up again a visit that failed or was stopped, its retries counted anew."""
        self.over = False
        self.attempt = 0
        self.retries = {}
        if self.redo is None:
            self.enter()
        else:
            self.attempted(self.redo)

    def _halt(self, *, aborted: bool) -> None:
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
        if self.stop is not None:
            self.stop(aborted)
            self.stop = None

    def abort(self) -> None:
        """A sibling failed: stop, and record what was aborted."""
        self._halt(aborted=True)
        self.over = True
        if self.state.kind in {"Task", "Wait", "Parallel", "Map"}:
            self.branch.execution.history.add(f"{self.state.kind}StateAborted", self.branch.head)
