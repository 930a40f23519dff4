"""The shape of a state machine, whoever wrote it: its states, what follows each, and the machines inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bunsui.asl.conditions import condition_text
from bunsui.asl.validation.views import MachineView, StateView, whole
from bunsui.model.json import Json


class TransitionKind(StrEnum):
    """Why one state follows another."""

    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What may follow a state."""

    target: str
    kind: TransitionKind
    condition: str = ""
    """Of a choice when it is taken; of a catch the errors, with commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNode:
    """A state as a node."""

    name: str
    type: str
    """Empty for a placeholder that is filled in when the definition is deployed."""
    detail: str = ""
    """What a Task calls, a Wait waits for, a Fail fails with, how a Map runs; may be empty."""
    ends: bool = False
    """True when the machine that it stands in may end here."""
    transitions: tuple[Transition, ...] = ()
    """In the order in which they are tried: rules, then Next or Default, then catchers."""
    machines: tuple[MachineNode, ...] = ()
    """The branches of a Parallel, the processor of a Map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineNode:
    """The whole machine, a branch or a processor."""

    start: str
    states: tuple[StateNode, ...]
    """In the order of the flow: a state comes after what leads to it, loops apart; states that nothing leads to come last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateGraph:
    """A state machine as a picture wants it."""

    name: str
    """The pipeline, or the file's name without its endings."""
    machine: MachineNode

    def states(self) -> Iterator[StateNode]:
        """Return every state, also those inside others, which come after them."""
        waiting = list(reversed(self.machine.states))
        while waiting:
            state = waiting.pop()
            yield state
            for machine in reversed(state.machines):
                waiting += reversed(machine.states)


def state_graph(name: str, definition: Mapping[str, Json]) -> StateGraph:
    """Return the graph of a definition in which the validator found no error."""
    return StateGraph(name=name, machine=_machine(whole(definition, "STANDARD")))


def _machine(view: MachineView) -> MachineNode:
    nodes = {state.name: _node(state) for state in view.views()}
    start = view.fields.get("StartAt")
    first = start if isinstance(start, str) else ""
    followers = {name: [transition.target for transition in node.transitions] for name, node in nodes.items()}
    order = _in_flow(first, followers)
    return MachineNode(
        start=first, states=tuple(nodes[name] if name in nodes else StateNode(name=name, type="") for name in order)
    )


def _in_flow(start: str, followers: dict[str, list[str]]) -> list[str]:
    """Return all names by depth-first search, last finished first: so what joins comes after all that leads to it.

    Followers are searched from the last: then the first one, the way that is usually taken, is told first.
    """
    seen: set[str] = set()
    reached = _finish_from(start, followers, seen) if start else []
    rest = [name for root in reversed(followers) for name in _finish_from(root, followers, seen)]
    return [*reversed(reached), *reversed(rest)]


def _finish_from(root: str, followers: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """Return what is newly reached from a state, in the order in which the search leaves it."""
    if root in seen:
        return []
    seen.add(root)
    finished: list[str] = []
    path = [(root, list(followers.get(root, ())))]
    while path:
        name, left = path[-1]
        if not left:
            finished.append(name)
            path.pop()
        elif (target := left.pop()) not in seen:
            seen.add(target)
            path.append((target, list(followers.get(target, ()))))
    return finished


def _node(state: StateView) -> StateNode:
    return StateNode(
        name=state.name,
        type=state.type,
        detail=_detail(state),
        ends=state.fields.get("End") is True or state.type in ("Succeed", "Fail"),
        transitions=tuple(_transitions(state.fields)),
        machines=tuple(_machine(inner) for inner in state.machines()),
    )


def _transitions(state: Mapping[str, Any]) -> Iterator[Transition]:
    for rule in _rules(state.get("Choices")):
        yield Transition(target=rule["Next"], kind=TransitionKind.CHOICE, condition=condition_text(rule))
    for key, kind in (("Next", TransitionKind.NEXT), ("Default", TransitionKind.DEFAULT)):
        if isinstance(target := state.get(key), str):
            yield Transition(target=target, kind=kind)
    for rule in _rules(state.get("Catch")):
        errors = rule.get("ErrorEquals")
        told = ", ".join(str(error) for error in errors) if isinstance(errors, (list, tuple)) else ""
        yield Transition(target=rule["Next"], kind=TransitionKind.CATCH, condition=told)


def _rules(value: Any) -> Iterator[Mapping[str, Any]]:
    for rule in value if isinstance(value, (list, tuple)) else ():
        if isinstance(rule, Mapping) and isinstance(rule.get("Next"), str):
            yield rule


def _detail(state: StateView) -> str:
    match state.type:
        case "Task":
            return _call_words(str(state.fields.get("Resource", "")))
        case "Fail":
            return str(state.fields.get("Error") or state.fields.get("ErrorPath") or "")
        case "Wait":
            return _wait_words(state.fields)
        case "Map":
            return _map_words(state)
        case _:
            return ""


def _call_words(resource: str) -> str:
    """Return what a Task calls, without what every ARN says."""
    if found := re.fullmatch(r"arn:[^:]+:states:[^:]*:[^:]*:(?P<rest>.+)", resource):
        return found["rest"].replace("activity:", "activity ", 1)
    if found := re.fullmatch(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:(?P<name>.+)", resource):
        return f"function {found['name']}"
    return resource


def _wait_words(state: Mapping[str, Any]) -> str:
    if "Seconds" in state:
        return f"{state['Seconds']} s" if isinstance(state["Seconds"], int) else str(state["Seconds"])
    found = next((state[key] for key in ("SecondsPath", "Timestamp", "TimestampPath") if key in state), "")
    return f"until {found}" if found and "SecondsPath" not in state else str(found)


def _map_words(state: StateView) -> str:
    is_express = state.is_distributed and any(inner.kind == "EXPRESS" for inner in state.machines())
    most = state.fields.get("MaxConcurrency")
    words = ["distributed"] if state.is_distributed else []
    words += ["express"] if is_express else []
    words += [f"{most} at a time"] if isinstance(most, int) and most > 0 else []
    return ", ".join(words)
