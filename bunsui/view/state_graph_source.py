"""A state machine's graph as sources of pictures: Mermaid and DOT."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bunsui.services.state_graph import MachineNode, StateGraph, StateNode, Transition, TransitionKind
from bunsui.view.mermaid import label
from bunsui.view.safe import safe

_CONDITION = 60
"""Longer conditions are cut: a picture is wide enough."""

Numbers = Mapping[str, int]
"""Of states by name, which are unique in a definition."""


def state_graph_mermaid(graph: StateGraph) -> str:
    """Return the graph for Mermaid: Parallels and Maps are frames around what they run, dotted arrows are caught errors."""
    numbers = _numbers(graph)
    lines = ["flowchart TD", *_mermaid_machine(graph.machine, numbers, "", indent=1)]
    for state in graph.states():
        for item in state.transitions:
            arrow = "-.->" if item.kind is TransitionKind.CATCH else "-->"
            told = f'|"{label(_transition_words(item), limit=_CONDITION)}"|' if _transition_words(item) else ""
            lines.append(f"  n{numbers[state.name]} {arrow}{told} n{numbers[item.target]}")
    return "\n".join(lines) + "\n"


def _mermaid_machine(machine: MachineNode, numbers: Numbers, scope: str, *, indent: int) -> Iterator[str]:
    """Return the nodes of a machine with its start and its end; `scope` tells those of machines apart."""
    room = "  " * indent
    if machine.start in numbers:
        yield f'{room}b{scope}(("start")) --> n{numbers[machine.start]}'
    for state in machine.states:
        number = numbers[state.name]
        if not state.machines:
            yield f"{room}n{number}{_shape(state)}"
            continue
        yield f'{room}subgraph n{number}["{_label(state)}"]'
        for index, inner in enumerate(state.machines):
            yield f'{room}  subgraph n{number}_{index}["{_title(state, index)}"]'
            yield from _mermaid_machine(inner, numbers, f"{number}_{index}", indent=indent + 2)
            yield f"{room}  end"
        yield f"{room}end"
    for number in _ends(machine, numbers):
        yield f'{room}n{number} --> e{scope}(("end"))'


def _shape(state: StateNode) -> str:
    match state.type:
        case "Choice":
            return f'{{"{_label(state)}"}}'
        case "Succeed" | "Fail":
            return f'(["{_label(state)}"])'
        case _:
            return f'["{_label(state)}"]'


def _label(state: StateNode) -> str:
    return f"{label(state.name)}<br/>{label(_kind(state), limit=_CONDITION)}"


def state_graph_dot(graph: StateGraph) -> str:
    """Return the graph for Graphviz: a Parallel or Map stands in a frame with what it runs, dashed arrows are caught errors."""
    numbers = _numbers(graph)
    lines = [
        f"digraph {_quote_text(graph.name)} {{",
        "  node [shape=box];",
        *_dot_machine(graph.machine, numbers, "", indent=1),
    ]
    for state in graph.states():
        lines += _dot_edges(state, numbers)
    return "\n".join([*lines, "}"]) + "\n"


def _dot_edges(state: StateNode, numbers: Numbers) -> Iterator[str]:
    number = numbers[state.name]
    for inner in state.machines:
        if inner.start in numbers:
            yield f"  n{number} -> n{numbers[inner.start]} [style=dotted, arrowhead=none];"
    for item in state.transitions:
        told = [f"label={_quote_text(_transition_words(item), limit=_CONDITION)}"] if _transition_words(item) else []
        told += ["style=dashed"] if item.kind is TransitionKind.CATCH else []
        look = f" [{', '.join(told)}]" if told else ""
        yield f"  n{number} -> n{numbers[item.target]}{look};"


def _dot_machine(machine: MachineNode, numbers: Numbers, scope: str, *, indent: int) -> Iterator[str]:
    room = "  " * indent
    if not scope:
        yield f'{room}b [shape=circle, label="start"];'
        if machine.start in numbers:
            yield f"{room}b -> n{numbers[machine.start]};"
    for state in machine.states:
        number = numbers[state.name]
        shape = {"Choice": ", shape=diamond", "Succeed": ", style=rounded", "Fail": ", style=rounded"}.get(state.type, "")
        node = f"n{number} [label={_dot_label(state)}{shape}];"
        if not state.machines:
            yield f"{room}{node}"
            continue
        yield f"{room}subgraph cluster_{number} {{"
        yield f"{room}  {node}"
        for index, inner in enumerate(state.machines):
            yield f"{room}  subgraph cluster_{number}_{index} {{"
            yield f"{room}    label={_quote_text(_title(state, index))};"
            yield from _dot_machine(inner, numbers, f"{number}_{index}", indent=indent + 2)
            yield f"{room}  }}"
        yield f"{room}}}"
    ends = list(_ends(machine, numbers))
    if ends:
        yield f'{room}e{scope} [shape=doublecircle, label="end"];'
    for number in ends:
        yield f"{room}n{number} -> e{scope};"


def _dot_label(state: StateNode) -> str:
    # `\n` is DOT's own: the text on both sides is quoted apart.
    return f"{_quote_text(state.name)[:-1]}\\n{_quote_text(_kind(state), limit=_CONDITION)[1:]}"


def _quote_text(text: str, *, limit: int = 2000) -> str:
    return json.dumps(safe(text, limit=limit), ensure_ascii=False)


def _numbers(graph: StateGraph) -> Numbers:
    return {state.name: index for index, state in enumerate(graph.states())}


def _ends(machine: MachineNode, numbers: Numbers) -> Iterator[int]:
    """Return the states from which the machine comes to its end; one that fails does not."""
    for state in machine.states:
        if state.ends and state.type != "Fail":
            yield numbers[state.name]


def _kind(state: StateNode) -> str:
    return f"{state.type} {state.detail}".strip() or "filled in later"


def _title(state: StateNode, index: int) -> str:
    return "for each item" if state.type == "Map" else f"branch {index + 1}"


def _transition_words(item: Transition) -> str:
    return "otherwise" if item.kind is TransitionKind.DEFAULT else item.condition
