"""`bunsui graph`: a pipeline's jobs, waves, waits and critical path, offline."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.options import globals_of
from bunsui.errors import ExitCode
from bunsui.services.graph import Graph, graph
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.graph import graph_dot, graph_json, graph_lines, graph_mermaid


class Format(StrEnum):
    """How the graph is written."""

    TEXT = "text"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def run(
    context: typer.Context,
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="Name of the pipeline.")],
    output_format: Annotated[Format, typer.Option("--format", help="How the graph is written.")] = Format.TEXT,
) -> ExitCode:
    """Show a pipeline's jobs as they will run: waves, waits that Step Functions makes necessary, and the critical path."""
    options = globals_of(context)
    outcome = graph(bootstrap.repository(options), pipeline)
    if outcome.graph is None:
        options.output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
        return ExitCode.INVALID
    chosen = Format.JSON if options.output.as_json and output_format is Format.TEXT else output_format
    if chosen is Format.TEXT:
        options.output.lines(graph_lines(outcome.graph, width=options.output.stdout.width))
    elif chosen is Format.JSON:
        options.output.document(graph_json(outcome.graph))
    else:
        options.output.raw(_source(outcome.graph, chosen))
    return ExitCode.DONE


def _source(found: Graph, chosen: Format) -> str:
    return graph_mermaid(found) if chosen is Format.MERMAID else graph_dot(found)
