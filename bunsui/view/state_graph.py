"""A state machine's graph as terminal lines."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.services.state_graph import MachineNode, StateGraph, StateNode, Transition, TransitionKind
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import cells, cut

_WIDEST_NAME = 28
"""Types stand in a column behind names up to this length."""
_SHORTEST = 32
"""A condition is not cut to less."""
_SHORTEST_DETAIL = 16
_STEP = 4
"""Columns by which what belongs to a state is further right."""


def state_graph_lines(graph: StateGraph, *, width: int = 80) -> tuple[Line, ...]:
    """Return the states in the order of the flow, each with what may follow it, and the machines inside it indented.

    `▶` marks the state that a machine starts with; conditions are cut to the width.
    """
    count = sum(1 for _ in graph.states())
    head = line(span(graph.name, Role.NAME), span(f"  {count} state{'s' if count != 1 else ''}", Role.MUTED))
    return (head, line(), *_machine_lines(graph.machine, 2, width))


def _machine_lines(machine: MachineNode, indent: int, width: int) -> Iterator[Line]:
    column = max((cells(state.name) for state in machine.states if cells(state.name) <= _WIDEST_NAME), default=0)
    for state in machine.states:
        yield from _state_lines(state, machine, column, indent=indent, width=width)


def _state_lines(state: StateNode, machine: MachineNode, column: int, *, indent: int, width: int) -> Iterator[Line]:
    first = _head(state, machine, column, indent=indent, width=width)
    onward = list(_onward(state))
    rest = [item for item in state.transitions if item.kind is not TransitionKind.NEXT]
    if onward and cells(first.text) + sum(cells(part.text) for part in onward) + 1 <= width:
        yield line(*first.parts, span(" "), *onward, indent=indent)
    else:
        yield first
        yield from [line(*onward, indent=indent + _STEP)] if onward else []
    aligned = max((cells(item.target) for item in rest if cells(item.target) <= _WIDEST_NAME), default=0)
    for item in rest:
        yield from _transition_lines(item, aligned, indent=indent + _STEP, width=width)
    for index, inner in enumerate(state.machines):
        told = "for each item" if state.type == "Map" else f"branch {index + 1}"
        yield line(span(told, Role.MUTED), indent=indent + _STEP)
        yield from _machine_lines(inner, indent + _STEP, width)


def _head(state: StateNode, machine: MachineNode, column: int, *, indent: int, width: int) -> Line:
    """Return name, type and detail; where they have too little room first the column is given up, then the detail is cut."""
    start = span("▶ " if state.name == machine.start else "  ", Role.STRONG)
    name = span(state.name, Role.NAME)
    words = span(f"{state.type} {state.detail}".strip() or "(filled in later)").text
    left = width - indent - cells(start.text) - cells(name.text) - 2
    padding = max(0, column - cells(name.text))
    if cells(words) + padding > left:
        padding = 0
    shown = span(cut(words, max(left, _SHORTEST_DETAIL)), Role.MUTED)
    return line(start, name, span(" " * (padding + 2)), shown, indent=indent)


def _onward(state: StateNode) -> Iterator[Span]:
    """Return the arrow to the next state, or to the end; nothing for a state whose type says how it goes on."""
    for item in state.transitions:
        if item.kind is TransitionKind.NEXT:
            yield span("→ ", Role.MUTED)
            yield span(item.target)
    if state.ends and state.type not in ("Succeed", "Fail"):
        yield span("→ end", Role.MUTED)


def _transition_lines(item: Transition, column: int, *, indent: int, width: int) -> Iterator[Line]:
    """Return the line of a way that is taken sometimes; a condition for which little room is left stands on one of its own."""
    lead = {TransitionKind.CHOICE: "if ", TransitionKind.CATCH: "on error "}.get(item.kind, "otherwise")
    arrow, target = span("→ ", Role.MUTED), span(item.target + " " * (column - cells(item.target)))
    condition = span(lead + item.condition, Role.MUTED)
    room = width - indent - cells(arrow.text) - cells(target.text) - 2
    if room >= min(cells(condition.text), _SHORTEST):
        yield line(arrow, target, span("  "), span(cut(condition.text, room), Role.MUTED), indent=indent)
    else:
        yield line(arrow, span(item.target), indent=indent)
        room = max(_SHORTEST, width - indent - _STEP)
        yield line(span(cut(condition.text, room), Role.MUTED), indent=indent + _STEP)
