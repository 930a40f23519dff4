"""The shape of a state machine: which states there are, what contains them, and which job each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bunsui.compile.foreach.items import ITEM_FAILED
from bunsui.compile.polling import VARIABLE
from bunsui.compile.restoring import is_restoring
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.references import sensitive_outputs
from bunsui.model.remarks import WARNED, last_jobs

START = START_STATE
"""The first state of every machine that bunsui compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateShape:
    """One state of a machine."""

    name: str
    type: str
    job: str
    """The job that it belongs to; empty for synthetic states."""
    containers: tuple[str, ...]
    """The Parallel and Map states around it, outermost first."""
    resource: str
    """What a Task calls: a function's ARN where it is written down, else the integration."""
    timeout_seconds: int | None = None
    """Its own, where it is written down."""
    poll: str = ""
    """The variable of the poll of which a question follows when the state is left; empty for all other states."""
    warns: bool = False
    """True for a state that is only entered when a check warns."""
    restores: bool = False
    """True for a Task that loads what an earlier attempt left of its job."""
    wait_seconds: int | None = None
    """Of a Wait, where it is written down."""
    tolerates: bool = False
    """True for a Map some of whose items may fail, and for what an item that failed passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineShape:
    """A whole machine, in the order of the definition."""

    states: Mapping[str, StateShape]
    jobs: tuple[str, ...]
    """In the order of the definition, which is an order in which they may run."""
    is_raw: bool
    """True when bunsui did not compile it: its top-level states then count as jobs."""
    sensitive: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The names of the sensitive outputs by job."""
    timeout_seconds: int | None = None
    """Of the whole machine."""
    last: tuple[str, ...] = ()
    """The last jobs, where a session may succeed without any of them."""

    def states_of(self, job: str) -> tuple[StateShape, ...]:
        """Return the states that belong to a job."""
        return tuple(state for state in self.states.values() if state.job == job)

    def inside(self, container: str) -> frozenset[str]:
        """Return the names of the states inside a Parallel or Map, at any depth."""
        return frozenset(name for name, state in self.states.items() if container in state.containers)


def machine_shape(definition: Mapping[str, Json]) -> MachineShape:
    """Return the shape of a definition; a malformed part of it is left out, since AWS has already judged it."""
    is_raw = definition.get("StartAt") != START
    states = {state.name: state for state in _states(definition, (), "", is_raw=is_raw)}
    jobs = dict.fromkeys(state.job for state in states.values() if state.job)
    return MachineShape(
        states=states,
        jobs=tuple(jobs),
        is_raw=is_raw,
        sensitive=sensitive_outputs(definition),
        timeout_seconds=_seconds(definition.get("TimeoutSeconds")),
        last=() if is_raw else last_jobs(definition),
    )


def job_of(state: str) -> str:
    """Return the job that a compiled state belongs to; empty for synthetic states."""
    return "" if state.startswith("_") else state.partition(".")[0]


def _states(scope: Mapping[str, Json], containers: tuple[str, ...], top: str, *, is_raw: bool) -> Iterator[StateShape]:
    states = scope.get("States")
    for name, state in (states if isinstance(states, Mapping) else {}).items():
        if not isinstance(state, Mapping):
            continue
        kind = state.get("Type")
        owner = top or name
        yield StateShape(
            name=name,
            type=kind if isinstance(kind, str) else "",
            job=owner if is_raw else job_of(name),
            containers=containers,
            resource=_resource(state),
            timeout_seconds=_seconds(state.get("TimeoutSeconds")),
            poll="" if is_raw else _assigned(state, VARIABLE),
            warns=not is_raw and bool(_assigned(state, WARNED)),
            restores=not is_raw and is_restoring(state),
            wait_seconds=_seconds(state.get("Seconds")),
            tolerates=_tolerates(name, state, is_raw=is_raw),
        )
        for inner in _scopes(state):
            yield from _states(inner, (*containers, name), owner, is_raw=is_raw)


def _tolerates(name: str, state: Mapping[str, Json], *, is_raw: bool) -> bool:
    if not is_raw and name.partition(".")[2].startswith(ITEM_FAILED):
        return True
    return any(key.startswith("ToleratedFailure") and value != 0 for key, value in state.items())


def _seconds(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _scopes(state: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    branches = state.get("Branches")
    if isinstance(branches, (list, tuple)):
        yield from (branch for branch in branches if isinstance(branch, Mapping))
    for key in ("ItemProcessor", "Iterator"):
        processor = state.get(key)
        if isinstance(processor, Mapping):
            yield processor


def _assigned(state: Mapping[str, Json], beginning: str) -> str:
    """Return the first variable that the state assigns and that begins so; empty when there is none."""
    assigned = state.get("Assign")
    names = assigned if isinstance(assigned, Mapping) else ()
    return next((name for name in names if name.startswith(beginning)), "")


def _resource(state: Mapping[str, Json]) -> str:
    """Return the function of a Lambda call, in either query language, or else the Task's resource."""
    for key in ("Arguments", "Parameters"):
        arguments = state.get(key)
        function = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
        if isinstance(function, str) and not function.lstrip().startswith("{%"):
            return function
    resource = state.get("Resource")
    return resource if isinstance(resource, str) else ""
