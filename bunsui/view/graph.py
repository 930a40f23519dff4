"""A pipeline's graph as terminal lines, Mermaid, DOT and JSON."""

from __future__ import annotations

import json

from bunsui.model.values import Json
from bunsui.services.graph import Graph
from bunsui.view.graph_picture import picture
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, closed, document, listed, pairs, seconds, text, texts
from bunsui.view.spans import Line, Role, line, span


def graph_lines(graph: Graph, *, width: int = 100) -> tuple[Line, ...]:
    """Give the graph for a terminal: a picture where it fits the width, else the waves; then waits and critical path."""
    count = f"{len(graph.jobs)} job{'s' if len(graph.jobs) != 1 else ''}"
    waves = f"{len(graph.waves)} wave{'s' if len(graph.waves) != 1 else ''}"
    found = [line(span(graph.pipeline, Role.NAME), span(f"  {count} in {waves}", Role.MUTED)), line()]
    drawn = picture(graph.tree, graph.names, critical=frozenset(graph.critical_path))
    if max(len(item.text) for item in drawn) + 2 <= width:
        found += [item.indented(2) for item in drawn]
    else:
        found += _wave_lines(graph)
    found.append(line())
    found += _wait_lines(graph)
    path = [span("critical path  ", Role.MUTED)]
    for index, name in enumerate(graph.critical_path):
        path += [span(" → ", Role.MUTED)] if index else []
        path.append(span(name, Role.STRONG))
    found.append(line(*path))
    return tuple(found)


def _wave_lines(graph: Graph) -> list[Line]:
    critical = set(graph.critical_path)
    lines = []
    for number, wave in enumerate(graph.waves, start=1):
        parts = [span(f"{number:>4}  ", Role.MUTED)]
        for index, name in enumerate(wave):
            parts += [span(", ", Role.MUTED)] if index else []
            parts.append(span(name, Role.STRONG if name in critical else Role.TEXT))
        lines.append(line(*parts))
    return lines


def _wait_lines(graph: Graph) -> list[Line]:
    lines = []
    for first, second in graph.synthetic:
        words = span(" waits for ", Role.WARN)
        reason = span("  without depending on it: Step Functions runs sequences and parallels only", Role.MUTED)
        lines.append(line(span(second), words, span(first), reason))
    extra = graph.makespan_seconds - graph.critical_path_seconds
    if extra > 0:
        lines.append(line(span(f"that makes the longest way {_number(graph.makespan_seconds)} jobs long", Role.WARN)))
    return lines


def graph_json(graph: Graph) -> dict[str, Json]:
    """Give the graph as JSON. Durations are seconds, 1 as long as nothing is known; pairs are (first, second)."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "graph",
        "pipeline": graph.pipeline,
        "jobs": [{"name": job.name, "duration": job.duration_seconds} for job in graph.jobs],
        "edges": [list(edge) for edge in graph.edges],
        "waves": [list(wave) for wave in graph.waves],
        "synthetic": [list(pair) for pair in graph.synthetic],
        "makespan": graph.makespan_seconds,
        "critical_path": list(graph.critical_path),
    }


def graph_schema() -> Schema:
    """Describe what `graph_json` gives."""
    job = closed("A job.", {"name": text("Its name."), "duration": seconds("1 as long as nothing is known.")})
    return document(
        "graph",
        "Of `graph`: a pipeline's jobs as they will run.",
        {
            "pipeline": text("The pipeline's name."),
            "jobs": listed(job, "In the order of the file."),
            "edges": pairs("Dependencies as the file says them: a job, and one that depends on it."),
            "waves": listed(texts("Jobs."), "Jobs by how many others must be done before, in the state machine."),
            "synthetic": pairs("A job, and one that waits for it without depending on it."),
            "makespan": seconds("The longest way through the state machine."),
            "critical_path": texts("The jobs of the longest way through the dependencies."),
        },
    )


def graph_mermaid(graph: Graph) -> str:
    """Give the graph for Mermaid: dependencies as arrows, waits without need dotted, the critical path heavy."""
    number = {job.name: index for index, job in enumerate(graph.jobs)}
    lines = ["flowchart LR"]
    lines += [f'  n{index}["{name}"]' for name, index in number.items()]
    lines += [f"  n{number[first]} --> n{number[second]}" for first, second in graph.edges]
    lines += [f"  n{number[first]} -. waits .-> n{number[second]}" for first, second in graph.synthetic]
    if graph.critical_path:
        lines.append("  classDef critical stroke-width:3px")
        lines.append("  class " + ",".join(f"n{number[name]}" for name in graph.critical_path) + " critical")
    return "\n".join(lines) + "\n"


def graph_dot(graph: Graph) -> str:
    """Give the graph for Graphviz."""
    critical = set(graph.critical_path)
    lines = [f"digraph {json.dumps(graph.pipeline)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for job in graph.jobs:
        style = " [penwidth=2]" if job.name in critical else ""
        lines.append(f"  {json.dumps(job.name)}{style};")
    lines += [f"  {json.dumps(first)} -> {json.dumps(second)};" for first, second in graph.edges]
    lines += [
        f'  {json.dumps(first)} -> {json.dumps(second)} [style=dashed, label="waits"];' for first, second in graph.synthetic
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _number(value: float) -> str:
    return f"{value:g}"
