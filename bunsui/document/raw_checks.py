"""The structure of a raw state machine definition: what Step Functions would refuse at once, located in the file.

Source: the Amazon States Language specification. The fields of each state type and the expressions are not looked at here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from bunsui.diagnostics import Diagnostic
from bunsui.document.tree import Document, Path
from bunsui.model.values import Json

_TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_TERMINAL = ("Succeed", "Fail")
_ITEM_MACHINES = ("ItemProcessor", "Iterator")


def check_definition(document: Document, definition: Json) -> tuple[Diagnostic, ...]:
    """Give the findings about a definition whose placeholders are replaced, placed in the document that it came from."""
    return tuple(_machine(document, definition, ()))


def _machine(document: Document, machine: Json, path: Path) -> Iterator[Diagnostic]:
    if not isinstance(machine, Mapping):
        yield document.finding("BS401", "a state machine definition must be a mapping", path)
        return
    states = machine.get("States")
    if not isinstance(states, Mapping) or not states:
        yield document.finding(
            "BS401", "the state machine has no States", path, hint="Add States: a mapping of states by name."
        )
        return
    start = machine.get("StartAt")
    if not isinstance(start, str):
        yield document.finding(
            "BS402", "the state machine has no StartAt", path, hint="Add StartAt with the first state's name."
        )
    elif start not in states:
        yield document.finding(
            "BS402", f"StartAt names {start}, which is no state here", (*path, "StartAt"), hint=_near(start, states)
        )
    for name, state in states.items():
        yield from _state(document, name, state, states, (*path, "States", name))
    if isinstance(start, str) and start in states:
        for name in _unreachable(start, states):
            yield document.finding("BS404", f"the state {name} is never reached", (*path, "States", name), on_key=True)


def _state(document: Document, name: str, state: Json, states: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    if len(name) > 80:
        yield document.finding("BS405", f"the name of the state {name} is longer than 80 characters", path, on_key=True)
    if not isinstance(state, Mapping):
        yield document.finding("BS405", f"the state {name} must be a mapping", path)
        return
    kind = state.get("Type")
    if kind not in _TYPES:
        shown = kind if isinstance(kind, str) else "nothing"
        hint = difflib.get_close_matches(shown, _TYPES, n=1, cutoff=0.5)
        at = (*path, "Type") if "Type" in state else path
        yield document.finding(
            "BS405",
            f"{shown} is not a type of state",
            at,
            hint=f"Did you mean {hint[0]}?" if hint else f"One of {', '.join(_TYPES)}.",
        )
    for target, at in _targets(state, path):
        if target not in states:
            yield document.finding("BS403", f"{at[-1]} names {target}, which is no state here", at, hint=_near(target, states))
    yield from _ending(document, name, state, path)
    yield from _inside(document, state, kind, path)


def _ending(document: Document, name: str, state: Mapping[str, Json], path: Path) -> Iterator[Diagnostic]:
    kind = state.get("Type")
    follows, ends = "Next" in state, state.get("End") is True
    if kind in _TERMINAL or kind == "Choice":
        if follows or "End" in state:
            yield document.finding(
                "BS406", f"{kind} states have neither Next nor End", (*path, "Next" if follows else "End"), on_key=True
            )
        if kind == "Choice" and not (isinstance(state.get("Choices"), list) and state["Choices"]):
            yield document.finding("BS406", f"the Choice state {name} has no Choices", path, on_key=True)
    elif kind in _TYPES and follows == ends:
        what = "both Next and End" if follows else "neither Next nor End"
        yield document.finding("BS406", f"the state {name} has {what}", path, on_key=True, hint="Give it Next, or End: true.")


def _inside(document: Document, state: Mapping[str, Json], kind: Json, path: Path) -> Iterator[Diagnostic]:
    if kind == "Parallel":
        branches = state.get("Branches")
        if not isinstance(branches, list) or not branches:
            yield document.finding("BS401", "a Parallel state needs Branches", path, on_key=True)
            return
        for index, branch in enumerate(branches):
            yield from _machine(document, branch, (*path, "Branches", index))
    elif kind == "Map":
        given = [key for key in _ITEM_MACHINES if key in state]
        if len(given) != 1:
            yield document.finding("BS401", "a Map state needs ItemProcessor", path, on_key=True)
        for key in given:
            yield from _machine(document, state[key], (*path, key))


def _targets(state: Mapping[str, Json], path: Path) -> Iterator[tuple[str, Path]]:
    """Give every state that this one names as a follower, with the place of the name."""
    for key in ("Next", "Default"):
        target = state.get(key)
        if isinstance(target, str):
            yield target, (*path, key)
    for key in ("Choices", "Catch"):
        rules = state.get(key)
        for index, rule in enumerate(rules if isinstance(rules, Sequence) and not isinstance(rules, str) else ()):
            target = rule.get("Next") if isinstance(rule, Mapping) else None
            if isinstance(target, str):
                yield target, (*path, key, index, "Next")


def _unreachable(start: str, states: Mapping[str, Json]) -> list[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        state = states.get(name)
        if name in reached or not isinstance(state, Mapping):
            reached.add(name)
            continue
        reached.add(name)
        waiting.extend(target for target, _ in _targets(state, ()))
    return [name for name in states if name not in reached]


def _near(name: str, states: Mapping[str, Json]) -> str:
    near = difflib.get_close_matches(name, list(states), n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else ""
