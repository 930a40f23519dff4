"""A pipeline's graph for whoever draws it: as terminal lines, Mermaid, DOT."""

from __future__ import annotations

import json

from bunsui.model.durations import format_duration
from bunsui.services.graph import PipelineGraph
from bunsui.view.drawing.picture import GraphPicture, NodeStyle, picture_lines
from bunsui.view.drawing.series_parallel import place_tree
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells

_NAMED = 8
"""Jobs that are named; of more, how many there are."""


def graph_lines(graph: PipelineGraph, *, width: int = 100) -> tuple[Line, ...]:
    """Return the graph for a terminal: a picture where it fits the width, else the waves; then waits and critical path."""
    count = f"{len(graph.jobs)} job{'s' if len(graph.jobs) != 1 else ''}"
    waves = f"{len(graph.waves)} wave{'s' if len(graph.waves) != 1 else ''}"
    title = f"  {graph.about.title}" if graph.about.title else ""
    found = [line(span(graph.pipeline, Role.NAME), span(title), span(f"  {count} in {waves}", Role.MUTED))]
    found += [line(span(graph.about.description, Role.MUTED), indent=2)] if graph.about.description else []
    found.append(line())
    drawn = picture_lines(_picture_as_run(graph))
    if max(len(item.text) for item in drawn) + 2 <= width:
        found += [item.indented(2) for item in drawn]
    else:
        found += _wave_lines(graph)
    found.append(line())
    found += _description_lines(graph)
    found += _wait_lines(graph)
    path = [span("critical path  ", Role.MUTED)]
    for index, name in enumerate(graph.critical_path):
        path += [span(" → ", Role.MUTED)] if index else []
        path.append(span(name, Role.STRONG))
    if graph.has_durations:
        path.append(span(f"  about {format_duration(round(graph.critical_path_seconds))}", Role.MUTED))
    found.append(line(*path))
    return (*found, *_assumed_lines(graph))


def picture_within(graph: PipelineGraph, *, width: int, height: int) -> tuple[Line, ...]:
    """Return the picture alone where it takes no more room than that; nothing where it would."""
    drawn = picture_lines(_picture_as_run(graph))
    return drawn if len(drawn) <= height and max(cells(item.text) for item in drawn) <= width else ()


def _picture_as_run(graph: PipelineGraph) -> GraphPicture:
    """Return the picture of how the state machine runs the jobs, waits without need included; the critical path is strong."""
    placement = place_tree(graph.tree, graph.names, {name: cells(name) for name in graph.names})
    return GraphPicture(placement=placement, styles={name: NodeStyle(name_role=Role.STRONG) for name in graph.critical_path})


def _wave_lines(graph: PipelineGraph) -> list[Line]:
    critical = set(graph.critical_path)
    lines = []
    for number, wave in enumerate(graph.waves, start=1):
        parts = [span(f"{number:>4}  ", Role.MUTED)]
        for index, name in enumerate(wave):
            parts += [span(", ", Role.MUTED)] if index else []
            parts.append(span(name, Role.STRONG if name in critical else Role.TEXT))
        lines.append(line(*parts))
    return lines


def _description_lines(graph: PipelineGraph) -> list[Line]:
    """Return what the file says of its jobs, an empty line behind it; nothing where it says nothing."""
    told = [job for job in graph.jobs if job.description]
    width = max((cells(job.name) for job in told), default=0)
    lines = [
        line(span(job.name + " " * (width - cells(job.name)), Role.NAME), span(f"  {job.description}", Role.MUTED), indent=2)
        for job in told
    ]
    return [*lines, line()] if lines else []


def _wait_lines(graph: PipelineGraph) -> list[Line]:
    lines = []
    for first, second in graph.synthetic:
        words = span(" waits for ", Role.WARN)
        reason = span("  without depending on it: Step Functions runs sequences and parallels only", Role.MUTED)
        lines.append(line(span(second), words, span(first), reason))
    extra = graph.makespan_seconds - graph.critical_path_seconds
    if extra > 0:
        seconds = graph.makespan_seconds
        long = f"about {format_duration(round(seconds))}" if graph.has_durations else f"{_number(seconds)} jobs"
        lines.append(line(span(f"that makes the longest way {long} long", Role.WARN)))
    return lines


def _assumed_lines(graph: PipelineGraph) -> list[Line]:
    """Return of which jobs the duration is assumed, where those of others were learnt."""
    assumed = [job for job in graph.jobs if not job.is_learnt]
    if not graph.has_durations or not assumed:
        return []
    counted = format_duration(round(assumed[0].duration_seconds))
    more = len(assumed) - _NAMED
    named = ", ".join(job.name for job in assumed[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return [line(span(f"no duration was learnt of {named}: counted as {counted}, the median of the others", Role.MUTED))]


def graph_mermaid(graph: PipelineGraph) -> str:
    """Return the graph for Mermaid: dependencies as arrows, waits without need dotted, the critical path heavy."""
    number = {job.name: index for index, job in enumerate(graph.jobs)}
    lines = ["flowchart LR"]
    lines += [f'  n{index}["{name}"]' for name, index in number.items()]
    lines += [f"  n{number[first]} --> n{number[second]}" for first, second in graph.edges]
    lines += [f"  n{number[first]} -. waits .-> n{number[second]}" for first, second in graph.synthetic]
    if graph.critical_path:
        lines.append("  classDef critical stroke-width:3px")
        lines.append("  class " + ",".join(f"n{number[name]}" for name in graph.critical_path) + " critical")
    return "\n".join(lines) + "\n"


def graph_dot(graph: PipelineGraph) -> str:
    """Return the graph for Graphviz."""
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
