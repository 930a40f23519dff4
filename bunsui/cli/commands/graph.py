"""`bunsui graph`: the shape of a pipeline or of a definition, offline: jobs, waves, waits and critical path, or states."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bunsui.cli.completion import complete_pipeline
from bunsui.cli.definitions import Definition, pipeline_or_definition
from bunsui.cli.named_files import write_named_file
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.session_context import session_command
from bunsui.cli.usage import missing_argument
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.errors import ExitCode
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE
from bunsui.services.graph import PipelineGraph, graph, graph_of_definition
from bunsui.services.state_graph import StateGraph
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.documents.graphs import GraphDocument, state_graph_document
from bunsui.view.graph import graph_dot, graph_lines, graph_mermaid
from bunsui.view.state_graph import state_graph_lines
from bunsui.view.state_graph_source import state_graph_dot, state_graph_mermaid

_NAMED = "A file in Amazon States Language (JSON or YAML), without a project; or a pipeline."


class GraphFormat(StrEnum):
    """How the graph is written."""

    TEXT = "text"
    MERMAID = "mermaid"
    DOT = "dot"
    JSON = "json"


def run(
    context: typer.Context,
    named: Annotated[
        str | None,
        typer.Argument(
            metavar="DEFINITION|PIPELINE",
            help=_NAMED,
            autocompletion=complete_pipeline,
        ),
    ] = None,
    output_format: Annotated[GraphFormat, typer.Option("--format", help="How the graph is written.")] = GraphFormat.TEXT,
    update: Annotated[
        bool,
        typer.Option(
            "--update-estimates",
            help=f"Learn from the last runs how long jobs take, and write {DURATIONS_FILE}: of the pipeline, or of all.",
        ),
    ] = False,
) -> ExitCode:
    """Show a pipeline's jobs as they will run: waves, waits that Step Functions makes necessary, and the critical path.

    Of a definition in Amazon States Language show the states, what follows each, and what Parallels and Maps run.
    """
    options = globals_of(context)
    if update:
        return _update(context, named)
    if named is None:
        raise missing_argument("graph", "DEFINITION|PIPELINE", _NAMED)
    asked = pipeline_or_definition(named)
    if isinstance(asked, Definition):
        outcome = graph_of_definition(asked.file, asked.content)
    else:
        outcome = graph(bootstrap.repository(options), asked)
    if outcome.graph is None:
        options.output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
        return ExitCode.INVALID
    chosen = GraphFormat.JSON if options.output.as_json and output_format is GraphFormat.TEXT else output_format
    if isinstance(outcome.graph, PipelineGraph):
        _show_jobs(options, outcome.graph, chosen)
    else:
        _show_states(options, outcome.graph, chosen)
    return ExitCode.DONE


def _update(context: typer.Context, named: str | None) -> ExitCode:
    """Learn durations from the runs of the environment, and write the file where that changes it."""
    from bunsui.services.running.learning import learn_durations  # deferred: a graph alone needs no account
    from bunsui.view.documents.estimates import LearningDocument
    from bunsui.view.learning import learning_lines

    command = session_command(context)
    learning = learn_durations(command.context, [named] if named is not None else [])
    root = command.workspace.settings.root
    if learning.is_new:
        write_named_file(root / DURATIONS_FILE, learning.text, what="the file of durations", within=root)
    if command.output.as_json:
        command.output.document(LearningDocument.of(learning, file=DURATIONS_FILE))
        return ExitCode.DONE
    command.output.lines(learning_lines(learning))
    if learning.is_new:
        command.output.next_step(command_line("plan"), "see what it changes")
    return ExitCode.DONE


def _show_jobs(options: Globals, found: PipelineGraph, chosen: GraphFormat) -> None:
    match chosen:
        case GraphFormat.TEXT:
            options.output.lines(graph_lines(found, width=options.output.stdout.width))
        case GraphFormat.JSON:
            options.output.document(GraphDocument.of(found))
        case GraphFormat.MERMAID:
            options.output.raw(graph_mermaid(found))
        case GraphFormat.DOT:
            options.output.raw(graph_dot(found))


def _show_states(options: Globals, found: StateGraph, chosen: GraphFormat) -> None:
    match chosen:
        case GraphFormat.TEXT:
            options.output.lines(state_graph_lines(found, width=options.output.stdout.width))
        case GraphFormat.JSON:
            options.output.document(state_graph_document(found))
        case GraphFormat.MERMAID:
            options.output.raw(state_graph_mermaid(found))
        case GraphFormat.DOT:
            options.output.raw(state_graph_dot(found))
