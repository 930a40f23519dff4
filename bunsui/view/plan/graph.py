"""A change of a state machine as one Mermaid flowchart: the graph before it, and after it.

A compiled machine is drawn by its jobs (states are named `job` or `job.step`, helpers begin with `_`), a raw one by its states.
What is new, gone or edited says so with a symbol as well as with its line, so that it reads without colours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from bunsui.diff.model import ChangeOperation, Section
from bunsui.model.values import Value
from bunsui.plan.model import ResourceChange
from bunsui.view.mermaid import label

MOST_NODES = 60
"""A larger graph is no longer read in a comment."""

_STYLES = (
    ("added", "stroke:#1a7f37,stroke-width:2px"),
    ("removed", "stroke:#cf222e,stroke-dasharray:4 3"),
    ("edited", "stroke:#9a6700,stroke-width:2px"),
)
_SYMBOLS = {"added": "+ ", "removed": "- ", "edited": "~ ", "": ""}

_Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFlow:
    """What runs after what."""

    nodes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    """Jobs or states in order, each with the states behind it."""
    edges: frozenset[_Edge] = frozenset()


def plan_mermaid(before: Value, after: Value, *, edited: Collection[str]) -> str:
    """Return the flowchart of two definitions, either of which may be None; empty when it would be too large, or of one
    node. `edited` are the jobs or states that are marked where both have them."""
    old, new = flow(before), flow(after)
    names = list(dict.fromkeys((*old.nodes, *new.nodes)))
    if not 1 < len(names) <= MOST_NODES:
        return ""
    states = {name: _state(name, old, new, edited) if before is not None else "" for name in names}
    number = {name: index for index, name in enumerate(names)}
    lines = ["flowchart LR"]
    lines += [f'  n{index}["{_SYMBOLS[states[name]]}{label(name)}"]' for name, index in number.items()]
    for first, second in sorted(old.edges | new.edges, key=lambda edge: (number[edge[0]], number[edge[1]])):
        lines.append(f"  n{number[first]} {_arrow((first, second), old, new, is_new=before is None)} n{number[second]}")
    for style, look in _STYLES:
        members = [f"n{number[name]}" for name in names if states[name] == style]
        if members:
            lines += [f"  classDef {style} {look}", f"  class {','.join(members)} {style}"]
    return "\n".join(lines)


def flow(definition: Value) -> GraphFlow:
    """Return what runs after what in a definition; nothing when it is none."""
    if not isinstance(definition, Mapping) or not isinstance(definition.get("States"), Mapping):
        return GraphFlow()
    has_jobs = is_compiled(definition)
    steps: dict[str, list[str]] = {}
    owners: dict[str, str | None] = {}
    contents: dict[str, list[Value]] = {}
    for step, owner, state, following in _steps(definition, (), is_compiled=has_jobs):
        steps[step], owners[step] = list(following), owner
        if owner is not None:
            contents.setdefault(owner, []).append(state)
    edges = {
        (owner, reached)
        for step, owner in owners.items()
        if owner is not None
        for reached in _drawn_after(step, steps, owners)
        if reached != owner
    }
    return GraphFlow(nodes={name: tuple(states) for name, states in contents.items()}, edges=frozenset(edges))


def is_compiled(definition: Value) -> bool:
    """Tell whether a definition was made of jobs."""
    states = definition.get("States") if isinstance(definition, Mapping) else None
    return isinstance(states, Mapping) and "_start" in states


def _steps(
    scope: Value, leaving: tuple[str, ...], *, is_compiled: bool, path: str = ""
) -> Iterator[tuple[str, str | None, Value, tuple[str, ...]]]:
    """Return each state as (unique id, what it is drawn as, its content, the ids that follow); `leaving` follows the last ones.

    A Parallel is drawn by what its branches hold; a Map stands for its items.
    """
    states = scope.get("States") if isinstance(scope, Mapping) else None
    if not isinstance(states, Mapping):
        return
    for name, state in states.items():
        if not isinstance(state, Mapping):
            continue
        following = tuple(f"{path}{target}" for target in _targets(state)) or leaving
        branches = state.get("Branches")
        step = f"{path}{name}"
        if not isinstance(branches, (list, tuple)):
            yield step, _owner(name, is_compiled=is_compiled), state, following
            continue
        inner = [(f"{step}/{index}/", branch) for index, branch in enumerate(branches) if isinstance(branch, Mapping)]
        yield step, None, None, tuple(f"{prefix}{branch.get('StartAt')}" for prefix, branch in inner)
        for prefix, branch in inner:
            yield from _steps(branch, following, is_compiled=is_compiled, path=prefix)


def _targets(state: Mapping[str, Value]) -> list[str]:
    choices, catchers = state.get("Choices"), state.get("Catch")
    rules = [state, *(choices if isinstance(choices, (list, tuple)) else ())]
    rules += catchers if isinstance(catchers, (list, tuple)) else ()
    found = [rule.get("Next") for rule in rules if isinstance(rule, Mapping)]
    return [target for target in (*found, state.get("Default")) if isinstance(target, str)]


def _owner(name: str, *, is_compiled: bool) -> str | None:
    if not is_compiled:
        return name
    return None if name.startswith("_") else name.partition(".")[0]


def _drawn_after(step: str, steps: Mapping[str, list[str]], owners: Mapping[str, str | None]) -> set[str]:
    """Return what is drawn next after a step, through what is not drawn."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = list(steps[step])
    while todo:
        current = todo.pop()
        if current in seen or current not in steps:
            continue
        seen.add(current)
        owner = owners[current]
        if owner is None:
            todo += steps[current]
        else:
            found.add(owner)
    return found


def changed_nodes(change: ResourceChange) -> frozenset[str]:
    """Return the jobs, or states of a raw machine, that have a state of which something differs."""
    sides = [value.attributes.get("definition") for value in (change.actual, change.desired) if value is not None]
    has_jobs = any(map(is_compiled, sides))
    items = (item for item in change.diff.items if item.section is Section.STATE)
    subjects = {item.subject for item in items if item.operation is not ChangeOperation.MOVED}
    return frozenset(filter(None, (_owner(subject, is_compiled=has_jobs) for subject in subjects)))


def _state(name: str, old: GraphFlow, new: GraphFlow, edited: Collection[str]) -> str:
    if name not in old.nodes:
        return "added"
    if name not in new.nodes:
        return "removed"
    return "edited" if name in edited else ""


def _arrow(edge: _Edge, old: GraphFlow, new: GraphFlow, *, is_new: bool) -> str:
    if is_new or (edge in old.edges and edge in new.edges):
        return "-->"
    return "==>" if edge in new.edges else "-.->"
