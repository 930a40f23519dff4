"""Histories tell what happens inside Parallel and Map, each event after the one that caused it; branches end together.

The emulator records nothing inside a Parallel or Map state, lets all branches run to their end when one has failed, and shares
variables between branches. Progress, checkpoints and the cost of a failure would then differ from AWS for every pipeline with
two jobs side by side. Events follow https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from bunsui.local.internals import inner, replace_inner

_PREVIOUS: ContextVar[tuple[str, int]] = ContextVar("previous event", default=("", 0))
"""Execution and id of the last event on this thread's path. Branches start with a copy of their parent's."""
_ITERATES: ContextVar[str | None] = ContextVar("map state whose iteration begins", default=None)
_GROUP: ContextVar[_Group | None] = ContextVar("innermost group of branches", default=None)
_WRITING = threading.Lock()
_USED_BY_STEPS = (
    *(f"_execute_{kind}" for kind in ("pass", "task", "choice", "wait", "parallel", "map")),
    "_apply_input_path",
    "_apply_output_path",
    "_fail_state_error",
    "now_iso",
)
"""Looked up when they are used, since other patches replace some; but they must be there when this one is applied."""


class _Group:
    """Branches or iterations that fail together."""

    def __init__(self, outer: _Group | None) -> None:
        self._outer = outer
        self._failure: Exception | None = None

    @property
    def failure(self) -> Exception | None:
        """What made this group, or one around it, fail."""
        return self._failure or (self._outer.failure if self._outer else None)

    def fail(self, problem: Exception) -> None:
        """Remember the first failure; later ones follow from it."""
        self._failure = self._failure or problem


def record_inner_states() -> None:
    """Record the events of inner states, and chain all events by `previousEventId`."""
    from ministack.services import stepfunctions

    add: Callable[..., dict[str, Any]] = inner(stepfunctions, "_add_event")
    query_language = inner(stepfunctions, "_state_query_language")
    field_of = inner(stepfunctions, "_jsonata_state_field")
    input_of = inner(stepfunctions, "_apply_input_path")
    resolved = inner(stepfunctions, "_resolve_path_or_ctx")
    failed_with: type[Exception] = inner(stepfunctions, "_ExecutionError")

    def add_event(execution: dict[str, Any], event_type: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        with _WRITING:
            event = add(execution, event_type, details)
            known, previous = _PREVIOUS.get()
            mine = known == execution["executionArn"]
            event["previousEventId"] = previous if mine else event["id"] - 1
            execution["events"][0].setdefault("previousEventId", 0)
        _PREVIOUS.set((execution["executionArn"], event["id"]))
        return event

    steps = _Steps(stepfunctions, add_event)

    def run_sub_machine(states: Any, start_at: str, data: Any, execution: dict[str, Any], ctx: dict[str, Any]) -> Any:
        group, iterates = _GROUP.get(), _ITERATES.get()
        _ITERATES.set(None)
        scope = {**ctx, "variables": dict(ctx.get("variables", {}))}
        try:
            with _iteration(add_event, execution, iterates, ctx):
                return steps.run(states, start_at, copy.deepcopy(data), execution, scope)
        except failed_with as problem:
            if group is not None:
                group.fail(problem)
            raise

    def grouped(name: str, kind: str, details: Callable[..., dict[str, Any]]) -> None:
        run: Callable[..., tuple[Any, str | None]] = inner(stepfunctions, name)

        def run_group(
            state: dict[str, Any], data: Any, execution: dict[str, Any], ctx: dict[str, Any]
        ) -> tuple[Any, str | None]:
            group = _Group(_GROUP.get())
            add_event(execution, f"{kind}StateStarted", details(state, data, ctx))
            name_of_map = ctx["State"]["Name"] if kind == "Map" else None
            restore = (_GROUP, _GROUP.set(group)), (_ITERATES, _ITERATES.set(name_of_map))
            try:
                result = run(state, data, execution, ctx)
            except failed_with as problem:
                _join(execution)
                add_event(execution, f"{kind}StateFailed")
                raise (group.failure or problem) from None
            finally:
                for variable, token in restore:
                    variable.reset(token)  # type: ignore[arg-type]  # each token goes to its own variable
            _join(execution)
            add_event(execution, f"{kind}StateSucceeded")
            return result

        replace_inner(stepfunctions, name, run_group)

    def map_length(state: dict[str, Any], data: Any, ctx: dict[str, Any]) -> dict[str, Any]:
        try:
            if query_language(state, ctx) == "JSONata" and "Items" in state:
                items = field_of(state, "Items", "array", data, ctx)
            else:
                items = resolved(state.get("ItemsPath", "$"), input_of(state, data, ctx), ctx)
        except failed_with:
            # The state itself fails by the same error, right after this event.
            items = []
        return {"mapStateStartedEventDetails": {"length": len(items) if isinstance(items, list) else 1}}

    replace_inner(stepfunctions, "_add_event", add_event)
    replace_inner(stepfunctions, "_run_sub_machine", run_sub_machine)
    apply_jsonata_to_parallel(stepfunctions)
    grouped("_run_parallel_branches", "Parallel", lambda *_: {})
    grouped("_run_map_items", "Map", map_length)


class _Steps:
    """Runs the states of a branch one after the other through the emulator's own functions."""

    def __init__(self, stepfunctions: Any, add_event: Callable[..., dict[str, Any]]) -> None:
        self._module = stepfunctions
        self._add_event = add_event
        self._failed_with = inner(stepfunctions, "_ExecutionError")
        for name in _USED_BY_STEPS:
            inner(stepfunctions, name)

    def run(self, states: Any, start_at: str, data: Any, execution: dict[str, Any], ctx: dict[str, Any]) -> Any:
        name: str | None = start_at
        while name is not None:
            self._check_alive(execution)
            state = states.get(name)
            if state is None:
                raise self._failed_with("States.Runtime", f"The state {name!r} does not exist")
            kind = state.get("Type")
            ctx["State"] = {"Name": name, "EnteredTime": inner(self._module, "now_iso")(), "RetryCount": 0}
            entered = {"name": name, "input": json.dumps(data)}
            self._add_event(execution, f"{kind}StateEntered", {"stateEnteredEventDetails": entered})
            data, following = self._step(kind, state, data, execution, ctx)
            exited = {"name": name, "output": json.dumps(data)}
            self._add_event(execution, f"{kind}StateExited", {"stateExitedEventDetails": exited})
            name = following
        return data

    def _step(self, kind: str, state: Any, data: Any, execution: dict[str, Any], ctx: dict[str, Any]) -> tuple[Any, str | None]:
        module = self._module
        match kind:
            case "Succeed":
                shown = inner(module, "_apply_input_path")(state, data, ctx)
                return inner(module, "_apply_output_path")(state, shown, ctx), None
            case "Fail":
                raise self._failed_with(*inner(module, "_fail_state_error")(state, data, ctx))
            case "Task" | "Parallel" | "Map":
                output, following = inner(module, f"_execute_{kind.lower()}")(state, data, execution, ctx)
            case "Pass" | "Choice" | "Wait":
                output, following = inner(module, f"_execute_{kind.lower()}")(state, data, ctx)
            case _:
                raise self._failed_with("States.Runtime", f"Unknown type of state: {kind}")
        return output, following

    def _check_alive(self, execution: dict[str, Any]) -> None:
        group = _GROUP.get()
        if group is not None and group.failure is not None:
            raise group.failure
        if execution["status"] != "RUNNING":
            raise self._failed_with("States.Runtime", "The execution has ended")


def apply_jsonata_to_parallel(stepfunctions: Any) -> None:
    """Apply `Arguments`, `Output` and `Assign` of a Parallel state in JSONata, which the emulator leaves out."""
    run: Callable[..., tuple[Any, str | None]] = inner(stepfunctions, "_run_parallel_branches")
    query_language = inner(stepfunctions, "_state_query_language")
    arguments = inner(stepfunctions, "_apply_jsonata_arguments")
    output = inner(stepfunctions, "_apply_jsonata_output")
    assign = inner(stepfunctions, "_apply_state_assign")

    def run_parallel_branches(
        state: dict[str, Any], data: Any, execution: dict[str, Any], ctx: dict[str, Any]
    ) -> tuple[Any, str | None]:
        if query_language(state, ctx) != "JSONata":
            return run(state, data, execution, ctx)
        given = arguments(state, data, ctx) if "Arguments" in state else data
        results, following = run(state, given, execution, ctx)
        shown = output(state, data, ctx, result=results, default=results)
        assign(state, data, ctx, result=results)
        return shown, following

    replace_inner(stepfunctions, "_run_parallel_branches", run_parallel_branches)


@contextmanager
def _iteration(
    add_event: Callable[..., dict[str, Any]], execution: dict[str, Any], state: str | None, ctx: dict[str, Any]
) -> Iterator[None]:
    """Enclose the events of one iteration of a Map; nothing when `state` is None: a branch, or a child of a Map Run."""
    if state is None or "mapRunArn" in execution:
        yield
        return
    details = {"name": state, "index": ctx["Map"]["Item"]["Index"]}
    add_event(execution, "MapIterationStarted", {"mapIterationStartedEventDetails": details})
    try:
        yield
    except Exception:
        add_event(execution, "MapIterationFailed", {"mapIterationFailedEventDetails": details})
        raise
    add_event(execution, "MapIterationSucceeded", {"mapIterationSucceededEventDetails": details})


def _join(execution: dict[str, Any]) -> None:
    """Go on after the last event of all branches."""
    _PREVIOUS.set((execution["executionArn"], len(execution["events"])))
